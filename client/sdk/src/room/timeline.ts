import { type Message, type SentMessage, toSentMessage } from "../data/messages.ts";

/** The newest messages of a room, without gaps, oldest first; and older ones that are referred to. */
export class Timeline {
  #messages: readonly SentMessage[] = [];
  #references: ReadonlyMap<number, SentMessage> = new Map();
  /** Changes that arrived while a page was loading: the page may contain an older state. */
  readonly #late = new Map<number, Message>();
  #byId = { of: this.#messages, ids: new Map<number, SentMessage>() };
  #loading = 0;
  /** Incremented when the timeline is replaced: an older page of the previous one would leave a gap. */
  #era = 0;

  get messages(): readonly SentMessage[] {
    return this.#messages;
  }

  /** Messages that replies and pins refer to, by id. */
  get references(): ReadonlyMap<number, SentMessage> {
    return this.#references;
  }

  /** The seq of the oldest loaded message; 1 if there is none older. */
  get firstSeq(): number {
    return this.#messages[0]?.seq ?? 1;
  }

  get lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  find(id: number): SentMessage | undefined {
    if (this.#byId.of !== this.#messages) {
      this.#byId = { of: this.#messages, ids: new Map(this.#messages.map((message) => [message.id, message])) };
    }
    return this.#byId.ids.get(id) ?? this.#references.get(id);
  }

  /** Applies the current state of messages; older states are ignored. */
  apply(changed: readonly Message[]): void {
    if (changed.length === 0) return;
    const held = new Map(this.#messages.map((message) => [message.seq, message]));
    for (const message of changed) {
      if (this.#loading > 0) keepNewest(this.#late, message);
      if (message.seq >= this.firstSeq) keepNewest(held, toSentMessage(message), message.seq);
      this.#keepReference(message, false);
    }
    this.#messages = inOrder(held);
  }

  /** Applies the current state of a message if it is loaded. */
  update(message: Message): void {
    if (this.find(message.id)) this.apply([message]);
  }

  /** Renames a user in their messages and in forwarded ones. */
  rename(userId: string, username: string): void {
    const renamed = (message: SentMessage): SentMessage => {
      const sent = message.sender_id === userId && message.sender_username !== username;
      const forwarded = message.forwarded_sender_id === userId && message.forwarded_username !== username;
      if (!sent && !forwarded) return message;
      return {
        ...message,
        ...(sent && { sender_username: username }),
        ...(forwarded && { forwarded_username: username }),
      };
    };
    this.#messages = this.#messages.map(renamed);
    this.#references = new Map([...this.#references].map(([id, message]) => [id, renamed(message)]));
  }

  /**
   * Loads a page and adds it to the loaded messages, or replaces them.
   * @returns the number of messages in the page
   */
  loadPage(read: () => Promise<Message[]>, { replace = false } = {}): Promise<number> {
    const era = replace ? ++this.#era : this.#era;
    return this.#reading(read, (page) => {
      if (era !== this.#era) return;
      const held = new Map((replace ? [] : this.#messages).map((message) => [message.seq, message]));
      for (const message of page) keepNewest(held, toSentMessage(message), message.seq);
      this.#messages = inOrder(held);
    });
  }

  /** Loads messages that are referred to. */
  loadReferences(read: () => Promise<Message[]>): Promise<number> {
    return this.#reading(read, (page) => {
      for (const message of page) this.#keepReference(message, true);
    });
  }

  #keepReference(message: Message, wanted: boolean): void {
    const held = this.#references.get(message.id);
    if (held ? held.version >= message.version : !wanted) return;
    this.#references = new Map(this.#references).set(message.id, toSentMessage(message));
  }

  async #reading(read: () => Promise<Message[]>, take: (page: Message[]) => void): Promise<number> {
    this.#loading++;
    try {
      const page = await read();
      take(page.map((message) => newer(message, this.#late.get(message.id))));
      return page.length;
    } finally {
      if (--this.#loading === 0) this.#late.clear();
    }
  }
}

const newer = (message: Message, late?: Message) => late && late.version > message.version ? late : message;

function keepNewest<T extends Message>(held: Map<number, T>, message: T, key = message.id): void {
  const other = held.get(key);
  if (!other || other.version < message.version) held.set(key, message);
}

const inOrder = (held: Map<number, SentMessage>) => [...held.values()].sort((one, other) => one.seq - other.seq);
