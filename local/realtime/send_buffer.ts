import type { Frame } from "./frames.ts";

/** What the runtime may hold for one socket: it cannot be taken back from there. */
const highWater = 256 * 1024;
const checkEvery = 64 * 1024;
const flushMs = 5;

/**
 * Sends over one socket. When the reader does not keep up, frames wait here, where all who wait for the same frame
 * share it, and when too much waits the socket is given up.
 */
export class Outbox {
  #unchecked = 0;
  #waiting: Frame[] | undefined;
  #next = 0;
  #waitingBytes = 0;

  constructor(readonly socket: WebSocket, readonly limit: number, readonly giveUp: () => void) {}

  send(frame: Frame): void {
    if (this.#waiting) return this.#wait(frame);
    this.socket.send(frame);
    this.#unchecked += frame.length;
    if (this.#unchecked < checkEvery) return;
    this.#unchecked = 0;
    if (this.socket.bufferedAmount > highWater) this.#beginWaiting();
  }

  /** Whether half of what may wait does. */
  get isPressed(): boolean {
    return this.#waitingBytes > this.limit / 2;
  }

  /** Forgets what waits. */
  close(): void {
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    waiting.delete(this);
  }

  /** Sends on what waits, as far as the reader takes it. */
  flush(): void {
    const frames = this.#waiting;
    if (!frames || this.socket.bufferedAmount > highWater) return;
    for (let sent = 0; sent < highWater && this.#next < frames.length; this.#next++) {
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
    timer ??= setInterval(flushAll, flushMs);
  }

  #wait(frame: Frame): void {
    this.#waiting!.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > this.limit) this.giveUp();
  }
}

/** Whether a reader is about to be given up, so that it is time to send more slowly. */
export function isPressed(): boolean {
  for (const outbox of waiting) if (outbox.isPressed) return true;
  return false;
}

const waiting = new Set<Outbox>();
let timer: ReturnType<typeof setInterval> | undefined;

function flushAll(): void {
  for (const outbox of waiting) outbox.flush();
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
