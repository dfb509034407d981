import { readFound } from "../data/found_pages.ts";
import type { Connection } from "../connection/connection.ts";
import type { Json } from "../contract/database.ts";
import { ChatError } from "../util/errors.ts";
import { uuid } from "../util/ids.ts";
import type { Conversation, ConversationMessage, RunningReply } from "./conversation_rows.ts";
import { LiveConversation } from "./live_conversation.ts";
import { type Exchange, Reply, stopReply } from "./reply.ts";

export interface ConversationListOptions {
  /** `true` for archived conversations only, `false` for the others only. Default: both. */
  archived?: boolean;
  /** Only conversations whose title contains this text. */
  query?: string;
  /** Continues after this conversation. */
  before?: Conversation;
  /** Maximum number of conversations. Default 50. */
  limit?: number;
}

export interface ConversationSearchOptions {
  /** Only this conversation. */
  conversationId?: string;
  /** Only messages sent at this time or later. */
  sentAfter?: Date;
  /** Only messages sent before this time. */
  sentBefore?: Date;
  /** Continues after the message with this id. */
  before?: number;
  /** 1 to 1,000; default 50. */
  limit?: number;
}

/** A message that a search of conversations has found. */
export interface FoundConversationMessage
  extends Pick<ConversationMessage, "id" | "conversation_id" | "role" | "content" | "created_at"> {
  /** Of its conversation. */
  title: string;
}

