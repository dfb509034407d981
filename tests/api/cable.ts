import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A connection to a server that can be cut. */
export class Cable {
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** The address of the server through this cable. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String(this.#port);
    return url.href;
  }

  /** Accepts new connections, always at the same port. */
  async plugIn(): Promise<void> {
    this.#server = createServer((near) => this.#join(near, connect(Number(this.#target.port), this.#target.hostname)));
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections, and refuses new ones. */
  unplug(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Passes nothing more on the open connections, without breaking them; accepts new ones. */
  silence(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  #join(near: Socket, far: Socket): void {
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      one.on("error", () => {}).on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
