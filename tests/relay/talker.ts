import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import type { Frame } from "./socket.ts";

/**
 * A user in a chat of the messenger, through outages, as an app behaves: it reopens its socket where it left off, and
 * repeats messages that were not acknowledged.
 */
export class Talker {
  /** Versioned frames, each once, in order of arrival. */
  readonly taken: Frame[] = [];
  /** Versioned frames that had come before. */
  readonly again: Frame[] = [];
  /** The codes with which its sockets were closed. */
  readonly codes: number[] = [];
  /** The client_ids of messages sent more than once. */
  readonly repeated = new Set<string>();
  #web!: WebSocket;
  #acknowledged = new Set<string>();
  #isOver = false;

  /** @param address of the route, with the token. */
  constructor(readonly address: string, public version: number) {}

  /** Resolves once a socket is open. */
  async open(): Promise<void> {
    for (; !this.#isOver; await sleep(50)) {
      const web = new WebSocket(`${this.address}&since=${this.version}`);
      web.on("message", (data) => this.#take(JSON.parse(String(data))));
      web.on("error", () => {});
      const isOpen = await new Promise<boolean>((resolve) => {
        web.once("open", () => resolve(true)).once("close", () => resolve(false));
      });
      if (!isOpen) continue;
      this.#web = web;
      web.once("close", (code) => {
        if (this.#isOver) return;
        this.codes.push(code);
        void this.open();
      });
      return;
    }
  }

  /** Sends a message until it is acknowledged; returns its client_id. */
  async say(text: string): Promise<string> {
    const client_id = crypto.randomUUID();
    for (let turn = 0; !this.#acknowledged.has(client_id); turn++) {
      if (turn > 0) this.repeated.add(client_id);
      if (this.#web.readyState === WebSocket.OPEN) this.#web.send(JSON.stringify({ type: "message", text, client_id }));
      for (let beat = 0; beat < 60 && !this.#acknowledged.has(client_id); beat++) await sleep(5);
    }
    return client_id;
  }

  /** Stops reading, without closing. */
  pause = () => this.#web.pause();
  resume = () => this.#web.resume();

  close(): void {
    this.#isOver = true;
    this.#web.terminate();
  }

  #take(frame: Frame): void {
    // An error also names the message, but does not acknowledge it.
    if (frame.client_id && frame.type !== "error") this.#acknowledged.add(frame.client_id);
    if (frame.version === undefined) return;
    (frame.version > this.version ? this.taken : this.again).push(frame);
    this.version = Math.max(this.version, frame.version);
  }
}
