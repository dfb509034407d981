import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { Project } from "../project.ts";
import type { ExportFile } from "./input.ts";

/** A file for Storage. */
export interface Upload {
  path: string;
  mime_type: string;
  bytes: number;
  file: ExportFile;
}

/** Where a file is now, or why it does not come. */
export type Stored = { path: string } | { reason: string };

/** As the SDK uploads: browsers may keep it, and nothing in between. */
const CACHING = "private, max-age=86400";
const CHANGED: Stored = { reason: "a file that cannot be read to its end, or changes" };

/** Storage or the network may be away for a minute. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];
const TOO_MANY_REQUESTS = 429;
const HOUR_MS = 3_600_000;
/** An upload is removed in a day: so often its time is moved on, and so late it may be gone. */
const KEEP_EVERY_MS = HOUR_MS;
const MOST_WITHOUT_KEEPING_MS = 22 * HOUR_MS;

/** An answer after which an upload is tried again. */
class Unavailable extends Error {}

/** Puts files of messages into the bucket `chat-files`. */
export class FileStore {
  /** When the files that wait for their message were last kept from removal. */
  #keptAt = Date.now();

  constructor(
    private readonly sql: Sql,
    private readonly project: Project,
    private readonly retryDelaysMs = RETRY_DELAYS_MS,
  ) {}

  /** Notes that no file waits for its message. */
  begin(): void {
    this.#keptAt = Date.now();
  }

  /**
   * Keeps the files that wait for their message for another day, if an hour has passed.
   * @throws Error when so long has passed that they may be gone.
   */
  async keep(): Promise<void> {
    const waited = Date.now() - this.#keptAt;
    if (waited < KEEP_EVERY_MS) return;
    if (waited > MOST_WITHOUT_KEEPING_MS) {
      throw new Error("the import stood still for most of a day, and uploaded files may be gone. Start it again.");
    }
    this.#keptAt = Date.now();
    // Not those that were removed, are being removed, or belonged to a message that is gone.
    await this.sql`
      update chat_private.files_to_remove set due_at = now() + interval '1 day'
      where starts_with(path, 'imported/') and not is_last and due_at > now() + interval '1 hour'`;
  }

  /**
   * Uploads a file as a stream, unless an earlier import that was stopped has done it.
   * @throws Error when Storage fails: the import can be started again.
   */
  async store(upload: Upload): Promise<Stored> {
    await this.keep();
    if (await this.#reserve(upload.path)) {
      const stored = await this.#putWithRetries(upload);
      if (stored) return stored;
    }
    const other = { ...upload, path: `${upload.path}-${randomUUID().slice(0, 8)}` };
    await this.#reserve(other.path);
    return await this.#putWithRetries(other) ?? CHANGED;
  }

  /**
   * Queues a path for removal in a day: the transaction that writes the message takes it from the queue, and what is uploaded
   * and never written is removed by the job.
   * @returns whether it may be used: a worker may be about to remove what is there.
   */
  async #reserve(path: string): Promise<boolean> {
    const rows = await this.sql`
      insert into chat_private.files_to_remove as queued (path, due_at) values (${path}, now() + interval '1 day')
      on conflict (path) do update set due_at = excluded.due_at, is_last = false
      where queued.due_at > now() + interval '1 hour'
      returning path`;
    return rows.length > 0;
  }

  async #isStored({ path, bytes, mime_type }: Upload): Promise<boolean> {
    const rows = await this.sql`
      select from storage.objects
      where bucket_id = 'chat-files' and name = ${path} and (metadata ->> 'size')::bigint = ${bytes}
        and lower(split_part(metadata ->> 'mimetype', ';', 1)) = ${mime_type}`;
    return rows.length > 0;
  }

  /** @returns undefined when something else is at that path. */
  async #putWithRetries(upload: Upload): Promise<Stored | undefined> {
    for (let retries = 0;; retries++) {
      // An attempt whose answer was lost may have stored it.
      if (await this.#isStored(upload)) return { path: upload.path };
      try {
        return await this.#put(upload);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        const delay = this.retryDelaysMs[retries];
        if (delay === undefined) {
          throw new Error(
            `Storage does not take files: ${error.message}, in ${
              retries + 1
            } attempts. Start the import again when it does.`,
          );
        }
        await sleep(delay);
      }
    }
  }

  /**
   * @returns undefined when something else is at that path.
   * @throws Unavailable when another attempt may succeed.
   */
  async #put(upload: Upload): Promise<Stored | undefined> {
    const { path, mime_type, file } = upload;
    const { apiUrl, secretKey } = this.project;
    let isBroken = false;
    let content: Readable;
    try {
      content = await file.open();
    } catch {
      return CHANGED;
    }
    content.on("error", () => isBroken = true);
    let answer: { ok: boolean; statusCode?: string | number; message?: string };
    let isUnavailable = false;
    try {
      const response = await fetch(`${apiUrl}/storage/v1/object/chat-files/${path}`, {
        method: "POST",
        headers: {
          apikey: secretKey,
          Authorization: `Bearer ${secretKey}`,
          "Content-Type": mime_type,
          "Cache-Control": CACHING,
          "x-upsert": "false",
        },
        body: bodyOf(content),
        duplex: "half",
      } as RequestInit);
      // A proxy in between answers with a page.
      const { ok, status } = response;
      answer = { ok, statusCode: status, message: `status ${status}`, ...await response.json().catch(() => ({})) };
      // Storage answers most errors with 400, and says the status in the body.
      isUnavailable = [status, Number(answer.statusCode)].some((said) => said >= 500 || said === TOO_MANY_REQUESTS);
    } catch (error) {
      isUnavailable = true;
      answer = { ok: false, message: (error as Error).message };
    } finally {
      content.destroy();
    }
    const { statusCode, message } = { ...answer, statusCode: String(answer.statusCode) };
    if (isBroken) return CHANGED;
    if (answer.ok) return await this.#isStored(upload) ? { path } : CHANGED;
    if (statusCode === "409") return;
    if (statusCode === "413" || statusCode === "415") {
      return { reason: "a file that the bucket chat-files does not take" };
    }
    if (isUnavailable) throw new Unavailable(message);
    throw new Error(`Storage does not take files: ${message}.`);
  }
}

/** A stream as a body. Storage may answer before it has read all: then it is not read on. */
function bodyOf(content: Readable): ReadableStream<Uint8Array> {
  const chunks = content[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void content.destroy(),
  });
}
