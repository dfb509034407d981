import { DatabaseError } from "../access/pool.ts";
import { isObject, type Message } from "../wire/frames.ts";
import type { Channel } from "./channel.ts";
import { askWrite } from "./client_broadcasts.ts";

/** Handles `track` and `untrack`. */
export function receivePresence(channel: Channel, message: Message): void | Promise<void> {
  const { payload } = message;
  if (!isObject(payload) || typeof payload.event !== "string") return channel.socket.reply(message, "ok", {});
  if (!isWithinLimit(channel)) return channel.shutDown("Client presence rate limit exceeded");
  const event = payload.event.toLowerCase();
  if (event === "untrack") {
    untrack(channel);
    return channel.socket.reply(message, "ok", {});
  }
  if (event !== "track") return channel.socket.reply(message, "error", {});
  const tracked = "payload" in payload ? payload.payload : {};
  if (!channel.granted || channel.granted.write.presence !== undefined) return track(channel, message, tracked);
  return askPresence(channel).then((isAnswered) => {
    if (channel.isClosed) return;
    if (isAnswered) track(channel, message, tracked);
    else channel.socket.reply(message, "error", {});
  });
}

/** A `track` may be the first use of presence: checks what the join did not check. */
async function askPresence(channel: Channel): Promise<boolean> {
  const { server, authContext, granted } = channel;
  try {
    if (granted!.read.presence === undefined) {
      granted!.read = { ...granted!.read, ...await server.policies.readable(authContext, ["presence"]) };
    }
    return await askWrite(channel);
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  }
}

function track(channel: Channel, message: Message, payload: unknown): void {
  const { server, socket, granted, topic, request } = channel;
  if (granted && !granted.write.presence) return socket.reply(message, "error", {});
  if (!isObject(payload)) return socket.reply(message, "error", { reason: "Presence track payload must be a map" });
  const json = JSON.stringify(payload);
  if (json !== channel.tracked) {
    const { maxPresenceBytes, maxPresenceFields } = server.settings;
    if (json.length > maxPresenceBytes || Object.keys(payload).length > maxPresenceFields) {
      return channel.shutDown("Track message size exceeded");
    }
    if (channel.tracked === undefined && isShownOften(channel)) return socket.reply(message, "error", {});
    if (server.topics.presenceEvents.isExceeded) return channel.shutDown("Too many presence messages per second");
    server.topics.presenceEvents.add();
    channel.tracked = json;
    request.presence.isEnabled = true;
    topic!.broadcastPresence(topic!.presence.track(channel, request.presence.key, payload));
  }
  socket.reply(message, "ok", {});
}

function isShownOften({ topic, claims, server: { settings } }: Channel): boolean {
  let shown = 0;
  for (const other of topic!.channels) if (other.tracked !== undefined && other.claims.sub === claims.sub) shown++;
  return claims.sub !== undefined && shown >= settings.maxPresencesPerPerson;
}

function untrack(channel: Channel): void {
  channel.tracked = undefined;
  const diff = channel.topic!.presence.untrack(channel);
  if (diff) channel.topic!.broadcastPresence(diff);
}

function isWithinLimit({ presenceCalls: calls, server: { settings } }: Channel): boolean {
  const now = Date.now();
  if (now - calls.since > settings.presenceWindowMs) {
    calls.since = now;
    calls.count = 0;
  }
  return ++calls.count <= settings.maxPresenceCalls;
}
