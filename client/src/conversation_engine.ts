import { Backoff } from "./backoff.ts";
import type { Payload, Seat } from "./channels.ts";
import type { Connection } from "./connection.ts";
import { type ConversationSnapshot, unloaded } from "./conversation_snapshot.ts";
import type { ConversationMessage } from "./conversation_store.ts";
import type { Conversations } from "./conversations.ts";
import { answered, type Draft, entries } from "./drafts.ts";
import { asChatError, ChatError } from "./errors.ts";
import type { Reply } from "./reply.ts";
import { Store } from "./store.ts";

/** What runs an open conversation: its log, the replies on their way, and the store that shows them. */
export class ConversationEngine {
  readonly store: Store<ConversationSnapshot>;
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #conversations: Conversations;
  readonly #stops: (() => void)[] = [];
  readonly #backoff: Backoff;
  readonly #replies = new Map<string, Reply>();
  #messages: readonly ConversationMessage[] = [];
  #drafts: readonly Draft[] = [];
  #hasOlder = false;
  #seat: Seat | undefined;
  #closed = false;

  constructor(connection: Connection, conversations: Conversations, readonly id: string, readonly pageSize: number) {
    this.#connection = connection;
    this.#conversations = conversations;
    this.#backoff = new Backoff(connection.retryMs);
    this.store = new Store<ConversationSnapshot>({ ...unloaded, id });
    const stopAll = () => {
      this.stop();
      this.end(null);
    };
    this.#stops.push(connection.onEnd(stopAll), connection.onWake(() => this.#wake()));
    this.ready = this.#start();
    this.ready.catch(() => {}); // told in the snapshot as well
  }

  /** A draft that waits for what comes after the log as it is. */
  draft(clientId: string): Draft {
    const after = this.#messages.at(-1)?.id ?? 0;
    const createdAt = new Date().toISOString();
    return { clientId, question: null, questionId: null, text: "", parts: 0, after, createdAt };
  }

