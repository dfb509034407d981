import type postgres from "postgres";
import type { Keys } from "../base/keys.ts";

const folder = new URL("./bootstrap/", import.meta.url);
const files = ["1_roles", "2_schemas", "3_auth", "4_realtime", "5_realtime_functions", "6_events"];

/** The platform's part of the database, as SQL. */
export async function bootstrapSql(): Promise<string> {
  const texts = await Promise.all(files.map((name) => Deno.readTextFile(new URL(`${name}.sql`, folder))));
  return texts.join("\n");
}

/** Gives a new cluster what the platform's image brings. */
export async function bootstrap(admin: postgres.Sql, keys: Keys): Promise<void> {
  await admin.unsafe(await bootstrapSql());
  for (const role of ["authenticator", "supabase_auth_admin"]) {
    await admin.unsafe(`alter role ${role} password '${keys.admin_password}'`);
  }
}
