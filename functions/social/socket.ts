import { parse } from "hono/utils/cookie";
import { serveSockets } from "../_shared/relay/route.ts";
import { settings } from "../_shared/relay/settings.ts";
import { protocol } from "./socket-protocol.ts";

/** Section 13 of the document: `messenger/ws/ws/chat/<room_name>/`. */
export const chatSocket = serveSockets({
  path: /^\/social\/messenger\/ws\/ws\/chat\/([^/]+)\/?$/,
  protocol,
  room: (name) => {
    const slug = decode(name);
    return slug === undefined ? undefined : (sql) => sql`rooms.slug = ${slug}`;
  },
  token(request, url) {
    const token = url.searchParams.get("token");
    if (token !== null) return token;
    const { access } = parse(request.headers.get("cookie") ?? "", "access");
    if (access === undefined || isOwnOrigin(request, url)) return access;
    return Response.json({ detail: "Origin checking failed." }, { status: 403 });
  },
});

/** A cookie goes along with requests that any page makes: only pages of allowed origins may use it. */
function isOwnOrigin({ headers }: Request, url: URL): boolean {
  const origin = headers.get("origin");
  if (!origin || !URL.canParse(origin)) return false;
  const host = headers.get("x-forwarded-host") ?? url.host;
  return new URL(origin).host === host || settings.allowedOrigins().includes(origin);
}

function decode(name: string): string | undefined {
  try {
    const slug = decodeURIComponent(name);
    return slug.includes("\0") ? undefined : slug;
  } catch {
    return undefined;
  }
}
