import type { Json, Tables } from "../connection/database.ts";
import type { Connection } from "../connection/connection.ts";
import { ChatError } from "../util/errors.ts";

export type Conversation = Tables<"conversations">;
export type ConversationMessage = Tables<"conversation_messages">;

export interface ConversationListOptions {
  /** Only archived ones, or only the others; both when left out. */
  archived?: boolean;
  /** Only those whose title holds this text. */
  query?: string;
  /** Goes on after this one. */
  before?: Conversation;
  /** Default 50. */
  limit?: number;
}

/** A reply that is being written. */
export interface RunningReply {
  id: number;
  question_id: number;
  /** What is written so far. */
  text: string;
  /** In how many parts: the index of the next `reply.delta`. */
  parts: number;
  created_at: string;
}

/** The conversations that the database keeps: a part of `chat.conversations`. */
export class ConversationStore {
  constructor(protected readonly connection: Connection) {}

  /**
   * The conversations of the caller, the newest first.
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const [newest] = await chat.conversations.list({ archived: false });
   * ```
   */
  async list({ archived, query, before, limit = 50 }: ConversationListOptions = {}): Promise<Conversation[]> {
    if (query !== undefined) {
      return await this.connection.run("find_conversations", {
        query,
        max_rows: limit,
        ...(archived !== undefined && { archived }),
        ...(before && { before_id: before.id }),
      });
    }
    let call = this.connection.db.from("conversations").select();
    if (archived !== undefined) call = call.eq("archived", archived);
    if (before) {
      const { created_at, id } = before;
      call = call.or(`created_at.lt."${created_at}",and(created_at.eq."${created_at}",id.lt.${id})`);
    }
    const ordered = call.order("created_at", { ascending: false }).order("id", { ascending: false });
    return await this.connection.call(ordered.limit(limit));
  }

  /**
   * A conversation.
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * const { title } = await chat.conversations.get(conversation.id);
   * ```
   */
  async get(id: string): Promise<Conversation> {
    return required(await this.connection.call(this.connection.db.from("conversations").select().eq("id", id)));
  }

  /**
   * Begins a conversation.
   * @throws ChatError invalid_value
   *
   * @example
   * ```ts
   * const conversation = await chat.conversations.create({ title: "About tea" });
   * ```
   */
  async create(given: { title?: string; metadata?: NonNullable<Json> } = {}): Promise<Conversation> {
    return required(
      await this.connection.call(
        this.connection.db.from("conversations").insert({ metadata: {}, ...given }).select(),
      ),
    );
  }

  /**
   * Gives a conversation another title.
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
   * Archives a conversation, or takes it out again.
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * await chat.conversations.archive(conversation.id);
   * ```
   */
  archive(id: string, archived = true): Promise<Conversation> {
    return this.#update(id, { archived });
  }

  /**
   * Deletes a conversation with its messages; if there was none, nothing changes.
   * @throws ChatError
   *
   * @example
   * ```ts
   * await chat.conversations.delete(conversation.id);
   * ```
   */
  async delete(id: string): Promise<void> {
    await this.connection.call(this.connection.db.from("conversations").delete().eq("id", id));
  }

  /**
   * The newest messages, or those before an id, oldest first.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const messages = await chat.conversations.messages(conversation.id, { limit: 20 });
   * ```
   */
  async messages(id: string, { before, limit = 50 }: { before?: number; limit?: number } = {}) {
    const call = this.connection.db.from("conversation_messages").select().eq("conversation_id", id);
    const page = (before === undefined ? call : call.lt("id", before)).order("id", { ascending: false }).limit(limit);
    const messages: ConversationMessage[] = await this.connection.call(page);
    return messages.reverse();
  }

  /**
   * The reply that is being written in a conversation, as far as it is.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const running = await chat.conversations.running(conversation.id);
   * console.log(running?.text);
   * ```
   */
  async running(id: string): Promise<RunningReply | null> {
    const [reply] = await this.connection.run("running_reply", { conversation_id: id });
    return reply ?? null;
  }

  async #update(id: string, change: { title?: string; archived?: boolean }): Promise<Conversation> {
    const call = this.connection.db.from("conversations").update(change).eq("id", id).select();
    return required(await this.connection.call(call));
  }
}

function required([conversation]: Conversation[]): Conversation {
  if (!conversation) throw new ChatError("conversation_not_found", 404, "No such conversation.");
  return conversation;
}
