import type { Message } from "parley-client";
import { useEffect, useState } from "preact/hooks";

/** What the page shows, named by the fragment of its address. Each visit is another object, also of the same place. */
export interface Route {
  tab: "chats" | "conversations";
  room?: number;
  /** The place of a message in the room, to go to. */
  seq?: number;
  /** The id of a conversation, or `new`. */
  conversation?: string;
}

export const roomPath = (id: number) => `#/chats/${id}`;
/** The address of a message: of its room, and its place in it. */
export const messageAddress = ({ room_id, seq }: Pick<Message, "room_id" | "seq">) => `${roomPath(room_id)}/${seq}`;
export const conversationPath = (id: string) => `#/conversations/${id}`;
export const tabPath = (tab: Route["tab"]) => `#/${tab}`;

export function parse(fragment: string): Route {
  const [, tab, id, seq] = fragment.split("/");
  if (tab === "conversations") return { tab, ...(id && { conversation: id }) };
  return { tab: "chats", ...whole("room", id), ...whole("seq", seq) };
}

function whole(name: "room" | "seq", text = ""): Partial<Route> {
  return /^\d{1,15}$/.test(text) ? { [name]: Number(text) } : {};
}

/** The fragment of an address that leads to a place of this page; undefined for any other address. */
export function ownFragment(address: string): string | undefined {
  const url = URL.parse?.(address) ?? (URL.canParse(address) ? new URL(address) : undefined);
  const isOwn = url?.origin === location.origin && url.pathname === location.pathname;
  return isOwn && /^#\/(chats|conversations)\b/.test(url.hash) ? url.hash : undefined;
}

/** Goes to an address of the page; `replace` leaves none to come back to. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) location.replace(path);
  else location.hash = path;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const visit = () => setRoute(parse(location.hash));
    // A link to where one is changes no fragment, but somebody may have scrolled away from there.
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
