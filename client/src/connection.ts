import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database.ts";
import { Channels } from "./channels.ts";
import { ChatError, translate } from "./errors.ts";
import { subject } from "./ids.ts";
import { type ChatStorage, defaultStorage } from "./storage.ts";
import { onWake } from "./wake.ts";

/** A client of supabase-js, of whatever schema. */
export type Supabase = Pick<SupabaseClient, "auth" | "realtime" | "functions" | "channel" | "removeChannel"> & {
  // deno-lint-ignore no-explicit-any
  schema(name: any): any;
};

/** The tables and functions of schema `chat`. */
export type Db = Pick<SupabaseClient<Database, "chat">, "from" | "rpc">;

export interface ChatOptions {
  /** Where unsent messages survive a reload; `null` for nowhere. Default `localStorage`, where there is one. */
  storage?: ChatStorage | null;
  /** After how long a call that is not answered has failed, in ms. Default 15,000. */
  timeoutMs?: number;
  /** How often is asked for what no event has told, in ms. Default 60,000. */
  pollMs?: number;
  /** The first wait before something that failed in passing is tried again, in ms; each doubles the last. Default 500. */
  retryMs?: number;
}

interface Answer<T> {
  data: T;
  error: { code?: string; message?: string; details?: string | null } | null;
  status: number;
}

interface Call<T> extends PromiseLike<Answer<T>> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer<T>>;
}

type Listener = () => void;

/**
 * What every resource shares: supabase-js, who is signed in, the channels, and what wakes them. For pages that make
 * single resources instead of all by `createChat`; its methods are for the resources, but for `close()`.
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
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly retryMs: number;
  readonly #wakers = new Set<Listener>();
  readonly #closers = new Set<Listener>();
  readonly #ends: Listener[];
  /** Whether it was closed for good. */
  closed = false;
  #userId: string | undefined;

  constructor(readonly supabase: Supabase, options: ChatOptions = {}) {
    this.db = supabase.schema("chat");
    this.storage = options.storage === null ? undefined : options.storage ?? defaultStorage();
    this.timeoutMs = options.timeoutMs ?? 15_000;
    this.pollMs = options.pollMs ?? 60_000;
    this.retryMs = options.retryMs ?? 500;
    this.channels = new Channels(supabase, this.retryMs);
    const woken = () => {
      void this.channels.reconnect();
      this.wake();
    };
    this.#ends = [onWake(woken), this.#watchSession()];
  }

  /**
   * The signed-in user.
   * @internal
   * @throws ChatError not_signed_in
   */
  async userId(): Promise<string> {
    this.#userId ??= subject(await this.supabase.realtime.accessToken?.());
    if (!this.#userId) throw new ChatError("not_signed_in", 401, "Sign in first.");
    return this.#userId;
  }

  /**
   * What a call of the Data API answers.
   * @internal
   * @throws ChatError
   */
  async call<T>(call: Call<T>): Promise<NonNullable<T>> {
    const { data, error, status } = await call.abortSignal(AbortSignal.timeout(this.timeoutMs));
    if (error) throw translate(error, status);
    return data as NonNullable<T>;
  }

  /**
   * Calls the listener when what was missed should be asked for.
   * @internal
   */
  onWake(listener: Listener): Listener {
    this.#wakers.add(listener);
    return () => void this.#wakers.delete(listener);
  }

  /**
   * Calls the listener when the session ends, or becomes another person's.
   * @internal
   */
  onEnd(listener: Listener): Listener {
    this.#closers.add(listener);
    return () => void this.#closers.delete(listener);
  }

  /**
   * Says that now is a good time to catch up.
   * @internal
   */
  wake(): void {
    for (const listener of [...this.#wakers]) listener();
  }

  /**
   * Ends everything that listens.
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
    if (this.closed) return;
    this.closed = true;
    for (const end of this.#ends) end();
    this.#end();
  }

  #end(): void {
    this.#userId = undefined;
    for (const listener of [...this.#closers]) listener();
  }

  #watchSession(): Listener {
    try {
      const { data } = this.supabase.auth.onAuthStateChange((event, session) => {
        if (this.#userId && session?.user.id !== this.#userId) this.#end();
        if (session && (event === "TOKEN_REFRESHED" || event === "SIGNED_IN")) this.wake();
      });
      return () => data.subscription.unsubscribe();
    } catch {
      return () => {}; // a client with its own accessToken has no auth
    }
  }
}
