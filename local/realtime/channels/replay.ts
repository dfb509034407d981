import { JoinRefusal } from "../access/refusals.ts";
import { encodeBroadcast } from "../wire/binary.ts";
import { isObject } from "../wire/frames.ts";
import type { Channel } from "./channel.ts";

interface Row {
  id: string;
  event: string;
  payload: string | null;
  binary_payload: Uint8Array<ArrayBuffer> | null;
}

const MINUTE_MS = 60_000;

/**
 * Loads the past messages that a join requests.
 * @returns a function that sends them.
 * @throws JoinRefusal
 */
export async function replay(channel: Channel): Promise<() => void> {
  const { isPrivate, replay: wanted } = channel.request;
  if (wanted === undefined) return () => {};
  if (!isPrivate) throw refusal("Replay is not allowed for public channels");
  if (!isObject(wanted)) return () => {};
  const { since, limit = 25 } = wanted;
  if (!Number.isSafeInteger(since) || !Number.isSafeInteger(limit ?? 25)) throw refusal("Replay params are not valid");
  const rows = await find(channel, since as number, (limit ?? 25) as number);
  channel.replayed = new Set(rows.map(({ id }) => id));
  return () => rows.forEach((row) => send(channel, row));
}

async function find({ server, name }: Channel, since: number, limit: number): Promise<Row[]> {
  const count = Math.max(1, Math.min(limit, server.settings.maxReplayedMessages));
  try {
    const rows = await server.pool.sql<Row[]>`
      select id, event, payload::text as payload, binary_payload from realtime.messages
      where topic = ${name} and private is true and extension = 'broadcast' -- as its index says
        and inserted_at >= to_timestamp(${since / 1000}) at time zone 'utc'
        and inserted_at < ${new Date(Date.now() + MINUTE_MS).toISOString()}::timestamptz at time zone 'utc'
      order by inserted_at desc limit ${count}`;
    return rows.reverse();
  } catch {
    throw refusal("Realtime was unable to replay messages");
  }
}

function send(channel: Channel, { id, event, payload, binary_payload }: Row): void {
  const meta = { replayed: true, id };
  if (!binary_payload) {
    return channel.push("broadcast", { type: "broadcast", event, payload: JSON.parse(payload ?? "null"), meta });
  }
  if (channel.socket.handshake.version === 1) return;
  const body = { isJson: false, bytes: new Uint8Array(binary_payload) };
  const frame = encodeBroadcast(`realtime:${channel.name}`, event, JSON.stringify(meta), body);
  if (frame) channel.socket.send(frame);
}

function refusal(text: string): JoinRefusal {
  return new JoinRefusal(`UnableToReplayMessages: ${text}`);
}
