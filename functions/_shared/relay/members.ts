import { LRUCache } from "lru-cache";
import type { Claims } from "../auth/tokens.ts";
import { readAsUser, type Sql, type Statement } from "../db/db.ts";

/** A member as the database knows them. */
export interface Member {
  user_id: string;
  number: number;
  username: string;
}

type Key = Member["user_id"] | Member["number"];

interface List {
  members: Map<Key, Member>;
  isWhole: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** How long members are cached: usernames change. */
const CACHE_TTL_MS = 30_000;
/** Up to this many members are read at once; others one by one. */
const MAX_LISTED = 500;
/** Single reads in a second; events of further members are dropped. */
const MAX_LOOKUPS_PER_SECOND = 20;

/**
 * Who the members of a room are. What clients say to each other on its live topic says itself who says it: only what
 * names a member, and by their own username, is passed on.
 */
export class Members {
  #list: { read: Promise<List>; until: number } | undefined;
  readonly #others = new LRUCache<Key, Promise<Member | undefined>>({ max: MAX_LISTED, ttl: CACHE_TTL_MS });
  #lookups = 0;
  #second = 0;

  /** @param reader returns the claims of a member, to read as. */
  constructor(readonly room: number, readonly reader: () => Claims | undefined) {}

  /** The member that a payload names by `user_id`, `number` or both; undefined when that is not a member's. */
  async claimed({ user_id, number, username }: Record<string, unknown>): Promise<Member | undefined> {
    const isSound = (user_id === undefined || typeof user_id === "string" && UUID.test(user_id)) &&
      (number === undefined || Number.isSafeInteger(number));
    const key = (user_id ?? number) as Key | undefined;
    const member = isSound && key !== undefined ? await this.find(key) : undefined;
    if (!member || (number ?? member.number) !== member.number) return undefined;
    return (username ?? member.username) === member.username ? member : undefined;
  }

  /** The member with an id or a number; undefined when there is none, or when too many are asked for. */
  async find(key: Key): Promise<Member | undefined> {
    const { members, isWhole } = await this.#read();
    if (isWhole || members.has(key)) return members.get(key);
    const known = this.#others.get(key);
    if (known || !this.#mayLookUp()) return known;
    const isMeant = (sql: Sql) => typeof key === "string" ? sql`profiles.id = ${key}` : sql`profiles.number = ${key}`;
    const read = this.#select((sql) => sql`and ${isMeant(sql)}`).then(([member]) => member);
    this.#others.set(key, read);
    return read;
  }

  /** A member joined, left or was renamed: clears the cache. */
  changed(): void {
    this.#list = undefined;
    this.#others.clear();
  }

  #read(): Promise<List> {
    if (this.#list && this.#list.until > Date.now()) return this.#list.read;
    const read = this.#select(() => undefined).then((rows) => ({
      members: new Map<Key, Member>(rows.flatMap((row) => [[row.user_id, row], [row.number, row]])),
      isWhole: rows.length < MAX_LISTED,
    }));
    this.#list = { read, until: Date.now() + CACHE_TTL_MS };
    return read;
  }

  #mayLookUp(): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) this.#lookups = 0;
    this.#second = second;
    return ++this.#lookups <= MAX_LOOKUPS_PER_SECOND;
  }

  /** Returns no members while the database is unavailable; the next call reads again. */
  async #select(condition: (sql: Sql) => Statement | undefined): Promise<Member[]> {
    const claims = this.reader();
    if (!claims) return [];
    try {
      const [members] = await readAsUser(claims, (sql) => [
        sql<Member[]>`
          select profiles.id as user_id, profiles.number, profiles.username
          from chat.room_members as members
          join chat.profiles as profiles on profiles.id = members.user_id
          where members.room_id = ${this.room} ${condition(sql) ?? sql``}
          limit ${MAX_LISTED}`,
      ], { share: `room:${this.room}` });
      return members;
    } catch (error) {
      console.error("the members of a room could not be read:", error);
      this.changed();
      return [];
    }
  }
}
