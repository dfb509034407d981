import { Change, type Payload } from "./change.ts";
import type { Connection } from "./connection.ts";
import type { Members } from "./members.ts";

/** How long someone counts as typing after they last said so. */
const TYPING_TTL_MS = 6000;

interface Typist {
  payload: Payload;
  timer: ReturnType<typeof setTimeout>;
  /** Where they type; undefined in another worker, or with supabase-js. */
  connection?: Connection;
}

/** How what is said of typing reaches others. */
export interface TypingTopic {
  /** Tells the sockets of this worker, but for one. */
  sendHere(change: Change, except?: Connection): void;
  /** Tells everyone else. */
  broadcast(payload: Payload): void;
}

/** Who types in a room. What begins has an end, also when its sender vanishes without a word. */
export class Typists {
  readonly #typists = new Map<number, Typist>();

  constructor(readonly topic: TypingTopic, readonly members: Members) {}

  /** The person of a socket says that they type, or have stopped. */
  async setTyping(connection: Connection, is_typing: boolean): Promise<void> {
    const member = await this.members.find(connection.claims.sub);
    if (!member || !connection.isOpen) return;
    const payload = { ...member, is_typing };
    this.topic.broadcast(payload);
    this.#take(payload, connection);
  }

  /** Anyone in the room may have sent it, and it says itself who did: only what is true of a member is passed on. */
  async received(payload: Payload): Promise<void> {
    // Clients of the SDK said `typing` once.
    const is_typing = payload.is_typing ?? payload.typing;
    if (typeof is_typing !== "boolean") return;
    const member = await this.members.claimed(payload);
    if (member) this.#take({ ...member, is_typing });
  }

  /** Their message is here. */
  sent(number: number): void {
    if (this.#typists.has(number)) this.#end(number);
  }

  /** A socket has closed: its person types no more. */
  left(connection: Connection): void {
    const { number } = connection.person;
    if (this.#typists.get(number)?.connection !== connection) return;
    this.topic.broadcast({ ...this.#typists.get(number)!.payload, is_typing: false });
    this.#end(number);
  }

  stop(): void {
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  #take(payload: Payload, connection?: Connection): void {
    const { number, is_typing } = payload;
    clearTimeout(this.#typists.get(number)?.timer);
    this.#typists.delete(number);
    if (is_typing) {
      const timer = setTimeout(() => this.#end(number), TYPING_TTL_MS);
      this.#typists.set(number, { payload, timer, connection });
    }
    this.topic.sendHere(new Change("typing", payload), connection);
  }

  #end(number: number): void {
    const { payload, connection } = this.#typists.get(number)!;
    this.#take({ ...payload, is_typing: false }, connection);
  }
}
