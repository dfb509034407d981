import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import WebSocket from "ws";

export const status = inject("status");
export const versions = ["1.0.0", "2.0.0"] as const;
export type Version = (typeof versions)[number];

/** A message in either version, whether it came as text or as bytes. */
export interface Message {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  // deno-lint-ignore no-explicit-any
  payload: any;
}

const TIMEOUT_MS = 20_000;

/** A connection without a library: every frame is written and read here. */
export class Wire {
  readonly received: Message[] = [];
  /** The code with which the connection was closed. */
  closed: number | undefined;
  #ref = 0;

  private constructor(readonly web: WebSocket, readonly version: Version) {
    web.on("message", (data: Buffer, isBinary) => this.received.push(read(data, isBinary, version)));
    web.on("close", (code) => this.closed = code);
    web.on("error", () => {});
  }

  static async open(version: Version, { key = status.publishable_key, url = status.api_url } = {}): Promise<Wire> {
    const address = `${url.replace("http", "ws")}/realtime/v1/websocket?vsn=${version}&apikey=${key}`;
    const web = new WebSocket(address, { perMessageDeflate: false });
    const wire = new Wire(web, version);
    await new Promise((resolve, reject) => web.once("open", resolve).once("error", reject));
    return wire;
  }

  /** Sends a message; returns its reference. */
  push(topic: string, event: string, payload: unknown, joinRef: string | null = null): string {
    const ref = event === "phx_join" && joinRef ? joinRef : String(++this.#ref);
    this.web.send(
      JSON.stringify(
        this.version === "2.0.0"
          ? [joinRef, ref, topic, event, payload]
          : { topic, event, payload, ref, join_ref: joinRef },
      ),
    );
    return ref;
  }

  /** Joins a channel; returns the reply. */
  async join(name: string, config: object = {}, more: object = {}): Promise<Message & { joinRef: string }> {
    const joinRef = String(++this.#ref);
    this.push(`realtime:${name}`, "phx_join", { config, ...more }, joinRef);
    return { ...await this.reply(joinRef), joinRef };
  }

  /** Broadcasts as realtime-js does in this version. */
  broadcast(name: string, event: string, payload: object | Uint8Array, joinRef: string): string {
    const topic = `realtime:${name}`;
    if (this.version === "1.0.0") return this.push(topic, "broadcast", { type: "broadcast", event, payload }, joinRef);
    const ref = String(++this.#ref);
    const isJson = !(payload instanceof Uint8Array);
    const body = isJson ? Buffer.from(JSON.stringify(payload)) : Buffer.from(payload);
    const fields = [joinRef, ref, topic, event, ""].map((field) => Buffer.from(field));
    this.web.send(
      Buffer.concat([Buffer.from([3, ...fields.map((field) => field.length), isJson ? 1 : 0]), ...fields, body]),
    );
    return ref;
  }

  reply(ref: string): Promise<Message> {
    return this.next((message) => message.event === "phx_reply" && message.ref === ref);
  }

  /** Takes the first matching message out of those received. */
  async next(wanted: string | ((message: Message) => boolean), within = TIMEOUT_MS): Promise<Message> {
    const matches = typeof wanted === "string" ? (message: Message) => message.event === wanted : wanted;
    for (const start = Date.now(); Date.now() - start < within; await sleep(5)) {
      const index = this.received.findIndex(matches);
      if (index >= 0) return this.received.splice(index, 1)[0]!;
    }
    throw new Error(
      `Nothing of that kind came: ${wanted}; the last that did: ${JSON.stringify(this.received.slice(-3))}`,
    );
  }

  /** All messages received by the time that a later one has its reply. */
  async settled(): Promise<Message[]> {
    await sleep(100);
    await this.reply(this.push("phoenix", "heartbeat", {}));
    return this.received;
  }

  async close(): Promise<void> {
    if (this.closed !== undefined) return;
    const gone = new Promise((resolve) => this.web.once("close", resolve));
    this.web.close();
    await gone;
  }
}

/** Closes the connections when the test ends. */
export async function withWires<T>(
  count: number,
  version: Version,
  work: (...wires: Wire[]) => Promise<T>,
): Promise<T> {
  const wires = await Promise.all(Array.from({ length: count }, () => Wire.open(version)));
  try {
    return await work(...wires);
  } finally {
    await Promise.all(wires.map((wire) => wire.close()));
  }
}

function read(data: Buffer, isBinary: boolean, version: Version): Message {
  if (isBinary) return readBinary(data);
  const frame = JSON.parse(data.toString());
  if (version === "2.0.0") {
    const [joinRef, ref, topic, event, payload] = frame;
    return { joinRef, ref, topic, event, payload };
  }
  const { join_ref: joinRef, ref, topic, event, payload } = frame;
  return { joinRef, ref, topic, event, payload };
}

function readBinary(data: Buffer): Message {
  if (data[0] !== 4) throw new Error(`Clients cannot read frames of kind ${data[0]}.`);
  const [topicSize, eventSize, metaSize, isJson] = [...data.subarray(1, 5)] as [number, number, number, number];
  let offset = 5;
  const take = (size = data.length) => data.subarray(offset, offset += size);
  const [topic, event, meta] = [take(topicSize).toString(), take(eventSize).toString(), take(metaSize).toString()];
  const body = take();
  const payload = isJson ? JSON.parse(body.toString()) : body;
  return {
    joinRef: null,
    ref: null,
    topic,
    event: "broadcast",
    payload: { type: "broadcast", event, payload, ...(meta && { meta: JSON.parse(meta) }) },
  };
}
