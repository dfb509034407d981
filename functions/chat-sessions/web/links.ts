import type { Context } from "hono";
import { outerAddress } from "../../_shared/network/address.ts";

/** The paths of the pages: docs/apis/chat-sessions.md#pages. */
export const paths = {
  home: () => "/",
  register: () => "/accounts/register/",
  login: () => "/accounts/login/",
  logout: () => "/accounts/logout/",
  create: () => "/chat/session/create/",
  session: (id: string) => `/chat/${id}/`,
  rename: (id: string) => `/chat/session/${id}/rename/`,
  remove: (id: string) => `/chat/session/${id}/delete/`,
  send: (id: string) => `/chat/session/${id}/send/`,
  regenerate: (id: string, chat: number | string) => `/chat/session/${id}/chats/${chat}/regenerate/`,
  continue: (id: string, chat: number | string) => `/chat/session/${id}/chats/${chat}/continue/`,
  stop: (id: string, chat: number | string) => `/chat/session/${id}/chats/${chat}/stop/`,
  reply: (id: string, chat: number | string) => `/chat/session/${id}/chats/${chat}/reply/`,
  load: (id: string) => `/load_session/${id}/`,
  asset: (name: string) => `/static/${name}`,
};

const SESSION = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const RETURNABLE = new RegExp(`^/(?:chat/${SESSION}/)?$`, "i");

/** A path of the pages as browsers have to write it. */
export const href = (c: Context, path: string) => outerAddress(c).prefix + path;

/** Whether text is the id of a session. */
export const isSessionId = (text: string) => new RegExp(`^${SESSION}$`, "i").test(text);

/**
 * Where to go after signing in: the page that was asked for, where it is one of these, else the home page. Whatever else
 * a foreign link may have put into `next` counts for nothing.
 */
export function afterLogin(c: Context, next: unknown): string {
  const { prefix } = outerAddress(c);
  const path = typeof next === "string" && next.startsWith(`${prefix}/`) ? next.slice(prefix.length) : "";
  return prefix + (RETURNABLE.test(path) ? path : paths.home());
}

/** The login page, from which one comes back to `path`. */
export function loginHref(c: Context, path = paths.home()): string {
  const next = path === paths.home() ? "" : `?next=${encodeURIComponent(href(c, path))}`;
  return href(c, paths.login()) + next;
}
