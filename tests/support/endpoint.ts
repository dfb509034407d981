import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** A request that an endpoint received. */
export interface Asked {
  path: string;
  authorization: string | undefined;
  body: { model: string; stream: boolean; messages: { role: string; content: string }[] };
  /** Resolves when its connection is closed, or its response sent. */
  closed: Promise<unknown>;
}

/** Writes the response to a request. */
export type Manner = (response: ServerResponse) => void | Promise<void>;

/** An HTTP server that speaks the chat-completions protocol, and misbehaves on demand. */
export class Endpoint {
  readonly asked: Asked[] = [];
  /** Writers of the next responses, in order; after them, each is written by `usual`. */
  readonly next: Manner[] = [];
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  constructor(readonly usual: Manner = says("Tea ", "is ", "a drink.")) {}

  /** Listens on a free port; returns the base URL of the API. */
  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(request));
    const { url: path, headers: { authorization } } = request;
    this.asked.push({ path: path!, authorization, body, closed: once(response, "close") });
    await (this.next.shift() ?? this.usual)(response);
  }
}

const event = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const chunk = (choice: object) => event({ object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] });
const part = (content: string) => chunk({ delta: { content }, finish_reason: null });

async function begin(response: ServerResponse, parts: string[], wait: number): Promise<void> {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(chunk({ delta: { role: "assistant", content: "" }, finish_reason: null }));
  for (const content of parts) {
    if (wait) await sleep(wait);
    response.write(part(content));
  }
}

const end = (reason: string) => chunk({ delta: {}, finish_reason: reason }) + event("[DONE]");

/** The whole reply, with so many milliseconds before each part. */
export const saysSlowly = (wait: number, ...parts: string[]): Manner => async (response) => {
  await begin(response, parts, wait);
  response.end(end("stop"));
};

/** A reply that the model was made to end. */
export const isCutShort = (reason: string, ...parts: string[]): Manner => async (response) => {
  await begin(response, parts, 0);
  response.end(end(reason));
};

export const says = (...parts: string[]) => saysSlowly(0, ...parts);

/** The beginning, with so many milliseconds before each part, and then nothing more. */
export const stallsSlowly = (wait: number, ...parts: string[]): Manner => (response) => begin(response, parts, wait);

export const stalls = (...parts: string[]) => stallsSlowly(0, ...parts);

/** The beginning, and then the connection is cut. */
export const breaks = (...parts: string[]): Manner => async (response) => {
  await begin(response, parts, 0);
  await sleep(100);
  response.destroy();
};

/** The beginning, and then an end without the protocol's closing event. */
export const stops = (...parts: string[]): Manner => async (response) => {
  await begin(response, parts, 0);
  response.end();
};

/** The beginning, and then something else. */
export const sends = (raw: string, ...parts: string[]): Manner => async (response) => {
  await begin(response, parts, 0);
  response.end(raw);
};

/** A response without a stream. */
export const answers = (status: number, body: string, headers: Record<string, string> = {}): Manner => (response) => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body);
};

/** No response at all. */
export const hangs: Manner = () => {};
