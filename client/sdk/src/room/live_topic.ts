import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import type { Payload } from "../connection/topic.ts";
import type { Typing } from "../contract/events.ts";

/** A member who is typing. */
export interface Typist {
  user_id: string;
  username: string;
}

/** How often `typing` is sent while someone types, and how long it is valid. */
const TYPING_INTERVAL_MS = 3_000;
const TYPING_TIMEOUT_MS = 6_000;
/** In a room too large to list all members, the oldest beyond this number are dropped. */
const MAX_TYPISTS = 100;

/** Typing and presence: the only topic on which clients broadcast to each other. */
export class LiveTopic {
  readonly #typists = new Map<string, ReturnType<typeof setTimeout>>();
  #subscription: Subscription | undefined;
  #present: readonly string[] = [];
  /** What the caller last sent while typing, and when. */
  #sent: Payload | undefined;
  #sentAt = 0;

  constructor(
    readonly connection: Connection,
    readonly me: string,
    /** Whether an id may belong to a member. */
    readonly mayBeMember: (userId: string) => boolean,
    readonly onChanged: () => void,
  ) {}

  /** The ids of users who are typing, as their clients claim. */
  get typingIds(): string[] {
    return [...this.#typists.keys()];
  }

  /** The ids of users who are present, as their clients claim. */
  get presentIds(): readonly string[] {
    return this.#present;
  }

  /** Moves to the live topic that belongs to a topic of events. */
  move(topic: string): void {
    this.#subscription?.unsubscribe();
    this.#subscription = this.connection.channels.subscribe(`${topic}:live`, {
      onEvent: (event, payload) => event === "typing" && this.#receive(payload),
      onPresence: (keys) => this.#setPresent(keys),
      onJoined: () => this.#sendAgain(),
      onLost: () => this.#setPresent([]),
    }, this.me);
  }

  /** Broadcasts that the caller is typing, or has stopped. */
  sendTyping(isTyping: boolean, { number, username }: Pick<Typing, "number" | "username"> = {}): void {
    if (isTyping ? this.#hasJustSent() : !this.#sent) return;
    const typing = { user_id: this.me, number, username, is_typing: isTyping } satisfies Omit<Typing, "event">;
    this.#sent = isTyping ? typing : undefined;
    this.#sentAt = performance.now(); // monotonic, unlike the wall clock
    this.#subscription?.send("typing", typing);
  }

  #hasJustSent(): boolean {
    return this.#sent !== undefined && performance.now() - this.#sentAt < TYPING_INTERVAL_MS;
  }

  /** The topic has joined: what was sent before that did not go out. */
  #sendAgain(): void {
    if (this.#hasJustSent()) this.#subscription?.send("typing", this.#sent!);
  }

  /** A user has stopped typing: their message has arrived, or they have left. */
  stopped(userId: string | null): void {
    if (!userId || !this.#typists.has(userId)) return;
    clearTimeout(this.#typists.get(userId));
    this.#typists.delete(userId);
    this.onChanged();
  }

  close(): void {
    this.#subscription?.unsubscribe();
    for (const timer of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  /** Any member may have sent it, so usernames are taken from the list of members instead. */
  #receive({ user_id, is_typing, typing = is_typing }: Payload): void {
    if (typeof user_id !== "string" || user_id.length > 36 || typeof typing !== "boolean" || user_id === this.me) {
      return;
    }
    if (!typing) return this.stopped(user_id);
    const isKnown = this.#typists.has(user_id);
    if (!isKnown && !this.mayBeMember(user_id)) return;
    if (!isKnown && this.#typists.size >= MAX_TYPISTS) this.stopped(this.#typists.keys().next().value!);
    clearTimeout(this.#typists.get(user_id));
    this.#typists.set(user_id, setTimeout(() => this.stopped(user_id), TYPING_TIMEOUT_MS));
    if (!isKnown) this.onChanged();
  }

  #setPresent(present: readonly string[]): void {
    this.#present = present;
    this.onChanged();
  }
}
