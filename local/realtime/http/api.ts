import { bytesOf } from "../../gateway/bodies.ts";
import { httpError } from "../access/refusals.ts";
import { type Claims, TokenError } from "../access/tokens.ts";
import type { Server } from "../channels/server.ts";
import { sendBatch } from "./batch.ts";
import { sendOne } from "./single.ts";

/** The limit of the platform. */
const MAX_BODY_BYTES = 8_000_000;

const SINGLE_PATH = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;

/** Handles the HTTP API: broadcasts in a batch or one at a time. */
export async function handleApi(server: Server, request: Request, path: string): Promise<Response> {
  const [, topic, event] = SINGLE_PATH.exec(path) ?? [];
  if (request.method !== "POST" || !(topic || path === "/api/broadcast")) return httpError(404, "not found");
  if (server.topics.events.isExceeded) return httpError(429, "Too many requests");
  try {
    const caller = { claims: await authenticate(server, request), headers: Object.fromEntries(request.headers) };
    const body = await bytesOf(request, MAX_BODY_BYTES);
    if (!body) return httpError(413, "Request Entity Too Large");
    if (!topic) return await sendBatch(server, caller, body);
    const authContext = { ...caller, topic: decodeURIComponent(topic) };
    return await sendOne(server, request, authContext, decodeURIComponent(event!), body);
  } catch (error) {
    if (error instanceof TokenError) return httpError(401, "Unauthorized");
    if (error instanceof URIError) return httpError(400, "Bad Request");
    throw error;
  }
}

async function authenticate({ tokens }: Server, { headers }: Request): Promise<Claims> {
  const [, bearer] = /^bearer (\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return await tokens.verify(tokens.exchange(bearer ?? headers.get("apikey") ?? ""));
}
