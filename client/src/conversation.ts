import { Backoff } from "./backoff.ts";
import type { Payload, Seat } from "./channels.ts";
import type { Connection } from "./connection.ts";
import type { Conversation, ConversationMessage, Conversations } from "./conversations.ts";
import { asChatError, ChatError } from "./errors.ts";
import { uuid } from "./ids.ts";
import type { Reply } from "./reply.ts";
import { type Readable, Store } from "./store.ts";
import { answered, type Draft, entries, type Entry } from "./drafts.ts";

/** What an open conversation shows. Lists and entries stay the same objects until they change. */
export interface ConversationSnapshot {
  id: string;
  status: "loading" | "connecting" | "live" | "closed";
  error: ChatError | null;
  conversation: Conversation | null;
  /** Oldest first; a reply grows while it is written. */
  messages: readonly Entry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Whether a reply is being written, asked for here or elsewhere. */
  replying: boolean;
}

/** An open conversation, made by `chat.conversations.open(id)`; a store of ConversationSnapshot. */
export class LiveConversation implements Readable<ConversationSnapshot> {
  /** Resolves when it is shown first; rejects when it cannot be. */
  readonly ready: Promise<void>;
  readonly #store: Store<ConversationSnapshot>;
  readonly #stops: (() => void)[] = [];
  readonly #backoff: Backoff;
  #messages: readonly ConversationMessage[] = [];
  #drafts: readonly Draft[] = [];
  #replies = new Map<string, Reply>();
  #hasOlder = false;
  #seat: Seat | undefined;
  #closed = false;

  constructor(
    readonly connection: Connection,
    readonly conversations: Conversations,
    readonly id: string,
    readonly pageSize: number,
  ) {
    this.#backoff = new Backoff(connection.retryMs);
    this.#store = new Store<ConversationSnapshot>({ ...empty, id });
    this.#stops.push(connection.onEnd(() => this.close()), connection.onWake(() => this.#wake()));
    this.ready = this.#start();
    this.ready.catch(() => {}); // told in the snapshot as well
  }

  readonly subscribe = (listener: () => void) => this.#store.subscribe(listener);
  readonly getSnapshot = () => this.#store.getSnapshot();

  /**
   * Asks: question and growing reply show at once.
   * @returns the reply; its failure shows in the list as well
   *
   * @example
   * ```ts
   * talk.ask("What is tea?");
   * ```
   */
  ask(message: string, clientId: string = uuid()): Reply {
    const reply = this.conversations.ask(this.id, message, { clientId });
    this.#follow({ ...this.#draft(clientId), question: message }, reply);
    return reply;
  }

  /**
   * Asks a question again that was not kept, or for another reply to one that was.
   *
   * @example
   * ```ts
   * const failed = talk.getSnapshot().messages.find(({ state }) => state === "failed");
   * if (failed) talk.retry(failed);
   * ```
   */
  retry(entry: Entry): Reply {
    const draft = this.#drafts.find(({ clientId }) => clientId === entry.client_id);
    if (draft) this.#drop(draft.clientId);
    const question = draft?.questionId ?? (entry.reply_to_id ?? entry.id);
    return question ? this.regenerate(question) : this.ask(draft?.question ?? entry.content, draft?.clientId);
  }

  /**
   * Asks for another reply to a question.
   *
   * @example
   * ```ts
   * talk.regenerate(question.id);
   * ```
   */
  regenerate(questionId: number): Reply {
    const reply = this.conversations.regenerate(this.id, questionId);
    this.#follow({ ...this.#draft(uuid()), questionId }, reply);
    return reply;
  }

