import type { Seat } from "./channels.ts";
import type { Connection } from "./connection.ts";
import type { Payload } from "./topic.ts";

/** Somebody who is writing. */
export interface Typist {
  user_id: string;
  username: string;
}

/** While somebody writes they say so this often, and count as writing this long after. */
const SAY_EVERY_MS = 3_000;
const BELIEVE_MS = 6_000;

/** Typing and presence: the one topic on which clients speak to each other. */
export class Live {
  readonly #typists = new Map<string, { typist: Typist; timer: ReturnType<typeof setTimeout> }>();
  #seat: Seat | undefined;
  #present: readonly string[] = [];
  #saidAt = 0;

  constructor(
    readonly connection: Connection,
    readonly me: Typist,
    readonly changed: () => void,
  ) {}

  /** Who is writing, as they say. */
  get typists(): Typist[] {
    return [...this.#typists.values()].map(({ typist }) => typist);
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
    }, this.me.user_id);
  }

  /** Says that the caller writes, or has stopped. */
  say(typing: boolean): void {
    const now = performance.now(); // a clock that is set goes back
    if (typing ? this.#saidAt > 0 && now - this.#saidAt < SAY_EVERY_MS : this.#saidAt === 0) return;
    this.#saidAt = typing ? now : 0;
    this.#seat?.send("typing", { ...this.me, typing });
  }

  /** Somebody no longer writes: their message is here, or they have left. */
  stopped(userId: string | null): void {
    const held = this.#typists.get(userId ?? "");
    if (!held) return;
    clearTimeout(held.timer);
    this.#typists.delete(userId!);
    this.changed();
  }

  close(): void {
    this.#seat?.leave();
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  #heard({ user_id, username, typing }: Payload): void {
    if (typeof user_id !== "string" || typeof username !== "string" || user_id === this.me.user_id) return;
    if (!typing) return this.stopped(user_id);
    const held = this.#typists.get(user_id);
    clearTimeout(held?.timer);
    const timer = setTimeout(() => this.stopped(user_id), BELIEVE_MS);
    this.#typists.set(user_id, { typist: held?.typist ?? { user_id, username }, timer });
    if (!held) this.changed();
  }

  #see(present: readonly string[]): void {
    this.#present = present;
    this.changed();
  }
}
