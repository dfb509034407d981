import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { notFound } from "../_shared/base/errors.ts";
import type { Api } from "../_shared/http/app.ts";
import { wantsStream } from "../_shared/http/event_stream.ts";
import { clientId, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { response, route } from "../_shared/http/routes.ts";
import { stopReply } from "../_shared/replies/asking.ts";
import { follow } from "../_shared/replies/follow.ts";
import { newestReply } from "../_shared/replies/replies.sql.ts";
import { continueChat, regenerate } from "./asking.ts";
import { type Chat as ChatRow, readChat } from "./chats.sql.ts";
import { answerWithReply, eventId, streamReply } from "./replies.ts";
import { answered, Chat, chatParam, failed, Reply, STREAM } from "./schemas.ts";

const tags = ["chats"];

/** The types of routes know answers in JSON only. */
const stream = (response: Response) => response as never;

/** What else the assistant can be asked for: another reply, the rest of one, to follow it and to stop it. */
export function replyRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/regenerate/",
      tags,
      summary: "Regenerate the reply",
      description: STREAM,
      request: { params: chatParam, headers: idempotencyHeaders },
      responses: { 200: answered("The message with the new reply; or the stream."), 502: failed },
    }),
    async (c) => stream(await answerAgain(c, c.req.valid("param"), regenerate)),
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/continue/",
      tags,
      summary: "Continue a partial reply",
      description: `The new reply starts with the text of the partial one. ${STREAM}`,
      request: { params: chatParam, headers: idempotencyHeaders },
      responses: { 200: answered("The message with the continued reply; or the stream."), 502: failed },
    }),
    async (c) => stream(await answerAgain(c, c.req.valid("param"), continueChat)),
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/reply/",
      tags,
      summary: "Get the newest reply to a message, even while it is being written",
      description: STREAM,
      request: {
        params: chatParam,
        query: z.object({
          after: z.string().optional().openapi({
            description: "For a stream: the id of the last event that the client received.",
          }),
        }),
      },
      responses: {
        200: {
          description: "The reply, or a stream of events.",
          content: { "application/json": { schema: Reply }, "text/event-stream": { schema: z.string() } },
        },
      },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      const chat = await readChat(c.var.claims, id, chat_id);
      const reply = await newestReply(c.var.claims, { conversationId: id, questionId: chat_id });
      if (!reply) throw notFound("reply_not_found");
      if (wantsStream(c)) return stream(streamReply(c, chat, reply.id));
      const { state, reason, text: response, created_at, ended_at } = reply;
      const cursor = eventId(reply.id, [...response].length);
      return c.json({ id: reply.id, chat: chat_id, state, reason, response, cursor, created_at, ended_at }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/stop/",
      tags,
      summary: "Stop the reply, whichever device requested it",
      description: "The reply ends within a second and keeps the text so far. A reply that has ended does not change.",
      request: { params: chatParam },
      responses: { 200: response(Chat, "The message with the text of the reply that is kept.") },
    }),
    async (c) => c.json(await stopChat(c, c.req.valid("param").id, c.req.valid("param").chat_id), 200),
  );
}

/** Stops the reply to a chat, and waits until it has ended. Raises 404. */
export async function stopChat(c: Context<Api>, sessionId: string, id: number): Promise<ChatRow> {
  const { claims } = c.var;
  const reply = await stopReply(claims, { conversationId: sessionId, questionId: id });
  if (reply?.state === "running") await follow(claims, reply.id, (feed) => feed.ended);
  return await readChat(claims, sessionId, id);
}

async function answerAgain(
  c: Context<Api>,
  { id, chat_id }: { id: string; chat_id: number },
  begin: typeof regenerate,
): Promise<Response> {
  const chat = await readChat(c.var.claims, id, chat_id);
  const replyId = await begin(c, id, chat, clientId(c, null, c.var.claims.sub));
  return await answerWithReply(
    c,
    chat,
    replyId,
    ({ chat, failure }) => failure ? c.json(failure, 502) : c.json(chat, 200),
  );
}
