import { LiveConversation } from "./conversation.ts";
import { ConversationStore } from "./conversation_store.ts";
import { uuid } from "./ids.ts";
import { Reply } from "./reply.ts";

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
    return new Reply(this.connection, `${id}/chats/`, { message, client_id: clientId });
  }

  /**
   * Asks for the reply to a question anew.
   *
   * @example
   * ```ts
   * const { response } = await chat.conversations.regenerate(conversation.id, question.id).finished;
   * ```
   */
  regenerate(id: string, questionId: number): Reply {
    return new Reply(this.connection, `${id}/chats/${questionId}/regenerate/`, {});
  }
}
