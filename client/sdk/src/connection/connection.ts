import type { Database } from "../contract/database.ts";
import { type ChatError, translate } from "../util/errors.ts";
import { defaultFileStorage, type FileStorage } from "../util/file_storage.ts";
import { Listeners } from "../util/listeners.ts";
import { type ChatStorage, defaultStorage } from "../util/storage.ts";
import { onWake } from "../util/wake.ts";
import { OwnSuspension } from "./suspension.ts";
import { Channels } from "./channels.ts";
import { Deliveries } from "./deliveries.ts";
import { FileUrls } from "./file_urls.ts";
import { ReadMarks } from "./read_marks.ts";
import { Session } from "./session.ts";
import type { Call, Db, Supabase } from "./supabase.ts";

type Functions = Database["chat"]["Functions"];
type Answered<Name extends keyof Functions> = NonNullable<Functions[Name]["Returns"]>;

export interface ChatOptions {
  /** Where unsent messages survive a reload; `null` disables it. Default: `localStorage`, if available. */
  storage?: ChatStorage | null;
  /** Where files that wait to be sent survive a reload; `null` disables it. Default: IndexedDB, if available. */
  fileStorage?: FileStorage | null;
  /** Timeout of a call in ms. Default 15,000. */
  timeoutMs?: number;
  /** Poll interval in ms, a safety net for lost events. Default 60,000. */
  pollMs?: number;
  /** Initial retry delay in ms, doubled after each failure. Default 500. */
  retryMs?: number;
}

/**
 * What all resources share: the supabase-js client, the session, the channels and the wake-up signals. Pages that use
 * single resources instead of `createChat` create one; of its methods, only `close()` is meant for them.
 *
 * @example
 * ```ts
 * import { Connection, Conversations } from "parley-client";
 *
 * const conversations = new Conversations(new Connection(supabase));
 * ```
 */
export class Connection {
  readonly db: Db;
  readonly channels: Channels;
  readonly storage: ChatStorage | undefined;
  readonly fileStorage: FileStorage | undefined;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly retryMs: number;
  /** @internal */
  readonly suspension: OwnSuspension;
  /** @internal */
  readonly deliveries: Deliveries;
  /** @internal */
  readonly readMarks: ReadMarks;
  /** @internal */
  readonly fileUrls: FileUrls;
  readonly #wakers = new Listeners();
  readonly #closers = new Listeners();
  readonly #session: Session;
  readonly #stopWaking: () => void;
  /** Whether `close()` was called. */
  isClosed = false;

  constructor(readonly supabase: Supabase, options: ChatOptions = {}) {
    this.db = supabase.schema("chat");
    this.storage = options.storage === null ? undefined : options.storage ?? defaultStorage();
    this.fileStorage = options.fileStorage === null || options.storage === null && !options.fileStorage
      ? undefined
      : options.fileStorage ?? defaultFileStorage();
    this.timeoutMs = options.timeoutMs ?? 15_000;
    this.pollMs = options.pollMs ?? 60_000;
    this.retryMs = options.retryMs ?? 500;
    this.channels = Channels.of(supabase, this.retryMs);
    this.suspension = new OwnSuspension(() => void this.#askAgain(), this.pollMs);
    this.onEnd(() => this.suspension.end());
    this.#session = new Session(supabase, () => this.#closers.notify(), () => this.wake());
    this.deliveries = new Deliveries(this);
    this.fileUrls = new FileUrls(this);
    this.readMarks = new ReadMarks(this);
    this.#stopWaking = onWake(() => {
      void this.channels.reconnect();
      this.wake();
    });
  }

  /**
   * Returns the id of the signed-in user.
   * @internal
   * @throws ChatError not_signed_in, closed
   */
  userId(): Promise<string> {
    return this.#session.userId();
  }

  /**
   * Runs a call of the Data API and returns its data.
   * @internal
   * @throws ChatError
   */
  async call<T>(call: Call<T>): Promise<NonNullable<T>> {
    const { data, error, status } = await call.abortSignal(AbortSignal.timeout(this.timeoutMs));
    if (error) throw this.#refusal(translate(error, status), error.message);
    if (this.suspension.getSnapshot()) {
      this.suspension.end();
      this.wake();
    }
    return data as NonNullable<T>;
  }

  #refusal(error: ChatError, name: string | undefined): ChatError {
    if (error.code === "not_signed_in") this.#session.tokenRefused(name === "session_ended" || name === "no_account");
    if (error.code === "suspended") this.suspension.found(error);
    return error;
  }

  async #askAgain(): Promise<void> {
    const suspension = this.suspension.getSnapshot();
    try {
      await this.call(this.db.from("profiles").select("id").eq("id", await this.userId()) as unknown as Call<unknown>);
    } catch (error) {
      // Otherwise the call has said whether it goes on.
      if (suspension && (error as ChatError).code !== "suspended") this.suspension.found(suspension);
    }
  }

  /**
   * Calls a function of the database and returns its result.
   * @internal
   * @throws ChatError
   */
  run<Name extends keyof Functions>(name: Name, args: Functions[Name]["Args"]): Promise<Answered<Name>> {
    return this.call(this.db.rpc(name, args) as unknown as Call<Answered<Name>>);
  }

  /**
   * Calls the listener whenever it should catch up on missed events.
   * @internal
   */
  onWake(listener: () => void): () => void {
    return this.#wakers.add(listener);
  }

  /**
   * Calls the listener when the user signs out, or another user signs in.
   * @internal
   */
  onEnd(listener: () => void): () => void {
    return this.#closers.add(listener);
  }

  /**
   * Makes everything catch up now.
   * @internal
   */
  wake(): void {
    this.#wakers.notify();
  }

  /**
   * Closes everything that uses this connection.
   *
   * @example
   * ```ts
   * import { Connection } from "parley-client";
   *
   * const connection = new Connection(supabase);
   * connection.close();
   * ```
   */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#stopWaking();
    this.#session.close();
    this.#closers.notify();
  }
}
