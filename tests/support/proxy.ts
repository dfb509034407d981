import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket, { WebSocketServer } from "ws";
import { EventLine } from "./event_line.ts";

/** How bad a network is: the share of requests and events that it treats in each way. */
export interface Weather {
  /** A request reaches the server, but its response is lost. */
  answersLost: number;
  /** A request reaches the server twice. */
  requestsTwice: number;
  /** An event arrives twice. */
  eventsTwice: number;
  /** An event arrives after the next one. */
  eventsSwapped: number;
  /** An event never arrives, and the connection breaks, as with TCP. */
  eventsLost: number;
  /** Events never arrive, and nobody notices: Realtime has lost them. */
  deaf: boolean;
  /** Each request and each event is delayed by up to so many ms. */
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

type Pattern = Pick<RegExp, "test">;

/** What a proxy holds back, and lets go on `release`. */
interface Hold {
  pattern: Pattern;
  what: "requests" | "answers" | "frames" | "events";
  /** How many there are. */
  held: number;
  release: () => void;
  released: Promise<void>;
}

/** A network between one client, or one worker, and the stack: HTTP by the request, WebSockets by the frame. */
export class Proxy {
  weather = fine;
  isOnline = true;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((from, to) => void this.#forward(from, to));
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #target: URL;
  /** How many requests await their responses, and when the last of them ended. */
  #asking = 0;
  #askedAt = 0;
  readonly #holds: Hold[] = [];
  #random: () => number;

  private constructor(target: string, random: () => number) {
    this.#target = new URL(target);
    this.#random = random;
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("upgrade", (from, socket, head) => this.#upgrade(from, socket, head));
  }

  static async start(target: string, random: () => number = Math.random): Promise<Proxy> {
    const proxy = new Proxy(target, random);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Holds back requests or their responses, by their path, frames that the client sends or events that it receives, by
   * their text; the others pass.
   * @returns `held`, how many there are, and `release`, which lets them and all later ones pass
   */
  hold(pattern: Pattern, what: Hold["what"] = "requests"): Hold {
    const hold = { pattern, what, held: 0, release: () => {}, released: Promise.resolve() };
    hold.released = new Promise((resolve) => hold.release = resolve);
    this.#holds.push(hold);
    return hold;
  }

  /** Destroys all connections, without a closing handshake. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  goOffline(): void {
    this.isOnline = false;
    this.cut();
  }

  goOnline(): void {
    this.isOnline = true;
  }

  /** Resolves once every request has its response, and no more came for a while. */
  async quiet(ms = 300): Promise<void> {
    do await sleep(20); while (this.#asking > 0 || performance.now() - this.#askedAt < ms);
  }

  async close(): Promise<void> {
    this.goOffline();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    if (!this.isOnline) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
  }

  /** Whether what the weather does to this share happens now. */
  happens(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  /** Waits as long as the weather delays what passes now. */
  async wait(): Promise<void> {
    const ms = this.weather.delayMs * this.#random();
    if (ms > 0) await sleep(ms);
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
    await this.released("requests", from.url!);
    const body = Buffer.concat(chunks);
    const isRepeatable = from.url!.includes("/rpc/send_message");
    if (isRepeatable && this.happens(this.weather.requestsTwice)) this.#ask(from, body, (answer) => answer.resume());
    const isLost = isRepeatable && this.happens(this.weather.answersLost);
    this.#ask(from, body, async (answer) => {
      await this.released("answers", from.url!);
      if (isLost || !this.isOnline) {
        answer.resume();
        to.socket?.destroy();
      } else {
        to.writeHead(answer.statusCode!, answer.rawHeaders);
        answer.pipe(to);
        to.on("close", () => answer.destroy());
      }
    }, () => to.destroy());
  }

  /** Resolves when nothing holds it back. */
  async released(what: Hold["what"], text: string): Promise<void> {
    for (const hold of this.#holds.filter((each) => each.what === what && each.pattern.test(text))) {
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

  #upgrade(from: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { protocol, host } = this.#target;
    const upstream = new WebSocket(`${protocol.replace("http", "ws")}//${host}${from.url}`, protocolsOf(from), {
      headers: passedOn(from),
      perMessageDeflate: false,
    });
    upstream.on("error", () => socket.destroy());
    socket.on("close", () => upstream.terminate());
    upstream.once("open", () => {
      if (socket.destroyed) return upstream.terminate();
      this.#webSockets.handleUpgrade(from, socket, head, (client) => this.#join(client, upstream));
    });
  }

  #join(client: WebSocket, upstream: WebSocket): void {
    client.on("message", async (data, isBinary) => {
      await this.released("frames", String(data));
      if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary: isBinary });
    });
    const line = new EventLine(this, client);
    upstream.on("message", (data, isBinary) => line.push({ data, binary: isBinary }));
    upstream.on("close", (code, reason) => line.end(() => close(client, code, String(reason))));
    client.on("close", (code, reason) => close(upstream, code, String(reason)));
    client.on("error", () => {});
  }
}

/** Closes a socket as its other end was closed. */
function close(web: WebSocket, code: number, reason: string): void {
  // Codes that stand for no closing handshake, or for one without a code, cannot be sent.
  if (code === 1006) web.terminate();
  else if (code === 1005) web.close();
  else web.close(code, reason);
}

const protocolsOf = (from: IncomingMessage) => from.headers["sec-websocket-protocol"]?.split(/, */) ?? [];

/** The headers of a handshake that are not about the connection itself. */
const passedOn = ({ headers }: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(host|connection|upgrade|sec-websocket-.*)$/.test(name)),
  );
