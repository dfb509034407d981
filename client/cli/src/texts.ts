import type { Plan } from "./plan.ts";
import type { Project } from "./project.ts";
import type { Record } from "./record.ts";

export const HELP = `Adds Parley, a chat backend, to a Supabase project, and takes care of it.

  npx parley-cli init       adds migrations, functions and settings to supabase/
  npx parley-cli upgrade    brings those of this package's release
  npx parley-cli remove     takes them out, and writes a migration that drops Parley's schemas
  npx parley-cli doctor     checks a running project, and says what to do

The first three show what they would change, and ask. They write files in supabase/ only: you push them.

  --dir FOLDER              the project's folder (supabase)
  --dry-run                 only shows
  -y, --yes                 does not ask
  --force                   replaces or deletes files of Parley's that you have changed
  --without FUNCTION        init: leaves a function out; may be repeated
  --not-pushed              remove: deletes Parley's migrations, if no database has them yet

doctor changes nothing. What it is given beyond URL and key lets it check more. Secrets are better in the environment:

  --url URL                 the project's address (SUPABASE_URL)
  --key KEY                 its publishable key (SUPABASE_PUBLISHABLE_KEY)
  --secret-key KEY          a secret key, to ask for the release of the database (SUPABASE_SECRET_KEY)
  --db-url URL              its database: policies, jobs, connections (SUPABASE_DB_URL)
  SUPABASE_ACCESS_TOKEN     a token of the platform: address forwarding, rate limits, hook, secrets
  --project-ref REF         the project of that token, behind a custom domain
  --json                    prints JSON

  npx parley-cli --version  prints the release of Parley that this package holds

Exit codes: 0 done, nothing to do, or well; 1 refused, or doctor has found a failure; 2 an unknown command or option.`;

const migrationsOf = (plan: Plan) => [...plan.writes.keys()].filter((path) => path.startsWith("migrations/"));

export const afterInit = ({ shown }: Project) =>
  `Parley is in ${shown}. Now bring it to the project, in this order:

  npx supabase db push
  npx supabase functions deploy --use-api

Then add chat to the exposed schemas, in the project's settings of the Data API: config.toml has it for local use, and
npx supabase config push would bring every other setting of the file, too. At last let it be checked:

  npx parley-cli doctor --url https://….supabase.co --key sb_publishable_…`;

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

export function afterRemoval({ functions }: Record, isUnpushed: boolean): string {
  if (isUnpushed) return "Parley is out of the project.";
  return `Parley is out of the folder. Now take it out of the project, in this order:

  npx supabase functions delete ${Object.keys(functions).join(" ")}
  take chat out of the exposed schemas, in the settings of the Data API
  switch the hook chat_private.access_token off, if it is on, in the settings of Auth
  npx supabase db push`;
}
