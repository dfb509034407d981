import type { RoomEvent, Typing, UserStatus } from "../../../client/sdk/src/contract/events.ts";
import type { Message } from "../../../client/sdk/src/contract/message.ts";
import type { Protocol } from "./protocol.ts";

/** The status of a member; unlike the event it needs no version. */
export type Status = Omit<UserStatus, "version">;

/** What is sent to the sockets of a room: an event of the room, or that a member is typing. */
export type Content = Exclude<RoomEvent, UserStatus> | Status | Typing;

/** What happened in a room: one text for all sockets that speak the same protocol. */
export class Change {
  readonly #frames = new Map<Protocol, string | undefined>();
  #created: Change | undefined;
  /** It updates a message that the sockets have not received: its event was lost. */
  isFirst = false;

  /** @param isSummary it comes from sync, and summarizes all changes of its message. */
  constructor(readonly content: Content, readonly isSummary = false) {}

  /** The version of the room; 0 if the content has none. */
  get version(): number {
    return "version" in this.content ? this.content.version : 0;
  }

  /** The message that it is about, as it is now. */
  get message(): Message | undefined {
    return "message" in this.content ? this.content.message : undefined;
  }

  /** The current message as `message.created`, for sockets that have not received it. */
  get asCreated(): Change {
    if (!("message" in this.content)) return this;
    return this.#created ??= new Change({ ...this.content, event: "message.created" }, this.isSummary);
  }

  /** Its approximate length: only message texts are long. */
  get length(): number {
    return 500 + (this.message?.content.length ?? 0);
  }

  /** The frame for a protocol; undefined when it has none for this event. */
  frame(protocol: Protocol): string | undefined {
    if (this.#frames.has(protocol)) return this.#frames.get(protocol);
    const content = protocol.render(this);
    const frame = content && JSON.stringify(content);
    this.#frames.set(protocol, frame);
    return frame;
  }
}
