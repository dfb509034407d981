import type { Connection } from "./connection.ts";
import { asChatError, ChatError } from "../util/errors.ts";
import { fromStorage } from "../util/storage_answer.ts";

/** The bucket with the files of messages. */
export const BUCKET = "chat-files";

/** How long a URL is valid. A removed member loses the files within this time. */
const VALID_S = 60;
/** A URL is not handed out when it ends so soon. */
const SPARE_MS = 15_000;
/** Calls within this time are one request. */
const BATCH_DELAY_MS = 5;
const MAX_BATCH = 500;

interface Signed {
  url: Promise<string>;
  /** By a monotonic clock. */
  until: number;
}

interface Wanted {
  resolve(url: string): void;
  reject(error: ChatError): void;
}

/** URLs of files of messages: each is signed once in a while, many with one request. */
export class FileUrls {
  readonly #connection: Connection;
  readonly #signed = new Map<string, Signed>();
  #wanted = new Map<string, Wanted>();

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEnd(() => this.#signed.clear());
  }

  /** @throws ChatError */
  get(path: string): Promise<string> {
    const now = performance.now();
    const held = this.#signed.get(path);
    if (held && held.until > now) return held.url;
    for (const [path, { until }] of this.#signed) if (until <= now) this.#signed.delete(path);
    const url = new Promise<string>((resolve, reject) => {
      if (this.#wanted.size === 0) setTimeout(() => this.#sign(), BATCH_DELAY_MS);
      this.#wanted.set(path, { resolve, reject });
      if (this.#wanted.size >= MAX_BATCH) this.#sign();
    });
    const signed = { url, until: now + VALID_S * 1_000 - SPARE_MS };
    this.#signed.set(path, signed);
    url.catch(() => this.#signed.get(path) === signed && this.#signed.delete(path));
    return url;
  }

  async #sign(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted.size === 0) return;
    this.#wanted = new Map();
    try {
      const bucket = this.#connection.supabase.storage.from(BUCKET);
      const answers = await fromStorage(bucket.createSignedUrls([...wanted.keys()], VALID_S));
      for (const { path, signedUrl } of answers) {
        const waiting = wanted.get(path ?? "");
        if (signedUrl) waiting?.resolve(signedUrl);
      }
      const missing = new ChatError("attachment_not_found", 404, "No such file, or you may not see it.");
      for (const { reject } of wanted.values()) reject(missing); // those that have a URL are settled
    } catch (error) {
      for (const { reject } of wanted.values()) reject(asChatError(error));
    }
  }
}
