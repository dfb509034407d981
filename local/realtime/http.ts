import { readBody } from "./body.ts";
import { sendBatch } from "./http_batch.ts";
import { sendOne } from "./http_single.ts";
import type { Asker } from "./policies.ts";
import { DatabaseError } from "./pool.ts";
import type { Realtime } from "./realtime.ts";
import { type Claims, TokenError } from "./tokens.ts";

/** On whose behalf a request is made, but not for which topic. */
export type Caller = Omit<Asker, "topic">;

const single = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;

/** Answers the HTTP half: broadcasts in a batch, or one at a time. */
export async function answerApi(server: Realtime, request: Request, path: string): Promise<Response> {
  const [, topic, event] = single.exec(path) ?? [];
  if (request.method !== "POST" || !(topic || path === "/api/broadcast")) return message(404, "not found");
  if (server.topics.events.isExceeded) return message(429, "Too many requests");
  try {
    const caller = { claims: await authenticate(server, request), headers: Object.fromEntries(request.headers) };
    const body = await readBody(request);
    if (!body) return message(413, "Request Entity Too Large");
    if (!topic) return await sendBatch(server, caller, body);
    const asker = { ...caller, topic: decodeURIComponent(topic) };
    return await sendOne(server, request, asker, decodeURIComponent(event!), body);
  } catch (error) {
    if (error instanceof TokenError) return message(401, "Unauthorized");
    if (error instanceof URIError) return message(400, "Bad Request");
    throw error;
  }
}

export function message(status: number, text: string): Response {
  return Response.json({ message: text }, { status });
}

/** Whether policies let the caller broadcast to a private topic. */
export async function maySend(server: Realtime, asker: Asker): Promise<boolean | DatabaseError> {
  // It passes by every policy, so none is asked.
  if (asker.claims.role === "service_role") return true;
  try {
    return (await server.policies.writable(asker, ["broadcast"])).broadcast === true;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
}

async function authenticate({ tokens }: Realtime, { headers }: Request): Promise<Claims> {
  const [, bearer] = /^bearer (\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return await tokens.verify(tokens.exchange(bearer ?? headers.get("apikey") ?? ""));
}
