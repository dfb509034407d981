import { CliError, log } from "../base/terminal.ts";

const RETRY_MS = 100;

/** A port that stays open even when its server fails. */
export class Listener {
  #server: Deno.HttpServer<Deno.NetAddr>;
  #abort = new AbortController();
  #isClosed = false;
  #hasEnded = false;
  readonly port: number;

  /** @throws Deno.errors.AddrInUse when the port is taken. */
  constructor(port: number, readonly handler: Deno.ServeHandler<Deno.NetAddr>) {
    this.#server = this.#serve(port);
    this.port = this.#server.addr.port;
  }

  /** Closes every connection at once and continues to serve. */
  async cut(): Promise<void> {
    // A server that has failed cannot be aborted, and is already being reopened.
    if (this.#hasEnded) return;
    this.#abort.abort();
    await this.#serveAgain();
  }

  /** Lets requests in flight finish. */
  async shutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#server.shutdown();
  }

  #serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { signal } = this.#abort = new AbortController();
    this.#hasEnded = false;
    const server = Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => {}, onError }, this.handler);
    server.finished.catch((error) => signal.aborted ? undefined : this.#ended(server, error));
    return server;
  }

  /** The server stops accepting connections when the system has no file descriptors left. */
  async #ended(server: Deno.HttpServer, error: Error): Promise<void> {
    this.#hasEnded = true;
    if (this.#isClosed) return;
    log(`Port ${this.port} accepted no more connections (${error.message}); closing all of them and reopening it.`);
    // Half-sent requests would keep their descriptors.
    await Promise.all([server.shutdown().catch(() => {}), this.#serveAgain()]);
  }

  async #serveAgain(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#server = this.#serve(this.port);
        return;
      } catch {
        // The previous server is still closing, or there are still no file descriptors.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

/**
 * Serves HTTP on a port of this machine only.
 * @throws CliError when the port is taken.
 */
export function listen(flag: string, port: number, handler: Deno.ServeHandler<Deno.NetAddr>): Listener {
  try {
    return new Listener(port, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new CliError(`Port ${port} is taken; choose another one with ${flag}.`);
  }
}

function onError(error: unknown): Response {
  console.error(error);
  return Response.json({ code: "internal_error", message: "The request failed." }, { status: 500 });
}
