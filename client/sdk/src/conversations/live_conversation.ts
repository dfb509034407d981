import type { Connection } from "../connection/connection.ts";
import { uuid } from "../util/ids.ts";
import type { Readable } from "../util/store.ts";
import { ConversationEngine } from "./conversation_engine.ts";
import type { ConversationSnapshot } from "./conversation_snapshot.ts";
import type { Conversations } from "./conversations.ts";
import type { Entry } from "./entries.ts";
import type { Reply } from "./reply.ts";

/** An open conversation: a store of ConversationSnapshot. Open one with `chat.conversations.open(id)`. */
export class LiveConversation implements Readable<ConversationSnapshot> {
  /** Resolves when the conversation has loaded; rejects if it cannot be opened. */
  readonly ready: Promise<void>;
  readonly #conversations: Conversations;
  readonly #engine: ConversationEngine;

  constructor(connection: Connection, conversations: Conversations, readonly id: string, pageSize: number) {
    this.#conversations = conversations;
    this.#engine = new ConversationEngine(connection, conversations, id, pageSize);
    this.ready = this.#engine.ready;
  }

  readonly subscribe = (listener: () => void) => this.#engine.store.subscribe(listener);
  readonly getSnapshot = () => this.#engine.store.getSnapshot();

  /**
   * Asks a question. The question and the growing reply appear in the snapshot at once.
   * @param message the question
   * @param clientId a UUID; repeated calls with the same one store the question once
   * @returns the reply; a failure also appears in the snapshot
   *
   * @example
   * ```ts
   * live.ask("What is tea?");
   * ```
   */
  ask(message: string, clientId: string = uuid()): Reply {
    const reply = this.#conversations.ask(this.id, message, { clientId });
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(clientId), question: message }, reply);
    return reply;
  }

  /**
   * Retries a failed entry: asks the question again if it was not stored, otherwise requests another reply.
   * @param entry a failed entry of the snapshot
   * @returns the new reply
   *
   * @example
   * ```ts
   * const failed = live.getSnapshot().messages.find(({ state }) => state === "failed");
   * if (failed) live.retry(failed);
   * ```
   */
  retry(entry: Entry): Reply {
    const turn = this.#engine.replies.drop(entry.client_id);
    const question = turn?.questionId ?? (entry.reply_to_id ?? entry.id);
    return question ? this.regenerate(question) : this.ask(turn?.question ?? entry.content, turn?.clientId);
  }

  /**
   * Requests another reply to a question.
   * @param questionId the id of the question
   * @returns the new reply
   *
   * @example
   * ```ts
   * live.regenerate(question.id);
   * ```
   */
  regenerate(questionId: number): Reply {
    const reply = this.#conversations.regenerate(this.id, questionId);
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(uuid()), questionId }, reply);
    return reply;
  }

  /**
   * Requests the rest of a partial reply.
   * @param questionId the id of the question
   * @returns the new reply, which begins with the partial text
   *
   * @example
   * ```ts
   * const cut = live.getSnapshot().messages.find(({ partial }) => partial);
   * if (cut) live.continue(cut.reply_to_id!);
   * ```
   */
  continue(questionId: number): Reply {
    const reply = this.#conversations.continue(this.id, questionId);
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(uuid()), questionId }, reply);
    return reply;
  }

  /**
   * Stops the running reply, whichever device requested it. The text so far is stored.
   * @returns once the server has stored it
   * @throws ChatError
   *
   * @example
   * ```ts
   * await live.stop();
   * ```
   */
  async stop(): Promise<void> {
    const others = this.#engine.replies.stop();
    await Promise.all(others.map((questionId) => this.#conversations.stop(this.id, questionId)));
  }

  /**
   * Loads a page of older messages into the snapshot.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (live.getSnapshot().hasOlder) await live.loadOlder();
   * ```
   */
  async loadOlder(): Promise<void> {
    await this.#engine.loadOlder();
  }

  /**
   * Loads all messages from an id on into the snapshot.
   * @param messageId the oldest message to load
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [found] = await chat.conversations.search("tea", { conversationId: live.id });
   * if (found) await live.loadFrom(found.id);
   * ```
   */
  async loadFrom(messageId: number): Promise<void> {
    await this.#engine.ready;
    await this.#engine.loadFrom(messageId);
  }

  /**
   * Closes the conversation. A running reply continues and is stored.
   *
   * @example
   * ```ts
   * live.close();
   * ```
   */
  close(): void {
    this.#engine.end(null);
  }
}