  /**
   * Stops the replies asked for here; what came is kept.
   *
   * @example
   * ```ts
   * talk.stop();
   * ```
   */
  stop(): void {
    for (const reply of this.#replies.values()) reply.stop();
  }

  /**
   * Shows a page of older messages.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (talk.getSnapshot().hasOlder) await talk.loadOlder();
   * ```
   */
  async loadOlder(): Promise<void> {
    const before = this.#messages[0]?.id;
    if (!this.#hasOlder || this.getSnapshot().loadingOlder || before === undefined) return;
    this.#store.patch({ loadingOlder: true });
    try {
      const page = await this.conversations.messages(this.id, { before, limit: this.pageSize });
      this.#hasOlder = page.length === this.pageSize;
      this.#hold(page);
    } finally {
      this.#store.patch({ loadingOlder: false });
    }
  }

  /**
   * Stops following the conversation. A reply that is being written is stopped.
   *
   * @example
   * ```ts
   * talk.close();
   * ```
   */
  close(): void {
    this.#end(null);
  }

  async #start(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#read(true);
        this.#seat = this.connection.channels.join(`conversation:${this.id}`, {
          heard: (event, payload) => this.#hear(event, payload),
          joined: () => this.#joined(),
          lost: () => this.#store.patch({ status: "connecting" }),
        });
        return;
      } catch (failure) {
        const error = asChatError(failure);
        if (!error.passing) {
          this.#end(error);
          throw error;
        }
        this.#store.patch({ error });
        await this.#backoff.wait();
      }
    }
    throw new ChatError("closed", 0, "The conversation was closed before it was shown.");
  }

  #joined(): void {
    this.#store.patch({ status: "live" });
    this.#wake();
  }

  #wake(): void {
    this.#backoff.now();
    if (this.#seat) this.#read().catch((error) => this.#missing(asChatError(error)));
  }

  #missing(error: ChatError): void {
    if (error.code === "conversation_not_found") this.#end(error);
  }

  /** Reads what stands; messages never change, so that reading again only adds. */
  async #read(first = false): Promise<void> {
    const limit = Math.max(this.pageSize, Math.min(this.#messages.length, 1_000));
    const [conversation, page] = await Promise.all([
      this.conversations.get(this.id),
      this.conversations.messages(this.id, { limit }),
    ]);
    if (this.#closed) return;
    if (first) this.#hasOlder = page.length === limit;
    this.#store.patch({ conversation, error: null, ...(first && { status: "connecting" as const }) });
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
      this.#put(draft ?? { ...this.#draft(clientId), questionId: reply_to_id }, delta);
    } else if (event === "reply.done") {
      this.#drop(clientId);
      // What came before it failed or was stopped is kept as a reply.
      if (error && error !== "cancelled" && !message_id) {
        this.#put({ ...this.#draft(clientId), questionId: reply_to_id, error: "responder_failed" });
      }
      this.#wake();
    }
  }

  /** Whether the reply to a question comes by a request of this conversation. */
  #own(questionId: number): boolean {
    return this.#drafts.some((draft) => draft.questionId === questionId && this.#replies.has(draft.clientId));
  }

  #follow(draft: Draft, reply: Reply): void {
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
      await new Promise((resolve) => setTimeout(resolve, this.connection.retryMs));
    }
    this.#drop(clientId);
  }

  #draft(clientId: string): Draft {
    const after = this.#messages.at(-1)?.id ?? 0;
    const createdAt = new Date().toISOString();
    return { clientId, question: null, questionId: null, text: "", parts: 0, after, createdAt };
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

  #drop(clientId: string): void {
    this.#drafts = this.#drafts.filter((each) => each.clientId !== clientId);
    this.#show();
  }

  #hold(messages: readonly ConversationMessage[]): void {
    const held = new Map(this.#messages.map((message) => [message.id, message]));
    for (const message of messages) if (!held.has(message.id)) held.set(message.id, message);
    if (held.size > this.#messages.length) this.#messages = [...held.values()].sort((one, other) => one.id - other.id);
    // Before the request that asked is answered, its event may tell the question's id.
    for (const { client_id, id } of messages) {
      if (client_id) this.#update(client_id, { questionId: id });
    }
    this.#show();
  }

  #show(): void {
    if (this.#closed) return;
    const replying = this.#replies.size > 0 || this.#drafts.some(({ error }) => !error);
    const messages = entries(this.#messages, this.#drafts, this.getSnapshot().messages);
    this.#store.patch({ messages, hasOlder: this.#hasOlder, replying });
  }

  #end(error: ChatError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stop();
    this.#seat?.leave();
    this.#backoff.now();
    for (const stop of this.#stops) stop();
    this.#store.patch({ status: "closed", error });
  }
}

const empty: Omit<ConversationSnapshot, "id"> = {
  status: "loading",
  error: null,
  conversation: null,
  messages: [],
  hasOlder: false,
  loadingOlder: false,
  replying: false,
};
