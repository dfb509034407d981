/** The two serializations of the protocol: 1.0.0 with objects, 2.0.0 with arrays and binary frames. */
export type Version = 1 | 2;

/** A frame of a socket: text or bytes. */
export type Frame = string | Uint8Array<ArrayBuffer>;

/** A message of a client; `payload` is a `UserPush` when it came in a binary frame. */
export interface Message {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

/** Decodes a text frame; undefined when it is invalid. */
export function decodeText(version: Version, text: string): Message | undefined {
  const frame = parse(text);
  if (version === 2) return Array.isArray(frame) && frame.length >= 5 ? checked(frame) : undefined;
  if (!isObject(frame) || !("payload" in frame)) return undefined;
  return checked([frame.join_ref, frame.ref, frame.topic, frame.event, frame.payload]);
}

/** Encodes a text frame. */
export function encodeText(version: Version, message: Message): string {
  return encodeJson(version, { ...message, payload: JSON.stringify(message.payload) });
}

/** Encodes a text frame whose payload is already JSON. */
export function encodeJson(
  version: Version,
  { joinRef, ref, topic, event, payload }: Message & { payload: string },
): string {
  const [join, own, name, what] = [joinRef, ref, topic, event].map((field) => JSON.stringify(field));
  if (version === 2) return `[${join},${own},${name},${what},${payload}]`;
  return `{"topic":${name},"event":${what},"payload":${payload},"ref":${own},"join_ref":${join}}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON; undefined when it is invalid. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checked([joinRef, ref, topic, event, payload]: unknown[]): Message | undefined {
  if (typeof topic !== "string" || typeof event !== "string") return undefined;
  return { joinRef: reference(joinRef), ref: reference(ref), topic, event, payload };
}

function reference(value: unknown): string | null {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
}
