import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, type Sql, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, moment, pathId, text, time } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { findPeople } from "../_shared/queries/people.ts";
import { iso } from "./messages.sql.ts";
import { personField, personWith } from "./people.sql.ts";

const tags = ["mutes"];

const NewMute = z.object({
  user_id: id(),
  until: moment().optional().openapi({ description: "When it ends; without it there is no end." }),
  reason: text().max(500).default("").openapi({ description: "What the person reads." }),
}).openapi("NewMute");

const Mute = z.object({
  user: personField(),
  until: time().nullable(),
  reason: z.string(),
  created_at: time(),
}).openapi("Mute");

const muteParam = z.object({ user_id: pathId("user_id") });

/** The columns of a mute, where chat.mutes is called `mutes`. */
const muteColumns = (sql: Sql) =>
  sql`${personWith(sql, sql`mutes.user_id`)} as user,
    ${iso(sql, sql`mutes.until`)} as until, mutes.reason, ${iso(sql, sql`mutes.created_at`)} as created_at`;

/** Who may not write messages: docs/apis/messenger.md#mutes. */
export function muteRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/mutes/",
      tags,
      summary: "List who is muted, by id, as a moderator; only the own mute for all others",
      request: { query: z.object({ limit: limit(), after: cursor() }) },
      responses: { 200: response(z.array(Mute), "Mutes that have not ended.") },
    }),
    async (c) => {
      const { limit, after = null } = c.req.valid("query");
      const [mutes] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Mute>[]>`
          select ${muteColumns(sql)} from chat.mutes as mutes join chat.profiles as people on people.id = mutes.user_id
          where (mutes.until is null or mutes.until > now()) and (${after}::bigint is null or people.number > ${after}::bigint)
          order by people.number
          limit ${limit}`,
      ]);
      if (mutes.length === limit) linkNext(c, { after: mutes.at(-1)!.user.id });
      return c.json(mutes, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/mutes/",
      tags,
      summary: "Refuse the messages of a user in every chat, as a moderator",
      request: { body: body(NewMute) },
      responses: { 201: response(Mute, "The mute; repeated, it changes the end and the reason.") },
    }),
    async (c) => {
      const { user_id, until = null, reason } = c.req.valid("json");
      const mute = await transactionAsUser(c.var.claims, async (sql) => {
        const [person] = await findPeople(sql, [user_id], "user_id");
        const [mute] = await sql<z.infer<typeof Mute>[]>`
          select ${muteColumns(sql)}
          from chat.mute_user(${person!.id}, ${until}, ${reason}) as mutes`;
        return mute!;
      });
      return c.json(mute, 201);
    },
  );

  app.openapi(
    route({
      method: "delete",
      path: "/api/mutes/{user_id}/",
      tags,
      summary: "Lift a mute, as a moderator",
      request: { params: muteParam },
      responses: { 204: { description: "Lifted, or there was none." } },
    }),
    async (c) => {
      await transactionAsUser(c.var.claims, async (sql) => {
        const [person] = await findPeople(sql, [c.req.valid("param").user_id], "user_id");
        await sql`select from chat.unmute_user(${person!.id})`;
      });
      return c.body(null, 204);
    },
  );
}
