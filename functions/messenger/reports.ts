import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, type Sql, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { answeredId, id, idParam, moment, text, time } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { findPeople } from "../_shared/queries/people.ts";
import { iso } from "./messages.sql.ts";
import { personField, personWith } from "./people.sql.ts";

const tags = ["reports"];

/** How many reports chat.report_list() returns at most. */
const MAX_QUEUED = 100;

const reason = () => z.enum(["spam", "harassment", "hate", "violence", "sexual", "self_harm", "illegal", "other"]);
const state = () => z.enum(["open", "dismissed", "resolved"]);
const action = () => z.enum(["dismiss", "delete", "warn", "mute", "ban_from_room", "suspend"]);

const NewReport = z.object({
  reason: reason(),
  message: id().optional(),
  user_id: id().optional(),
  chat: id().optional().openapi({ description: "One of `message`, `user_id` and `chat` is what it is about." }),
  note: text().max(1000).default(""),
}).openapi("NewReport");

const Report = z.object({
  id: answeredId(),
  kind: z.enum(["message", "user", "chat"]),
  message: answeredId().nullable(),
  user: personField().nullable().openapi({ description: "Whom it is about: of a message its sender." }),
  chat: answeredId().nullable(),
  reason: reason().or(z.literal("word_rule")),
  note: z.string(),
  state: state(),
  created_at: time(),
  resolved_at: time().nullable(),
}).openapi("Report");

const QueuedReport = Report.extend({
  reporter: personField().nullable().openapi({ description: "null for a word rule." }),
  snapshot: z.record(z.string(), z.unknown()).openapi({ description: "What it is about, as it was then." }),
  action: action().nullable(),
  resolved_by: personField().nullable(),
  resolution_note: z.string(),
  until: time().nullable(),
}).openapi("QueuedReport");

const Resolution = z.object({
  action: action(),
  note: text().max(500).default("").openapi({ description: "What the person concerned reads." }),
  until: moment().optional().openapi({ description: "When a mute, a ban or a suspension ends." }),
}).openapi("Resolution");

/** The columns of a report, where a row of chat.reports is called `reports`. */
const reportColumns = (sql: Sql) =>
  sql`reports.id, case reports.kind when 'room' then 'chat' else reports.kind::text end as kind, reports.message_id as message,
    ${
    personWith(sql, sql`reports.user_id`)
  } as user, reports.room_id as chat, reports.reason, reports.note, reports.state,
    ${iso(sql, sql`reports.created_at`)} as created_at, ${iso(sql, sql`reports.resolved_at`)} as resolved_at`;

/** The columns that moderators see as well. */
const queuedColumns = (sql: Sql) =>
  sql`${reportColumns(sql)}, ${personWith(sql, sql`reports.reporter_id`)} as reporter, reports.snapshot, reports.action,
    ${personWith(sql, sql`reports.resolved_by`)} as resolved_by, reports.resolution_note,
    ${iso(sql, sql`reports.until`)} as until`;

/** What people report to the moderators, and what these answer: docs/apis/messenger.md#reports. */
export function reportRoutes(app: OpenAPIHono<Api>): void {
  ownRoutes(app);
  queueRoutes(app);
}

function ownRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/reports/",
      tags,
      summary: "List what the caller has reported, the latest first",
      request: { query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(Report), "The caller's reports.") },
    }),
    async (c) => {
      const { limit, before = null } = c.req.valid("query");
      const [reports] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof Report>[]>`
          select ${reportColumns(sql)} from chat.reports as reports
          where reports.reporter_id = ${c.var.claims.sub} and (${before}::bigint is null or reports.id < ${before}::bigint)
          order by reports.id desc
          limit ${limit}`,
      ]);
      if (reports.length === limit) linkNext(c, { before: reports.at(-1)!.id });
      return c.json(reports, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/reports/",
      tags,
      summary: "Report a message, a user or a chat to the moderators",
      request: { body: body(NewReport) },
      responses: {
        201: response(Report, "The report; repeated while it is open, it changes the reason and the note."),
      },
    }),
    async (c) => {
      const { reason, message = null, user_id, chat = null, note } = c.req.valid("json");
      const report = await transactionAsUser(c.var.claims, async (sql) => {
        const [person] = user_id === undefined ? [] : await findPeople(sql, [user_id], "user_id");
        const [report] = await sql<z.infer<typeof Report>[]>`
          select ${reportColumns(sql)} from chat.report(${reason}, ${message}, ${
          person?.id ?? null
        }, ${chat}, ${note}) as reports`;
        return report!;
      });
      return c.json(report, 201);
    },
  );
}

function queueRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/reports/queue/",
      tags,
      summary: "List the reports of all, the latest first, as a moderator",
      request: {
        query: z.object({ state: state().or(z.literal("all")).default("open"), limit: limit(), before: cursor() }),
      },
      responses: { 200: response(z.array(QueuedReport), "At most 100 reports.") },
    }),
    async (c) => {
      const { state, limit, before = null } = c.req.valid("query");
      const [reports] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof QueuedReport>[]>`
          select ${queuedColumns(sql)}
          from chat.report_list(${state === "all" ? null : state}, ${before}, ${limit}) as reports
          order by reports.id desc`,
      ]);
      if (reports.length === Math.min(limit, MAX_QUEUED)) linkNext(c, { before: reports.at(-1)!.id });
      return c.json(reports, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/reports/{id}/resolve/",
      tags,
      summary: "Answer a report, and all that are open about the same thing, as a moderator",
      request: { params: idParam, body: body(Resolution) },
      responses: { 200: response(QueuedReport, "The report.") },
    }),
    async (c) => {
      const { action, note, until = null } = c.req.valid("json");
      const [[report]] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof QueuedReport>[]>`
          select ${queuedColumns(sql)}
          from chat.resolve_report(${c.req.valid("param").id}, ${action}, ${note}, ${until}) as reports`,
      ]);
      return c.json(report!, 200);
    },
  );
}
