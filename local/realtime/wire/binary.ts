import type { Message } from "./frames.ts";

/** The body of a broadcast, as its sender encoded it. */
export interface Body {
  isJson: boolean;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A broadcast from a binary frame: its event and body are forwarded unchanged. */
export class UserPush {
  constructor(readonly event: string, readonly body: Body) {}
}

const USER_PUSH = 3;
const USER_BROADCAST = 4;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Decodes a binary frame of a client; undefined when it is invalid. */
export function decodeBinary(buffer: ArrayBuffer): Message | undefined {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] !== USER_PUSH || bytes.length < 7) return undefined;
  let offset = 7;
  const fields = [];
  for (const size of bytes.subarray(1, 6)) fields.push(text.decode(bytes.subarray(offset, offset += size)));
  if (offset > bytes.length) return undefined;
  const [joinRef, ref, topic, event] = fields as [string, string, string, string];
  const push = new UserPush(event, { isJson: bytes[6] !== 0, bytes: bytes.subarray(offset) });
  return { joinRef: joinRef || null, ref: ref || null, topic, event: "broadcast", payload: push };
}

/** Encodes the binary frame of a broadcast; undefined when a name is too long for its size field. */
export function encodeBroadcast(
  topic: string,
  event: string,
  meta: string,
  body: Body,
): Uint8Array<ArrayBuffer> | undefined {
  const header = utf8.encode(topic + event + meta);
  const sizes = [topic, event, meta].map((field) => byteLength(field));
  if (sizes.some((size) => size > 255)) return undefined;
  const frame = new Uint8Array(5 + header.length + body.bytes.length);
  frame.set([USER_BROADCAST, ...sizes, body.isJson ? 1 : 0]);
  frame.set(header, 5);
  frame.set(body.bytes, 5 + header.length);
  return frame;
}

function byteLength(field: string): number {
  return utf8.encode(field).length;
}
