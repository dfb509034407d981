import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, transactionAsUser } from "../_shared/db/db.ts";
import { notFound } from "../_shared/base/errors.ts";
import type { Api } from "../_shared/http/app.ts";
import { answeredId, idParam, pathId, time } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { response, route } from "../_shared/http/routes.ts";
import { found, oneChat } from "./chats.sql.ts";
import { iso } from "./messages.sql.ts";
import { Chat } from "./schemas.ts";

const tags = ["invites"];

const Invitation = z.object({
  id: answeredId(),
  chat: answeredId(),
  name: z.string(),
  description: z.string(),
  avatar_url: z.string().nullable(),
  members_count: z.int(),
  invited_by: answeredId().nullable(),
  invited_by_username: z.string().nullable(),
  created_at: time(),
}).openapi("Invitation");

const InvitedPerson = z.object({
  id: answeredId(),
  user: answeredId(),
  username: z.string(),
  invited_by: answeredId().nullable(),
  created_at: time(),
}).openapi("InvitedPerson");

const userParam = idParam.extend({
  user: pathId("user"),
});

/** Invitations of people who are not added at once: docs/apis/messenger.md#invitations. */
export function invitationRoutes(app: OpenAPIHono<Api>): void {
  ownRoutes(app);
  roomRoutes(app);
}

function ownRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/invitations/",
      tags,
      summary: "List the caller's invitations, newest first",
      request: { query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(Invitation), "Invitations that the caller has not answered.") },
    }),
    async (c) => {
      const { limit, before = null } = c.req.valid("query");
      const [list] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Invitation>[]>`
          select list.id, list.room_id as chat, list.name, list.description, list.avatar_url,
            list.member_count as members_count, people.number as invited_by, list.invited_by_username,
            ${iso(sql, sql`list.created_at`)} as created_at
          from chat.invitation_list(${before}, ${limit}) as list
          left join chat.profiles as people on people.id = list.invited_by
          order by list.id desc`,
      ]);
      if (list.length === limit) linkNext(c, { before: list.at(-1)!.id });
      return c.json(list, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/invitations/{id}/accept/",
      tags,
      summary: "Join the chat with this id, to which the caller is invited",
      request: { params: idParam },
      responses: { 200: response(Chat, "The chat.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const chat = await transactionAsUser(c.var.claims, async (sql) => {
        await sql`select from chat.accept_invitation(${id})`;
        const [chat] = await oneChat(sql, id);
        return found(chat);
      });
      return c.json(chat, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/invitations/{id}/decline/",
      tags,
      summary: "Decline the invitation to the chat with this id",
      request: { params: idParam },
      responses: { 204: { description: "Declined." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.decline_invitation(${c.req.valid("param").id})`]);
      return c.body(null, 204);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/invitations/{id}/ignore/",
      tags,
      summary: "Ignore the invitation to the chat with this id, and every further one",
      request: { params: idParam },
      responses: { 204: { description: "Ignored." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.ignore_invitation(${c.req.valid("param").id})`]);
      return c.body(null, 204);
    },
  );
}

function roomRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/invitations/",
      tags,
      summary: "List who is invited to a group and has not joined, as somebody who may add people",
      request: { params: idParam, query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(InvitedPerson), "Who is invited, newest first.") },
    }),
    async (c) => {
      const { limit, before = null } = c.req.valid("query");
      const [list] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof InvitedPerson>[]>`
          select list.id, people.number as user, list.username, inviters.number as invited_by,
            ${iso(sql, sql`list.created_at`)} as created_at
          from chat.room_invitations(${c.req.valid("param").id}, ${before}, ${limit}) as list
          join chat.profiles as people on people.id = list.user_id
          left join chat.profiles as inviters on inviters.id = list.invited_by
          order by list.id desc`,
      ]);
      if (list.length === limit) linkNext(c, { before: list.at(-1)!.id });
      return c.json(list, 200);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/chats/{id}/invitations/{user}/",
      tags,
      summary: "Withdraw an invitation, as an admin or the member who made it",
      request: { params: userParam },
      responses: { 204: { description: "Withdrawn." } },
    }),
    async (c) => {
      const { id, user } = c.req.valid("param");
      const [rows] = await asUser(c.var.claims, (sql) => [
        sql`select chat.withdraw_invitation(${id}, people.id) from chat.profiles as people where people.number = ${user}`,
      ]);
      if (rows.length === 0) throw notFound("user_not_found");
      return c.body(null, 204);
    },
  );
}
