import { Backoff } from "../util/backoff.ts";
import type { Connection } from "../connection/connection.ts";
import { asChatError, type ChatError } from "../util/errors.ts";
import { sendUnsent, type Unsent } from "./unsent.ts";
import type { UnsentList } from "./unsent_list.ts";

/** How often the server may answer with its own failure before a message counts as refused. */
const MAX_SERVER_ERRORS = 5;

/** Sends what waits in the queue, one after the other, however often the network fails between. */
export class OutboxSender {
  readonly #backoff: Backoff;
  #running: Promise<void> | undefined;

  constructor(readonly connection: Connection, readonly list: UnsentList) {
    this.#backoff = new Backoff(connection.retryMs);
  }

  /** Sends at once; resolves when nothing waits any more, or nobody is signed in. */
  flush(): Promise<void> {
    this.wake();
    return this.#running ??= this.#sendAll();
  }

  /** Ends the wait for another try. */
  wake(): void {
    this.#backoff.skip();
  }

  async #sendAll(): Promise<void> {
    const { list } = this;
    try {
      await list.restore();
      for (let tries = 1, entry = list.next(); entry; entry = list.next()) {
        tries = await this.#attempt(entry, tries);
        if (!list.persisted) await list.restore(); // somebody else has signed in
      }
    } catch {
      // Nobody is signed in: whoever signs in comes here again.
    } finally {
      this.#running = undefined;
    }
  }

  /** @returns which try the next is */
  async #attempt(entry: Unsent, tries: number): Promise<number> {
    const { list } = this;
    const { persisted } = list;
    try {
      const message = await sendUnsent(this.connection, entry);
      if (persisted !== list.persisted) return 1;
      this.#backoff.reset();
      list.remove({ clientId: entry.client_id, message });
      return 1;
    } catch (failure) {
      const error = asChatError(failure);
      if (persisted !== list.persisted) return 1;
      if (!error.passing || tries >= MAX_SERVER_ERRORS && error.status === 500) return this.#refuse(entry, error);
      await this.#backoff.wait();
      return error.status === 500 ? tries + 1 : tries;
    }
  }

  #refuse({ client_id }: Unsent, { code }: ChatError): number {
    this.list.change((list) => list.map((each) => each.client_id === client_id ? { ...each, error: code } : each));
    return 1;
  }
}
