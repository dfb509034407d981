import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { invalid, notFound } from "../_shared/base/errors.ts";
import { asUser, readAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam } from "../_shared/http/fields.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { cursor, limit, linkNext, MAX_BYTES } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { bytesOf, withinBytes } from "../_shared/queries/room_messages.sql.ts";
import { requireChat } from "./chats.sql.ts";
import { messages } from "./messages.sql.ts";
import { type Message, Pin } from "./schemas.ts";

const tags = ["pinned"];

const NewPin = z.object({ chat: id(), message: id() }).openapi("NewPin");

interface PinColumns {
  pin_id: number;
  pinned_at: string;
  pinned_now: boolean;
  pinned_by: number | null;
  pinned_by_username: string | null;
}

/** Pins with their messages. `pins` selects rows of chat.pins. */
const pinRows = (sql: Sql, pins: Statement) =>
  sql`with pins as materialized (${pins}) ${
    messages<PinColumns>(
      sql,
      sql`select messages from chat.messages as messages where id in (select message_id from pins)`,
      {
        order: sql`pins.id`,
        extra: sql`, pins.id as pin_id, pins.pinned_at, ${isNew(sql)} as pinned_now, people.number as pinned_by,
          people.username as pinned_by_username`,
        also:
          sql`join pins on pins.message_id = page.id left join chat.profiles as people on people.id = pins.pinned_by`,
      },
    )
  }` as ReturnType<typeof messages<PinColumns>>;

/** Selects pins of a chat, in the order of pinning, as far as their messages are not too long together. */
const pinPage = (sql: Sql, { chat, limit, after }: { chat: number; limit: number; after: number }) =>
  withinBytes(
    sql,
    sql`
    select pins.*, messages.content from chat.pins as pins
    join chat.messages as messages on messages.id = pins.message_id
    where pins.room_id = ${chat} and pins.id > ${after}
    order by pins.id
    limit ${limit}`,
    sql`id`,
  );

/** The pins of a chat that a statement selects, with their messages. */
async function readPins(claims: Claims, chat: number, pins: (sql: Sql) => Statement) {
  const [rows] = await readAsUser(claims, (sql) => [pinRows(sql, pins(sql))]);
  if (rows.length === 0) await requireChat(claims, chat);
  return { pins: rows.map(toPin), pinnedNow: rows[0]?.pinned_now };
}

function toPin(row: z.infer<typeof Message> & PinColumns): z.infer<typeof Pin> {
  const { pin_id, pinned_at, pinned_now: _, pinned_by, pinned_by_username, ...message } = row;
  const by = { pinned_by, pinned_by_username: pinned_by_username ?? "" };
  return { id: pin_id, chat: message.chat, message, ...by, pinned_at };
}

/** Pins: docs/apis/messenger.md#pinned-messages. */
export function pinnedRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/pinned/",
      tags,
      summary: "List the pinned messages of a chat, in the order of pinning",
      request: { query: z.object({ chat: id(), limit: limit(), after: cursor() }) },
      responses: { 200: response(z.array(Pin), "Pins.") },
    }),
    async (c) => {
      const { chat, limit, after = 0 } = c.req.valid("query");
      const { pins } = await readPins(
        c.var.claims,
        chat,
        (sql) => pinPage(sql, { chat, limit, after }),
      );
      const bytes = pins.reduce((sum, { message }) => sum + bytesOf([{ content: message.text }]), 0);
      if (pins.length === limit || bytes >= MAX_BYTES) linkNext(c, { after: pins.at(-1)!.id });
      return c.json(pins, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/pinned/",
      tags,
      summary: "Pin a message for all members of its chat",
      request: { body: body(NewPin) },
      responses: { 201: response(Pin, "The pin."), 200: response(Pin, "The existing pin.") },
    }),
    async (c) => {
      const { chat, message } = c.req.valid("json");
      const { pins: [pin], pinnedNow } = await readPins(
        c.var.claims,
        chat,
        (sql) =>
          sql`select pins.* from chat.messages as target
          cross join lateral chat.pin_message(target.id) as pins
          where target.id = ${message} and target.room_id = ${chat} and target.deleted_at is null`,
      );
      if (!pin) throw invalid("message", `Invalid pk "${message}" - object does not exist.`);
      return c.json(pin, pinnedNow ? 201 : 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/pinned/{id}/",
      tags,
      summary: "Get a pinned message",
      request: { params: idParam },
      responses: { 200: response(Pin, "The pin.") },
    }),
    async (c) => {
      const [[pin]] = await asUser(c.var.claims, (sql) => [
        pinRows(sql, sql`select * from chat.pins where id = ${c.req.valid("param").id}`),
      ]);
      if (!pin) throw notFound("pin_not_found");
      return c.json(toPin(pin), 200);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/pinned/{id}/",
      tags,
      summary: "Unpin a message",
      request: { params: idParam },
      responses: { 204: { description: "Unpinned." } },
    }),
    async (c) => {
      const [rows] = await asUser(c.var.claims, (sql) => [
        sql`select chat.unpin_message(message_id) from chat.pins where id = ${c.req.valid("param").id}`,
      ]);
      if (rows.length === 0) throw notFound("pin_not_found");
      return c.body(null, 204);
    },
  );
}
