import type { Caller } from "../access/policies.ts";
import { httpError } from "../access/refusals.ts";
import type { Server } from "../channels/server.ts";
import { isObject, parse } from "../wire/frames.ts";
import { TextMessage } from "../wire/topic_message.ts";

interface BatchMessage {
  topic: string;
  event: string;
  payload: Record<string, unknown>;
  private: boolean;
  id?: string;
}

type Errors = Record<string, unknown>;

const BLANK = "can't be blank";

/** Broadcasts several messages; those that the caller may not send are dropped silently. */
export async function sendBatch(server: Server, caller: Caller, bytes: Uint8Array): Promise<Response> {
  const body = parse(new TextDecoder().decode(bytes));
  if (body === undefined) return httpError(400, "Bad Request");
  const { messages, errors } = readBatch(body, server.settings.maxPayloadBytes);
  if (errors) return Response.json({ errors }, { status: 422 });
  const { events } = server.topics;
  if (messages.length + events.average > events.limit) {
    return httpError(429, "Too many messages to broadcast, please reduce the batch size");
  }
  const granted = new Map<string, boolean>();
  for (const { topic } of messages.filter((message) => message.private)) {
    if (!granted.has(topic)) granted.set(topic, await server.policies.mayBroadcast({ ...caller, topic }) === true);
  }
  for (const { topic, event, payload, private: isPrivate, id } of messages) {
    if (isPrivate ? !granted.get(topic) : !server.settings.allowPublicAccess) continue;
    const json = JSON.stringify({ type: "broadcast", event, payload, ...(id && { meta: { id } }) });
    server.topics.broadcast(topic, isPrivate, new TextMessage(topic, "broadcast", json, id));
  }
  return new Response(null, { status: 202 });
}

function readBatch(body: unknown, maxBytes: number): { messages: BatchMessage[]; errors?: Errors } {
  const list = (isObject(body) ? body.messages : undefined) ?? [];
  if (!Array.isArray(list)) return { messages: [], errors: { messages: ["is invalid"] } };
  if (list.length === 0) return { messages: [], errors: { messages: [BLANK] } };
  const faults = list.map((message) => errorsOf(message, maxBytes));
  if (faults.some((one) => Object.keys(one).length > 0)) return { messages: [], errors: { messages: faults } };
  return { messages: list.map((message) => ({ ...message, private: isTrue(message.private) })) };
}

function errorsOf(message: unknown, maxBytes: number): Errors {
  if (!isObject(message)) return { payload: [BLANK], event: [BLANK], topic: [BLANK] };
  const errors: Errors = {};
  const { payload } = message;
  for (const name of ["topic", "event", "payload"]) if (isBlank(message[name])) errors[name] = [BLANK];
  for (const name of ["topic", "event", "id"]) if (!isText(message[name])) errors[name] = ["is invalid"];
  if (!isBlank(payload) && !isObject(payload)) errors.payload = ["is invalid"];
  else if (JSON.stringify(payload ?? {}).length > maxBytes) errors.payload = ["Payload size exceeds tenant limit"];
  if (!isBlank(message.private) && ![true, false, "true", "false"].includes(message.private as boolean)) {
    errors.private = ["is invalid"];
  }
  return errors;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isText(value: unknown): boolean {
  return isBlank(value) || typeof value === "string";
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}
