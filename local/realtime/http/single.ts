import type { AuthContext } from "../access/policies.ts";
import { DatabaseError, type DatabaseErrorKind } from "../access/pool.ts";
import { httpError } from "../access/refusals.ts";
import type { Server } from "../channels/server.ts";
import { parse } from "../wire/frames.ts";
import { BroadcastMessage } from "../wire/topic_message.ts";

/** Broadcasts the body of a request, JSON or bytes, unchanged. */
export async function sendOne(
  server: Server,
  request: Request,
  authContext: AuthContext,
  event: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const type = /^[^;]*/.exec(request.headers.get("content-type") ?? "application/json")![0].trim().toLowerCase();
  if (type !== "application/json" && type !== "application/octet-stream") {
    const error = "Unsupported Media Type. Use application/json or application/octet-stream";
    return Response.json({ error }, { status: 415 });
  }
  const isJson = type === "application/json";
  if (isJson && parse(new TextDecoder().decode(bytes)) === undefined) return httpError(400, "Bad Request");
  if (bytes.length > server.settings.maxPayloadBytes) {
    return Response.json({ errors: { payload: ["Payload size exceeds tenant limit"] } }, { status: 422 });
  }
  const isPrivate = new URL(request.url).searchParams.get("private") === "true";
  const allowed = isPrivate ? await server.policies.mayBroadcast(authContext) : server.settings.allowPublicAccess > 0;
  if (allowed instanceof DatabaseError) return httpError(...DATABASE_ERRORS[allowed.kind]);
  if (!allowed) return httpError(403, "Unauthorized");
  server.topics.broadcast(
    authContext.topic,
    isPrivate,
    new BroadcastMessage(authContext.topic, event, { isJson, bytes }),
  );
  return new Response(null, { status: 202 });
}

const DATABASE_ERRORS: Record<DatabaseErrorKind, [number, string]> = {
  busy: [429, "Connection pool exhausted"],
  away: [422, "Tenant database unavailable"],
  canceled: [422, "Query canceled"],
  no_partition: [422, "Missing messages partition"],
  refused: [422, "RLS policy error"],
};
