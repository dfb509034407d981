import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import postgres, { type Sql } from "postgres";
import { database } from "../support/clients.ts";
import { startStack } from "../support/stack.ts";

/** The result of the program. */
export interface Imported {
  code: number;
  output: string;
  errors: string;
}

// deno-lint-ignore no-explicit-any
type Json = any;

const TABLES = [
  "chat.profiles",
  "chat.friendships",
  "chat.posts",
  "chat.rooms",
  "chat.room_members",
  "chat.messages",
  "chat.pins",
  "chat.conversations",
  "chat.conversation_messages",
  "chat_private.imported_rows",
  "chat_private.tombstones",
  "chat_private.kept_slugs",
];

/** A new project of Parley, and the old backend of a kind, from tests/fixtures/django: ids are kept in an empty project. */
export async function oldBackend(kind: string, env: Record<string, string> = {}) {
  const stack = await startStack({ env });
  const sql = database(stack.status);
  await sql`update chat_private.login_limits set per_account = 1000000, per_address = 1000000`;
  const { functions_url: url, db_url } = stack.status;
  const others: Sql[] = [];
  const fixture = `tests/fixtures/django/${kind.replace("-", "_")}`;

  const call = async (method: string, path: string, token?: string, body?: unknown): Promise<Json> => {
    const response = await fetch(`${url}/${kind}${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };

  return {
    stack,
    sql,
    files: { sqlite: `${fixture}.sqlite3`, dump: `${fixture}.json` },
    /** Puts the old database on Postgres; returns its address. */
    async onPostgres(name = `old_${kind.replace("-", "_")}`): Promise<{ address: string; old: Sql }> {
      await sql.unsafe(`create database ${name}`);
      const address = db_url.replace(/\/[^/]*$/, `/${name}`);
      const old = postgres(address, { max: 1, onnotice: () => {} });
      others.push(old);
      await old.unsafe(await readFile(`${fixture}.pgdump`, "utf8")).simple();
      await old`set search_path = public`;
      return { address, old };
    },
    import: (from: string, ...options: string[]) =>
      importInto(db_url, ["django", "--from", from, "--as", kind, ...options]),
    call,
    get: (path: string, token: string) => call("GET", path, token),
    post: (path: string, body: unknown, token?: string) => call("POST", path, token, body),
    /** Everything that an import writes, in order. */
    async state(): Promise<Record<string, unknown[]>> {
      const tables = await Promise.all(TABLES.map(async (table) => {
        const rows = await sql.unsafe(`select to_jsonb(t) as row from ${table} as t order by to_jsonb(t)::text`);
        return [table, rows.map(({ row }) => row)];
      }));
      return Object.fromEntries(tables);
    },
    async stop() {
      await Promise.all(others.map((other) => other.end()));
      await sql.end();
      await stack.stop();
    },
  };
}

/** Runs the import as `npm run import` does, with environment variables beside those of this process. */
export function importInto(
  databaseUrl: string,
  options: string[],
  env: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Imported> {
  const command = ["run", "-A", "scripts/import.ts", "--db-url", databaseUrl, ...options];
  return new Promise((resolve) => {
    const settings = { env: { ...process.env, NO_COLOR: "1", ...env }, signal, killSignal: "SIGKILL" as const };
    execFile("node_modules/.bin/deno", command, settings, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors });
    });
  });
}