/** The caller's conversations with an assistant: `chat.conversations`. */
export class Conversations {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Opens a conversation: it loads and stays up to date until `close()`, including replies as they are written.
   * @param id the conversation
   * @param pageSize messages per page; default 50
   * @returns a store of ConversationSnapshot
   *
   * @example
   * ```ts
   * const live = chat.conversations.open(conversation.id);
   * live.subscribe(() => console.log(live.getSnapshot().messages));
   * ```
   */
  open(id: string, { pageSize = 50 }: { pageSize?: number } = {}): LiveConversation {
    return new LiveConversation(this.#connection, this, id, pageSize);
  }

  /**
   * Lists the caller's conversations, newest first.
   * @param options archived or not, a text to look for, where to continue, and how many
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const [newest] = await chat.conversations.list({ archived: false });
   * ```
   */
  async list({ archived, query, before, limit = 50 }: ConversationListOptions = {}): Promise<Conversation[]> {
    if (query !== undefined) {
      return await this.#connection.run("find_conversations", {
        query,
        max_rows: limit,
        ...(archived !== undefined && { archived }),
        ...(before && { before_id: before.id }),
      });
    }
    let call = this.#connection.db.from("conversations").select();
    if (archived !== undefined) call = call.eq("archived", archived);
    if (before) {
      const { created_at, id } = before;
      call = call.or(`created_at.lt."${created_at}",and(created_at.eq."${created_at}",id.lt.${id})`);
    }
    const ordered = call.order("created_at", { ascending: false }).order("id", { ascending: false });
    return await this.#connection.call(ordered.limit(limit));
  }

  /**
   * Searches what was said in the caller's conversations for the words in any form, or the text literally: the newest
   * conversation first, and in it the newest message.
   * @param query the words to look for
   * @param options what narrows the search, where to continue, and how many messages to return
   * @throws ChatError invalid_query, conversation_not_found, message_not_found (where it should continue)
   *
   * @example
   * ```ts
   * for (const { title, content } of await chat.conversations.search("tea")) console.log(title, content);
   * ```
   */
  async search(query: string, options: ConversationSearchOptions = {}): Promise<FoundConversationMessage[]> {
    const { conversationId, sentAfter, sentBefore, before, limit } = options;
    const wanted = {
      query,
      ...(conversationId !== undefined && { conversation_id: conversationId }),
      ...(sentAfter && { sent_after: sentAfter.toISOString() }),
      ...(sentBefore && { sent_before: sentBefore.toISOString() }),
    };
    return await readFound(this.#connection, "search_conversations", wanted, { before, limit });
  }

  /**
   * Returns a conversation.
   * @param id the conversation
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * const { title } = await chat.conversations.get(conversation.id);
   * ```
   */
  async get(id: string): Promise<Conversation> {
    return required(await this.#connection.call(this.#connection.db.from("conversations").select().eq("id", id)));
  }

  /**
   * Creates a conversation.
   * @param given its title, and metadata for your own use
   * @returns the new conversation
   * @throws ChatError invalid_value
   *
   * @example
   * ```ts
   * const conversation = await chat.conversations.create({ title: "About tea" });
   * ```
   */
  async create(given: { title?: string; metadata?: NonNullable<Json> } = {}): Promise<Conversation> {
    return required(
      await this.#connection.call(
        this.#connection.db.from("conversations").insert({ metadata: {}, ...given }).select(),
      ),
    );
  }

  /**
   * Renames a conversation.
   * @param id the conversation
   * @param title the new title
   * @returns the conversation after the change
   * @throws ChatError conversation_not_found, invalid_value
   *
   * @example
   * ```ts
   * await chat.conversations.rename(conversation.id, "About coffee");
   * ```
   */
  rename(id: string, title: string): Promise<Conversation> {
    return this.#update(id, { title });
  }

  /**
   * Archives a conversation, or unarchives it with `false`.
   * @param id the conversation
   * @param isArchived `false` unarchives it
   * @returns the conversation after the change
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * await chat.conversations.archive(conversation.id);
   * ```
   */
  archive(id: string, isArchived = true): Promise<Conversation> {
    return this.#update(id, { archived: isArchived });
  }

  /**
   * Deletes a conversation and its messages. Does nothing if it does not exist.
   * @param id the conversation
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.conversations.delete(conversation.id);
   * ```
   */
  async delete(id: string): Promise<void> {
    await this.#connection.call(this.#connection.db.from("conversations").delete().eq("id", id));
  }

  /**
   * Returns a page of messages, oldest first: the newest, or those before an id.
   * @param id the conversation
   * @param before the id of the message after the page
   * @param limit messages per page; default 50
   * @throws ChatError
   *
   * @example
   * ```ts
   * const messages = await chat.conversations.messages(conversation.id, { limit: 20 });
   * ```
   */
  async messages(id: string, { before, limit = 50 }: { before?: number; limit?: number } = {}) {
    const call = this.#connection.db.from("conversation_messages").select().eq("conversation_id", id);
    const page = (before === undefined ? call : call.lt("id", before)).order("id", { ascending: false }).limit(limit);
    const messages: ConversationMessage[] = await this.#connection.call(page);
    return messages.reverse();
  }

  /**
   * Returns the reply that is being written in a conversation, with its text so far; `null` if there is none.
   * @param id the conversation
   * @throws ChatError
   *
   * @example
   * ```ts
   * const running = await chat.conversations.running(conversation.id);
   * console.log(running?.text);
   * ```
   */
  async running(id: string): Promise<RunningReply | null> {
    const [reply] = await this.#connection.run("running_reply", { conversation_id: id });
    return reply ?? null;
  }

  /**
   * Asks a question and streams the reply.
   * @param id the conversation
   * @param message the question
   * @param clientId a UUID; repeated calls with the same one store the question once
   * @returns the reply: iterate over its parts, or await `finished`
   *
   * @example
   * ```ts
   * const reply = chat.conversations.ask(conversation.id, "What is tea?");
   * for await (const part of reply) console.log(part);
   * const { response } = await reply.finished;
   * ```
   */
  ask(id: string, message: string, { clientId = uuid() }: { clientId?: string } = {}): Reply {
    return new Reply(this.#connection, id, "questions/", { message, client_id: clientId });
  }

  /**
   * Requests another reply to a question.
   * @param id the conversation
   * @param questionId the id of the question
   * @returns the new reply
   *
   * @example
   * ```ts
   * const { response } = await chat.conversations.regenerate(conversation.id, question.id).finished;
   * ```
   */
  regenerate(id: string, questionId: number): Reply {
    return new Reply(this.#connection, id, `questions/${questionId}/regenerate/`, {});
  }

  /**
   * Requests the rest of a partial reply.
   * @param id the conversation
   * @param questionId the id of the question
   * @returns the new reply, which begins with the partial text
   *
   * @example
   * ```ts
   * const { response } = await chat.conversations.continue(conversation.id, question.id).finished;
   * ```
   */
  continue(id: string, questionId: number): Reply {
    return new Reply(this.#connection, id, `questions/${questionId}/continue/`, {});
  }

  /**
   * Stops the reply to a question, from any device. The text so far is stored.
   * @param id the conversation
   * @param questionId the id of the question
   * @returns the question with the partial reply
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * await chat.conversations.stop(conversation.id, question.id);
   * ```
   */
  stop(id: string, questionId: number): Promise<Exchange> {
    return stopReply(this.#connection, id, questionId);
  }

  async #update(id: string, change: { title?: string; archived?: boolean }): Promise<Conversation> {
    const call = this.#connection.db.from("conversations").update(change).eq("id", id).select();
    return required(await this.#connection.call(call));
  }
}

function required([conversation]: Conversation[]): Conversation {
  if (!conversation) throw new ChatError("conversation_not_found", 404, "No such conversation.");
  return conversation;
}
