import type { Message } from "parley-client";
import { useEffect, useState } from "preact/hooks";

/** What the page shows, encoded in the fragment of its URL. Each visit creates a new object, even to the same place. */
export interface Route {
  tab: "chats" | "conversations";
  room?: number;
  /** The seq of a message in the room to scroll to. */
  seq?: number;
  /** The id of a conversation, or `new`. */
  conversation?: string;
  /** The token of a link by which the user can join a group. */
  invite?: string;
  /** The id of a message in the conversation to scroll to. */
  message?: number;
}

export const roomPath = (id: number) => `#/chats/${id}`;
/** The path of a message: its room and its seq. */
export const messageAddress = ({ room_id, seq }: Pick<Message, "room_id" | "seq">) => `${roomPath(room_id)}/${seq}`;
export const conversationPath = (id: string) => `#/conversations/${id}`;
/** The path of a message of a conversation. */
export const entryPath = (id: string, message: number) => `${conversationPath(id)}/${message}`;
/** In the fragment, which no server sees. */
export const invitePath = (token: string) => `#/invite/${token}`;
export const tabPath = (tab: Route["tab"]) => `#/${tab}`;

export function parse(fragment: string): Route {
  const [, tab, id, seq] = fragment.split("/");
  if (tab === "conversations") return { tab, ...(id && { conversation: id }), ...whole("message", seq) };
  if (tab === "invite") return { tab: "chats", ...(id && { invite: id }) };
  return { tab: "chats", ...whole("room", id), ...whole("seq", seq) };
}

function whole(name: "room" | "seq" | "message", text = ""): Partial<Route> {
  return /^\d{1,15}$/.test(text) ? { [name]: Number(text) } : {};
}

/** Returns the fragment of a URL that leads to a place in this page; undefined for any other URL. */
export function ownFragment(address: string): string | undefined {
  const url = URL.parse?.(address) ?? (URL.canParse(address) ? new URL(address) : undefined);
  const isOwn = url?.origin === location.origin && url.pathname === location.pathname;
  return isOwn && /^#\/(chats|conversations|invite)\b/.test(url.hash) ? url.hash : undefined;
}

/** Navigates to a path of the page; `replace` adds no history entry. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) location.replace(path);
  else location.hash = path;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const visit = () => setRoute(parse(location.hash));
    // A link to the current place does not change the fragment, but the user may have scrolled away.
    const clicked = (event: Event) => {
      const link = (event.target as Element | null)?.closest?.("a");
      if (link && link.hash === location.hash && ownFragment(link.href)) visit();
    };
    addEventListener("hashchange", visit);
    addEventListener("click", clicked);
    return () => {
      removeEventListener("hashchange", visit);
      removeEventListener("click", clicked);
    };
  }, []);
  return route;
}
