import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));

/** How the Supabase CLI connects to a database: with the password where no list of processes shows it. */
export function supabaseCli(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
  url.password = "";
  return { program: join(BIN, "supabase"), remote: `--remote=${url.href}`, env };
}
