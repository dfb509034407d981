import { Connection, type Database, type QueuedReport } from "parley-client";
import type { Session } from "../core/session.ts";

type Schema = Database["chat"];
type Functions = Schema["Functions"];
type Tables = Schema["Tables"];
type Composites = Schema["CompositeTypes"];

/** A row of which only some columns may be null, which types of Postgres cannot say. */
type Filled<Row, Nullable extends keyof Row = never> = {
  [Column in keyof Row]: Column extends Nullable ? Row[Column] : NonNullable<Row[Column]>;
};

export type OperatorRole = Schema["Enums"]["operator_role"];

/** A person as moderators see them; their address is for administrators. */
export type Person = Filled<
  Composites["moderated_person"],
  | "avatar_url"
  | "email"
  | "last_seen_at"
  | "role"
  | "suspended_until"
  | "suspension_reason"
  | "muted_until"
  | "mute_reason"
>;

type NullableOfRoom = "avatar_url" | "last_message_at" | "locked_at";

/** A room as moderators see it, with the usernames of both people of a direct room, or of the owner of a group. */
export type Room = Filled<Composites["moderated_room"], NullableOfRoom | "slug" | "created_by" | "locked_reason">;
/** Whether everyone can join a room, so that moderators read it without a reason. */
export const isOpenToAll = ({ is_public, joining }: Pick<Room, "is_public" | "joining">): boolean =>
  is_public && joining === "open";

export type PersonRoom = Filled<Composites["moderated_membership"], NullableOfRoom>;
export type RoomMember = Filled<Composites["moderated_member"], "avatar_url">;

export interface ReadMessage extends
  Omit<
    Filled<
      Composites["moderated_message"],
      | "sender_id"
      | "username"
      | "forwarded_username"
      | "forwarded_content"
      | "reply_to_id"
      | "edited_at"
      | "deleted_at"
    >,
    "attachments"
  > {
  attachments: { name: string }[];
}

/** Which messages to read, and why. */
export type Reading = Pick<
  Functions["moderated_messages"]["Args"],
  "room_id" | "user_id" | "around_id" | "report_id" | "reason"
>;

export type Operator = Filled<Composites["operator"], "email">;
export type ModerationCounts = Filled<Composites["moderation_count"]>;
export type Limit = Filled<Composites["rate_limit"]>;
/** How long rows are kept: by their age, where null is forever, or the newest of them. Ages are intervals of Postgres. */
export type Retention = Filled<Composites["retention"], "age" | "newest" | "at_least" | "at_most">;

export interface WordRule extends Omit<Filled<Composites["word_rule"]>, "action"> {
  action: "flag" | "hold" | "refuse";
}

/** A day in UTC. */
export type DailyCount = Tables["daily_counts"]["Row"];
export type Connections = Filled<Composites["connection_state"], "longest_seconds">;
export type Statement = Filled<Composites["slow_statement"]>;
export type Job = Filled<Composites["job"], "next_run_at" | "last_run_at" | "failed_at" | "last_error">;
export type Bucket = Filled<Composites["bucket_use"]>;
export type TableSize = Filled<Composites["table_size"]>;

export type AuditRow = Tables["audit_log"]["Row"];
/** What the audit log is narrowed to. */
export type AuditFilter = Partial<Record<"actor_id" | "action" | "user_id" | "room_id", string>>;
export type Suspension = Pick<Tables["suspensions"]["Row"], "user_id" | "until" | "reason" | "created_at">;
export type Mute = Tables["mutes"]["Row"];
export interface Ban extends Pick<Tables["room_bans"]["Row"], "id" | "room_id" | "user_id" | "until" | "reason"> {
  created_at: string;
}

interface From<C> {
  limit: number;
  before?: C;
}

/** What an item of a list by time continues from. */
export interface Since {
  created_at: string;
  user_id: string;
}

/** What moderators and administrators read and do. Each call is refused by the database for who may not. */
export class Operators {
  readonly #connection: Connection;

  constructor({ supabase }: Session) {
    this.#connection = new Connection(supabase, { storage: null });
  }

  close(): void {
    this.#connection.close();
  }

  // For moderators.

  counts = (): Promise<ModerationCounts> => this.#run("moderation_counts", {});

  people(query: string, page: From<number>): Promise<Person[]> {
    return this.#run("moderated_people", { query, ...after(page) });
  }

  async person(id: string): Promise<Person | undefined> {
    return (await this.people(id, { limit: 1 }))[0];
  }

  roomsOf(user_id: string, page: From<number>): Promise<PersonRoom[]> {
    return this.#run("moderated_person_rooms", { user_id, ...after(page) });
  }

  rooms(query: string, page: From<number>): Promise<Room[]> {
    return this.#run("moderated_rooms", { query, ...after(page) });
  }

  async room(id: number): Promise<Room | undefined> {
    return (await this.rooms(`#${id}`, { limit: 1 }))[0];
  }

  /** The rooms with these ids that still exist, at most 100. */
  roomsWith(ids: number[]): Promise<Room[]> {
    return this.rooms(ids.map((id) => `#${id}`).join(" "), { limit: ids.length });
  }

