import { parse } from "hono/utils/cookie";
import { isSameSite, publicOrigin } from "../_shared/network/address.ts";
import { isListedOrigin } from "../_shared/network/origins.ts";
import { bearer } from "../_shared/relay/bearer.ts";
import { serveSockets, type SocketRoute } from "../_shared/relay/route.ts";
import { sendHistory } from "./history.ts";
import { protocol } from "./socket_protocol.ts";

const named: Pick<SocketRoute, "room" | "token"> = {
  room: (name) => {
    const slug = decode(name);
    return slug === undefined ? undefined : (sql) => sql`rooms.slug = ${slug}`;
  },
  token(request, url) {
    const token = bearer(request, url);
    if (token !== undefined) return token;
    const { access } = parse(request.headers.get("cookie") ?? "", "access");
    if (access === undefined || isOwnPage(request)) return access;
    return Response.json({ detail: "Origin checking failed." }, { status: 403 });
  },
};

/** `messenger/ws/ws/chat/<room_name>/`: docs/apis/social.md#websocket. */
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
function isOwnPage(request: Request): boolean {
  const origin = request.headers.get("origin");
  return isListedOrigin(origin) || isSameSite(origin, publicOrigin(request));
}

function decode(name: string): string | undefined {
  try {
    const slug = decodeURIComponent(name);
    return slug.includes("\0") ? undefined : slug;
  } catch {
    return undefined;
  }
}
