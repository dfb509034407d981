import type { Protocol } from "./protocol.ts";

// deno-lint-ignore no-explicit-any
export type Payload = Record<string, any>;

const COUNTED = new Set([
  "message.created",
  "message.updated",
  "message.deleted",
  "message.pinned",
  "message.unpinned",
  "member.joined",
  "member.left",
  "member.updated",
  "room.updated",
]);

/** Whether each event of this kind has a version of its own. */
export const isCounted = (event: string) => COUNTED.has(event);

/** What happened in a room: one text for all sockets that speak the same protocol. */
export class Change {
  readonly #frames = new Map<Protocol, string | undefined>();
  #created: Change | undefined;
  /** It changes a message of which the sockets that were here have not heard: events were lost. */
  isFirst = false;

  /** @param isSummary it comes from sync, and stands for all that happened to its message. */
  constructor(readonly event: string, readonly payload: Payload, readonly isSummary = false) {}

  get version(): number {
    return this.payload.version;
  }

  /** The message as it is now, for who has not heard of it before it was changed. */
  get asCreated(): Change {
    return this.#created ??= new Change("message.created", this.payload, this.isSummary);
  }

  /** About how long it is: only texts of people are long. */
  get length(): number {
    return 500 + (this.payload.message?.content.length ?? 0);
  }

  /** What is sent; undefined when the protocol has nothing to say of it. */
  frame(protocol: Protocol): string | undefined {
    if (this.#frames.has(protocol)) return this.#frames.get(protocol);
    const content = protocol.render(this);
    const frame = content && JSON.stringify(content);
    this.#frames.set(protocol, frame);
    return frame;
  }
}
