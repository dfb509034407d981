import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { notFound } from "../../_shared/base/errors.ts";
import type { Api } from "../../_shared/http/app.ts";
import { runningQuestion } from "../../_shared/replies/replies.sql.ts";
import { listChats } from "../chats.sql.ts";
import { PAGE_SIZE, PageQuery, requirePage } from "../pages.ts";
import { readSession } from "../sessions.sql.ts";
import { answersPage, answersScript } from "./answers.ts";
import { homePage, sessionPage, type Shown } from "./chat_pages.tsx";
import type { Typed } from "./chat_parts.tsx";
import { isSessionId, paths } from "./links.ts";
import { readShell } from "./shell.sql.ts";
import { signedInByCookie } from "./visitor.ts";

/** As many chats as a page shows before older ones are read page by page. */
const NEWEST = 100;

/** The ids of sessions are uuids: there is nothing at any other path. Raises 404. */
export const ofSession: MiddlewareHandler = (c, next) => {
  if (!isSessionId(c.req.param("session_id")!)) throw notFound();
  return next();
};

/** The pages that show sessions: docs/apis/chat-sessions.md#pages. */
export function pageRoutes(app: OpenAPIHono<Api>): void {
  app.get(paths.home(), answersPage, signedInByCookie, (c) => showHome(c));

  app.get(paths.session(":session_id"), answersPage, ofSession, signedInByCookie, async (c) => {
    const { page } = PageQuery.parse({ page: c.req.query("page") ?? "1" });
    return c.req.query("page") === undefined ? await showSession(c) : await showChatsOfPage(c, page);
  });

  app.get(paths.load(":session_id"), answersScript, ofSession, signedInByCookie, async (c) => {
    const { title, chats, has_more_chats } = await readSession(c.var.claims, c.req.param("session_id")!);
    return c.json({ chats, has_more_chats, session_title: title }, 200);
  });
}

/** Answers the home page, also with a message that was refused. */
export async function showHome(c: Context<Api>, message?: Typed): Promise<Response> {
  const { page } = PageQuery.parse({ page: c.req.query("page") ?? "1" });
  return c.html(homePage(c, await readShell(c.var.claims, page), message), message ? 400 : 200);
}

/** Answers the page of a session with its newest chats, also with what was sent and refused. */
export async function showSession(c: Context<Api>, refused: Pick<Shown, "message" | "title"> = {}): Promise<Response> {
  const id = c.req.param("session_id")!;
  const [shell, session, running] = await Promise.all([
    readShell(c.var.claims, 1),
    readSession(c.var.claims, id, NEWEST),
    runningQuestion(c.var.claims, id),
  ]);
  const { chats, has_more_chats: hasEarlier } = session;
  const status = refused.message || refused.title ? 400 : 200;
  return c.html(sessionPage(c, shell, session, { chats, hasEarlier, running, ...refused }), status);
}

async function showChatsOfPage(c: Context<Api>, page: number): Promise<Response> {
  const id = c.req.param("session_id")!;
  const [shell, session, { count, chats }] = await Promise.all([
    readShell(c.var.claims, 1),
    readSession(c.var.claims, id, 1),
    listChats(c.var.claims, id, page),
  ]);
  requirePage(page, count);
  const shown = { chats, page, hasEarlier: page > 1, hasLater: page * PAGE_SIZE < count };
  return c.html(sessionPage(c, shell, session, shown));
}
