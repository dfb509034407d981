import { parse } from "hono/utils/cookie";
import { bearer } from "../_shared/relay/bearer.ts";
import { serveSockets, type SocketRoute } from "../_shared/relay/route.ts";
import { settings } from "../_shared/relay/settings.ts";
import { sendHistory } from "./history.ts";
import { protocol } from "./socket-protocol.ts";

const named: Pick<SocketRoute, "room" | "token"> = {
  room: (name) => {
    const slug = decode(name);
    return slug === undefined ? undefined : (sql) => sql`rooms.slug = ${slug}`;
  },
  token(request, url) {
    const token = bearer(request, url);
    if (token !== undefined) return token;
    const { access } = parse(request.headers.get("cookie") ?? "", "access");
    if (access === undefined || isOwnOrigin(request, url)) return access;
    return Response.json({ detail: "Origin checking failed." }, { status: 403 });
  },
};

/** Section 13 of the document: `messenger/ws/ws/chat/<room_name>/`. */
const documented = serveSockets({
  ...named,
  path: /^\/social\/messenger\/ws\/ws\/chat\/([^/]+)\/?$/,
  protocol,
});

/** `ws/chat/<room_name>/`, whose clients read the messages before from nowhere else. */
const withHistory = serveSockets({
  ...named,
  path: /^\/social\/ws\/chat\/([^/]+)\/?$/,
  protocol: { ...protocol, welcome: sendHistory },
});

/** Answers requests for sockets; undefined for any other. */
export const chatSocket = (request: Request) => documented(request) ?? withHistory(request);

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
