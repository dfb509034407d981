import { readFile } from "node:fs/promises";
import type { Sql, TransactionSql } from "postgres";
import { Refusal } from "../refusal.ts";
import type { Since } from "../since.ts";
import type { Note, Report } from "./report.ts";

/** One import into one database: a number that no other process may hold. */
const LOCK = 0x7061726c;
const scripts = new Map<string, Promise<string>>();

/** A script of `sql/`. */
function script(name: string): Promise<string> {
  const text = scripts.get(name) ?? readFile(new URL(`./sql/${name}.sql`, import.meta.url), "utf8");
  scripts.set(name, text);
  return text;
}

class RolledBack extends Error {}

interface RunOptions {
  name: string;
  kind: string;
  /** Whether the source has all that there is, and integer ids: a database, and not an export. */
  isDatabase: boolean;
  /** Until when the source is read: its newest row, or when the import began. */
  seenUntil?: Date;
  /** Whether only what is new since then is read. */
  since?: Date;
  dryRun: boolean;
}

/** How much more than the time of the last import is read: a row is older than its transaction, and clocks differ. */
const OVERLAP_MS = 15 * 60_000;

/** The database into which is imported. Units of work come whole or not at all. */
export class Target {
  #outer: TransactionSql | undefined;

  constructor(readonly sql: Sql, private readonly report: Pick<Report, "add">) {}

  /**
   * Runs an import. A dry run is one transaction that is rolled back at its end.
   * @throws Refusal when another one is running, or the name is that of a different backend.
   */
  async run(options: RunOptions, work: () => Promise<void>): Promise<void> {
    const [lock] = await this.sql<[{ taken: boolean }]>`select pg_try_advisory_lock(${LOCK}) as taken`;
    if (!lock.taken) throw new Refusal("Another import into this database is running.");
    if (!options.dryRun) {
      await this.#begin(options);
      await work();
      return;
    }
    await this.sql.begin(async (transaction) => {
      this.#outer = transaction;
      await this.#begin(options);
      await work();
      throw new RolledBack();
    }).catch((error) => {
      if (!(error instanceof RolledBack)) throw error;
    });
    this.#outer = undefined;
  }

