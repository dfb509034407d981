import type { Plan } from "./plan.ts";
import type { Project } from "./project.ts";
import type { Record } from "./record.ts";

export const HELP = `Adds Parley, a chat backend, to a Supabase project, and takes care of it.

  npx parley-cli init       adds migrations, functions and settings to supabase/
  npx parley-cli upgrade    brings those of this package's release
  npx parley-cli remove     takes them out, and writes a migration that drops Parley's schemas

Each shows what it would change, and asks. Nothing but files in supabase/ is written: you push them.

  --dir FOLDER          the project's folder (supabase)
  --dry-run             only shows
  -y, --yes             does not ask
  --force               replaces or deletes files of Parley's that you have changed
  --without FUNCTION    init: leaves a function out; may be repeated
  --not-pushed          remove: deletes Parley's migrations, if no database has them yet

  npx parley-cli --version  prints the release of Parley that this package holds

Exit codes: 0 done, or nothing to do; 1 refused, nothing was written; 2 an unknown command or option.`;

const migrationsOf = (plan: Plan) => [...plan.writes.keys()].filter((path) => path.startsWith("migrations/"));

export const afterInit = ({ shown }: Project) =>
  `Parley is in ${shown}. Now bring it to the project, in this order:

  npx supabase db push
  npx supabase functions deploy --use-api

Then add chat to the exposed schemas, in the project's settings of the Data API: config.toml has it for local use, and
npx supabase config push would bring every other setting of the file, too.`;

export function afterUpgrade(from: string, to: string, plan: Plan): string {
  const push = migrationsOf(plan).length > 0 ? "\n  npx supabase db push" : "";
  return `Upgraded from ${from} to ${to}. Now bring it to the project, in this order:
${push}
  npx supabase functions deploy --use-api`;
}

export const BEFORE_REMOVAL =
  `When it is pushed, the migration of the removal deletes all rooms, messages and conversations. To keep a copy, first run

  npx supabase db dump --data-only --schema chat --file chat.sql     (with Docker)
  pg_dump --data-only --schema chat "$DB_URL" > chat.sql             (without)`;

export function afterRemoval({ functions }: Record, notPushed: boolean): string {
  if (notPushed) return "Parley is out of the project.";
  return `Parley is out of the folder. Now take it out of the project, in this order:

  npx supabase functions delete ${Object.keys(functions).join(" ")}
  take chat out of the exposed schemas, in the settings of the Data API
  switch the hook chat_private.access_token off, if it is on, in the settings of Auth
  npx supabase db push`;
}
