/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { href, paths } from "./links.ts";
import type { Shell } from "./shell.sql.ts";

/** All chats of the visitor, page by page, and the way to a new one. */
export const sessionList = (c: Context, { sessions, page, hasMore }: Shell, current?: string) => (
  <nav class="sessions" aria-label="Chats">
    <form method="post" action={href(c, paths.create())}>
      <button type="submit">New chat</button>
    </form>
    <ul>
      {sessions.map(({ id, title }) => (
        <li>
          <a href={href(c, paths.session(id))} title={title} aria-current={id === current ? "page" : undefined}>
            {title}
          </a>
        </li>
      ))}
    </ul>
    {sessions.length === 0 && <p class="hint">No chats yet.</p>}
    <p class="pages">
      {page > 1 && <a href={`${href(c, paths.home())}?page=${page - 1}`}>Newer chats</a>}
      {hasMore && <a href={`${href(c, paths.home())}?page=${page + 1}`}>Older chats</a>}
    </p>
  </nav>
);
