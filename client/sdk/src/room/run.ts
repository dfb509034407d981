import { type Message, newest, type SentMessage, toSentMessage } from "../data/messages.ts";

/** Consecutive messages of a room, oldest first, without gaps. */
export class Run {
  #messages: readonly SentMessage[] = [];
  #byId: ReadonlyMap<number, SentMessage> | undefined;

  constructor(messages: readonly Message[] = []) {
    this.keep(messages);
  }

  /** The same list until one of them changes. */
  get messages(): readonly SentMessage[] {
    return this.#messages;
  }

  /** The seq of the oldest one; 1 if there is none. */
  get firstSeq(): number {
    return this.#messages[0]?.seq ?? 1;
  }

  get lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  find(id: number): SentMessage | undefined {
    this.#byId ??= new Map(this.#messages.map((message) => [message.id, message]));
    return this.#byId.get(id);
  }

  /** Takes messages in, next to those that it has; older states of those are ignored. */
  keep(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const held = new Map(this.#messages.map((message) => [message.seq, message]));
    for (const message of messages) {
      const other = held.get(message.seq);
      held.set(message.seq, other ? newest(other, message) : toSentMessage(message));
    }
    this.#set([...held.values()].sort((one, other) => one.seq - other.seq));
  }

  /** Changes messages one by one; those that stay the same object have not changed. */
  change(changed: (message: SentMessage) => SentMessage): void {
    this.#set(this.#messages.map(changed));
  }

  #set(messages: readonly SentMessage[]): void {
    this.#messages = messages;
    this.#byId = undefined;
  }
}
