import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { WebSocket as Client } from "ws";
import { settings } from "../../functions/_shared/settings/settings.ts";
import { unavailable } from "./responses.ts";

/** The address that the client has asked for, which a request to a worker has not. */
const URL_HEADER = "x-parley-url";
/** Headers of one connection, not of the message. */
const OF_CONNECTION = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
/** Bytes that may wait for a client before the worker waits, too. It closes the sockets of clients who read too slowly. */
const MAX_WAITING_BYTES = 256 * 1024;
const RESUME_CHECK_MS = 20;
/** Service restart: clients connect again. */
const RESTARTED = 1012;

const client = Deno.createHttpClient({ poolMaxIdlePerHost: 64 });

/** Passes a request on to a worker at that address, and returns its response: 503 if it has just ended. */
export async function passOn(request: Request, origin: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const target = `${origin}${pathname}${search}`;
  const headers = without(request.headers, "host", "accept-encoding");
  headers.set(URL_HEADER, request.url);
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return await openSocket(request, target, headers);
  const { method, signal } = request;
  const { promise: isSent, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const body = request.body?.pipeThrough(new TransformStream({ flush: end, cancel: end }));
  try {
    const response = await fetch(target, { method, headers, body, signal, redirect: "manual", client });
    // The worker reads all of the body, even if it has refused it. If this ended earlier, the response would be cut off.
    if (body) await isSent;
    return new Response(response.body, { status: response.status, headers: without(response.headers) });
  } catch {
    await body?.cancel().catch(() => {});
    return unavailable();
  }
}

/** In a worker: the request as the gateway has received it. */
export function received(request: Request): Request {
  const { method, body, signal } = request;
  const url = request.headers.get(URL_HEADER)!;
  const headers = new Headers(request.headers);
  headers.delete(URL_HEADER);
  headers.set("host", new URL(url).host);
  if (!headers.has("upgrade")) return new Request(url, { method, headers, body, signal });
  // Only the original request can be upgraded, so its URL and headers are replaced.
  return Object.defineProperties(request, { url: { value: url }, headers: { value: headers } });
}

function without(from: Headers, ...names: string[]): Headers {
  const headers = new Headers(from);
  for (const name of [...OF_CONNECTION, ...names]) headers.delete(name);
  return headers;
}

/** Opens a socket to the worker first: what it refuses is the response. */
function openSocket(request: Request, target: string, headers: Headers): Promise<Response> {
  const protocols = headers.get("sec-websocket-protocol")?.split(",").map((name) => name.trim()) ?? [];
  for (const name of [...headers.keys()]) if (name.startsWith("sec-websocket-")) headers.delete(name);
  const far = new Client(target.replace("http", "ws"), protocols, {
    headers: Object.fromEntries(headers),
    perMessageDeflate: false,
  });
  return new Promise((resolve) => {
    far.once("unexpected-response", (_, response) => resolve(refusal(response)));
    far.once("error", () => resolve(unavailable()));
    far.once("open", () => {
      const { response, socket } = Deno.upgradeWebSocket(request, { idleTimeout: settings.relayIdleSeconds() });
      if (far.protocol) response.headers.set("Sec-WebSocket-Protocol", far.protocol);
      join(socket, far);
      resolve(response);
    });
  });
}

function refusal(response: IncomingMessage): Response {
  const headers = new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
  return new Response(Readable.toWeb(response) as ReadableStream, {
    status: response.statusCode!,
    headers: without(headers),
  });
}

/** Passes frames on in both directions, until one of the sockets is closed. */
function join(near: WebSocket, far: Client): void {
  near.binaryType = "arraybuffer";
  const early: (string | ArrayBuffer)[] = [];
  const send = (data: string | ArrayBuffer) => {
    if (near.readyState === WebSocket.OPEN) near.send(data);
    if (near.bufferedAmount > MAX_WAITING_BYTES) waitFor(near, far);
  };
  let end: [code: number, reason: string] | undefined;
  near.onopen = () => {
    early.forEach(send);
    if (end) near.close(...end);
  };
  near.onmessage = ({ data }) => far.send(data);
  near.onclose = () => far.close();
  far.on("message", (data, isBinary) => {
    const frame = isBinary ? new Uint8Array(data as Buffer).buffer : String(data);
    if (near.readyState === WebSocket.CONNECTING) early.push(frame);
    else send(frame);
  });
  far.on("close", (code, reason) => {
    // A worker that has died says nothing.
    end = [code === 1005 || code === 1006 ? RESTARTED : code, String(reason)];
    if (near.readyState === WebSocket.OPEN) near.close(...end);
  });
  far.on("error", () => {});
}

/** Reads nothing more of a worker until its client has received what waits. */
function waitFor(near: WebSocket, far: Client): void {
  far.pause();
  setTimeout(() => {
    if (near.readyState === WebSocket.OPEN && near.bufferedAmount > MAX_WAITING_BYTES / 2) waitFor(near, far);
    else far.resume();
  }, RESUME_CHECK_MS);
}
