import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { arrayOf } from "../_shared/db/arrays.ts";
import { asUser, readAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { requireSent } from "../_shared/queries/held.ts";
import { fileField, uploadFile } from "../_shared/files/uploads.ts";
import type { Api } from "../_shared/http/app.ts";
import { withUpload } from "../_shared/http/body.ts";
import { id, idParam, isMissing, time, writing } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders, isNew, uuidV5 } from "../_shared/http/idempotency.ts";
import { sayLimit } from "../_shared/http/limit_headers.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { messageListRoutes } from "./message_lists.ts";
import { editOf, iso, mentioned, messages, sentMessage } from "./messages.sql.ts";
import { Message } from "./schemas.ts";

const tags = ["messages"];

const mentions = {
  mentions: z.array(id()).max(50).optional().openapi({
    description: "The ids of the members that the message mentions.",
  }),
  mention_all: z.boolean().optional().openapi({
    description: "Whether it mentions everyone: in a chat of more than 50 members only for its owner and admins.",
  }),
};

const content = {
  text: writing("messages.content").optional().openapi({
    description: "Optional with files, and for a forwarded message, which then has the original's text.",
  }),
  forwarded_from: id().nullable().optional(),
  reply_to: id().nullable().optional().openapi({
    description: "The message of the same chat that this one replies to.",
  }),
  attachment_ids: z.array(z.guid()).max(10).optional().openapi({ description: "Files that were uploaded before." }),
  file: fileField().optional(),
  ...mentions,
  client_id: clientIdField(),
};

type Content = z.infer<z.ZodObject<typeof content>>;

const hasContent = ({ text, forwarded_from, attachment_ids = [], file }: Content) =>
  text !== undefined || !!forwarded_from || attachment_ids.length > 0 || file !== undefined;

const NewMessage = withUpload(
  z.object({ chat: id(), ...content }).refine(hasContent, isMissing("text")).openapi("NewMessage"),
);
const NewMessageHere = withUpload(
  z.object(content).refine(hasContent, isMissing("text")).openapi("NewChatMessage"),
);

const emoji = z.string().trim().min(1).max(64).openapi({
  example: "👍",
  description: "One emoji, or one sign such as ✓, of at most 64 bytes.",
});
const NewReaction = z.object({ emoji }).openapi("NewReaction");

const MessageText = z.object({ text: z.string(), written_at: time() }).openapi("MessageText");

const Edit = z.object({ text: writing("messages.content"), ...mentions }).openapi("MessageEdit");

/** The message that a statement selects. Raises 404 when there is none. */
async function oneMessage(claims: Claims, page: (sql: Sql) => Statement) {
  const [[message]] = await readAsUser(claims, (sql) => [messages(sql, page(sql))]);
  if (!message) throw notFound("message_not_found");
  return message;
}

/** A statement for the message with an id. */
const stored = (id: number) => (sql: Sql) => sql`select messages from chat.messages as messages where id = ${id}`;

/** Messages: docs/apis/messenger.md#messages. */
export function messageRoutes(app: OpenAPIHono<Api>): void {
  messageListRoutes(app);
  sendRoutes(app);
  oneMessageRoutes(app);
  editRoutes(app);
  reactionRoutes(app);
}

/** Sends a message, and answers it: 201, or 200 when it was sent before. */
async function answerSent(c: Context<Api>, chat: number, message: z.infer<typeof NewMessageHere>) {
  const {
    text,
    forwarded_from = null,
    reply_to = null,
    attachment_ids = [],
    file,
    mentions = [],
    mention_all = false,
    client_id,
  } = message;
  const key = clientId(c, client_id, c.var.claims.sub);
  const files = [...attachment_ids];
  if (file) {
    const { attachment } = await uploadFile(c, { room: chat, file, id: key && uuidV5(key, "file") });
    files.push(attachment.id);
  }
  const [[sent]] = await asUser(c.var.claims, (sql) => [
    sentMessage(
      sql,
      text === undefined && files.length === 0 && mentions.length === 0 && !mention_all
        ? sql`select * from chat.forward_message(${forwarded_from}, ${chat}, ${key}, ${reply_to})`
        : sql`select * from chat.send_message(
            ${chat}, ${text ?? ""}, ${key}, ${reply_to}, ${forwarded_from}, attachment_ids => ${arrayOf(files)}::uuid[],
            mentions => ${mentioned(sql, mentions)}, mention_all => ${mention_all}
          )`,
    ),
  ]);
  const { created, drawn, ...answered } = requireSent(sent);
  if (!created) return c.json(await oneMessage(c.var.claims, stored(answered.id)), 200);
  sayLimit(c, "send_message", drawn);
  return c.json(answered, 201);
}

