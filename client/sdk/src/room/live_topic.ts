import type { Seat } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import type { Payload } from "../connection/topic.ts";

/** Somebody who is writing. */
export interface Typist {
  user_id: string;
  username: string;
}

/** What is sent on the live topic of a room when somebody begins to write, goes on or stops. */
export interface Typing {
  user_id: string;
  /** The integer id that REST clients see; it and the username are left out in rooms too large for listing everybody. */
  number?: number;
  username?: string;
  is_typing: boolean;
}

/** While somebody writes they say so this often, and count as writing this long after. */
const SAY_EVERY_MS = 3_000;
const BELIEVE_MS = 6_000;
/** In a room too large for knowing everybody, the first of more are forgotten. */
const MOST_TYPISTS = 100;

/** Typing and presence: the one topic on which clients speak to each other. */
export class Live {
  readonly #typists = new Map<string, ReturnType<typeof setTimeout>>();
  #seat: Seat | undefined;
  #present: readonly string[] = [];
  #saidAt = 0;

  constructor(
    readonly connection: Connection,
    readonly me: string,
    /** Whether an id may be that of a member. */
    readonly mayBe: (userId: string) => boolean,
    readonly changed: () => void,
  ) {}

  /** The ids of those who write, as whoever sent it says. */
  get typists(): string[] {
    return [...this.#typists.keys()];
  }

  /** The ids of those who say that they are there. */
  get present(): readonly string[] {
    return this.#present;
  }

  /** Goes to the live topic beside a topic of events. */
  move(topic: string): void {
    this.#seat?.leave();
    this.#seat = this.connection.channels.join(`${topic}:live`, {
      heard: (event, payload) => event === "typing" && this.#heard(payload),
      present: (keys) => this.#see(keys),
      lost: () => this.#see([]),
    }, this.me);
  }

  /** Says that the caller writes, or has stopped. */
  say(typing: boolean, { number, username }: Pick<Typing, "number" | "username"> = {}): void {
    const now = performance.now(); // a clock that is set goes back
    if (typing ? this.#saidAt > 0 && now - this.#saidAt < SAY_EVERY_MS : this.#saidAt === 0) return;
    this.#saidAt = typing ? now : 0;
    this.#seat?.send("typing", { user_id: this.me, number, username, is_typing: typing } satisfies Typing);
  }

  /** Somebody no longer writes: their message is here, or they have left. */
  stopped(userId: string | null): void {
    if (!userId || !this.#typists.has(userId)) return;
    clearTimeout(this.#typists.get(userId));
    this.#typists.delete(userId);
    this.changed();
  }

  close(): void {
    this.#seat?.leave();
    for (const timer of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  /** Any member may have sent it: names are those of the list of members. */
  #heard({ user_id, is_typing, typing = is_typing }: Payload): void {
    if (typeof user_id !== "string" || user_id.length > 36 || typeof typing !== "boolean" || user_id === this.me) {
      return;
    }
    if (!typing) return this.stopped(user_id);
    const held = this.#typists.has(user_id);
    if (!held && !this.mayBe(user_id)) return;
    if (!held && this.#typists.size >= MOST_TYPISTS) this.stopped(this.#typists.keys().next().value!);
    clearTimeout(this.#typists.get(user_id));
    this.#typists.set(user_id, setTimeout(() => this.stopped(user_id), BELIEVE_MS));
    if (!held) this.changed();
  }

  #see(present: readonly string[]): void {
    this.#present = present;
    this.changed();
  }
}
