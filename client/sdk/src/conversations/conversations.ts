import { LiveConversation } from "./live_conversation.ts";
import { ConversationStore } from "./conversation_store.ts";
import { uuid } from "../util/ids.ts";
import { type Exchange, Reply, stopReply } from "./reply.ts";

/** The caller's talks with an assistant: `chat.conversations`. */
export class Conversations extends ConversationStore {
  /**
   * Opens a conversation: it loads and stays up to date until `close()`, with replies as they are written.
   *
   * @example
   * ```ts
   * const talk = chat.conversations.open(conversation.id);
   * talk.subscribe(() => console.log(talk.getSnapshot().messages));
   * ```
   */
  open(id: string, { pageSize = 50 }: { pageSize?: number } = {}): LiveConversation {
    return new LiveConversation(this.connection, this, id, pageSize);
  }

  /**
   * Asks, and streams the reply. Repeated with the same `clientId`, the question is kept once.
   *
   * @example
   * ```ts
   * const reply = chat.conversations.ask(conversation.id, "What is tea?");
   * for await (const part of reply) console.log(part);
   * const { response } = await reply.finished;
   * ```
   */
  ask(id: string, message: string, { clientId = uuid() }: { clientId?: string } = {}): Reply {
    return new Reply(this.connection, id, "chats/", { message, client_id: clientId });
  }

  /**
   * Asks for another reply to a question.
   *
   * @example
   * ```ts
   * const { response } = await chat.conversations.regenerate(conversation.id, question.id).finished;
   * ```
   */
  regenerate(id: string, questionId: number): Reply {
    return new Reply(this.connection, id, `chats/${questionId}/regenerate/`, {});
  }

  /**
   * Asks for the rest of a partial reply. The new reply begins with its text.
   *
   * @example
   * ```ts
   * const { response } = await chat.conversations.continue(conversation.id, question.id).finished;
   * ```
   */
  continue(id: string, questionId: number): Reply {
    return new Reply(this.connection, id, `chats/${questionId}/continue/`, {});
  }

  /**
   * Stops the reply to a question, whichever device asked for it; what came is kept.
   * @throws ChatError conversation_not_found
   *
   * @example
   * ```ts
   * await chat.conversations.stop(conversation.id, question.id);
   * ```
   */
  stop(id: string, questionId: number): Promise<Exchange> {
    return stopReply(this.connection, id, questionId);
  }
}
