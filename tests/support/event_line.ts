import WebSocket, { type RawData } from "ws";
import type { Proxy } from "./proxy.ts";

/** How long an event is held back, at most, to come after the next one. */
const HELD_MS = 30;

interface Frame {
  data: RawData;
  binary: boolean;
}

/** What a server sends on one WebSocket: in order, except for what the weather does to events. */
export class EventLine {
  #order: Promise<void> = Promise.resolve();
  #held: Frame | undefined;

  constructor(readonly proxy: Proxy, readonly client: WebSocket) {}

  push(frame: Frame): void {
    this.#order = this.#order.then(() => this.proxy.wait()).then(() => this.#pass(frame));
  }

  /** Runs when all frames have passed. */
  end(work: () => void): void {
    this.#order = this.#order.then(work);
  }

  async #pass(frame: Frame): Promise<void> {
    const { proxy, client } = this;
    if (!isBroadcast(frame)) return this.#write(frame);
    await proxy.released("events", String(frame.data));
    if (proxy.weather.deaf) return;
    if (proxy.happens(proxy.weather.eventsLost)) return client.terminate();
    if (!this.#held && proxy.happens(proxy.weather.eventsSwapped)) return this.#hold(frame);
    this.#write(frame);
    if (proxy.happens(proxy.weather.eventsTwice)) this.#write(frame);
    this.#release();
  }

  #hold(frame: Frame): void {
    this.#held = frame;
    setTimeout(() => this.#release(), HELD_MS);
  }

  #release(): void {
    if (this.#held) this.#write(this.#held);
    this.#held = undefined;
  }

  #write({ data, binary }: Frame): void {
    if (this.client.readyState === WebSocket.OPEN) this.client.send(data, { binary });
  }
}

/** Whether a frame brings an event of a topic: not a reply, and nothing about presence. */
function isBroadcast({ data, binary }: Frame): boolean {
  if (binary) return true;
  const frame = JSON.parse(String(data));
  return Array.isArray(frame) && frame[3] === "broadcast";
}
