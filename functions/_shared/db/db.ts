import type postgres from "postgres";
import type { Claims } from "../auth/tokens.ts";
import { tooSlow, unavailable } from "../base/errors.ts";
import { currentRequest } from "../base/request.ts";
import { djangoTime } from "../base/times.ts";
import { settings } from "../settings/settings.ts";
import { arrayOf } from "./arrays.ts";
import { DatabaseConnection, type Sql, type Statement, TRANSACTION_TIMEOUT_MS } from "./connection.ts";
import { FairQueue } from "./fair_queue.ts";
import { Position } from "./position.ts";
import { checkRelease } from "./release.ts";
import { Replica, REPLICA_TIMEOUT_MS } from "./replica.ts";

export type { Sql, Statement } from "./connection.ts";

/** How long a statement may take, in seconds, and how long one of a search. */
const STATEMENT_SECONDS = 8;
const SEARCH_SECONDS = 1.5;
/** How Postgres says that it has stopped a statement. */
const QUERY_CANCELED = "57014";

/** Options of a signed-in caller's statements. */
export interface UserOptions {
  /** The share of the pool to use instead of the caller's: a room's, when a socket reads for all others. */
  share?: string;
}

/**
 * Runs statements as the caller, under row-level security, in one transaction and one round trip.
 * @returns the rows of each statement.
 * @throws ApiError 429 when too many requests of the caller wait already.
 */
export function asUser<S extends Statement[]>(
  claims: Claims,
  work: (sql: Sql) => [...S],
  { share = claims.sub }: UserOptions = {},
) {
  return connections().use(
    { key: share },
    (connection) => connection.pipeline((sql) => [actAsCaller(sql, claims)], work),
  );
}

/**
 * The same for statements that read, or seldom write: on the replica, if there is one that has all that was committed before,
 * otherwise on the primary. Where they turn out to write, they run again on the primary.
 */
export function readAsUser<S extends Statement[]>(
  claims: Claims,
  work: (sql: Sql) => [...S],
  options: UserOptions = {},
): ReturnType<typeof asUser<S>> {
  const onPrimary = () => asUser(claims, work, options);
  const { share = claims.sub } = options;
  return replica()?.read({ key: share }, (sql) => [actAsCaller(sql, claims)], work, onPrimary) ?? onPrimary();
}

/** The same for statements that depend on the results of earlier ones. */
export function transactionAsUser<T>(claims: Claims, work: (sql: Sql) => Promise<T>): Promise<T> {
  return connections().use(
    { key: claims.sub },
    (connection) => connection.transaction((sql) => actAsCaller(sql, claims), work),
  );
}

/**
 * The same as `asUser` for reads that may be expensive, such as searches: on connections of their own, one at a time for
 * each caller, and each statement for at most 1.5 seconds.
 * @throws ApiError 503 when a statement takes longer, or its turn does not come in time; 429 as above.
 */
export async function searchAsUser<S extends Statement[]>(claims: Claims, work: (sql: Sql) => [...S]) {
  const { signal } = currentRequest() ?? {};
  const caller = { key: claims.sub, signal };
  const open = (sql: Sql) => actAsCaller(sql, claims, SEARCH_SECONDS);
  const openTaken = (sql: Sql) => [open(sql), sql`select set_config('chat.taken', 'search', true)`];
  const onPrimary = (hasTaken: boolean) =>
    searchConnections().use(
      caller,
      (connection) => connection.pipeline(hasTaken ? openTaken : (sql) => [open(sql)], work),
    );
  const takeToken = () => asUser(claims, (sql) => [sql`select chat_private.take_tokens('search')`]);
  try {
    return await (replica()?.search(caller, openTaken, work, onPrimary, takeToken) ?? onPrimary(false));
  } catch (error) {
    throw (error as { code?: string }).code === QUERY_CANCELED ? tooSlow() : error;
  }
}

/** A password of an imported account that Auth does not know yet, as its old backend has hashed it. */
export interface OldPassword {
  user_id: string;
  hash: string;
}

/** The state of a login attempt. */
export interface LoginAttempt {
  email: string | null;
  /** Before the attempt is made. */
  wait_seconds: number;
  /** False for an account that only Google opens, for one that is banned, and for an imported one until its first login. */
  has_password: boolean;
  /** The password that an imported account had before. */
  old: OldPassword | undefined;
  /** That of any account, while there are such. */
  other_hash: string | null;
  /** Whether accounts were imported, whose passwords take another time to check. */
  has_imported: boolean;
}

