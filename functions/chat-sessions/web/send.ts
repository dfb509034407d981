import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../../_shared/app.ts";
import { ApiError, notFound } from "../../_shared/errors.ts";
import { type Chat, createChat, readChat } from "../chats.sql.ts";
import { wantsStream } from "../event-stream.ts";
import { completeReply, streamChat, streamReply } from "../replies.ts";
import { question } from "../schemas.ts";
import { answersBoth } from "./answers.ts";
import { fieldsOf, formOrJson, isFormPost } from "./input.ts";
import { href, paths } from "./links.ts";
import { ownPagesOnly } from "./origin.ts";
import { ofSession, showSession } from "./pages.ts";
import { orShownAgain } from "./shown-again.ts";
import { signedInByCookie } from "./visitor.ts";

/** A message; forms send line ends as `\r\n`. */
export const Message = z.object({
  message: question().transform((text) => text.replaceAll("\r\n", "\n")),
  client_id: z.guid().optional(),
});

const change = [answersBoth, ownPagesOnly, signedInByCookie, formOrJson, ofSession] as const;

/** What the pages need beyond the document: to send a message, and to ask once more for a reply that did not come. */
export function sendRoutes(app: OpenAPIHono<Api>): void {
  app.post(paths.send(":session_id"), ...change, async (c) => {
    const send = async () => await answerMessage(c, c.req.param("session_id")!, await fieldsOf(c, Message));
    return await orShownAgain(c, "message", send, (message) => showSession(c, { message }));
  });

  app.post(paths.regenerate(":session_id", ":chat"), ...change, async (c) => {
    const id = c.req.param("session_id")!;
    const number = c.req.param("chat")!;
    if (!/^\d{1,15}$/.test(number)) throw notFound();
    const chat = await readChat(c.var.claims, id, Number(number));
    return await answerReply(c, id, chat);
  });
}

/** Keeps a message and answers with the reply to it; when the message was kept before, with what there is. */
export async function answerMessage(
  c: Context<Api>,
  sessionId: string,
  { message, client_id }: z.infer<typeof Message>,
): Promise<Response> {
  const { chat, isNew } = await createChat(c.var.claims, sessionId, message, client_id);
  if (isNew) return await answerReply(c, sessionId, chat);
  if (wantsStream(c)) return streamChat(chat);
  return isFormPost(c) ? c.redirect(href(c, paths.session(sessionId)), 303) : c.json({ success: true, chat }, 200);
}

async function answerReply(c: Context<Api>, sessionId: string, chat: Chat): Promise<Response> {
  if (wantsStream(c)) return streamReply(c, sessionId, chat);
  const reply = completeReply(c, sessionId, chat);
  if (!isFormPost(c)) return c.json({ success: true, chat: await reply }, 200);
  // The message is kept: the page shows it, and that no reply came.
  await reply.catch((error) => {
    if (!(error instanceof ApiError) || error.status !== 502) throw error;
    console.error(`request ${c.var.requestId}: ${error.message}`);
  });
  return c.redirect(href(c, paths.session(sessionId)), 303);
}
