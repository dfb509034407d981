import { type Body, encodeBroadcast } from "./binary.ts";
import { encodeJson, type Frame, parse, type Version } from "./frames.ts";

/** A message for all subscribers of a topic, encoded only once for each protocol version. */
export abstract class TopicMessage {
  readonly #frames: [Frame | undefined, Frame | undefined] = [undefined, undefined];

  /** `id` is the id of the row in realtime.messages, if there is one. */
  constructor(readonly id?: string) {}

  /** The frame for sockets of that version; undefined when the version cannot express it. */
  frame(version: Version): Frame | undefined {
    return this.#frames[version - 1] ??= this.encode(version);
  }

  protected abstract encode(version: Version): Frame | undefined;
}

/** A text message in all versions; `json` is its payload. */
export class TextMessage extends TopicMessage {
  constructor(readonly topic: string, readonly event: string, readonly json: string, id?: string) {
    super(id);
  }

  protected encode(version: Version): Frame {
    const { event, json: payload } = this;
    return encodeJson(version, { joinRef: null, ref: null, topic: `realtime:${this.topic}`, event, payload });
  }
}

/** A broadcast of a client or of the database: bytes in version 2, JSON in version 1. */
export class BroadcastMessage extends TopicMessage {
  constructor(readonly topic: string, readonly event: string, readonly body: Body, id?: string) {
    super(id);
  }

  protected encode(version: Version): Frame | undefined {
    const meta = this.id ? `{"id":"${this.id}"}` : "";
    const topic = `realtime:${this.topic}`;
    if (version === 2) return encodeBroadcast(topic, this.event, meta, this.body);
    const json = this.body.isJson ? new TextDecoder().decode(this.body.bytes) : undefined;
    if (json === undefined || parse(json) === undefined) return undefined;
    const event = JSON.stringify(this.event);
    const payload = `{"type":"broadcast","event":${event},"payload":${json}${meta && `,"meta":${meta}`}}`;
    return encodeJson(version, { joinRef: null, ref: null, topic, event: "broadcast", payload });
  }
}
