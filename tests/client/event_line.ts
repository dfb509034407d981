import type { Socket } from "node:net";
import { isBroadcast } from "./frames.ts";
import type { Proxy } from "./proxy.ts";

/** How long an event waits for the one that it comes after. */
const HELD_MS = 30;

/** What a server sends on one WebSocket: in order, but for what the weather does to events. */
export class EventLine {
  #order: Promise<void> = Promise.resolve();
  #held: Buffer | undefined;

  constructor(readonly proxy: Proxy, readonly socket: Socket) {}

  push(frame: Buffer): void {
    this.#order = this.#order.then(() => this.proxy.wait()).then(() => this.#pass(frame));
  }

  #pass(frame: Buffer): void {
    const { proxy, socket } = this;
    if (!isBroadcast(frame)) return this.#write(frame);
    if (proxy.weather.deaf) return;
    if (proxy.happens(proxy.weather.eventsLost)) return void socket.destroy();
    if (!this.#held && proxy.happens(proxy.weather.eventsSwapped)) return this.#hold(frame);
    this.#write(frame);
    if (proxy.happens(proxy.weather.eventsTwice)) this.#write(frame);
    this.#release();
  }

  #hold(frame: Buffer): void {
    this.#held = frame;
    setTimeout(() => this.#release(), HELD_MS);
  }

  #release(): void {
    if (this.#held) this.#write(this.#held);
    this.#held = undefined;
  }

  #write(frame: Buffer): void {
    if (this.socket.writable) this.socket.write(frame);
  }
}
