import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import { type ConversationEvent, parseEvent } from "../contract/events.ts";
import { Backoff } from "../util/backoff.ts";
import { asChatError, type ChatError } from "../util/errors.ts";
import { loadWithRetries } from "../util/load_with_retries.ts";
import { Store } from "../util/store.ts";
import { ConversationLog } from "./conversation_log.ts";
import { ConversationReplies } from "./conversation_replies.ts";
import type { ConversationMessage } from "./conversation_rows.ts";
import { type ConversationSnapshot, UNLOADED } from "./conversation_snapshot.ts";
import type { Conversations } from "./conversations.ts";
import { entries } from "./entries.ts";

const MAX_PAGE_SIZE = 1_000;

/** Runs an open conversation: its log, its pending replies, and the store that shows both. */
export class ConversationEngine {
  readonly store: Store<ConversationSnapshot>;
  readonly ready: Promise<void>;
  readonly replies: ConversationReplies;
  readonly #connection: Connection;
  readonly #conversations: Conversations;
  readonly #log: ConversationLog;
  readonly #backoff: Backoff;
  readonly #stops: (() => void)[] = [];
  #subscription: Subscription | undefined;
  /** Counts reads: an earlier read may finish later, with an older state. */
  #reads = 0;
  isClosed = false;

  constructor(connection: Connection, conversations: Conversations, readonly id: string, pageSize: number) {
    this.#connection = connection;
    this.#conversations = conversations;
    this.#log = new ConversationLog(conversations, id, pageSize);
    this.replies = new ConversationReplies(this.#log, {
      onChanged: () => this.#show(),
      read: () => this.#read(),
      onEnded: () => this.#wake(),
      onGap: () => this.#wake(),
      isClosed: () => this.isClosed,
    });
    this.#backoff = new Backoff(connection.retryMs);
    this.store = new Store<ConversationSnapshot>({ ...UNLOADED, id });
    // The end of a session does not stop replies: they are written to their end.
    const endAll = () => {
      this.replies.end();
      this.end(null);
    };
    this.#stops.push(connection.onEnd(endAll), connection.onWake(() => this.#wake()));
    this.ready = loadWithRetries(this, this.#backoff);
    this.ready.catch(() => {}); // the snapshot shows it as well
  }

  /** Loads a page of older messages, one at a time. */
  async loadOlder(): Promise<void> {
    if (!this.#log.hasOlder || this.store.getSnapshot().loadingOlder) return;
    this.store.patch({ loadingOlder: true });
    try {
      this.#take(await this.#log.readOlder());
    } finally {
      this.store.patch({ loadingOlder: false });
    }
  }

  /** Loads all messages from an id on, also while a page is being loaded. */
  async loadFrom(id: number): Promise<void> {
    while (this.#log.hasOlder && this.#log.messages[0]!.id > id && !this.isClosed) {
      this.#take(await this.#log.readOlder(MAX_PAGE_SIZE));
    }
  }

  /** Loads the conversation, then subscribes to it. */
  async load(): Promise<void> {
    await this.#connection.userId();
    await this.#read();
    if (this.isClosed) return;
    this.store.patch({ status: "connecting" });
    this.#subscription = this.#connection.channels.subscribe(`conversation:${this.id}`, {
      onEvent: (name, payload) => {
        const event = parseEvent("conversation", name, payload);
        if (event) this.#receive(event);
      },
      onJoined: () => this.#joined(),
      onLost: () => this.#lost(),
    });
  }

  /** Closes for good. Pending replies are still stored when they finish. */
  end(error: ChatError | null): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#subscription?.unsubscribe();
    this.#backoff.close();
    for (const stop of this.#stops) stop();
    this.store.patch({ status: "closed", error });
  }

  #joined(): void {
    this.store.patch({ status: "live" });
    this.#wake();
  }

  #lost(): void {
    this.store.patch({ status: "connecting" });
    this.#wake();
  }

  #wake(): void {
    this.#backoff.skip();
    if (this.#subscription) this.#read().catch((error) => this.#missing(asChatError(error)));
  }

  #missing(error: ChatError): void {
    if (error.code === "conversation_not_found") this.end(error);
  }

  /** Reads the current state. */
  async #read(): Promise<void> {
    const turn = ++this.#reads;
    const [conversation, page, running] = await Promise.all([
      this.#conversations.get(this.id),
      this.#log.read(),
      this.#conversations.running(this.id),
    ]);
    if (this.isClosed) return;
    const isNewest = turn === this.#reads;
    this.store.patch({ error: null, ...(isNewest && { conversation }) });
    this.#take(page);
    if (isNewest) this.replies.take(running);
  }

  #receive(event: ConversationEvent): void {
    if (event.event !== "message.created") return this.replies.receive(event);
    const { message } = event;
    this.#log.add([message]);
    this.#take([message]);
    // The question was asked elsewhere: a reply may be running that has no text yet.
    if (message.role === "user" && !this.replies.turns.isOwn(message.id)) this.#wake();
  }

  #take(added: readonly ConversationMessage[]): void {
    this.replies.turns.settle(this.#log.messages, added);
    this.#show();
  }

  #show(): void {
    if (this.isClosed) return;
    const messages = entries(this.#log.messages, this.replies.turns.list, this.store.getSnapshot().messages);
    this.store.patch({ messages, hasOlder: this.#log.hasOlder, replying: this.replies.turns.isReplying });
  }
}
