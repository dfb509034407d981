import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../../_shared/http/app.ts";
import { deleteConversation } from "../../_shared/queries/conversations.sql.ts";
import { title } from "../schemas.ts";
import { createSession, renameSession } from "../sessions.sql.ts";
import { answersBoth } from "./answers.ts";
import { fieldsOf, formOrJson, isFormPost, rawFieldsOf } from "./input.ts";
import { href, paths } from "./links.ts";
import { ownPagesOnly } from "./origin.ts";
import { ofSession, showHome, showSession } from "./pages.ts";
import { answerMessage, keepMessage, Message } from "./send.ts";
import { orShownAgain } from "./shown_again.ts";
import { signedInByCookie } from "./visitor.ts";

const Title = z.object({ title: title() });
const NewSession = z.object({ title: Title.shape.title.nullish() });

/** What a change goes through before it is made. */
const change = [answersBoth, ownPagesOnly, signedInByCookie, formOrJson] as const;

/** Web routes that begin, rename and delete sessions: JSON for scripts, and for forms the next page. */
export function sessionRoutes(app: OpenAPIHono<Api>): void {
  app.post(paths.create(), ...change, async (c) => {
    if (isFormPost(c)) return await create(c);
    const { title } = await fieldsOf(c, NewSession);
    const session = await createSession(c.var.claims, title);
    return c.json({ success: true, session_id: session.id, session_title: session.title }, 200);
  });

  app.post(paths.rename(":session_id"), ...change, ofSession, async (c) => {
    const id = c.req.param("session_id")!;
    const rename = async () => {
      const { title } = await fieldsOf(c, Title);
      const session = await renameSession(c.var.claims, id, title);
      return isFormPost(c)
        ? c.redirect(href(c, paths.session(id)), 303)
        : c.json({ success: true, ...titled(session) });
    };
    return await orShownAgain(c, "title", rename, (title) => showSession(c, { title }));
  });

  app.delete(paths.remove(":session_id"), ...change, ofSession, remove);
  app.post(paths.remove(":session_id"), ...change, ofSession, remove);
}

const titled = ({ title }: { title: string }) => ({ session_title: title });

/** Without a script: a chat begins with its first message, or empty. */
async function create(c: Context<Api>): Promise<Response> {
  const given = await rawFieldsOf(c) as Record<string, unknown>;
  if (given.message === undefined) {
    const { id } = await createSession(c.var.claims);
    return c.redirect(href(c, paths.session(id)), 303);
  }
  const begin = async () => {
    const message = await fieldsOf(c, Message);
    const { id } = await createSession(c.var.claims);
    const sent = await keepMessage(c, id, message).catch(async (error) => {
      // It was refused: no empty session is left behind.
      await deleteConversation(c.var.claims, id);
      throw error;
    });
    return await answerMessage(c, id, sent);
  };
  return await orShownAgain(c, "message", begin, (message) => showHome(c, message));
}

async function remove(c: Context<Api>): Promise<Response> {
  await deleteConversation(c.var.claims, c.req.param("session_id")!);
  return isFormPost(c) ? c.redirect(href(c, paths.home()), 303) : c.json({ success: true }, 200);
}