/** Exception: before anyone is signed in their address is looked up and the attempt counted, which no client role may. */
export async function beginLogin(name: string, address?: string): Promise<LoginAttempt> {
  const [[attempt], [old]] = await asRole("postgres", (sql) => [
    sql<[Pick<LoginAttempt, "email" | "wait_seconds" | "has_password">]>`
      select email, wait_seconds, has_password from chat_private.begin_login(${name}, ${address ?? null})`,
    sql<[{ user_id: string | null; hash: string | null; other_hash: string | null; has_imported: boolean }]>`
      select user_id, hash, other_hash, has_imported from chat_private.old_password(${name})`,
  ]);
  const { user_id, hash, ...rest } = old;
  return { ...attempt, ...rest, old: user_id && hash ? { user_id, hash } : undefined };
}

/** Exception: as before. */
export async function adoptPassword(old: OldPassword, hash: string): Promise<void> {
  await asRole("postgres", (sql) => [
    sql`select chat_private.adopt_password(${old.user_id}, ${old.hash}, ${hash})`,
  ]);
}

/** Exception: as before. */
export async function endLogin(name: string, address: string | undefined, hasSucceeded: boolean): Promise<void> {
  await asRole("postgres", (sql) => [
    sql`select chat_private.end_login(${name}, ${address ?? null}, ${hasSucceeded})`,
  ]);
}

/** Exception: as before. The token was verified. */
export async function exchangeOldToken(person: number, jti: string, expires: number): Promise<string | undefined> {
  const [rows] = await asRole("postgres", (sql) => [
    sql<[{ token: string | null }]>`
      select chat_private.exchange_old_token(${person}, ${jti.slice(0, 255)}, to_timestamp(${expires})) as token`,
  ]);
  return rows[0].token ?? undefined;
}

/** Exception: the session is Auth's, which asks for a mail before one that is a day old may set a password. */
export async function renewSession({ json }: Claims): Promise<void> {
  const { session_id, sub } = JSON.parse(json) as { session_id?: string; sub: string };
  await asRole("postgres", (sql) => [sql`select chat_private.renew_session(${session_id ?? null}, ${sub})`]);
}

/** Exception: no client role may look up an address. */
export async function isAddressTaken(email: string): Promise<boolean> {
  const [[row]] = await asRole("postgres", (sql) => [
    sql<[{ taken: boolean }]>`select coalesce(chat_private.login_email(${email}) = lower(${email}), false) as taken`,
  ]);
  return row.taken;
}

/** Exception: a visitor who registers has no account yet. */
export async function usernameAvailable(username: string): Promise<boolean> {
  const [rows] = await asRole("service_role", (sql) => [sql`select chat.username_available(${username}) as available`]);
  return rows[0]!.available;
}

/** Up to which message of a room a person has received everything. */
export interface Delivery {
  room_id: number;
  user_id: string;
  seq: number;
}

/**
 * Exception: a relay marks for all its sockets at once, where a transaction for each would cost more than the messages.
 * @returns those that could not be moved now.
 */
export async function markDelivered(deliveries: Delivery[]): Promise<Pick<Delivery, "room_id" | "user_id">[]> {
  const column = (name: keyof Delivery) => arrayOf(deliveries.map((delivery) => delivery[name]));
  const [behind] = await connections().use(
    { key: "receipts" },
    (connection) =>
      connection.pipeline((sql) => [actAs(sql, "postgres", "")], (sql) => [
        sql<Pick<Delivery, "room_id" | "user_id">[]>`select room_id, user_id from chat_private.deliver(
        ${column("room_id")}::bigint[], ${column("user_id")}::uuid[], ${column("seq")}::bigint[]
      )`,
      ]),
  );
  return behind;
}

/** One of some callers who may not act any more, and the name of the error that says why. */
export interface RefusedSession {
  /** Counted from 1. */
  place: number;
  refusal: string;
}

/** Exception: a relay asks for all its sockets at once. */
export async function refusedSessions(callers: Claims[]): Promise<RefusedSession[]> {
  const accounts = arrayOf(callers.map(({ sub }) => sub));
  const sessions = arrayOf(callers.map(({ session }) => session ?? "null"));
  const [refused] = await connections().use(
    { key: "access" },
    (connection) =>
      connection.pipeline((sql) => [actAs(sql, "postgres", "")], (sql) => [
        sql<RefusedSession[]>`
          select place::integer, refusal
          from unnest(${accounts}::uuid[], ${sessions}::uuid[]) with ordinality as callers (account, session, place)
          cross join lateral chat_private.refusal_of(account, session) as refusal
          where refusal is not null`,
      ]),
  );
  return refused;
}