  /** Does something in one transaction, and reports what it has noted. */
  async unit<T>(work: (transaction: TransactionSql) => Promise<T>): Promise<T> {
    let notes: Note[] = [];
    const noting = async (transaction: TransactionSql) => {
      const result = await work(transaction);
      notes = await transaction<Note[]>`delete from import_notes returning *`;
      return result;
    };
    const result = await (this.#outer ? this.#outer.savepoint(noting) : this.sql.begin(noting));
    for (const note of notes) this.report.add(note);
    return result as T;
  }

  /** Writes what was staged, by a script of `sql/`. */
  async write(transaction: TransactionSql, name: string): Promise<void> {
    await transaction.unsafe(await script(name)).simple();
    await transaction.unsafe(await script("clear")).simple();
  }

  /** How many rows of each kind were imported under this name, in this run and before. */
  async counts(): Promise<Record<string, number>> {
    const rows = await (this.#outer ?? this.sql)<{ kind: string; count: number }[]>`
      select kind, count(*)::integer as count from chat_private.imported_rows
      where import_id = (select import_id from import_run) and (kind in ('friend', 'member', 'conversation') or source_id > 0)
      group by kind`;
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  }

  /** How much of what this run has staged is here, and how much of it came now. */
  async came(): Promise<Record<string, { here: number; added: number }>> {
    const rows = await (this.#outer ?? this.sql)<{ kind: string; here: number; added: number }[]>`
      select kind, sum(here)::integer as here, sum(added)::integer as added from import_came group by kind`;
    return Object.fromEntries(rows.map(({ kind, here, added }) => [kind, { here, added }]));
  }

  /** Notes that everything was written: what changes here from now on is newer. A gap before `since` is not forgotten. */
  async finish({ seenUntil, since }: Pick<RunOptions, "seenUntil" | "since">): Promise<void> {
    await (this.#outer ?? this.sql)`
      update chat_private.imports set written_at = now(),
        seen_until = case
          when ${since?.toISOString() ?? null}::timestamptz is null or ${
      since?.toISOString() ?? null
    }::timestamptz <= seen_until
            then greatest(seen_until, ${seenUntil?.toISOString() ?? null}::timestamptz)
          else seen_until
        end
      where id = (select import_id from import_run)`;
  }

  /**
   * The time from which on an import with `--since` reads.
   * @throws Refusal when it says `last`, and none was finished.
   */
  async since(name: string, since: Since | undefined): Promise<Date | undefined> {
    if (since !== "last") return since;
    const [last] = await this.sql<{ seen_until: Date | null }[]>`
      select seen_until from chat_private.imports where name = ${name}`;
    if (!last?.seen_until) {
      throw new Refusal(`No import called ${name} was finished here: leave --since out, or say a time.`);
    }
    return new Date(last.seen_until.getTime() - OVERLAP_MS);
  }

  /** Which import this is. */
  async importId(): Promise<number> {
    const [run] = await (this.#outer ?? this.sql)<[{ id: number }]>`select import_id as id from import_run`;
    return run.id;
  }

  /** Of some messages whether they are here or gone again, unless they have not come yet; and which of some files are here. */
  async knownFiles(
    messages: string[],
    files: string[],
  ): Promise<{ messages: Map<string, "here" | "gone">; files: Set<string> }> {
    const sql = this.#outer ?? this.sql;
    const known = await sql<{ id: string; is_here: boolean }[]>`
      select known.source_id::text as id, rooms.id is not null as is_here
      from chat_private.imported_rows as known
      left join chat.messages as messages on messages.id = known.target_id and messages.deleted_at is null
      left join chat.rooms as rooms on rooms.id = messages.room_id and rooms.deleted_at is null
      where (known.import_id, known.kind) = ((select import_id from import_run), 'message')
        and known.source_id = any (${messages}::bigint[])`;
    const found = await sql<{ id: string }[]>`
      select id from chat.attachments where id = any (${files}::uuid[]) and message_id is not null`;
    return {
      messages: new Map(known.map(({ id, is_here }) => [id, is_here ? "here" : "gone"])),
      files: new Set(found.map(({ id }) => id)),
    };
  }

  /** Those of some rooms of the source that have not come yet. */
  async newRooms(ids: string[]): Promise<string[]> {
    const rows = await (this.#outer ?? this.sql)<{ id: string }[]>`
      select ids.id::text as id from unnest(${ids}::bigint[]) as ids (id)
      where not exists (
        select from chat_private.imported_rows as known
        where (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'room', ids.id)
      )`;
    return rows.map(({ id }) => id);
  }

  /** Those of some conversations that have not come yet. */
  async newConversations(ids: string[]): Promise<string[]> {
    const rows = await (this.#outer ?? this.sql)<{ id: string }[]>`
      select ids.id::text as id from unnest(${ids}::uuid[]) as ids (id)
      where not exists (
        select from chat_private.imported_rows as known
        where (known.import_id, known.kind, known.source_id)
          = ((select import_id from import_run), 'conversation', hashtextextended(ids.id::text, 0))
      )`;
    return rows.map(({ id }) => id);
  }

  async #begin({ name, kind, isDatabase, since }: RunOptions): Promise<void> {
    const sql = this.#outer ?? this.sql;
    await sql`
      insert into chat_private.imports (name, kind) values (${name}, ${kind}) on conflict (name) do nothing`;
    const [known] = await sql<[{ id: number; kind: string }]>`
      select id, kind from chat_private.imports where name = ${name}`;
    if (known.kind !== kind) {
      throw new Refusal(`${name} is the name of an import of ${known.kind}: give this one another --name.`);
    }
    await sql.unsafe(await script("stage")).simple();
    await sql`
      insert into import_run select id, name, written_at, ${isDatabase}, ${
      isDatabase && !since
    } from chat_private.imports where id = ${known.id}`;
  }
}
