import type postgres from "postgres";
import type { Claims } from "./tokens.ts";
import { env } from "./env.ts";
import { unavailable } from "./errors.ts";
import { Lane, PATIENCE, type Sql, type Statement } from "./lane.ts";

export type { Sql, Statement } from "./lane.ts";

const QUEUE_LIMIT = 2000;
const free: Lane[] = [];
const waiting: ((lane: Lane) => void)[] = [];
let opened = 0;

/**
 * Runs statements as the caller, under row-level security, in one transaction and one round trip.
 * @returns the rows of each statement.
 */
export function asUser<S extends Statement[]>(claims: Claims, work: (sql: Sql) => [...S]) {
  return withLane((lane) => lane.together((sql) => actAs(sql, "authenticated", claims.json), work));
}

/** The same for what takes several steps, each after the answer to the one before. */
export function asUserStepwise<T>(claims: Claims, work: (sql: Sql) => Promise<T>): Promise<T> {
  return withLane((lane) => lane.stepwise((sql) => actAs(sql, "authenticated", claims.json), work));
}

/** Exception: before anyone is signed in their address is looked up and the attempt counted, which no client role may. */
export async function beginLogin(
  name: string,
  address?: string,
): Promise<{ email: string | null; wait_seconds: number }> {
  const [rows] = await asRole("postgres", (sql) => [
    sql<
      [{ email: string | null; wait_seconds: number }]
    >`select email, wait_seconds from chat_private.begin_login(${name}, ${address ?? null})`,
  ]);
  return rows[0];
}

/** Exception: as before. */
export async function endLogin(name: string, address: string | undefined, succeeded: boolean): Promise<void> {
  await asRole("postgres", (sql) => [
    sql`select chat_private.end_login(${name}, ${address ?? null}, ${succeeded})`,
  ]);
}

/** Exception: whoever registers has no account yet to ask as. */
export async function usernameAvailable(username: string): Promise<boolean> {
  const [rows] = await asRole("service_role", (sql) => [sql`select chat.username_available(${username}) as available`]);
  return rows[0]!.available;
}

function asRole<S extends Statement[]>(role: "postgres" | "service_role", work: (sql: Sql) => [...S]) {
  return withLane((lane) => lane.together((sql) => actAs(sql, role, ""), work));
}

/** A pooler passes no settings on from one connection to the next, so there all of them are set each time. */
function actAs(sql: Sql, role: string, claims: string): Statement {
  return env.poolerUrl()
    ? sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true),
        set_config('timezone', 'UTC', true), set_config('statement_timeout', '8s', true),
        set_config('idle_in_transaction_session_timeout', '10s', true)`
    : sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`;
}

async function withLane<T>(run: (lane: Lane) => Promise<T>): Promise<T> {
  const lane = free.pop() ?? (opened < env.poolSize() ? openLane() : await nextFree());
  try {
    return await run(lane);
  } finally {
    const next = waiting.shift();
    next ? next(lane) : free.push(lane);
  }
}

function nextFree(): Promise<Lane> {
  if (waiting.length >= QUEUE_LIMIT) throw unavailable();
  return new Promise((resolve, reject) => {
    const take = (lane: Lane) => {
      clearTimeout(timer);
      resolve(lane);
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(take), 1);
      reject(unavailable());
    }, PATIENCE);
    waiting.push(take);
  });
}

function openLane(): Lane {
  opened++;
  const pooler = env.poolerUrl();
  const url = pooler ?? env.databaseUrl();
  return new Lane(url, {
    prepare: !pooler,
    ...(!url.includes("sslmode=") && { ssl: "prefer" as const }),
    connection: { application_name: "parley", ...(!pooler && START) },
    connect_timeout: 5,
    types,
    onnotice: () => {},
  });
}

/** What a connection starts with; a pooler would not pass it on. */
const START = {
  // Even a statement that strayed out of its transaction meets row-level security, and not the rights of `postgres`.
  role: "authenticated",
  TimeZone: "UTC",
  statement_timeout: 8000,
  // A worker that is gone without a word keeps no room locked.
  idle_in_transaction_session_timeout: 10_000,
  // The same few statements come again and again: planned for each value anew, a page of history takes half as long again.
  plan_cache_mode: "force_generic_plan",
};

const types: Record<string, postgres.PostgresType> = {
  int8: { to: 20, from: [20], serialize: String, parse: Number },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: (text: string) => toIso(text) },
};

/** `2024-01-01 12:00:00.5+00` as ISO 8601, to the microsecond. */
const toIso = (text: string) => `${text.slice(0, 10)}T${text.slice(11).replace(/\+00$/, "Z")}`;
