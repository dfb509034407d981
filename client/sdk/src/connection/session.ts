import type { Session as AuthSession } from "@supabase/supabase-js";
import { ChatError } from "../util/errors.ts";
import { subject } from "../util/ids.ts";
import type { Supabase } from "./supabase.ts";

/** Minimum interval between renewals of a refused token, regardless of the device's clock. */
const MIN_RENEWAL_INTERVAL_MS = 30_000;
/** Minimum interval between wake-ups caused by new tokens. */
const MIN_WAKE_INTERVAL_MS = 60_000;

/** Tracks who is signed in with a supabase-js client. */
export class Session {
  #userId: string | undefined;
  /** A call failed because its token was refused; a new token should wake up whatever failed. */
  #wasRefused = false;
  /** When a refused token was last renewed, by a monotonic clock. */
  #renewedAt = -Infinity;
  /** Incremented when the user changes: a token that was read before may belong to the previous user. */
  #era = 0;
  #isClosed = false;
  #wokenAt = -Infinity;
  readonly #unsubscribe: () => void;

  /**
   * @param onEnded called when the user signs out, or another user signs in
   * @param onRenewed called when someone signs in, and for a new token after a refusal or a while; not for every new
   * token, because a device whose clock is fast gets one with each call
   */
  constructor(readonly supabase: Supabase, readonly onEnded: () => void, readonly onRenewed: () => void) {
    this.#unsubscribe = this.#watch();
  }

  /** @throws ChatError not_signed_in, closed */
  async userId(): Promise<string> {
    while (!this.#userId) {
      if (this.#isClosed) throw new ChatError("closed", 0, "The chat was closed.");
      const era = this.#era;
      const user = subject(await this.supabase.realtime.accessToken?.());
      if (era !== this.#era) continue;
      if (!user) throw new ChatError("not_signed_in", 401, "Sign in first.");
      this.#userId = user;
    }
    return this.#userId;
  }

  /**
   * Handles a token that the server refused. If the device's clock is slow, supabase-js considers an expired token
   * valid, so it is renewed here.
   * @param hasEnded the server says that the session has ended: supabase-js would keep it until its token expires
   */
  tokenRefused(hasEnded: boolean): void {
    this.#wasRefused = true;
    const now = performance.now();
    if (!this.#userId || this.#isClosed || now - this.#renewedAt < MIN_RENEWAL_INTERVAL_MS) return;
    this.#renewedAt = now;
    try {
      void this.supabase.auth.refreshSession().then(({ error }) => {
        const isFinal = error?.status !== undefined && error.status >= 400 && error.status < 429;
        if (hasEnded && isFinal) return this.supabase.auth.signOut({ scope: "local" });
      }).catch(() => {});
    } catch {
      // A client with its own accessToken has no auth: the app renews its tokens.
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#become(undefined);
  }

  #watch(): () => void {
    try {
      const { data } = this.supabase.auth.onAuthStateChange((event, session) => this.#changed(event, session));
      return () => data.subscription.unsubscribe();
    } catch {
      return () => {}; // a client with its own accessToken has no auth
    }
  }

  #changed(event: string, session: AuthSession | null): void {
    const before = this.#userId;
    this.#become(session?.user.id);
    const isAnother = before !== this.#userId;
    if (before && isAnother) this.onEnded();
    if (!session || event !== "TOKEN_REFRESHED" && event !== "SIGNED_IN") return;
    const now = performance.now();
    if (!isAnother && !this.#wasRefused && now - this.#wokenAt < MIN_WAKE_INTERVAL_MS) return;
    this.#wasRefused = false;
    this.#wokenAt = now;
    this.onRenewed();
  }

  #become(userId: string | undefined): void {
    if (userId === this.#userId) return;
    this.#userId = userId;
    this.#era++;
  }
}
