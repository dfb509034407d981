import type { AuthContext, Permissions } from "../access/policies.ts";
import type { Claims } from "../access/tokens.ts";
import type { Message } from "../wire/frames.ts";
import type { TopicMessage } from "../wire/topic_message.ts";
import { receiveBroadcast } from "./client_broadcasts.ts";
import { receivePresence } from "./client_presence.ts";
import { handleJoin } from "./join.ts";
import type { JoinRequest } from "./join_payload.ts";
import { SerialQueue } from "./serial_queue.ts";
import type { Socket } from "./socket.ts";
import { checkToken, receiveToken } from "./token_refresh.ts";
import type { Topic } from "./topics.ts";

/** The permissions of a private channel; undefined ones have not been checked yet. */
export interface Granted {
  read: Permissions;
  write: Permissions;
}

/** A topic that one socket has joined, with its token and permissions. */
export class Channel {
  request!: JoinRequest;
  token!: string;
  claims!: Claims;
  /** Undefined for a public channel, where everything is permitted. */
  granted: Granted | undefined;
  topic: Topic | undefined;
  /** Replayed messages, which must not be sent again. */
  replayed: Set<string> | undefined;
  /** The tracked presence, as JSON. */
  tracked: string | undefined;
  presenceCalls = { count: 0, since: 0 };
  isClosed = false;
  #tokenTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #queue = new SerialQueue(
    (message) => this.#handle(message),
    (error) => this.#fail(error),
    () => this.close("phx_error"),
  );

  constructor(readonly socket: Socket, readonly name: string, readonly joinRef: string | null) {}

  get server() {
    return this.socket.server;
  }

  get authContext(): AuthContext {
    return { claims: this.claims, headers: this.socket.handshake.headers, topic: this.name };
  }

  get seesPresence(): boolean {
    return this.granted ? this.granted.read.presence === true : true;
  }

  receives({ id }: TopicMessage): boolean {
    if (this.granted && this.granted.read.broadcast !== true) return false;
    return id === undefined || !this.replayed?.has(id);
  }

  /** Handles a `phx_join`. */
  join(message: Message): void {
    this.#queue.run(() => handleJoin(this, message));
  }

  /** Handles a message of the client; `size` is its length. */
  receive(message: Message, size: number): void {
    this.#queue.add(message, size);
  }

  /** Sends a message of the server. */
  push(event: string, payload: unknown, ref: string | null = null): void {
    this.socket.push({ joinRef: this.joinRef, ref, topic: `realtime:${this.name}`, event, payload });
  }

  pushSystem(extension: string, status: "ok" | "error", message: string): void {
    this.push("system", { extension, status, message, channel: this.name });
  }

  /** Sends the reason and closes the channel. */
  shutDown(reason: string): void {
    if (this.isClosed) return;
    this.pushSystem("system", "error", reason);
    this.close();
  }

  /** Closes the channel and notifies the client, which does not rejoin after `phx_close`. */
  close(event: "phx_close" | "phx_error" = "phx_close"): void {
    if (this.isClosed) return;
    const wasJoined = this.topic !== undefined;
    this.leave();
    this.socket.channels.delete(`realtime:${this.name}`);
    if (wasJoined) this.push(event, {}, this.joinRef);
  }

  /** Closes the channel without notifying the client. */
  leave(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.#tokenTimer);
    this.server.changes.unsubscribe(this);
    if (this.topic) this.server.topics.leave(this, this.topic, this.request.isPrivate);
  }

  /** Checks the token again when it expires, or earlier. */
  watchToken(): void {
    clearTimeout(this.#tokenTimer);
    const left = this.claims.exp * 1000 - Date.now();
    const wait = Math.min(this.server.settings.tokenCheckMs, Math.max(left, 0));
    this.#tokenTimer = setTimeout(() => checkToken(this), wait);
  }

  #handle(message: Message): void | Promise<void> {
    // The channel may have closed while the message was queued.
    if (this.isClosed) return this.socket.route(message);
    switch (message.event) {
      case "broadcast":
        return receiveBroadcast(this, message);
      case "presence":
        return receivePresence(this, message);
      case "access_token":
        return receiveToken(this, message.payload);
      case "phx_leave":
        this.socket.reply(message, "ok", {});
        return this.close();
      default:
        this.server.topics.events.add();
    }
  }

  #fail(error: unknown): void {
    console.error(error);
    this.close("phx_error");
  }
}
