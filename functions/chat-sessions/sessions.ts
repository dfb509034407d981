import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/http/app.ts";
import { numberedPage } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { deleteConversation } from "../_shared/queries/conversations.sql.ts";
import { numbered, PageQuery, requirePage } from "./pages.ts";
import { Session, sessionParam, title } from "./schemas.ts";
import { createSession, listSessions, readSession, renameSession } from "./sessions.sql.ts";

const tags = ["sessions"];

const NewSession = z.object({
  title: title().nullable().optional().openapi({ description: "By default the beginning of the first message." }),
}).openapi("NewSession");
const Renaming = z.object({ title: title() }).openapi("Renaming");

/** Sessions: docs/apis/chat-sessions.md#sessions. */
export function sessionRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/",
      tags,
      summary: "List the caller's sessions, newest first",
      request: { query: PageQuery },
      responses: { 200: response(numbered(Session, "SessionPage"), "A page of 20 sessions.") },
    }),
    async (c) => {
      const { page } = c.req.valid("query");
      const { count, sessions } = await listSessions(c.var.claims, page);
      requirePage(page, count);
      return c.json(numberedPage(c, page, count, sessions), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/",
      tags,
      summary: "Create a session",
      request: { body: body(NewSession) },
      responses: { 201: response(Session, "The new session.") },
    }),
    async (c) => c.json(await createSession(c.var.claims, c.req.valid("json").title), 201),
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/",
      tags,
      summary: "Get a session",
      request: { params: sessionParam },
      responses: { 200: response(Session, "The session.") },
    }),
    async (c) => c.json(await readSession(c.var.claims, c.req.valid("param").id), 200),
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/v1/chat/sessions/{id}/",
        tags,
        summary: "Rename a session",
        request: { params: sessionParam, body: body(Renaming) },
        responses: { 200: response(Session, "The updated session.") },
      }),
      async (c) => {
        const { title } = c.req.valid("json");
        return c.json(await renameSession(c.var.claims, c.req.valid("param").id, title), 200);
      },
    );
  }

  app.openapi(
    route({
      method: "delete",
      path: "/api/v1/chat/sessions/{id}/",
      tags,
      summary: "Delete a session and its chats",
      request: { params: sessionParam },
      responses: { 204: { description: "Deleted." } },
    }),
    async (c) => {
      await deleteConversation(c.var.claims, c.req.valid("param").id);
      return c.body(null, 204);
    },
  );
}
