import { useEffect, useState } from "preact/hooks";

/** What the page shows, told by the fragment of its address. */
export interface Route {
  tab: "chats" | "talks";
  room?: number;
  /** The place of a message in the room, to go to. */
  seq?: number;
  /** The id of a conversation, or `new`. */
  talk?: string;
}

export const roomPath = (id: number) => `#/chats/${id}`;
export const talkPath = (id: string) => `#/talks/${id}`;
export const tabPath = (tab: Route["tab"]) => `#/${tab}`;

export function parse(fragment: string): Route {
  const [, tab, id, seq] = fragment.split("/");
  if (tab === "talks") return { tab, ...(id && { talk: id }) };
  return { tab: "chats", ...whole("room", id), ...whole("seq", seq) };
}

function whole(name: "room" | "seq", text = ""): Partial<Route> {
  return /^\d{1,15}$/.test(text) ? { [name]: Number(text) } : {};
}

/** Goes to an address of the page; `replace` leaves none to come back to. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) location.replace(path);
  else location.hash = path;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
