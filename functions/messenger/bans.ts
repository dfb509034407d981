import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, type Sql, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { answeredId, idParam, moment, pathId, time } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { findPeople } from "../_shared/queries/people.ts";
import { requireChat } from "./chats.sql.ts";
import { iso } from "./messages.sql.ts";
import { personField, personWith } from "./people.sql.ts";

const tags = ["bans"];

const NewBan = z.object({
  user_id: z.int().openapi({ description: "The person, who need not be in the group." }),
  until: moment().optional().openapi({ description: "When it ends; without it there is no end." }),
  reason: z.string().max(500).default("").openapi({ description: "What the person reads." }),
}).openapi("NewBan");

const Ban = z.object({
  id: answeredId(),
  chat: answeredId(),
  user: personField(),
  until: time().nullable(),
  reason: z.string(),
  banned_by: answeredId().nullable(),
  is_by_moderator: z.boolean(),
  created_at: time(),
}).openapi("Ban");

const banParam = idParam.extend({ user_id: pathId("user_id") });

/** The columns of a ban, where chat.room_bans is called `bans`. */
const banColumns = (sql: Sql) =>
  sql`bans.id, bans.room_id as chat, ${personWith(sql, sql`bans.user_id`)} as user,
    ${iso(sql, sql`bans.until`)} as until, bans.reason, bans.is_by_moderator,
    (select number from chat.profiles where profiles.id = bans.banned_by) as banned_by,
    ${iso(sql, sql`bans.created_at`)} as created_at`;

/** Who is banned from a group: docs/apis/messenger.md#bans. */
export function banRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/bans/",
      tags,
      summary: "List who is banned from a group, the latest first; empty for who is not an admin of it",
      request: { params: idParam, query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(Ban), "Bans that have not ended.") },
    }),
    async (c) => {
      const chat = c.req.valid("param").id;
      const { limit, before = null } = c.req.valid("query");
      const [bans] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Ban>[]>`
          select ${banColumns(sql)} from chat.room_bans as bans
          where bans.room_id = ${chat} and (${before}::bigint is null or bans.id < ${before}::bigint)
            and (bans.until is null or bans.until > now())
          order by bans.id desc
          limit ${limit}`,
      ]);
      if (bans.length === 0) await requireChat(c.var.claims, chat);
      if (bans.length === limit) linkNext(c, { before: bans.at(-1)!.id });
      return c.json(bans, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chats/{id}/bans/",
      tags,
      summary: "Remove a person from a group, and refuse each way back, as its owner or an admin",
      request: { params: idParam, body: body(NewBan) },
      responses: { 201: response(Ban, "The ban; repeated, it changes the end and the reason.") },
    }),
    async (c) => {
      const { user_id, until = null, reason } = c.req.valid("json");
      const chat = c.req.valid("param").id;
      const ban = await transactionAsUser(c.var.claims, async (sql) => {
        const [person] = await findPeople(sql, [user_id], "user_id");
        const [ban] = await sql<z.infer<typeof Ban>[]>`
          select ${banColumns(sql)}
          from chat.ban_member(${chat}, ${person!.id}, ${until}, ${reason}) as bans`;
        return ban!;
      });
      return c.json(ban, 201);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/chats/{id}/bans/{user_id}/",
      tags,
      summary: "Lift a ban, as the owner or an admin of the group",
      request: { params: banParam },
      responses: { 204: { description: "Lifted, or there was none." } },
    }),
    async (c) => {
      const { id, user_id } = c.req.valid("param");
      await transactionAsUser(c.var.claims, async (sql) => {
        const [person] = await findPeople(sql, [user_id], "user_id");
        await sql`select from chat.unban_member(${id}, ${person!.id})`;
      });
      return c.body(null, 204);
    },
  );
}
