import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { EventLine } from "./event_line.ts";
import { Frames } from "./frames.ts";

/** How bad a network is: what share of requests and events it treats so. */
export interface Weather {
  /** A request reaches the server, but its answer is lost. */
  answersLost: number;
  /** A request reaches the server twice. */
  requestsTwice: number;
  /** An event comes twice. */
  eventsTwice: number;
  /** An event comes after the next. */
  eventsSwapped: number;
  /** An event never comes, and the connection breaks, as TCP has it. */
  eventsLost: number;
  /** Events never come, and nobody notices: Realtime has lost them. */
  deaf: boolean;
  /** Each request and each event waits up to so many ms. */
  delayMs: number;
}

export const fine: Weather = {
  answersLost: 0,
  requestsTwice: 0,
  eventsTwice: 0,
  eventsSwapped: 0,
  eventsLost: 0,
  deaf: false,
  delayMs: 0,
};

/** A network between one client and the stack: HTTP by the request, WebSockets by the frame. */
export class Proxy {
  weather = fine;
  online = true;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((from, to) => void this.#forward(from, to));
  readonly #target: URL;
  /** How many requests wait for their answers, and when that was last otherwise. */
  #asking = 0;
  #askedAt = 0;
  readonly #holds: { pattern: RegExp; what: string; held: number; released: Promise<void> }[] = [];
  #random: () => number;

  private constructor(target: string, random: () => number) {
    this.#target = new URL(target);
    this.#random = random;
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("upgrade", (from, socket: Duplex) => this.#upgrade(from, socket as Socket));
  }

  static async start(target: string, random: () => number = Math.random): Promise<Proxy> {
    const proxy = new Proxy(target, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Keeps requests back, or their answers.
   * @returns `held`, how many there are, and `release`, which lets them go on
   */
  hold(pattern: RegExp, what: "requests" | "answers" = "requests") {
    const hold = { pattern, what, held: 0, release: () => {}, released: Promise.resolve() };
    hold.released = new Promise((resolve) => hold.release = resolve);
    this.#holds.push(hold);
    return hold;
  }

  /** Destroys what is connected, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  goOffline(): void {
    this.online = false;
    this.cut();
  }

  goOnline(): void {
    this.online = true;
  }

  /** Resolves once everything is answered, and nothing more was asked for a while. */
  async quiet(ms = 300): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 20)); while (
      this.#asking > 0 || performance.now() - this.#askedAt < ms
    );
  }

  async close(): Promise<void> {
    this.goOffline();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    if (!this.online) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
  }

  /** Whether something that the weather does to such a share happens now. */
  happens(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  /** A delay, as the weather has it. */
  wait(): Promise<void> {
    const ms = this.weather.delayMs * this.#random();
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
  }

  async #forward(from: IncomingMessage, to: ServerResponse): Promise<void> {
    this.#asking++;
    to.on("close", () => {
      this.#asking--;
      this.#askedAt = performance.now();
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of from) chunks.push(chunk);
    } catch {
      return; // cut while it was sent
    }
    await this.wait();
    await this.#released("requests", from.url!);
    const body = Buffer.concat(chunks);
    const repeatable = from.url!.includes("/rpc/send_message");
    if (repeatable && this.happens(this.weather.requestsTwice)) this.#ask(from, body, (answer) => answer.resume());
    const lost = repeatable && this.happens(this.weather.answersLost);
    this.#ask(from, body, async (answer) => {
      await this.#released("answers", from.url!);
      if (lost || !this.online) {
        answer.resume();
        to.socket?.destroy();
      } else {
        to.writeHead(answer.statusCode!, answer.rawHeaders);
        answer.pipe(to);
        to.on("close", () => answer.destroy());
      }
    }, () => to.destroy());
  }

  async #released(what: string, url: string): Promise<void> {
    for (const hold of this.#holds.filter((each) => each.what === what && each.pattern.test(url))) {
      hold.held++;
      await hold.released;
    }
  }

  #ask(from: IncomingMessage, body: Buffer, take: (answer: IncomingMessage) => void, failed = () => {}): void {
    const { method, url, headers } = from;
    const { hostname, port } = this.#target;
    const asked = request(
      { hostname, port, method, path: url, headers: { ...headers, host: this.#target.host } },
      take,
    );
    asked.on("error", failed);
    asked.end(body);
  }

  #upgrade(from: IncomingMessage, socket: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    const lines = [`GET ${from.url} HTTP/1.1`];
    for (const [name, value] of Object.entries(from.headers)) lines.push(`${name}: ${value}`);
    upstream.write(lines.join("\r\n") + "\r\n\r\n");
    socket.pipe(upstream);
    const line = new EventLine(this, socket);
    const frames = new Frames((frame) => line.push(frame));
    upstream.on("data", (data: Buffer) => frames.push(data));
    upstream.on("error", () => {});
    socket.on("close", () => upstream.destroy());
    upstream.on("close", () => socket.destroy());
  }
}
