import { asUser } from "../_shared/db.ts";
import type { Claims } from "../_shared/tokens.ts";
import type { Chat } from "./chats.sql.ts";
import { persistently } from "./persistently.ts";

/** Where a reply belongs. */
export interface Question {
  claims: Claims;
  sessionId: string;
  chat: Chat;
}

/** Why a reply ended before it was whole. */
export type ReplyError = "responder_failed" | "cancelled";

/**
 * Keeps a reply, and tells that it is done: what a responder has said shall not be lost because the database is away for
 * a moment. Raises 404 when the session is gone meanwhile.
 */
export async function keepReply(
  { claims, sessionId, chat }: Question,
  content: string,
  metadata: Record<string, unknown>,
  error?: ReplyError,
): Promise<Chat> {
  const clientId = crypto.randomUUID();
  await persistently(() =>
    asUser(claims, (sql) => [
      sql`
        select chat_private.announce_reply(
          ${sessionId}, 'reply.done',
          jsonb_build_object('reply_to_id', reply.reply_to_id, 'message_id', reply.id)
            || ${withError(error)}::text::jsonb
        )
        from chat.add_conversation_message(
          ${sessionId}, 'assistant', ${content}, ${JSON.stringify(metadata)}::text::jsonb, ${chat.id}, ${clientId}
        ) as reply`,
    ])
  );
  return { ...chat, response: content, metadata };
}

/** Tells that no reply comes. */
export async function announceFailure({ claims, sessionId, chat }: Question, error: ReplyError): Promise<void> {
  const payload = JSON.stringify({ reply_to_id: chat.id, message_id: null, error });
  await asUser(claims, (sql) => [
    sql`select chat_private.announce_reply(${sessionId}, 'reply.done', ${payload}::text::jsonb)`,
  ]);
}

const withError = (error: ReplyError | undefined) => JSON.stringify({ error });
