import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import WebSocket from "ws";

const status = inject("status");
const TIMEOUT_MS = 30_000;

// deno-lint-ignore no-explicit-any
export type Frame = any;

/** A client of a WebSocket route, without a library of ours. */
export class Socket {
  /** All frames, in the order of arrival. */
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  isClosed = false;
  #next = 0;

  constructor(readonly web: WebSocket) {
    web.on("message", (data) => this.frames.push(JSON.parse(data.toString())));
    web.on("error", () => {});
    this.closed = new Promise((resolve) =>
      web.on("close", (code, reason) => {
        this.isClosed = true;
        resolve({ code, reason: reason.toString() });
      })
    );
  }

  send(frame: unknown): void {
    this.web.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  /** The next frame with these fields; those before it are skipped. */
  async next(fields: Frame): Promise<Frame> {
    const begin = this.#next;
    for (const start = Date.now(); Date.now() - start < TIMEOUT_MS; await sleep(5)) {
      while (this.#next < this.frames.length) {
        const frame = this.frames[this.#next++];
        if (Object.entries(fields).every(([name, value]) => frame[name] === value)) return frame;
      }
    }
    throw new Error(`No ${JSON.stringify(fields)} came, but ${JSON.stringify(this.frames.slice(begin))}`);
  }

  of = (type: string): Frame[] => this.frames.filter((frame) => frame.type === type);

  async close(): Promise<void> {
    this.web.close();
    await this.closed;
  }
}

/** Opens a socket at a path of a function; a refused one closes at once. */
export async function open(
  path: string,
  headers: Record<string, string> = {},
  base = status.functions_url,
  protocols?: string[],
) {
  const web = new WebSocket(`${base.replace("http", "ws")}${path}`, protocols ?? [], { headers });
  const socket = new Socket(web);
  await new Promise((resolve, reject) => web.once("open", resolve).once("error", reject));
  return socket;
}

/** Opens a user's socket in a chat of the messenger. */
export function openChat(person: { access: string }, chat: number, query = "", base?: string) {
  return open(`/messenger/ws/chat/${chat}/?token=${person.access}${query}`, {}, base);
}
