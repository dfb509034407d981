import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../_shared/http/app.ts";
import { wantsStream } from "../_shared/http/event_stream.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { question } from "../_shared/replies/exchange.ts";
import { ask, regenerate, resume } from "../_shared/replies/exchanges.ts";
import { readExchange } from "../_shared/replies/exchanges.sql.ts";
import { type Outcome, respondWithReply, streamEnded } from "../_shared/replies/reply_stream.ts";
import { conversationParam, Exchange, exchangeOrStream, failed, questionParam, STREAM } from "./schemas.ts";

const tags = ["questions"];

const Question = z.object({ message: question(), client_id: clientIdField() }).openapi("Question");
const Retry = z.object({ client_id: clientIdField() }).openapi("Retry");

/** The types of routes know JSON responses only. */
const stream = (response: Response) => response as never;

/** Questions, and other replies to them: docs/apis/assistant.md#questions. */
export function questionRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/conversations/{conversation_id}/questions/",
      tags,
      summary: "Ask a question and get the reply",
      description: STREAM,
      request: { params: conversationParam, headers: idempotencyHeaders, body: body(Question) },
      responses: {
        201: response(Exchange, "The question and the reply."),
        200: exchangeOrStream("The exchange of an earlier request with this key, or the stream."),
        502: failed,
      },
    }),
    async (c) => {
      const { message, client_id } = c.req.valid("json");
      const { conversation_id } = c.req.valid("param");
      const asked = await ask(c, conversation_id, message, clientId(c, client_id, c.var.claims.sub));
      const { exchange, isNew, replyId } = asked;
      const target = { exchange, noun: "exchange" } as const;
      if (replyId === null) return wantsStream(c) ? stream(streamEnded(target)) : c.json(exchange, 200);
      return stream(await respondWithReply(c, target, replyId, respond(c, isNew ? 201 : 200)));
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/conversations/{conversation_id}/questions/{question_id}/regenerate/",
      tags,
      summary: "Regenerate the reply",
      description: STREAM,
      request: { params: questionParam, headers: idempotencyHeaders, body: body(Retry) },
      responses: { 200: exchangeOrStream("The question and the new reply, or the stream."), 502: failed },
    }),
    async (c) => stream(await startAnother(c, c.req.valid("param"), c.req.valid("json").client_id, regenerate)),
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/conversations/{conversation_id}/questions/{question_id}/continue/",
      tags,
      summary: "Continue a partial reply",
      description: `The new reply starts with the text of the partial one. ${STREAM}`,
      request: { params: questionParam, headers: idempotencyHeaders, body: body(Retry) },
      responses: { 200: exchangeOrStream("The question and the continued reply, or the stream."), 502: failed },
    }),
    async (c) => stream(await startAnother(c, c.req.valid("param"), c.req.valid("json").client_id, resume)),
  );
}

async function startAnother(
  c: Context<Api>,
  { conversation_id, question_id }: z.output<typeof questionParam>,
  client_id: string | null | undefined,
  start: typeof regenerate,
): Promise<Response> {
  const exchange = await readExchange(c.var.claims, conversation_id, question_id);
  const replyId = await start(c, conversation_id, exchange, clientId(c, client_id, c.var.claims.sub));
  return await respondWithReply(c, { exchange, noun: "exchange" }, replyId, respond(c, 200));
}

const respond = (c: Context, status: 200 | 201) => ({ exchange, failure }: Outcome) =>
  failure ? c.json(failure, 502) : c.json(exchange, status);