/** A page of the data of a person: chat.export_page(). */
export interface ExportPage {
  lines: Record<string, unknown>[];
  cursor: string | null;
}

/** Reads a page of the caller's data. */
export async function exportPage(claims: Claims, cursor: string | null): Promise<ExportPage> {
  const [[row]] = await asUser(claims, (sql) => [
    sql<[{ page: ExportPage }]>`select chat.export_page(${cursor}) as page`,
  ]);
  return row.page;
}

/** The same about a user, for a backend. */
export async function exportPageOf(userId: string, cursor: string | null): Promise<ExportPage> {
  const [[row]] = await asRole("service_role", (sql) => [
    sql<[{ page: ExportPage }]>`select chat.export_page(${cursor}, ${userId}) as page`,
  ]);
  return row.page;
}

/** Exception: files are removed for everybody, by a schedule. */
export async function claimFiles(most: number, bucket: string): Promise<string[]> {
  const [rows] = await asRole("service_role", (sql) => [
    sql<{ path: string }[]>`select path from chat_private.claim_files(${most}, ${bucket}) as path`,
  ]);
  return rows.map(({ path }) => path);
}

/** Exception: as before. */
export async function filesRemoved(paths: string[]): Promise<void> {
  await asRole("service_role", (sql) => [sql`select chat_private.files_removed(${arrayOf(paths)}::text[])`]);
}

/** A message that waits for the checker, or a moderator. */
export interface HeldMessage {
  id: number;
  room_id: number;
  sender_id: string;
  content: string;
  attachments: { name: string; mime_type: string; bytes: number }[];
  created_at: Date;
}

/** Exception: messages of everybody are checked, by a schedule. */
export async function claimChecks(most: number): Promise<HeldMessage[]> {
  const [rows] = await asRole("service_role", (sql) => [
    sql<HeldMessage[]>`
      select id, room_id, sender_id, content, attachments, created_at from chat_private.claim_checks(${most})`,
  ]);
  return rows;
}

/** Exception: as before. Returns whether the message was sent. */
export async function heldChecked(id: number, isAllowed: boolean, reason: string): Promise<boolean> {
  const [[row]] = await asRole("service_role", (sql) => [
    sql<{ was_sent: boolean }[]>`select chat_private.held_checked(${id}, ${isAllowed}, ${reason}) as was_sent`,
  ]);
  return row!.was_sent;
}

