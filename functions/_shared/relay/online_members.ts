import type { UserStatus } from "../../../client/sdk/src/contract/events.ts";
import type { Claims } from "../auth/tokens.ts";
import { asUser } from "../db/db.ts";
import { settings } from "../settings/settings.ts";
import { Change, type Status } from "./change.ts";
import type { Connection } from "./connection.ts";
import type { Member } from "./members.ts";
import { contradict, isHere } from "./presence.ts";
import { closeOf } from "./refusal.ts";

/** Who is online in a room. */
export interface Online {
  /** The events of the members who are online. */
  statuses: Status[];
  /** The members whose status the room is not sent. */
  unseen: ReadonlySet<string>;
}

/** The room whose online members are tracked. */
export interface OnlineRoom {
  id: number;
  /** Reads who is online; null if the room does not show it, undefined without a member to read as. */
  read(): Promise<Online | null | undefined>;
  /** Finds the member of an account. */
  member(user: string): Promise<Member | undefined>;
  /** The sockets in this worker. */
  connections: Iterable<Connection>;
}

/** A reconnect within this time is not an absence. */
const GRACE_MS = 1000;
/** Further presences are ignored: rooms that show online members are small. */
const MAX_PRESENT = 1000;

/**
 * Which members of a room are online: those whom the database has seen, and those who have the room open with
 * supabase-js. Sockets are sent who is online when they open, and each change once; what events did not tell is read.
 */
export class OnlineMembers {
  /** The members who are online in the database, by number. */
  readonly #seen = new Map<number, Status>();
  /** Members who have the room open elsewhere. Presence keys are the client's claim, so only members count. */
  readonly #present = new Map<number, Status>();
  /** The sockets that have received the online members, and receive each change. */
  readonly #greeted = new WeakSet<Connection>();
  readonly #recheck: ReturnType<typeof setInterval>;
  /** The members with events since the latest read began. */
  #updated = new Set<number>();
  #reading: Promise<void> | undefined;
  #isKnown = false;
  /** Large rooms do not show online members, nor does a direct one where one person has blocked the other. */
  #isShown = false;
  #unseen: ReadonlySet<string> = new Set();
  #keys: readonly string[] = [];
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly room: OnlineRoom) {
    // The event of a member who went offline may have been lost.
    this.#recheck = setInterval(() => void this.refresh(), settings.relayRecheckSeconds() * 1000);
  }

  /** A socket is live: it is sent who else is online, and they, if it is the first one of its person, that they are. */
  async opened(connection: Connection, isFirst: () => boolean): Promise<void> {
    const { claims: { sub: user_id }, person: { number, username } } = connection;
    if (!this.#isKnown) await this.refresh();
    this.#greeted.add(connection);
    for (const [other, status] of new Map([...this.#present, ...this.#seen])) {
      if (other !== number) connection.sendChange(new Change(status));
    }
    if (!this.#isShown || this.#unseen.has(user_id) || !connection.isOpen || !isFirst()) return;
    const status = this.#arrival({ user_id, number, username });
    this.#seen.set(number, status);
    this.#broadcast(status, connection);
  }

  /** Takes an event: a member came online or went offline. */
  received(status: Status): void {
    const { user_id, user_number: number, is_online } = status;
    if (!is_online && isHere(user_id)) {
      contradict(user_id);
      // They may have hidden their status.
      return void Promise.resolve(this.#reading).then(() => this.refresh());
    }
    this.#updated.add(number);
    this.#set(this.#seen, status);
  }

  /** Takes the presence keys of those who have the room open. */
  present(keys: readonly string[]): void {
    this.#keys = keys.slice(0, MAX_PRESENT);
    void this.#lookAround();
  }

  /** Reads the online members, and sends what changed. */
  refresh(): Promise<void> {
    return this.#reading ??= this.#read()
      .catch((error) => console.error("who is online could not be read:", error))
      .finally(() => this.#reading = undefined);
  }

  /** The subscription was interrupted: events are missed from now on. */
  cut(): void {
    this.#isKnown = false;
  }

  stop(): void {
    clearInterval(this.#recheck);
    clearTimeout(this.#lookingAgain);
  }

  async #read(): Promise<void> {
    this.#updated = new Set();
    const read = await this.room.read();
    if (read === undefined) return;
    this.#isKnown = true;
    this.#isShown = read !== null;
    this.#unseen = read?.unseen ?? new Set();
    const news = (read?.statuses ?? []).filter(({ user_number }) => !this.#updated.has(user_number));
    const here = new Set(news.map(({ user_number }) => user_number));
    const gone = [...this.#seen].filter(([number]) => !here.has(number) && !this.#updated.has(number));
    for (const status of news) this.#set(this.#seen, status);
    for (const [, status] of gone) {
      if (this.#isShown && !this.#unseen.has(status.user_id) && isHere(status.user_id)) contradict(status.user_id);
      else this.#set(this.#seen, { ...status, is_online: false });
    }
    await this.#lookAround();
  }

  async #lookAround(): Promise<void> {
    const keys = this.#keys;
    const members = this.#isShown ? await Promise.all(keys.map((key) => this.room.member(key))) : [];
    if (keys !== this.#keys) return;
    const present = new Set(members.map((member) => member?.number));
    for (const member of members) {
      if (member && !this.#present.has(member.number)) this.#set(this.#present, this.#arrival(member));
    }
    if ([...this.#present.keys()].every((number) => present.has(number))) return;
    clearTimeout(this.#lookingAgain);
    this.#lookingAgain = setTimeout(() => keys === this.#keys && this.#forgetBut(present), GRACE_MS);
  }

  #forgetBut(present: Set<number | undefined>): void {
    for (const [number, status] of this.#present) {
      if (!present.has(number)) this.#set(this.#present, { ...status, is_online: false });
    }
  }

  /** Sends a change only if the status differs. */
  #set(source: Map<number, Status>, status: Status): void {
    const { user_number: number, is_online } = status;
    const isOnline = () => this.#seen.has(number) || this.#present.has(number);
    const wasOnline = isOnline();
    if (is_online) source.set(number, status);
    else source.delete(number);
    if (isOnline() !== wasOnline) this.#broadcast(status);
  }

  #broadcast(status: Status, except?: Connection): void {
    const change = new Change(status);
    for (const connection of this.room.connections) {
      if (connection !== except && connection.isLive && this.#greeted.has(connection)) connection.sendChange(change);
    }
  }

  #arrival = ({ user_id, number, username }: Member): Status => ({
    event: "user.status",
    room_id: this.room.id,
    user_id,
    user_number: number,
    username,
    is_online: true,
    last_seen_at: new Date().toISOString(),
  });
}

/** The events of those of a room's members who are online, read as one of them; undefined when they are none. */
export async function readOnline(
  claims: Claims,
  room: number,
): Promise<Online | null | undefined> {
  try {
    const [[row]] = await asUser(claims, (sql) => [
      sql<{ online: Omit<UserStatus, "event">[] | null; unseen: string[] }[]>`
        select online, case when online is not null then to_json(chat_private.unseen_members(${room})) end as unseen
        from chat_private.require_role(${room}), chat_private.who_is_online(${room}) as online`,
    ]);
    const { online, unseen } = row!;
    return online &&
      { statuses: online.map((status) => ({ event: "user.status", ...status })), unseen: new Set(unseen) };
  } catch (error) {
    if (closeOf(error)) return undefined;
    throw error;
  }
}
