import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";

/** A way to a server that can be cut off. */
export class Wire {
  /** `silent` takes what is sent, and answers nothing. */
  #state: "open" | "silent" | "cut" = "open";
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#accept(near));

  constructor(readonly port: number) {}

  /** Listens on a free port, and returns it. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  become(state: "open" | "silent" | "cut"): void {
    this.#state = state;
    if (state === "cut") { for (const socket of this.#sockets) socket.destroy(); }
  }

  close(): void {
    this.become("cut");
    this.#server.close();
  }

  #accept(near: Socket): void {
    if (this.#state === "cut") return void near.destroy();
    const far = connect(this.port, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.#sockets.add(from);
      from.on("data", (data) => this.#state === "open" && to.write(data));
      from.on("error", () => {}).on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/**
 * Sends a whole request before it reads the response, as many clients do.
 * @param bytes how long the body is.
 * @returns the status of the response.
 */
export async function statusOnceSent(
  url: string,
  bytes: number,
  headers: Record<string, string> = {},
): Promise<number> {
  const { hostname, port, pathname, host } = new URL(url);
  const fields = { Host: host, "Content-Length": `${bytes}`, Connection: "close", ...headers };
  const socket = connect(Number(port), hostname).pause();
  socket.write(`POST ${pathname} HTTP/1.1\r\n`);
  for (const [name, value] of Object.entries(fields)) socket.write(`${name}: ${value}\r\n`);
  socket.write("\r\n");
  await new Promise<void>((resolve, reject) =>
    socket.once("error", reject).write(Buffer.alloc(bytes), () => resolve())
  );
  return Number((await text(socket)).slice("HTTP/1.1 ".length).split(" ", 1)[0]);
}
