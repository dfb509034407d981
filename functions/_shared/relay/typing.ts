import type { Typing } from "../../../client/sdk/src/contract/events.ts";
import { asUser } from "../db/db.ts";
import { Change } from "./change.ts";
import type { Connection } from "./connection.ts";
import type { Member, Members } from "./members.ts";

/** How long a member counts as typing after the last event. */
const TYPING_TTL_MS = 6000;

/** A member who is typing, or has stopped. */
type TypingMember = Member & Omit<Typing, "event">;

interface Typist {
  member: TypingMember;
  timer: ReturnType<typeof setTimeout>;
  /** Where they type; undefined in another worker, or with supabase-js. */
  connection?: Connection;
}

/** Where typing events are sent. */
export interface TypingTopic {
  /** The topic of the room now. */
  name(): string;
  /** Sends to the sockets of this worker, except one. */
  sendHere(change: Change, except?: Connection): void;
  /** Sends to all other workers and clients. */
  broadcast(member: TypingMember): void;
}

/** The members who are typing in a room. Typing always ends, even if its sender disconnects. */
export class Typists {
  readonly #typists = new Map<number, Typist>();
  /** The topic on which a socket may type. */
  readonly #allowed = new WeakMap<Connection, string>();

  constructor(readonly topic: TypingTopic, readonly members: Members) {}

  /** The user of a socket starts or stops typing. */
  async setTyping(connection: Connection, is_typing: boolean): Promise<void> {
    const member = await this.members.find(connection.claims.sub);
    if (!member || !await this.#mayType(connection) || !connection.isOpen) return;
    const typing = { ...member, is_typing };
    this.topic.broadcast(typing);
    this.#take(typing, connection);
  }

  /** Any member may have sent it with any content, so it is passed on only if it names a member correctly. */
  async received(payload: Record<string, unknown>): Promise<void> {
    // Clients of the SDK said `typing` once.
    const is_typing = payload.is_typing ?? payload.typing;
    if (typeof is_typing !== "boolean") return;
    const member = await this.members.claimed(payload);
    if (member) this.#take({ ...member, is_typing });
  }

  /** Ends the typing of a member whose message arrived. */
  sent(number: number | null): void {
    if (number !== null && this.#typists.has(number)) this.#end(number);
  }

  /** A socket has closed: its user stops typing. */
  left(connection: Connection): void {
    const { number } = connection.person;
    const typist = this.#typists.get(number);
    if (typist?.connection !== connection) return;
    this.topic.broadcast({ ...typist.member, is_typing: false });
    this.#end(number);
  }

  stop(): void {
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  /** The rule that clients of Realtime meet when they join the live topic, asked once for each topic. */
  async #mayType(connection: Connection): Promise<boolean> {
    const topic = this.topic.name();
    if (this.#allowed.get(connection) === topic) return true;
    const [[row]] = await asUser(connection.claims, (sql) => [
      sql<{ allowed: boolean }[]>`select chat_private.is_my_topic(${`${topic}:live`}) as allowed`,
    ]);
    if (row!.allowed) this.#allowed.set(connection, topic);
    return row!.allowed;
  }

  #take(member: TypingMember, connection?: Connection): void {
    const { number, is_typing } = member;
    clearTimeout(this.#typists.get(number)?.timer);
    this.#typists.delete(number);
    if (is_typing) {
      const timer = setTimeout(() => this.#end(number), TYPING_TTL_MS);
      this.#typists.set(number, { member, timer, connection });
    }
    this.topic.sendHere(new Change({ event: "typing", ...member }), connection);
  }

  #end(number: number): void {
    const { member, connection } = this.#typists.get(number)!;
    this.#take({ ...member, is_typing: false }, connection);
  }
}
