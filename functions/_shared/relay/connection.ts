import type { Claims } from "../auth/tokens.ts";
import { keepAlive, remainingLifetime, shutdown } from "../base/worker.ts";
import { settings } from "../settings/settings.ts";
import { OpenSockets } from "./access.ts";
import type { Admission, Person } from "./admission.ts";
import type { Change } from "./change.ts";
import { CLOSE, type Close } from "./close_codes.ts";
import { FrameQueue } from "./frame_queue.ts";
import * as presence from "./presence.ts";
import type { Protocol } from "./protocol.ts";
import * as receipts from "./receipts.ts";
import type { Room } from "./room.ts";
import { enterRoom, leaveRoom } from "./rooms.ts";

const BACKLOG_CHECK_LENGTH = 64 * 1024;
const DRAINED_BYTES = 512 * 1024;
/** The longest wait that a timer can measure. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const openSockets = new OpenSockets();
shutdown.addEventListener("abort", () => {
  for (const connection of openSockets) connection.close(CLOSE.restarting);
});

/** The open socket of a member. */
export class Connection {
  readonly claims: Claims;
  readonly person: Person;
  readonly room: Room;
  /** The version of the room when membership was checked. */
  readonly admittedAt: number;
  /** The last seq of the room at that time. */
  readonly #admittedSeq: number;
  /** The version that the client has. */
  version: number;
  /** True once the missed changes have been sent and live changes follow. */
  isLive = false;
  isOpen = false;
  /** The seq of the last message of another member that was sent. */
  sentSeq = 0;
  readonly #maxBacklog = settings.relayMaxBacklog();
  readonly #drained = Math.min(DRAINED_BYTES, this.#maxBacklog / 2);
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #unchecked = 0;
  #resolve!: () => void;

  /** @param since the version that the client has. */
  constructor(readonly web: WebSocket, admission: Admission, readonly protocol: Protocol, readonly since?: number) {
    this.claims = admission.claims;
    this.person = admission.person;
    this.admittedAt = admission.room.version;
    this.#admittedSeq = admission.room.last_seq;
    this.version = Math.min(since ?? this.admittedAt, this.admittedAt);
    this.room = enterRoom(admission.room);
    const frames = new FrameQueue(this);
    web.onopen = () => this.#open();
    web.onmessage = ({ data }) => frames.receive(data);
    web.onclose = () => this.#end();
    web.onerror = () => this.#end();
  }

  /** Whether a version has not been sent yet. */
  awaits(version: number): boolean {
    return version > this.version;
  }

  /** Sends a change, unless the client has received it. */
  deliver(change: Change): void {
    if (change.version <= this.version) return;
    this.version = change.version;
    const isNew = change.isFirst && change.message !== undefined && change.message.seq > this.#admittedSeq;
    this.sendChange(isNew ? change.asCreated : change);
  }

  /** Sends changes as fast as the client reads them. Returns whether all were sent. */
  deliverSome(changes: Change[]): boolean {
    for (const change of changes) {
      if (this.isBehind) return false;
      this.deliver(change);
    }
    return true;
  }

  sendChange(change: Change): void {
    const frame = change.frame(this.protocol);
    if (frame === undefined) return;
    this.#sendText(frame);
    const { message } = change;
    if (message && message.sender_id !== this.claims.sub) this.sentUpTo(message.seq);
  }

  /** Notes that messages up to a seq were sent; they count as delivered once the client has read them. */
  sentUpTo(seq: number): void {
    if (seq <= this.sentSeq) return;
    this.sentSeq = seq;
    receipts.sent(this);
  }

  send(frame: object): void {
    this.#sendText(JSON.stringify(frame));
  }

  close([code, reason]: Close): void {
    if (this.web.readyState === WebSocket.OPEN) this.web.close(code, reason);
    this.#end(code);
  }

  /** Whether much of what was sent is still unread. */
  get isBehind(): boolean {
    return this.isOpen && this.web.bufferedAmount > this.#drained;
  }

  async drained(): Promise<void> {
    while (this.isBehind) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #open(): void {
    this.isOpen = true;
    this.room.connections.add(this);
    keepAlive(new Promise<void>((resolve) => this.#resolve = resolve));
    openSockets.add(this);
    presence.opened(this.claims);
    this.#after(this.claims.exp * 1000 - Date.now(), CLOSE.tokenExpired);
    this.#after(remainingLifetime(), CLOSE.restarting);
    this.room.join(this).catch((error) => {
      console.error(`a socket of room ${this.room.id} cannot catch up:`, error);
      this.close(CLOSE.restarting);
    });
  }

  #after(wait: number, close: Close): void {
    if (wait < MAX_TIMER_MS) this.#timers.push(setTimeout(() => this.close(close), wait));
  }

  #sendText(frame: string): void {
    if (!this.isOpen || this.web.readyState !== WebSocket.OPEN) return;
    this.web.send(frame);
    this.#unchecked += frame.length;
    if (this.#unchecked < BACKLOG_CHECK_LENGTH) return;
    this.#unchecked = 0;
    if (this.web.bufferedAmount > this.#maxBacklog) this.close(CLOSE.tooSlow);
  }

  #end(code?: number): void {
    if (!this.isOpen) return leaveRoom(this.room);
    this.isOpen = this.isLive = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.room.left(this);
    leaveRoom(this.room);
    openSockets.delete(this);
    presence.closed(this.claims, code === CLOSE.restarting[0]);
    this.#resolve();
  }
}
