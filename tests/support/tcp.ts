import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

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
