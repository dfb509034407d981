/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import type { Exchange as Chat } from "../../_shared/replies/exchange.ts";
import type { Session } from "../sessions.sql.ts";
import { chatParts, complaint, composer, type Typed } from "./chat_parts.tsx";
import { type Html, layout } from "./layout.tsx";
import { href, paths } from "./links.ts";
import { sessionList } from "./session_list.tsx";
import type { Shell } from "./shell.sql.ts";

/** The home page: all sessions, and a field that begins a new one. */
export function homePage(c: Context, shell: Shell, message?: Typed): Html {
  const main = (
    <>
      <h1>What is on your mind?</h1>
      {composer(c, paths.create(), message)}
    </>
  );
  return layout(c, { title: "Chats", username: shell.username, kind: "home", aside: sessionList(c, shell), main });
}

/** What of a session a page shows. */
export interface Shown {
  chats: Chat[];
  /** The chat whose reply is being written. */
  running?: number;
  /** Earlier chats are there, which are read page by page. */
  hasEarlier: boolean;
  /** The number of the page, where chats are read like that. */
  page?: number;
  hasLater?: boolean;
  /** What was sent and refused. */
  message?: Typed;
  title?: Typed;
}

/** The page of a session. */
export function sessionPage(c: Context, shell: Shell, session: Session, shown: Shown): Html {
  const { id, title } = session;
  const path = href(c, paths.session(id));
  const main = (
    <>
      <div class="heading">
        <a class="back" href={href(c, paths.home())}>All chats</a>
        <h1 id="title">{title}</h1>
        {renaming(c, session, shown.title)}
        {deleting(c, session)}
      </div>
      <div class={shown.page ? "scroller" : "scroller newest"} tabindex={0} role="region" aria-labelledby="title">
        <div class="log" id="log" role="log" aria-label="Messages">
          {shown.hasEarlier && !shown.page && fromTheBeginning(path)}
          {shown.chats.map((chat) => chatParts(c, id, chat, chat.id === shown.running))}
          {shown.page && turning(path, shown)}
        </div>
      </div>
      {!shown.page && composer(c, paths.send(id), shown.message)}
    </>
  );
  return layout(c, { title, username: shell.username, kind: "session", aside: sessionList(c, shell, id), main });
}

const fromTheBeginning = (path: string) => (
  <p class="pages">
    <a href={`${path}?page=1`}>Read from the beginning</a>
  </p>
);

const turning = (path: string, { page, hasEarlier, hasLater }: Shown) => (
  <p class="pages">
    {hasEarlier && <a href={`${path}?page=${page! - 1}`}>Earlier messages</a>}
    {hasLater && <a href={`${path}?page=${page! + 1}`}>Later messages</a>}
    <a href={path}>Newest messages</a>
  </p>
);

const renaming = (c: Context, { id, title }: Session, { value, error }: Typed = { value: title }) => (
  <details class="manage" open={Boolean(error)}>
    <summary>Rename</summary>
    <form class="rename" method="post" action={href(c, paths.rename(id))}>
      <label for="new-title">New title</label>
      <input
        id="new-title"
        name="title"
        value={value}
        required
        autocomplete="off"
        aria-describedby="new-title-error"
        aria-invalid={error ? "true" : undefined}
      />
      <button type="submit">Save</button>
      {complaint("new-title-error", error)}
    </form>
  </details>
);

const deleting = (c: Context, { id }: Session) => (
  <details class="manage">
    <summary>Delete</summary>
    <form class="delete" method="post" action={href(c, paths.remove(id))}>
      <p>The chat and all its messages go for good.</p>
      <button type="submit" class="danger">Delete this chat</button>
      {complaint("delete-error")}
    </form>
  </details>
);
