import postgres, { type Sql } from "postgres";
import { startStack } from "../../local/stack_process.ts";

/** A database of a stack that runs for a comparison alone. */
export interface Database extends AsyncDisposable {
  url: string;
  sql: Sql;
}

/** The database that the migrations make, and the one that `sql/` makes; `await using` stops both. */
export interface Databases extends AsyncDisposable {
  migrated: Database;
  wanted: Database;
}

export async function openDatabases(): Promise<Databases> {
  const opened = await Promise.allSettled([open(), open("--from-sql")]);
  const databases = opened.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
  const stop = async () => void await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()));
  const [migrated, wanted] = databases;
  if (migrated && wanted) return { migrated, wanted, [Symbol.asyncDispose]: stop };
  await stop();
  throw opened.find((outcome) => outcome.status === "rejected")!.reason;
}

async function open(...args: string[]): Promise<Database> {
  const stack = await startStack({ args });
  const sql = postgres(stack.status.db_url, { max: 1, onnotice: () => {} });
  const stop = async () => {
    await sql.end();
    await stack.stop();
  };
  return { url: stack.status.db_url, sql, [Symbol.asyncDispose]: stop };
}
