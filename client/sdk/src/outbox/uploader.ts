import type { Connection } from "../connection/connection.ts";
import type { FileBodies } from "../files/file_bodies.ts";
import type { QueuedFile } from "../files/new_file.ts";
import { cancelUpload, uploadFile } from "../files/upload.ts";
import { Backoff } from "../util/backoff.ts";
import { asChatError, ChatError } from "../util/errors.ts";
import { MAX_SERVER_ERRORS, type Unsent } from "./unsent.ts";
import type { UnsentList } from "./unsent_list.ts";

/** Sends the files of the queue to Storage, one after the other. */
export class Uploader {
  readonly #connection: Connection;
  readonly #list: UnsentList;
  readonly #bodies: FileBodies;
  readonly #backoff: Backoff;
  #running: Promise<void> | undefined;
  #current: { file: QueuedFile; abort: AbortController } | undefined;
  #serverErrors = 0;

  constructor(connection: Connection, list: UnsentList, bodies: FileBodies) {
    this.#connection = connection;
    this.#list = list;
    this.#bodies = bodies;
    this.#backoff = new Backoff(connection.retryMs);
    // Discarded, here or in another tab, or the session has ended.
    list.store.subscribe(() => {
      if (!this.#current || list.file(this.#current.file.id)) return;
      this.#current.abort.abort();
      this.wake();
    });
  }

  /** Sends the next file. Resolves when it was sent or refused, or after the delay before the next attempt. */
  step(): Promise<void> {
    return this.#running ??= this.#send().finally(() => this.#running = undefined);
  }

  /** Whether it is sending this file, or waits to send it again. Then it gives it up once that is discarded. */
  isSending(id: string): boolean {
    return this.#current?.file.id === id;
  }

  /** Ends the current retry delay. */
  wake(): void {
    this.#backoff.skip();
  }

  async #send(): Promise<void> {
    const next = this.#list.nextFile();
    if (!next) return;
    const { entry, file } = next;
    const { persisted } = this.#list;
    const abort = new AbortController();
    this.#current = { file, abort };
    try {
      await this.#upload(entry, file, abort.signal);
      this.#backoff.reset();
      this.#serverErrors = 0;
      if (!abort.signal.aborted) this.#list.fileArrived(entry, file);
    } catch (failure) {
      if (abort.signal.aborted || persisted !== this.#list.persisted) return;
      const error = asChatError(failure);
      if (error.status === 500) this.#serverErrors++;
      if (!error.passing || this.#serverErrors >= MAX_SERVER_ERRORS) {
        this.#serverErrors = 0;
        return this.#list.refuse(entry, error);
      }
      this.#list.showProgress(entry, file, 0);
      await this.#backoff.wait(error.retryAfter);
    } finally {
      this.#current = undefined;
      if (abort.signal.aborted && persisted === this.#list.persisted) void cancelUpload(this.#connection, file);
    }
  }

  async #upload(entry: Unsent, file: QueuedFile, signal: AbortSignal): Promise<void> {
    const body = await this.#bodies.find(file.id);
    if (!body) throw new ChatError("file_lost", 0, "The file was lost with the page that it was chosen on.");
    const onProgress = (progress: number) => !signal.aborted && this.#list.showProgress(entry, file, progress);
    await uploadFile(this.#connection, entry.room_id, file, body, { signal, onProgress });
  }
}
