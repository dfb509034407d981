import { decodeBinary } from "../wire/binary.ts";
import { decodeText, encodeText, type Frame, type Message, type Version } from "../wire/frames.ts";
import { SendBuffer } from "../wire/send_buffer.ts";
import type { TopicMessage } from "../wire/topic_message.ts";
import { Channel } from "./channel.ts";
import type { Server } from "./server.ts";

/** The parameters of a connection. */
export interface Handshake {
  version: Version;
  /** The API key of the connection, as a token. */
  key: string;
  /** Headers that begin with `x-`: policies read them in `request.headers`. */
  headers: Record<string, string>;
}

const PREFIX = "realtime:";

/** The connection of a client, with the channels it has joined. */
export class Socket {
  readonly channels = new Map<string, Channel>();
  readonly opened = Date.now();
  lastHeard = Date.now();
  readonly #buffer: SendBuffer;

  constructor(readonly server: Server, readonly web: WebSocket, readonly handshake: Handshake) {
    this.#buffer = new SendBuffer(
      web,
      server.settings.maxBacklogBytes,
      () => this.close(1008, "The reader is too slow."),
    );
    web.binaryType = "arraybuffer";
    web.onmessage = ({ data }) => this.#receive(data);
    web.onclose = () => this.#end();
    web.onerror = () => this.#end();
    server.unjoined.add(this);
  }

  deliver(message: TopicMessage): void {
    const frame = message.frame(this.handshake.version);
    if (frame !== undefined) this.#buffer.send(frame);
  }

  push(message: Message): void {
    this.send(encodeText(this.handshake.version, message));
  }

  send(frame: Frame): void {
    this.#buffer.send(frame);
  }

  reply({ joinRef, ref, topic }: Message, status: "ok" | "error", response: unknown): void {
    this.push({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
  }

  /** Closes the socket without waiting for the client, which may have vanished or may not read. */
  close(code = 1000, reason = ""): void {
    if (this.web.readyState === WebSocket.OPEN) this.web.close(code, reason);
    this.#end();
  }

  /** Passes a message to its channel; `size` is in bytes. */
  route(message: Message, size = 0): void {
    const { topic, event } = message;
    if (topic === "phoenix" && event === "heartbeat") return this.reply(message, "ok", {});
    const channel = this.channels.get(topic);
    if (event === "phx_join" && topic.startsWith(PREFIX)) return this.#join(message, channel);
    if (channel) {
      if (message.joinRef === null || message.joinRef === channel.joinRef) channel.receive(message, size);
      return;
    }
    if (event === "phx_leave") this.reply(message, "ok", {});
    else this.reply(message, "error", { reason: "unmatched topic" });
  }

  #join(message: Message, before: Channel | undefined): void {
    before?.close();
    const channel = new Channel(this, message.topic.slice(PREFIX.length), message.joinRef);
    this.channels.set(message.topic, channel);
    channel.join(message);
  }

  #receive(data: string | ArrayBuffer): void {
    this.lastHeard = Date.now();
    const { version } = this.handshake;
    const isText = typeof data === "string";
    const size = isText ? data.length : data.byteLength;
    if (size > this.server.settings.maxFrameBytes) return this.close(1009);
    const message = isText ? decodeText(version, data) : version === 2 ? decodeBinary(data) : undefined;
    if (message) this.route(message, size);
  }

  #end(): void {
    this.#buffer.close();
    for (const channel of this.channels.values()) channel.leave();
    this.channels.clear();
    this.server.sockets.delete(this);
    this.server.unjoined.delete(this);
  }
}