  /** Shows a draft, and the reply to it as it grows. */
  follow(draft: Draft, reply: Reply): void {
    const { clientId } = draft;
    // Asked for again, what had failed shows no more.
    this.#drafts = this.#drafts.filter((each) => each.questionId === null || each.questionId !== draft.questionId);
    this.#replies.set(clientId, reply);
    this.#put(draft);
    reply.asked.then(({ id }) => id && this.#update(clientId, { questionId: id }), () => {});
    void this.#grow(clientId, reply).finally(() => {
      this.#replies.delete(clientId);
      this.#show();
    });
  }

  /** Takes a draft away. */
  drop(clientId: string | null): Draft | undefined {
    const draft = this.#drafts.find((each) => each.clientId === clientId);
    if (draft) this.#drafts = this.#drafts.filter((each) => each !== draft);
    this.#show();
    return draft;
  }

  /** Stops the replies asked for here. */
  stop(): void {
    for (const reply of this.#replies.values()) reply.stop();
  }

  /** Reads a page of older messages, one at a time. */
  async loadOlder(): Promise<void> {
    const before = this.#messages[0]?.id;
    if (!this.#hasOlder || this.store.getSnapshot().loadingOlder || before === undefined) return;
    this.store.patch({ loadingOlder: true });
    try {
      const page = await this.#conversations.messages(this.id, { before, limit: this.pageSize });
      this.#hasOlder = page.length === this.pageSize;
      this.#hold(page);
    } finally {
      this.store.patch({ loadingOlder: false });
    }
  }

  /** Closes for good; replies on their way are kept when they are done. */
  end(error: ChatError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#seat?.leave();
    this.#backoff.now();
    for (const stop of this.#stops) stop();
    this.store.patch({ status: "closed", error });
  }

  async #start(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#read(true);
        this.#seat = this.#connection.channels.join(`conversation:${this.id}`, {
          heard: (event, payload) => this.#hear(event, payload),
          joined: () => this.#joined(),
          lost: () => this.#lost(),
        });
        return;
      } catch (failure) {
        const error = asChatError(failure);
        if (!error.passing) {
          this.end(error);
          throw error;
        }
        this.store.patch({ error });
        await this.#backoff.wait();
      }
    }
    throw new ChatError("closed", 0, "The conversation was closed before it was shown.");
  }

  #joined(): void {
    this.store.patch({ status: "live" });
    this.#wake();
  }

  /** How replies asked for elsewhere go on is not heard: they show when they are done. */
  #lost(): void {
    this.#drafts = this.#drafts.filter(({ clientId, error }) => error || this.#replies.has(clientId));
    this.store.patch({ status: "connecting" });
    this.#show();
  }

  #wake(): void {
    this.#backoff.now();
    if (this.#seat) this.#read().catch((error) => this.#missing(asChatError(error)));
  }

  #missing(error: ChatError): void {
    if (error.code === "conversation_not_found") this.end(error);
  }

  /** Reads what stands; messages never change, so that reading again only adds. */
  async #read(first = false): Promise<void> {
    const limit = Math.max(this.pageSize, Math.min(this.#messages.length, 1_000));
    const [conversation, page] = await Promise.all([
      this.#conversations.get(this.id),
      this.#conversations.messages(this.id, { limit }),
    ]);
    if (this.#closed) return;
    if (first) this.#hasOlder = page.length === limit;
    this.store.patch({ conversation, error: null, ...(first && { status: "connecting" as const }) });
    this.#hold(page);
  }

  #hear(event: string, { message, message_id, reply_to_id, index, delta, error }: Payload): void {
    if (event === "message.created") return this.#hold([message as ConversationMessage]);
    if (typeof reply_to_id !== "number" || this.#own(reply_to_id)) return;
    const clientId = `reply:${reply_to_id}`;
    const draft = this.#drafts.find((each) => each.clientId === clientId);
    if (event === "reply.delta") {
      // What began before we listened is shown when it is done.
      if (draft ? draft.parts !== index : index !== 0) return;
      this.#put(draft ?? { ...this.draft(clientId), questionId: reply_to_id }, delta);
    } else if (event === "reply.done") {
      this.drop(clientId);
      // What came before it failed or was stopped is kept as a reply.
      if (error && error !== "cancelled" && !message_id) {
        this.#put({ ...this.draft(clientId), questionId: reply_to_id, error: "responder_failed" });
      }
      this.#wake();
    }
  }

  /** Whether the reply to a question comes by a request of this conversation. */
  #own(questionId: number): boolean {
    return this.#drafts.some((draft) => draft.questionId === questionId && this.#replies.has(draft.clientId));
  }

  async #grow(clientId: string, reply: Reply): Promise<void> {
    try {
      for await (const part of reply) {
        const draft = this.#drafts.find((each) => each.clientId === clientId);
        if (draft) this.#put(draft, part);
      }
      await this.#settle(clientId);
    } catch (error) {
      this.#update(clientId, { error: asChatError(error).code });
    }
  }

  /** What was written is shown from the draft until the database has it. */
  async #settle(clientId: string): Promise<void> {
    for (let tries = 0; tries < 5 && !this.#closed; tries++) {
      await this.#read().catch(() => {});
      const draft = this.#drafts.find((each) => each.clientId === clientId);
      if (!draft || answered(this.#messages, draft)) break;
      await new Promise((resolve) => setTimeout(resolve, this.#connection.retryMs));
    }
    this.drop(clientId);
  }

  #put(draft: Draft, part = ""): void {
    const next = { ...draft, text: draft.text + part, parts: draft.parts + (part ? 1 : 0) };
    const held = this.#drafts.some(({ clientId }) => clientId === draft.clientId);
    this.#drafts = held
      ? this.#drafts.map((each) => each.clientId === draft.clientId ? next : each)
      : [...this.#drafts, next];
    this.#show();
  }

  #update(clientId: string, fields: Partial<Draft>): void {
    const draft = this.#drafts.find((each) => each.clientId === clientId);
    if (draft) this.#put({ ...draft, ...fields });
  }

  #hold(messages: readonly ConversationMessage[]): void {
    const held = new Map(this.#messages.map((message) => [message.id, message]));
    for (const message of messages) if (!held.has(message.id)) held.set(message.id, message);
    if (held.size > this.#messages.length) this.#messages = [...held.values()].sort((one, other) => one.id - other.id);
    this.#drafts = this.#drafts.filter((draft) =>
      this.#replies.has(draft.clientId) || !answered(this.#messages, draft)
    );
    // Before the request that asked is answered, its event may tell the question's id.
    for (const { client_id, id } of messages) {
      if (client_id) this.#update(client_id, { questionId: id });
    }
    this.#show();
  }

  #show(): void {
    if (this.#closed) return;
    const replying = this.#replies.size > 0 || this.#drafts.some(({ error }) => !error);
    const messages = entries(this.#messages, this.#drafts, this.store.getSnapshot().messages);
    this.store.patch({ messages, hasOlder: this.#hasOlder, replying });
  }
}
