import { type Message, newest, type SentMessage, toSentMessage } from "../data/messages.ts";
import { type Reacted, withReactions } from "./reactions.ts";
import { Run } from "./run.ts";

/**
 * The newest messages of a room; older ones further back, while those are shown; and messages that are referred to. So
 * that a jump into a long history loads one page, and not all that lies between.
 */
export class Timeline {
  #newest = new Run();
  /** Older messages that are shown instead of the newest, with others between the two. */
  #window: Run | undefined;
  /** How often something was asked to be shown: what comes late is not shown any more. */
  #wishes = 0;
  #references: ReadonlyMap<number, SentMessage> = new Map();
  /** Changes that arrived while a page was loading: the page may contain an older state. */
  readonly #late = new Map<number, Message>();
  readonly #lateReactions: Reacted[] = [];
  #loading = 0;

  /** What is shown. */
  get shown(): Run {
    return this.#window ?? this.#newest;
  }

  get newest(): Run {
    return this.#newest;
  }

  /** Messages that replies and pins refer to, by id. */
  get references(): ReadonlyMap<number, SentMessage> {
    return this.#references;
  }

  find(id: number): SentMessage | undefined {
    return this.shown.find(id) ?? this.#newest.find(id) ?? this.#references.get(id);
  }

  /** Applies the current state of messages; older states are ignored. */
  apply(changed: readonly Message[]): void {
    if (changed.length === 0) return;
    for (const message of changed) {
      const late = this.#late.get(message.id);
      if (this.#loading > 0) this.#late.set(message.id, late ? newest(late, message) : message);
      this.#keepReference(message, false);
    }
    const { firstSeq } = this.#newest;
    this.#newest.keep(changed.filter(({ seq }) => seq >= firstSeq));
    const window = this.#window;
    window?.keep(changed.filter(({ seq }) => seq >= window.firstSeq && seq <= window.lastSeq));
  }

  /** Applies the current state of a message if it is loaded. */
  update(message: Message): void {
    if (this.find(message.id)) this.apply([message]);
  }

  /** Applies a change of the reactions to a message, if that is loaded. */
  react(change: Reacted): void {
    if (this.#loading > 0) this.#lateReactions.push(change);
    if (this.find(change.message_id)) this.#change((message) => withReactions(message, change));
  }

  /** Renames a user in their messages and in forwarded ones. */
  rename(userId: string, username: string): void {
    const renamed = (message: SentMessage): SentMessage => {
      const isSent = message.sender_id === userId && message.sender_username !== username;
      const isForwarded = message.forwarded_sender_id === userId && message.forwarded_username !== username;
      if (!isSent && !isForwarded) return message;
      return {
        ...message,
        ...(isSent && { sender_username: username }),
        ...(isForwarded && { forwarded_username: username }),
      };
    };
    this.#change(renamed);
  }

  #change(changed: (message: SentMessage) => SentMessage): void {
    this.#newest.change(changed);
    this.#window?.change(changed);
    this.#references = new Map([...this.#references].map(([id, message]) => [id, changed(message)]));
  }

  /** Shows the newest messages. */
  showNewest(): void {
    this.#wishes++;
    this.#window = undefined;
  }

  /** Replaces what is loaded by the newest messages, and shows them unless a later call has asked for others. */
  async replace(read: () => Promise<Message[]>): Promise<void> {
    const wish = ++this.#wishes;
    await this.#reading(read, (page) => {
      this.#newest = new Run(page);
      if (wish === this.#wishes) this.#window = undefined;
      this.#join();
    });
  }

  /** Loads older messages and shows them; the newest stay loaded. */
  async loadWindow(read: () => Promise<Message[]>): Promise<void> {
    const wish = ++this.#wishes;
    await this.#reading(read, (page) => {
      if (wish !== this.#wishes) return;
      if (page.length > 0) this.#window = new Run(page);
      this.#join();
    });
  }

  /**
   * Loads a page next to the messages that are shown.
   * @returns the number of messages in the page
   */
  extend(read: (shown: Run) => Promise<Message[]>): Promise<number> {
    const run = this.shown;
    return this.#reading(() => read(run), (page) => {
      if (run !== this.#newest && run !== this.#window) return; // Replaced while the page was loading.
      run.keep(page);
      this.#join();
    });
  }

  /** Loads messages that are referred to. */
  loadReferences(read: () => Promise<Message[]>): Promise<number> {
    return this.#reading(read, (page) => {
      for (const message of page) this.#keepReference(message, true);
    });
  }

  /** Once the window has reached the newest messages, they are one. */
  #join(): void {
    const window = this.#window;
    if (!window || window.lastSeq < this.#newest.firstSeq - 1) return;
    this.#newest.keep(window.messages);
    this.#window = undefined;
  }

  #keepReference(message: Message, isWanted: boolean): void {
    const held = this.#references.get(message.id);
    if (!held && !isWanted) return;
    const next = held ? newest(held, message) : toSentMessage(message);
    if (next !== held) this.#references = new Map(this.#references).set(message.id, next);
  }

  async #reading(read: () => Promise<Message[]>, take: (page: Message[]) => void): Promise<number> {
    this.#loading++;
    try {
      const page = await read();
      take(page.map((message) => newest(message, this.#late.get(message.id) ?? message)));
      for (const change of this.#lateReactions) this.#change((message) => withReactions(message, change));
      return page.length;
    } finally {
      if (--this.#loading === 0) {
        this.#late.clear();
        this.#lateReactions.length = 0;
      }
    }
  }
}
