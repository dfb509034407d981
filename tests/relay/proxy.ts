import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { inject } from "vitest";
import WebSocket, { WebSocketServer } from "ws";

const realtime = inject("status").api_url.replace("http", "ws");

/** Stands between a worker and Realtime: it can hold back what the worker says, and cut the two off. */
export class Proxy {
  /** Which frames of the worker wait until they are released. */
  holds = (_frame: string) => false;
  /** While true, nobody is let through. */
  isCut = false;
  /** How many frames wait. */
  held = 0;
  #release: (() => void)[] = [];
  readonly #server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    verifyClient: () => !this.isCut,
  });

  static async start(): Promise<Proxy> {
    const proxy = new Proxy();
    proxy.#server.on("connection", (worker, { url }) => proxy.#connect(worker, new WebSocket(`${realtime}${url}`)));
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  release(): void {
    this.holds = () => false;
    for (const send of this.#release.splice(0)) send();
    this.held = 0;
  }

  /** Cuts all connections, without a word. */
  cut(): void {
    this.isCut = true;
    for (const worker of this.#server.clients) worker.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(worker: WebSocket, upstream: WebSocket): void {
    const isOpen = once(upstream, "open").then(() => true, () => false);
    worker.on("message", async (data, binary) => {
      if (!await isOpen) return;
      const send = () => upstream.send(data, { binary });
      if (!this.holds(String(data))) return send();
      this.#release.push(send);
      this.held++;
    });
    upstream.on("message", (data, binary) => worker.send(data, { binary }));
    for (const web of [worker, upstream]) web.on("error", () => {});
    worker.on("close", () => upstream.terminate());
    upstream.on("close", () => worker.terminate());
  }
}
