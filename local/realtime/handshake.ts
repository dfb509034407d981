import { TokenError } from "./access/tokens.ts";
import type { Server } from "./channels/server.ts";
import { Socket } from "./channels/socket.ts";
import type { Version } from "./wire/frames.ts";

class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Opens a connection, or responds with an error after a delay, so that clients do not retry too fast. */
export async function shakeHands(server: Server, request: Request): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 400 });
  const query = new URL(request.url).searchParams;
  const version = versionOf(query.get("vsn"));
  if (!version) return new Response(null, { status: 403 });
  try {
    const key = server.tokens.exchange(request.headers.get("x-api-key") ?? query.get("apikey") ?? "");
    await check(server, key);
    const headers = xHeaders(request.headers);
    const { socket, response } = upgrade(request, server.settings.idleMs);
    server.sockets.add(new Socket(server, socket, { version, key, headers }));
    makeRoom(server);
    return response;
  } catch (error) {
    const { status, message } = refusalOf(error);
    await server.delay(server.settings.connectBackoffMs);
    return Response.json({ error: message }, { status });
  }
}

async function check({ tokens, sockets, joins, settings }: Server, key: string): Promise<void> {
  if (!key) throw new Refusal(401, "API key is missing");
  await tokens.verify(key);
  if (sockets.size >= settings.maxConnections) throw new Refusal(429, "Too many connected users");
  if (joins.isExceeded) throw new Refusal(429, "Too many joins per second");
}

/** Closes the oldest socket without a channel when there are too many: opening one needs no account. */
function makeRoom({ unjoined, settings }: Server): void {
  if (unjoined.size <= settings.maxUnjoined) return;
  const [oldest] = unjoined;
  oldest!.close(1008, "Nothing was joined.");
}

/** A client that answers no ping is disconnected before it is asked to close, which would wait for its response. */
function upgrade(request: Request, idleMs: number): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request, { idleTimeout: idleMs / 1_000 * 0.9 });
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof TokenError) || error.kind === "invalid") {
    if (!(error instanceof TokenError)) console.error(error);
    return new Refusal(500, "Error connecting to Realtime");
  }
  return new Refusal(401, error.kind === "expired" ? "Token has expired" : error.message);
}

function versionOf(text: string | null): Version | undefined {
  if (text === null || /^1\.0\.\d+$/.test(text)) return 1;
  return /^2\.0\.\d+$/.test(text) ? 2 : undefined;
}

function xHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-")));
}
