import { translate } from "../db/database_errors.ts";
import type { Sql, Statement } from "../db/db.ts";
import { publicOrigin } from "../network/address.ts";
import { isAllowedHost, refuseHost } from "../network/hosts.ts";
import { settings } from "../settings/settings.ts";
import { type Admission, admit } from "./admission.ts";
import { subprotocols } from "./bearer.ts";
import type { Close } from "./close_codes.ts";
import { Connection } from "./connection.ts";
import { errorFrame, FrameError, refusalOf } from "./frame_error.ts";
import type { Protocol } from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import { enterRoom } from "./rooms.ts";

/** Where sockets are opened, and how they speak. */
export interface SocketRoute {
  /** The path with the function's name; its first group names the room. */
  path: RegExp;
  protocol: Protocol;
  /** The condition by which the name of the path chooses among chat.rooms; undefined when it names none. */
  room(name: string): ((sql: Sql) => Statement) | undefined;
  /** The access token of a request, or a refusal before there is a socket. */
  token(request: Request, url: URL): string | undefined | Response;
}

/** How long a socket waits for the room's events to come in, before it opens without them. */
const READY_TIMEOUT_MS = 3000;

/** Answers requests at the route of the sockets; undefined for any other path. */
export function serveSockets(route: SocketRoute): (request: Request) => Promise<Response> | undefined {
  return (request) => {
    const url = new URL(request.url);
    const [, name] = route.path.exec(url.pathname) ?? [];
    return name === undefined ? undefined : answer(route, request, url, name);
  };
}

async function answer(route: SocketRoute, request: Request, url: URL, name: string): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return notAsked();
  const { host } = new URL(publicOrigin(request));
  if (!isAllowedHost(host)) return refuseHost(host);
  const token = route.token(request, url);
  if (token instanceof Response) return token;
  try {
    const isRoom = route.room(name) ?? ((sql: Sql) => sql`false`);
    return await open(route.protocol, request, await admit(token, isRoom), url.searchParams.get("since"));
  } catch (error) {
    if (error instanceof Refusal) return refuse(request, error.close);
    console.error("a socket could not be opened:", error);
    const { status, body, headers } = translate(error as Error, {}) ??
      { status: 500, body: { detail: "Internal server error." }, headers: {} };
    return Response.json(body, { status, headers });
  }
}

async function open(
  protocol: Protocol,
  request: Request,
  admission: Admission,
  since: string | null,
): Promise<Response> {
  const room = enterRoom(admission.room);
  await within(READY_TIMEOUT_MS, room.subscription.ready);
  return upgrade(request, (socket) => connect(protocol, socket, admission, since));
}

function connect(protocol: Protocol, socket: WebSocket, admission: Admission, since: string | null): void {
  const isVersion = since !== null && /^\d{1,15}$/.test(since);
  const connection = new Connection(socket, admission, protocol, isVersion ? Number(since) : undefined);
  if (since === null || isVersion) return;
  const error = new FrameError("invalid_since", "since is a version, a whole number.");
  const { refuse = errorFrame } = protocol;
  socket.addEventListener("open", () => connection.send(refuse(refusalOf(error, undefined, {}))));
}

/** Browsers see why only when the socket opens first. */
function refuse(request: Request, [code, reason]: Close): Response {
  return upgrade(request, (socket) => {
    socket.onopen = () => socket.close(code, reason);
  });
}

/** Opens the socket that a request asks for, and answers the request. */
function upgrade(request: Request, use: (socket: WebSocket) => void): Response {
  let upgraded;
  const [protocol] = subprotocols(request.headers);
  try {
    upgraded = Deno.upgradeWebSocket(request, { idleTimeout: settings.relayIdleSeconds() });
  } catch {
    // A header is missing of those that ask for it.
    return notAsked();
  }
  // Browsers give up when they offer subprotocols and none is chosen. Deno's own option expects a space after each comma.
  if (protocol) upgraded.response.headers.set("Sec-WebSocket-Protocol", protocol);
  use(upgraded.socket);
  return upgraded.response;
}

function notAsked(): Response {
  return Response.json({ detail: "This is a WebSocket." }, { status: 426, headers: { Upgrade: "websocket" } });
}

async function within(timeoutMs: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
