import type postgres from "postgres";
import { RELEASE } from "../../../client/sdk/src/contract/release.ts";
import { ApiError } from "../base/errors.ts";

/** What Postgres says where there is no `chat.version()`: no such function, or no such schema. */
const MISSING = ["42883", "3F000"];
const RETRY_AFTER_SECONDS = 60;

/** What was refused last, so that a worker logs it once and not for each request. */
let logged: string | undefined;

/**
 * Asks a new connection which release its database has. It is the first query of a connection, so requests pay nothing.
 * @throws ApiError 503 when it is older than the functions, or of another major release.
 */
export async function checkRelease(sql: postgres.Sql): Promise<void> {
  const found = await releaseOf(sql);
  if (found !== undefined && serves(found, RELEASE)) return;
  const has = found === undefined ? "no release of Parley" : `Parley ${found}`;
  const detail =
    `The functions are of Parley ${RELEASE}, and the database has ${has}: the older of the two must be upgraded.`;
  if (logged !== detail) console.error(detail);
  logged = detail;
  throw new ApiError(503, { detail, code: "other_release" }, { "Retry-After": `${RETRY_AFTER_SECONDS}` });
}

async function releaseOf(sql: postgres.Sql): Promise<string | undefined> {
  try {
    const [row] = await sql<[{ version: string }]>`select chat.version() as version`;
    return row.version;
  } catch (error) {
    if (MISSING.includes((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}

/** Whether functions of a release can work with a database: it may be newer, up to the next major release. */
export function serves(database: string, functions: string): boolean {
  const [theirs, ours] = [database, functions].map((release) => release.split(".").map(Number));
  const [major, minor, patch] = theirs!.map((part, place) => part - ours![place]!);
  return major === 0 && (minor! > 0 || minor === 0 && patch! >= 0);
}