  members(room_id: number, page: From<string>): Promise<RoomMember[]> {
    return this.#run("moderated_room_members", { room_id, ...after(page) });
  }

  /** The reports about a person or a room. */
  reports(about: { user_id: string } | { room_id: number }, { limit, before }: From<number>): Promise<QueuedReport[]> {
    return this.#run("moderated_reports", { ...about, max_rows: limit, ...(before !== undefined && { before }) });
  }

  /** Reads messages of a room; unless it is a public group, that is written to the audit log. */
  messages(reading: Reading, seqs: { before?: number; after?: number } = {}): Promise<ReadMessage[]> {
    return this.#run("moderated_messages", { ...reading, ...seqs, max_rows: 50 });
  }

  warn(user_id: string, reason = ""): Promise<unknown> {
    return this.#run("warn_user", { user_id, reason });
  }

  lock(room_id: number, is_locked: boolean, reason = ""): Promise<unknown> {
    return this.#run("set_room_lock", { room_id, is_locked, reason });
  }

  async suspensions(page: From<Since>): Promise<Suspension[]> {
    return await this.#since("suspensions", page) as Suspension[];
  }

  async mutes(page: From<Since>): Promise<Mute[]> {
    return await this.#since("mutes", page) as Mute[];
  }

  async bans({ limit, before }: From<number>): Promise<Ban[]> {
    const call = this.#connection.db.from("room_bans").select("id,room_id,user_id,until,reason,created_at")
      .or(NOT_OVER()).order("id", { ascending: false }).limit(limit);
    return await this.#connection.call(before === undefined ? call : call.lt("id", before));
  }

  async audit(filter: AuditFilter, { limit, before }: From<number>): Promise<AuditRow[]> {
    let call = this.#connection.db.from("audit_log").select("*").order("id", { ascending: false }).limit(limit);
    for (const [column, value] of Object.entries(filter)) call = call.eq(column as "action", value);
    return await this.#connection.call(before === undefined ? call : call.lt("id", before));
  }

  // For administrators.

  operators = (): Promise<Operator[]> => this.#run("operator_list", {});

  setRole(user_id: string, role: OperatorRole | null): Promise<unknown> {
    return this.#run("set_operator_role", { user_id, ...(role && { role }) });
  }

  deleteAccount(user_id: string, isErased: boolean): Promise<unknown> {
    return this.#run("delete_account", { user_id, mode: isErased ? "erase" : "keep", confirmed: true });
  }

  limits = (): Promise<Limit[]> => this.#run("limit_list", {});

  setLimit(limit: Limit): Promise<unknown> {
    return this.#run("set_limit", limit);
  }

  retention = (): Promise<Retention[]> => this.#run("retention_list", {});

  setRetention({ name, age, newest }: Pick<Retention, "name" | "age" | "newest">): Promise<unknown> {
    return this.#run("set_retention", { name, ...(age !== null && { age }), ...(newest !== null && { newest }) });
  }

  wordRules = (): Promise<WordRule[]> => this.#run("word_rule_list", {});

  addWordRule(pattern: string, action: WordRule["action"]): Promise<unknown> {
    return this.#run("add_word_rule", { pattern, action });
  }

  removeWordRule(rule_id: number): Promise<unknown> {
    return this.#run("remove_word_rule", { rule_id });
  }

  async dailyCounts(days: number): Promise<DailyCount[]> {
    const call = this.#connection.db.from("daily_counts").select("*").order("day", { ascending: false }).limit(days);
    return await this.#connection.call(call);
  }

  connections = (): Promise<Connections[]> => this.#run("connections_by_state", {});
  statements = (): Promise<Statement[]> => this.#run("slow_statements", {});
  jobs = (): Promise<Job[]> => this.#run("job_list", {});
  storage = (): Promise<Bucket[]> => this.#run("storage_by_bucket", {});
  tables = (): Promise<TableSize[]> => this.#run("table_sizes", {});

  async #run<T, Name extends keyof Functions>(name: Name, args: Functions[Name]["Args"]): Promise<T> {
    return await this.#connection.run(name, args) as unknown as T;
  }

  /** Reads what holds now of a table without ids, the latest first. */
  async #since(table: "suspensions" | "mutes", { limit, before }: From<Since>) {
    const isNext = before &&
      `created_at.lt."${before.created_at}",and(created_at.eq."${before.created_at}",user_id.lt.${before.user_id})`;
    const call = this.#connection.db.from(table as "mutes").select("user_id,until,reason,created_at")
      .or(isNext ? `and(or(${NOT_OVER()}),or(${isNext}))` : NOT_OVER())
      .order("created_at", { ascending: false }).order("user_id", { ascending: false }).limit(limit);
    return await this.#connection.call(call);
  }
}

const after = <C>({ limit, before }: From<C>) => ({
  max_rows: limit,
  ...(before !== undefined && { after: before }),
});

const NOT_OVER = () => `until.is.null,until.gt.${new Date().toISOString()}`;
