import { useEffect, useState } from "preact/hooks";

export type SectionName =
  | "overview"
  | "reports"
  | "people"
  | "rooms"
  | "messages"
  | "bans"
  | "words"
  | "limits"
  | "retention"
  | "audit"
  | "system";

/** What the admin page shows, encoded in the fragment of its URL. */
export interface AdminRoute {
  section: string;
  /** Of a person or a room. */
  id: string | undefined;
  /** What narrows a list. */
  query: URLSearchParams;
}

export interface SectionProps {
  route: AdminRoute;
}

type Values = Record<string, string | number | null | undefined>;

/** The address of a section, or of something in it; empty values are left out. */
export function address(section: SectionName, id?: string | number, values: Values = {}): string {
  const given = Object.entries(values).filter(([, value]) => value != null && value !== "");
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  const path = section === "overview" ? "#/" : `#/${section}`;
  return [path, id !== undefined && `/${id}`, query && `?${query}`].filter(Boolean).join("");
}

export const personAddress = (id: string) => address("people", id);
export const roomAddress = (id: number) => address("rooms", id);

export function parse(fragment: string): AdminRoute {
  const [path = "", query = ""] = fragment.split("?");
  const [, section, id] = path.split("/");
  return { section: section || "overview", id: id || undefined, query: new URLSearchParams(query) };
}

export function useAdminRoute(): AdminRoute {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const visit = () => setRoute(parse(location.hash));
    addEventListener("hashchange", visit);
    return () => removeEventListener("hashchange", visit);
  }, []);
  return route;
}
