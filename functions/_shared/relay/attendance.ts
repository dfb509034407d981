import { asUser } from "../db.ts";
import type { Claims } from "../tokens.ts";
import { Change, type Payload } from "./change.ts";
import type { Connection } from "./connection.ts";
import { contradict, isHere } from "./presence.ts";
import { settings } from "./settings.ts";
import { isRefusal } from "./sync.ts";

/** Whose members come and go. */
export interface Attended {
  /** Reads the events of those who are online; null where it is not shown, undefined with nobody to read them as. */
  read(): Promise<Payload[] | null | undefined>;
  /** Tells the sockets of this worker, but for one. */
  tell(change: Change, but?: Connection): void;
}

/**
 * Which members of a room are online. Sockets hear of those who are when they open and of each change once; what events
 * did not tell is read from the database.
 */
export class Attendance {
  readonly #online = new Map<number, Payload>();
  readonly #recheck: ReturnType<typeof setInterval>;
  /** Whom events have told of since the latest reading began. */
  #heard = new Set<number>();
  #reading: Promise<void> | undefined;
  #isKnown = false;
  /** In large rooms nobody is told who comes and goes. */
  #isShown = false;

  constructor(readonly room: Attended) {
    // The event of someone who went may have been lost, and nothing would tell.
    this.#recheck = setInterval(() => void this.refresh(), settings.recheckSeconds() * 1000);
  }

  /** A socket is live: it is told of the others, and they, if it is the first one of its person, of them. */
  async opened(connection: Connection, isFirst: () => boolean): Promise<void> {
    const { claims: { sub: user_id }, person: { number, username }, room } = connection;
    if (!this.#isKnown) await this.refresh();
    for (const [other, payload] of this.#online) {
      if (other !== number) connection.tell(new Change("user.status", payload));
    }
    if (!this.#isShown || !connection.isOpen || !isFirst()) return;
    const payload = {
      room_id: room.id,
      version: connection.version,
      user_id,
      user_number: number,
      username,
      is_online: true,
      last_seen_at: new Date().toISOString(),
    };
    this.#online.set(number, payload);
    this.room.tell(new Change("user.status", payload), connection);
  }

  /** An event: someone has come or gone. */
  heard(payload: Payload): void {
    const { user_id, user_number: number, is_online } = payload;
    if (!is_online && isHere(user_id)) return contradict(user_id);
    this.#heard.add(number);
    this.#set(number, payload);
  }

  /** Reads who is online, and tells what was missed. */
  refresh(): Promise<void> {
    return this.#reading ??= this.#read()
      .catch((error) => console.error("who is online could not be read:", error))
      .finally(() => this.#reading = undefined);
  }

  /** Events are missed from now on. */
  cut(): void {
    this.#isKnown = false;
  }

  stop(): void {
    clearInterval(this.#recheck);
  }

  async #read(): Promise<void> {
    this.#heard = new Set();
    const read = await this.room.read();
    if (read === undefined) return;
    this.#isKnown = true;
    this.#isShown = read !== null;
    const online = read ?? [];
    const news = online.filter(({ user_number }) => !this.#heard.has(user_number));
    const here = new Set(news.map(({ user_number }) => user_number));
    const gone = [...this.#online].filter(([number]) => !here.has(number) && !this.#heard.has(number));
    for (const payload of news) this.#set(payload.user_number, payload);
    for (const [number, payload] of gone) {
      if (isHere(payload.user_id)) contradict(payload.user_id);
      else this.#set(number, { ...payload, is_online: false });
    }
  }

  /** Each change is told once. */
  #set(number: number, payload: Payload): void {
    if (payload.is_online === this.#online.has(number)) return;
    if (payload.is_online) this.#online.set(number, payload);
    else this.#online.delete(number);
    this.room.tell(new Change("user.status", payload));
  }
}

/** The events of those of a room's members who are online, read as one of them; undefined when they are none. */
export async function readOnline(
  claims: Claims,
  room: number,
): Promise<Payload[] | null | undefined> {
  try {
    const [[row]] = await asUser(claims, (sql) => [
      sql<{ online: Payload[] | null }[]>`
        select chat_private.who_is_online(${room}) as online from chat_private.require_role(${room})`,
    ]);
    return row!.online;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