function sendRoutes(app: OpenAPIHono<Api>): void {
  const responses = createdOnce(Message, "message");
  app.openapi(
    route({
      method: "post",
      path: "/api/messages/",
      tags,
      summary: "Send a message",
      request: { headers: idempotencyHeaders, body: body(NewMessage) },
      responses,
    }),
    (c) => {
      const { chat, ...message } = c.req.valid("json");
      return answerSent(c, chat, message);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chats/{id}/messages/",
      tags,
      summary: "Send a message to this chat",
      request: { params: idParam, headers: idempotencyHeaders, body: body(NewMessageHere) },
      responses,
    }),
    (c) => answerSent(c, c.req.valid("param").id, c.req.valid("json")),
  );
}

function oneMessageRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/messages/{id}/",
      tags,
      summary: "Get a message",
      request: { params: idParam },
      responses: { 200: response(Message, "The message.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const message = await oneMessage(c.var.claims, stored(id));
      return c.json(message, 200);
    },
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/messages/{id}/",
        tags,
        summary: "Edit the caller's own message",
        request: { params: idParam, body: body(Edit) },
        responses: { 200: response(Message, "The updated message.") },
      }),
      async (c) => {
        const { id } = c.req.valid("param");
        const edit = c.req.valid("json");
        const edited = await oneMessage(c.var.claims, (sql) => sql`select chat.edit_message(${editOf(sql, id, edit)})`);
        return c.json(edited, 200);
      },
    );
  }

  app.openapi(
    route({
      method: "delete",
      path: "/api/messages/{id}/",
      tags,
      summary: "Delete the caller's own message, or any as owner or admin; a tombstone remains",
      request: { params: idParam },
      responses: { 204: { description: "Deleted." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select from chat.delete_message(${c.req.valid("param").id})`]);
      return c.body(null, 204);
    },
  );
}

function editRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/messages/{id}/edits/",
      tags,
      summary: "List what a message said before it was edited, oldest first",
      request: { params: idParam },
      responses: { 200: response(z.array(MessageText), "The earlier texts, at most the last 100.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const [[message], texts] = await readAsUser(c.var.claims, (sql) => [
        sql`select id from chat.messages where id = ${id}`,
        sql<z.infer<typeof MessageText>[]>`
          select content as text, ${iso(sql, sql`written_at`)} as written_at
          from chat.message_edits where message_id = ${id} order by version`,
      ]);
      if (!message) throw notFound("message_not_found");
      return c.json(texts, 200);
    },
  );
}

function reactionRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/messages/{id}/reactions/",
      tags,
      summary: "React to a message",
      request: { params: idParam, body: body(NewReaction) },
      responses: {
        201: response(Message, "The message."),
        200: response(Message, "The message, which has this reaction of the caller."),
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const { emoji } = c.req.valid("json");
      // Two statements: the second one sees what the first has written.
      const [[reacted], [message]] = await asUser(c.var.claims, (sql) => [
        sql<{ created: boolean }[]>`select ${isNew(sql)} as created from chat.react(${id}, ${emoji})`,
        messages(sql, stored(id)(sql)),
      ]);
      return c.json(message!, reacted!.created ? 201 : 200);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/messages/{id}/reactions/",
      tags,
      summary: "Take back a reaction of the caller",
      request: { params: idParam, query: z.object({ emoji }) },
      responses: { 204: { description: "Taken back, or not there." } },
    }),
    async (c) => {
      const { emoji } = c.req.valid("query");
      await asUser(c.var.claims, (sql) => [sql`select from chat.unreact(${c.req.valid("param").id}, ${emoji})`]);
      return c.body(null, 204);
    },
  );
}
