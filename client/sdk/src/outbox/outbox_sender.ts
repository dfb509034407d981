import type { Connection } from "../connection/connection.ts";
import { Backoff } from "../util/backoff.ts";
import { asChatError, type ErrorCode } from "../util/errors.ts";
import { Pauses } from "./pauses.ts";
import { MAX_SERVER_ERRORS, sendUnsent, type Unsent } from "./unsent.ts";
import type { Uploader } from "./uploader.ts";
import type { UnsentList } from "./unsent_list.ts";

/** The server frees files that were not sent within a day. */
const LOST_FILES = new Set<ErrorCode>(["attachment_not_found", "attachment_not_uploaded"]);

/** Sends the queue in order, and retries while the network fails. */
export class OutboxSender {
  readonly #backoff: Backoff;
  readonly #pauses = new Pauses();
  #running: Promise<void> | undefined;
  #onNews: () => void = () => {};

  constructor(readonly connection: Connection, readonly list: UnsentList, readonly uploader: Uploader) {
    this.#backoff = new Backoff(connection.retryMs);
  }

  /** Sends now. Resolves when the queue is empty, or when no one is signed in. */
  flush(): Promise<void> {
    this.wake();
    return this.#running ??= this.#sendAll();
  }

  /** Ends the current retry delay. */
  wake(): void {
    this.#backoff.skip();
    this.uploader.wake();
    this.#onNews();
  }

  async #sendAll(): Promise<void> {
    const { list } = this;
    try {
      await list.restore();
      for (let tries = 1;;) {
        const firsts = list.firsts();
        const entry = firsts.find((first) => this.#pauses.left(first) === 0);
        if (entry) tries = await this.#attempt(entry, tries);
        else if (firsts.length > 0 || list.nextFile()) await this.#newsOrPause(firsts);
        else return;
        if (!list.persisted) await list.restore(); // another user has signed in
      }
    } catch {
      // No one is signed in: the next sign-in starts it again.
    } finally {
      this.#running = undefined;
    }
  }

  /** Messages of other rooms do not wait for a file, nor for the end of a pause. */
  async #newsOrPause(paused: Unsent[]): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const news = new Promise<void>((resolve) => {
      this.#onNews = resolve;
      if (paused.length > 0) timer = setTimeout(resolve, Math.min(...paused.map((entry) => this.#pauses.left(entry))));
    });
    await (this.list.nextFile() ? Promise.race([this.uploader.step(), news]) : news);
    clearTimeout(timer);
  }

  /** @returns the number of the next attempt */
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
      if (LOST_FILES.has(error.code) && entry.files?.length && !entry.repeated) {
        list.repeatFiles(entry);
        return 1;
      }
      if (!error.passing || tries >= MAX_SERVER_ERRORS && error.status === 500) {
        list.refuse(entry, error);
        return 1;
      }
      if (error.code === "slow_mode") this.#pauses.pauseRoom(entry.room_id, error.retryAfter ?? 1);
      else if (error.retryAfter !== undefined) this.#pauses.pauseAll(error.retryAfter);
      else await this.#backoff.wait();
      return error.status === 500 ? tries + 1 : tries;
    }
  }
}
