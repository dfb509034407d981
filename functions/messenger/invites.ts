import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, type Sql, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { answeredId, idParam, moment, pathId, time } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { found, oneChat, requireChat } from "./chats.sql.ts";
import { iso } from "./messages.sql.ts";
import { Chat } from "./schemas.ts";

const tags = ["invites"];

const role = () => z.enum(["member", "admin"]);

const NewLink = z.object({
  role: role().default("member").openapi({ description: "What they become who join. Only the owner chooses `admin`." }),
  expires_at: moment().optional().openapi({ description: "Until when it admits people." }),
  max_uses: z.int().min(1).max(100_000).optional().openapi({ description: "How many people it admits." }),
}).openapi("NewInviteLink");

const Link = z.object({
  id: answeredId(),
  chat: answeredId(),
  role: role(),
  expires_at: time().nullable(),
  max_uses: z.int().nullable(),
  uses: z.int(),
  created_by: answeredId().nullable(),
  created_at: time(),
  revoked_at: time().nullable(),
}).openapi("InviteLink");

const MadeLink = Link.extend({ token: z.string().openapi({ description: "Shown once." }) }).openapi("MadeInviteLink");

const Preview = z.object({ name: z.string(), avatar_url: z.string().nullable(), members_count: z.int() })
  .openapi("InvitePreview");

const tokenParam = z.object({
  token: z.string().regex(/^[\w-]{1,100}$/).openapi({ param: { name: "token", in: "path" } }),
});
const linkParam = idParam.extend({
  link: pathId("link"),
});

/** The columns of a link, where chat.invite_links is called `links`. */
const linkColumns = (sql: Sql) =>
  sql`links.id, links.room_id as chat, links.role, ${iso(sql, sql`links.expires_at`)} as expires_at, links.max_uses,
    links.uses, (select number from chat.profiles where profiles.id = links.created_by) as created_by,
    ${iso(sql, sql`links.created_at`)} as created_at, ${iso(sql, sql`links.revoked_at`)} as revoked_at`;

/** Links by which people join groups: docs/apis/messenger.md#invite-links. */
export function inviteRoutes(app: OpenAPIHono<Api>): void {
  linkRoutes(app);
  guestRoutes(app);
}

function linkRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/invites/",
      tags,
      summary: "List the invite links of a group, newest first; empty for who may not add people",
      request: { params: idParam, query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(Link), "Links, without their tokens.") },
    }),
    async (c) => {
      const chat = c.req.valid("param").id;
      const { limit, before = null } = c.req.valid("query");
      const [links] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Link>[]>`
          select ${linkColumns(sql)} from chat.invite_links as links
          where links.room_id = ${chat} and (${before}::bigint is null or links.id < ${before}::bigint)
          order by links.id desc
          limit ${limit}`,
      ]);
      if (links.length === 0) await requireChat(c.var.claims, chat);
      if (links.length === limit) linkNext(c, { before: links.at(-1)!.id });
      return c.json(links, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chats/{id}/invites/",
      tags,
      summary: "Make an invite link of a group, as somebody who may add people",
      request: { params: idParam, body: body(NewLink) },
      responses: { 201: response(MadeLink, "The link with its token.") },
    }),
    async (c) => {
      const { role, expires_at = null, max_uses = null } = c.req.valid("json");
      const chat = c.req.valid("param").id;
      const link = await transactionAsUser(c.var.claims, async (sql) => {
        const [made] = await sql<{ id: number; token: string }[]>`
          select (link ->> 'id')::bigint as id, link ->> 'token' as token
          from chat.create_invite_link(${chat}, ${role}, ${expires_at}, ${max_uses}) as link`;
        const [link] = await sql<z.infer<typeof Link>[]>`
          select ${linkColumns(sql)} from chat.invite_links as links where links.id = ${made!.id}`;
        return { ...link!, token: made!.token };
      });
      return c.json(link, 201);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/chats/{id}/invites/{link}/",
      tags,
      summary: "Revoke an invite link, as its user or an admin",
      request: { params: linkParam },
      responses: { 204: { description: "Revoked." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select from chat.revoke_invite_link(${c.req.valid("param").link})`]);
      return c.body(null, 204);
    },
  );
}

function guestRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/invites/{token}/",
      tags,
      summary: "What an invite link says of its group",
      request: { params: tokenParam },
      responses: { 200: response(Preview, "The group.") },
    }),
    async (c) => {
      const [[preview]] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Preview>[]>`
          select name, avatar_url, member_count as members_count
          from chat.invite_link_preview(${c.req.valid("param").token})`,
      ]);
      return c.json(preview!, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/invites/{token}/",
      tags,
      summary: "Join a group by an invite link",
      request: { params: tokenParam },
      responses: { 200: response(Chat, "The chat.") },
    }),
    async (c) => {
      const chat = await transactionAsUser(c.var.claims, async (sql) => {
        const [member] = await sql<{ id: number }[]>`
          select room_id as id from chat.join_by_link(${c.req.valid("param").token})`;
        const [chat] = await oneChat(sql, member!.id);
        return found(chat);
      });
      return c.json(chat, 200);
    },
  );
}