/** A sample for Prometheus. */
export interface Metric {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Exception: a monitor with the secret key asks about all. */
export async function readMetrics(): Promise<Metric[]> {
  const [rows] = await asRole("service_role", (sql) => [
    sql<Metric[]>`select name, labels, value from chat_private.metrics()`,
  ]);
  return rows;
}

/** How many requests a function has answered with a class of status, within a step of the histogram. */
export interface RequestCount {
  function_name: string;
  status: string;
  up_to: number | "Infinity";
  requests: number;
  /** How long they took together. */
  seconds: number;
}

/** Exception: a worker has counted the requests of all. */
export async function addRequests(counts: RequestCount[]): Promise<void> {
  await connections().use(
    { key: "metrics" },
    (connection) =>
      connection.pipeline((sql) => [actAs(sql, "service_role", "")], (sql) => [
        sql`select chat_private.count_requests(${JSON.stringify(counts)}::text::jsonb)`,
      ]),
  );
}

function asRole<S extends Statement[]>(role: "postgres" | "service_role", work: (sql: Sql) => [...S]) {
  const visitor = { key: currentRequest()?.address() ?? "unknown address", isVisitor: true };
  return connections().use(visitor, (connection) => connection.pipeline((sql) => [actAs(sql, role, "")], work));
}

/** Also asks whether the caller may act, as many functions run as their owner, and no policy asks. */
const actAsCaller = (sql: Sql, { json }: Claims, seconds?: number) =>
  sql`select ${role(sql, "authenticated", json, seconds)}, chat_private.require_access()`;

const actAs = (sql: Sql, name: string, claims: string) => sql`select ${role(sql, name, claims)}`;

/** A pooler passes no settings on from one connection to the next, so there all of them are set each time. */
function role(sql: Sql, name: string, claims: string, seconds = STATEMENT_SECONDS): Statement {
  return settings.dbPoolUrl()
    ? sql`set_config('role', ${name}, true), set_config('request.jwt.claims', ${claims}, true),
        set_config('timezone', 'UTC', true), set_config('statement_timeout', ${`${seconds * 1000}`}, true),
        set_config('idle_in_transaction_session_timeout', '10s', true)`
    : sql`set_config('role', ${name}, true), set_config('request.jwt.claims', ${claims}, true)`;
}

let ordinary: FairQueue<DatabaseConnection> | undefined;
let searching: FairQueue<DatabaseConnection> | undefined;

/** The connections for everything but searches. */
const connections = () => ordinary ??= openPool(settings.dbPoolSize());
/** Those for searches, besides the others. */
const searchConnections = () => searching ??= openSearchPool(settings.dbPoolSize());

/** Of eight connections, a caller has two guaranteed, and up to four while others do not need them. */
const openPool = (size: number, server = primary()) =>
  new FairQueue({
    size,
    guaranteed: size < 8 ? 1 : 2,
    most: Math.floor(size / 2),
    visitors: Math.ceil(size / 2),
    maxWaiting: 100,
    timeoutMs: server.timeoutMs,
  }, () => openConnection({ statement_timeout: STATEMENT_SECONDS * 1000 }, server));

/** Three besides eight. A search keeps to one processor. */
function openSearchPool(besides: number, server = primary()): FairQueue<DatabaseConnection> {
  const size = Math.max(1, Math.floor(besides * 3 / 8));
  const parameters = { statement_timeout: SEARCH_SECONDS * 1000, max_parallel_workers_per_gather: 0 };
  const limits = {
    size,
    guaranteed: 1,
    most: 1,
    visitors: 0,
    maxWaiting: 16,
    timeoutMs: Math.min(5000, server.timeoutMs),
  };
  return new FairQueue(limits, () => openConnection(parameters, server));
}

/** A server of the database. */
interface DatabaseServer {
  url: string;
  /** Refuses one that does not fit. */
  check: (sql: postgres.Sql) => Promise<void>;
  timeoutMs: number;
}

const primary = (): DatabaseServer => ({
  url: settings.dbPoolUrl() ?? settings.supabaseDbUrl(),
  check: checkRelease,
  timeoutMs: TRANSACTION_TIMEOUT_MS,
});

let reading: Replica | undefined;

/** The replica that reads are sent to; undefined where no setting names one. */
function replica(): Replica | undefined {
  const url = settings.dbReplicaUrl();
  return url ? reading ??= openReplica(url, settings.dbPoolSize()) : undefined;
}

function openReplica(url: string, size: number): Replica {
  // The primary is asked for its position before any replica is.
  let original: string;
  const ofPrimary = async (sql: postgres.Sql) => {
    await checkRelease(sql);
    original = await systemOf(sql);
  };
  const ofReplica = async (sql: postgres.Sql) => {
    await checkRelease(sql);
    if (await systemOf(sql) === original) return;
    console.error("DB_REPLICA_URL names no replica of the database: nothing is read from it.");
    throw unavailable();
  };
  const timeout = { statement_timeout: STATEMENT_SECONDS * 1000 };
  const position = new Position(openConnection(timeout, { ...primary(), check: ofPrimary }));
  const server = { url, check: ofReplica, timeoutMs: REPLICA_TIMEOUT_MS };
  return new Replica(position, openPool(size, server), openSearchPool(size, server));
}

/** What a database and its replicas have in common. */
async function systemOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<[{ id: string }]>`select system_identifier::text as id from pg_control_system()`;
  return row.id;
}

/** A pooler, and then there is one in front of a replica too, keeps no parameters and no prepared statements. */
function openConnection(parameters: Partial<postgres.ConnectionParameters>, server = primary()): DatabaseConnection {
  const { url, check, timeoutMs } = server;
  const isPooled = settings.dbPoolUrl() !== undefined;
  const options = {
    prepare: !isPooled,
    ...(!url.includes("sslmode=") && { ssl: "prefer" as const }),
    connection: { application_name: "parley", ...(!isPooled && { ...SESSION_DEFAULTS, ...parameters }) },
    connect_timeout: 5,
    types,
    onnotice: () => {},
  };
  return new DatabaseConnection(url, check, options, timeoutMs);
}

/** The parameters of a new connection; a pooler would not pass them on. */
const SESSION_DEFAULTS = {
  // Even a statement that strayed out of its transaction meets row-level security, and not the rights of `postgres`.
  role: "authenticated",
  TimeZone: "UTC",
  // A worker that dies does not keep a room locked.
  idle_in_transaction_session_timeout: 10_000,
  // The same few statements repeat. With a custom plan for each value, a page of history takes 50 % longer.
  plan_cache_mode: "force_generic_plan",
};

const types: Record<string, postgres.PostgresType> = {
  int8: { to: 20, from: [20], serialize: String, parse: Number },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: djangoTime },
};
