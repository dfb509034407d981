import { TextAnnouncement, UserBroadcast } from "./broadcast.ts";
import { isObject, parse } from "./frames.ts";
import { type Asker } from "./policies.ts";
import { DatabaseError, type DatabaseFault } from "./pool.ts";
import type { Realtime } from "./realtime.ts";
import { type Claims, TokenError } from "./tokens.ts";

type Errors = Record<string, unknown>;

interface BatchMessage {
  topic: string;
  event: string;
  payload: Record<string, unknown>;
  private: boolean;
  id?: string;
}

const single = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;

/** Answers the HTTP half: broadcasts in a batch, or one at a time. */
export async function answerApi(server: Realtime, request: Request, path: string): Promise<Response> {
  const [, topic, event] = single.exec(path) ?? [];
  if (request.method !== "POST" || !(topic || path === "/api/broadcast")) return message(404, "not found");
  const { events } = server.topics;
  if (events.isExceeded) return message(429, "Too many requests");
  try {
    const asker = { claims: await authenticate(server, request), headers: Object.fromEntries(request.headers) };
    if (!topic) return await batch(server, request, asker);
    return await one(server, request, { ...asker, topic: decodeURIComponent(topic) }, decodeURIComponent(event!));
  } catch (error) {
    if (error instanceof TokenError) return message(401, "Unauthorized");
    if (error instanceof URIError) return message(400, "Bad Request");
    throw error;
  }
}

async function authenticate({ tokens }: Realtime, { headers }: Request): Promise<Claims> {
  const [, bearer] = /^bearer (\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return await tokens.verify(tokens.exchange(bearer ?? headers.get("apikey") ?? ""));
}

async function batch(server: Realtime, request: Request, asker: Omit<Asker, "topic">): Promise<Response> {
  const body = parse(await request.text());
  const { messages, errors } = readBatch(body, server.settings.maxPayloadBytes);
  if (errors) return Response.json({ errors }, { status: 422 });
  const { events } = server.topics;
  if (messages.length + events.average > events.limit) {
    return message(429, "Too many messages to broadcast, please reduce the batch size");
  }
  const granted = new Map<string, boolean>();
  for (const { topic } of messages.filter((message) => message.private)) {
    if (!granted.has(topic)) granted.set(topic, await maySend(server, { ...asker, topic }) === true);
  }
  for (const { topic, event, payload, private: isPrivate, id } of messages) {
    if (isPrivate && !granted.get(topic)) continue;
    const json = JSON.stringify({ type: "broadcast", event, payload, ...(id && { meta: { id } }) });
    server.topics.broadcast(topic, isPrivate, new TextAnnouncement(topic, "broadcast", json, id));
  }
  return new Response(null, { status: 202 });
}

async function one(server: Realtime, request: Request, asker: Asker, event: string): Promise<Response> {
  const type = /^[^;]*/.exec(request.headers.get("content-type") ?? "application/json")![0].trim().toLowerCase();
  if (type !== "application/json" && type !== "application/octet-stream") {
    const error = "Unsupported Media Type. Use application/json or application/octet-stream";
    return Response.json({ error }, { status: 415 });
  }
  const isJson = type === "application/json";
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (isJson && parse(new TextDecoder().decode(bytes)) === undefined) return message(400, "Bad Request");
  if (bytes.length > server.settings.maxPayloadBytes) {
    return Response.json({ errors: { payload: ["Payload size exceeds tenant limit"] } }, { status: 422 });
  }
  const isPrivate = new URL(request.url).searchParams.get("private") === "true";
  const allowed = isPrivate ? await maySend(server, asker) : true;
  if (allowed instanceof DatabaseError) return message(...faults[allowed.fault]);
  if (!allowed) return message(403, "Unauthorized");
  const announcement = new UserBroadcast(asker.topic, event, { isJson, bytes });
  server.topics.broadcast(asker.topic, isPrivate, announcement);
  return new Response(null, { status: 202 });
}

const faults: Record<DatabaseFault, [number, string]> = {
  busy: [429, "Connection pool exhausted"],
  away: [422, "Tenant database unavailable"],
  canceled: [422, "Query canceled"],
  no_partition: [422, "Missing messages partition"],
  refused: [422, "RLS policy error"],
};

async function maySend(server: Realtime, asker: Asker): Promise<boolean | DatabaseError> {
  // It may pass by every policy, so none is asked.
  if (asker.claims.role === "service_role") return true;
  try {
    return (await server.policies.writable(asker, ["broadcast"])).broadcast === true;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
}

function readBatch(body: unknown, maxBytes: number): { messages: BatchMessage[]; errors?: Errors } {
  const list = isObject(body) ? body.messages : undefined;
  if (!Array.isArray(list)) return { messages: [], errors: { messages: [list === undefined ? blank : "is invalid"] } };
  const faults = list.map((message) => faultsOf(message, maxBytes));
  if (faults.some((one) => Object.keys(one).length > 0)) return { messages: [], errors: { messages: faults } };
  return { messages: list.map((message) => ({ ...message, private: isTrue(message.private) })) };
}

const blank = "can't be blank";

function faultsOf(message: unknown, maxBytes: number): Errors {
  if (!isObject(message)) return { payload: [blank], event: [blank], topic: [blank] };
  const errors: Errors = {};
  for (const name of ["topic", "event"]) {
    if (message[name] === undefined || message[name] === null || message[name] === "") errors[name] = [blank];
    else if (typeof message[name] !== "string") errors[name] = ["is invalid"];
  }
  if (message.payload === undefined || message.payload === null) errors.payload = [blank];
  else if (!isObject(message.payload)) errors.payload = ["is invalid"];
  else if (JSON.stringify(message.payload).length > maxBytes) errors.payload = ["Payload size exceeds tenant limit"];
  if (message.private !== undefined && ![true, false, "true", "false", null].includes(message.private as boolean)) {
    errors.private = ["is invalid"];
  }
  return errors;
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function message(status: number, text: string): Response {
  return Response.json({ message: text }, { status });
}
