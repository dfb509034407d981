import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { notFound } from "../../_shared/base/errors.ts";
import type { Api } from "../../_shared/http/app.ts";
import { wantsStream } from "../../_shared/http/event_stream.ts";
import { type Exchange as Chat, question } from "../../_shared/replies/exchange.ts";
import { ask, regenerate, resume, stop } from "../../_shared/replies/exchanges.ts";
import { readExchange } from "../../_shared/replies/exchanges.sql.ts";
import { newestReply } from "../../_shared/replies/replies.sql.ts";
import { respondWithReply, streamEnded, streamReply } from "../../_shared/replies/reply_stream.ts";
import { answersBoth, answersScript } from "./answers.ts";
import { fieldsOf, formOrJson, isFormPost } from "./input.ts";
import { href, paths } from "./links.ts";
import { ownPagesOnly } from "./origin.ts";
import { ofSession, showSession } from "./pages.ts";
import { orShownAgain } from "./shown_again.ts";
import { signedInByCookie } from "./visitor.ts";

/** A message; forms send line ends as `\r\n`. */
export const Message = z.object({
  message: question().transform((text) => text.replaceAll("\r\n", "\n")),
  client_id: z.guid().optional(),
});

const change = [answersBoth, ownPagesOnly, signedInByCookie, formOrJson, ofSession] as const;

/** Routes of the pages that send a message, follow and stop the reply, and ask for another. */
export function sendRoutes(app: OpenAPIHono<Api>): void {
  app.post(paths.send(":session_id"), ...change, async (c) => {
    const send = async () => {
      const id = c.req.param("session_id")!;
      return await answerMessage(c, id, await keepMessage(c, id, await fieldsOf(c, Message)));
    };
    return await orShownAgain(c, "message", send, (message) => showSession(c, { message }));
  });

  for (const [path, begin] of [[paths.regenerate, regenerate], [paths.continue, resume]] as const) {
    app.post(path(":session_id", ":chat"), ...change, async (c) => {
      const { sessionId, chat } = await chatOf(c);
      return await answerReply(c, sessionId, chat, await begin(c, sessionId, chat));
    });
  }

  app.post(paths.stop(":session_id", ":chat"), ...change, async (c) => {
    const { sessionId, chat } = await chatOf(c);
    const stopped = await stop(c, { conversationId: sessionId, questionId: chat.id });
    return isFormPost(c) ? toSession(c, sessionId) : c.json({ success: true, chat: stopped }, 200);
  });

  app.get(paths.reply(":session_id", ":chat"), answersScript, signedInByCookie, ofSession, async (c) => {
    const { sessionId, chat } = await chatOf(c);
    const reply = await newestReply(c.var.claims, { conversationId: sessionId, questionId: chat.id });
    return reply ? streamReply(c, target(chat), reply.id) : streamEnded(target(chat));
  });
}

/** Keeps a message. */
export const keepMessage = (c: Context<Api>, sessionId: string, { message, client_id }: z.infer<typeof Message>) =>
  ask(c, sessionId, message, client_id ?? null);

/** Answers with the reply to a message; when the message was kept before, with what there is. */
export async function answerMessage(
  c: Context<Api>,
  sessionId: string,
  { exchange: chat, replyId }: { exchange: Chat; replyId: number | null },
): Promise<Response> {
  if (replyId !== null) return await answerReply(c, sessionId, chat, replyId);
  if (wantsStream(c)) return streamEnded(target(chat));
  return isFormPost(c) ? toSession(c, sessionId) : c.json({ success: true, chat }, 200);
}

function answerReply(c: Context<Api>, sessionId: string, chat: Chat, replyId: number): Promise<Response> {
  return respondWithReply(c, target(chat), replyId, ({ exchange: chat, failure }) => {
    // The message is kept: the page shows it, and that no reply came.
    if (isFormPost(c)) return toSession(c, sessionId);
    return failure ? c.json({ success: false, error: failure.detail }, 502) : c.json({ success: true, chat }, 200);
  });
}

const target = (exchange: Chat) => ({ exchange, noun: "chat" } as const);

const toSession = (c: Context, sessionId: string) => c.redirect(href(c, paths.session(sessionId)), 303);

async function chatOf(c: Context<Api>): Promise<{ sessionId: string; chat: Chat }> {
  const sessionId = c.req.param("session_id")!;
  const number = c.req.param("chat")!;
  if (!/^\d{1,15}$/.test(number)) throw notFound();
  return { sessionId, chat: await readExchange(c.var.claims, sessionId, Number(number)) };
}
