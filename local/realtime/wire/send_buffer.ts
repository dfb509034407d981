import type { Frame } from "./frames.ts";

/** What the runtime may buffer for one socket, where it cannot be dropped. */
const HIGH_WATER_BYTES = 256 * 1024;
const CHECK_EVERY_BYTES = 64 * 1024;
const FLUSH_MS = 5;

/**
 * Sends frames over one socket. When the reader is too slow, frames are queued here, shared between sockets; when the
 * queue is too long, the socket is closed.
 */
export class SendBuffer {
  #unchecked = 0;
  #waiting: Frame[] | undefined;
  #next = 0;
  #waitingBytes = 0;

  constructor(readonly socket: WebSocket, readonly limit: number, readonly giveUp: () => void) {}

  send(frame: Frame): void {
    if (this.#waiting) return this.#wait(frame);
    this.socket.send(frame);
    this.#unchecked += frame.length;
    if (this.#unchecked < CHECK_EVERY_BYTES) return;
    this.#unchecked = 0;
    if (this.socket.bufferedAmount > HIGH_WATER_BYTES) this.#beginWaiting();
  }

  /** Whether more than half of the limit is queued. */
  get isHalfFull(): boolean {
    return this.#waitingBytes > this.limit / 2;
  }

  /** Drops the queue. */
  close(): void {
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    waiting.delete(this);
  }

  /** Sends queued frames as far as the reader keeps up. */
  flush(): void {
    const frames = this.#waiting;
    if (!frames || this.socket.bufferedAmount > HIGH_WATER_BYTES) return;
    for (let sent = 0; sent < HIGH_WATER_BYTES && this.#next < frames.length; this.#next++) {
      const frame = frames[this.#next]!;
      this.socket.send(frame);
      sent += frame.length;
      this.#waitingBytes -= frame.length;
    }
    if (this.#next === frames.length) return this.close();
    if (this.#next > 1024) this.#waiting = frames.splice(this.#next), this.#next = 0;
  }

  #beginWaiting(): void {
    this.#waiting = [];
    this.#next = this.#waitingBytes = 0;
    waiting.add(this);
    timer ??= setInterval(flushAll, FLUSH_MS);
  }

  #wait(frame: Frame): void {
    this.#waiting!.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > this.limit) this.giveUp();
  }
}

/** Whether the queue of a socket is half full, so that senders should slow down. */
export function isAnyReaderSlow(): boolean {
  for (const outbox of waiting) if (outbox.isHalfFull) return true;
  return false;
}

const waiting = new Set<SendBuffer>();
let timer: ReturnType<typeof setInterval> | undefined;

function flushAll(): void {
  for (const outbox of waiting) outbox.flush();
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
