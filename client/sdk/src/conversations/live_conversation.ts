import type { Connection } from "../connection/connection.ts";
import { ConversationEngine } from "./conversation_engine.ts";
import type { ConversationSnapshot } from "./conversation_snapshot.ts";
import type { Conversations } from "./conversations.ts";
import type { Entry } from "./entries.ts";
import { uuid } from "../util/ids.ts";
import type { Reply } from "./reply.ts";
import type { Readable } from "../util/store.ts";

/** An open conversation, made by `chat.conversations.open(id)`; a store of ConversationSnapshot. */
export class LiveConversation implements Readable<ConversationSnapshot> {
  /** Resolves when it is shown first; rejects when it cannot be. */
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
   * Asks: question and growing reply show at once.
   * @returns the reply; its failure shows in the list as well
   *
   * @example
   * ```ts
   * talk.ask("What is tea?");
   * ```
   */
  ask(message: string, clientId: string = uuid()): Reply {
    const reply = this.#conversations.ask(this.id, message, { clientId });
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(clientId), question: message }, reply);
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
    const turn = this.#engine.replies.drop(entry.client_id);
    const question = turn?.questionId ?? (entry.reply_to_id ?? entry.id);
    return question ? this.regenerate(question) : this.ask(turn?.question ?? entry.content, turn?.clientId);
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
    const reply = this.#conversations.regenerate(this.id, questionId);
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(uuid()), questionId }, reply);
    return reply;
  }

  /**
   * Asks for the rest of a partial reply.
   *
   * @example
   * ```ts
   * const cut = talk.getSnapshot().messages.find(({ partial }) => partial);
   * if (cut) talk.continue(cut.reply_to_id!);
   * ```
   */
  continue(questionId: number): Reply {
    const reply = this.#conversations.continue(this.id, questionId);
    this.#engine.replies.follow({ ...this.#engine.replies.newTurn(uuid()), questionId }, reply);
    return reply;
  }

  /**
   * Stops the reply that is being written, whichever device asked for it; what came is kept.
   * @returns once the server has it
   * @throws ChatError
   *
   * @example
   * ```ts
   * await talk.stop();
   * ```
   */
  async stop(): Promise<void> {
    const others = this.#engine.replies.stop();
    await Promise.all(others.map((questionId) => this.#conversations.stop(this.id, questionId)));
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
    await this.#engine.loadOlder();
  }

  /**
   * Stops following the conversation. A reply that is being written goes on, and is kept.
   *
   * @example
   * ```ts
   * talk.close();
   * ```
   */
  close(): void {
    this.#engine.end(null);
  }
}
