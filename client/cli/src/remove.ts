import { join } from "node:path";
import type { TomlTable } from "smol-toml";
import { schemasOf, withoutParley } from "./config_text.ts";
import { lastName } from "./migrations.ts";
import { emptyPlan, type Plan } from "./plan.ts";
import { bytesIfThere, CONFIG, type Project } from "./project.ts";
import { RECORD, type Record, sha256 } from "./record.ts";
import type { Release } from "./release.ts";

export interface RemovalOptions {
  force: boolean;
  /** No database has Parley's migrations: they are deleted, instead of being followed by one that undoes them. */
  notPushed: boolean;
}

/** What takes Parley out of a project. */
export async function removal(
  project: Project & { record: Record },
  release: Release,
  { force, notPushed }: RemovalOptions,
): Promise<Plan> {
  const plan = emptyPlan();
  const { record, folder, configText, config } = project;
  if (hookOf(config)?.includes("chat_private")) {
    plan.problems.push(
      "[auth.hook.custom_access_token] calls chat_private.access_token, without which nobody could sign in. Delete the " +
        "section, and switch the hook off in the project (Authentication, Hooks).",
    );
  }
  for (const [path, hash] of Object.entries(record.files)) {
    const present = await bytesIfThere(join(folder, path));
    if (!present) continue;
    if (force || sha256(present) === hash) plan.deletions.push(path);
    else plan.notes.push(`${path}: you have changed it. --force deletes it.`);
  }
  const migrations = Object.values(record.migrations).map(({ file }) => file);
  if (notPushed) plan.deletions.push(...migrations.map((file) => `migrations/${file}`));
  else {
    plan.writes.set(`migrations/${lastName(project, new Date(), "parley_removal")}`, release.removal);
    plan.notes.push(
      `${migrations.map((file) => `migrations/${file}`).join(", ")}: your database's history names them.`,
    );
  }
  plan.notes.push(
    "The buckets avatars and chat-files stay: once the migration is pushed, no policy of Parley protects their files. Empty and " +
      "delete them in Studio (Storage).",
  );
  const text = withoutParley(configText, record.functions, record.schema);
  if (text !== configText) plan.writes.set(CONFIG, text);
  if (!record.schema && schemasOf(config).includes("chat")) {
    plan.notes.push('schemas in [api] had "chat" before: take it out, the Data API fails when a schema is missing.');
  }
  plan.deletions.push(RECORD);
  return plan;
}

function hookOf(config: TomlTable): string | undefined {
  const auth = config.auth as { hook?: { custom_access_token?: { uri?: string; enabled?: boolean } } } | undefined;
  return auth?.hook?.custom_access_token?.uri;
}
