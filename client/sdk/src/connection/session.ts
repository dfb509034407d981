import type { Session as AuthSession } from "@supabase/supabase-js";
import { ChatError } from "../util/errors.ts";
import { subject } from "../util/ids.ts";
import type { Supabase } from "./supabase.ts";

/** A token that the server refuses is renewed at most this often, whatever the device's clock says. */
const MIN_RENEWAL_INTERVAL_MS = 30_000;
/** A new token says that it is time to catch up, but not more often than this. */
const MIN_WAKE_INTERVAL_MS = 60_000;

/** Who is signed in with a client of supabase-js. */
export class Session {
  #userId: string | undefined;
  /** A call was refused for its token, and what failed with it waits for another one. */
  #wasRefused = false;
  /** When a refused token was last renewed, by a clock that only runs forward. */
  #renewedAt = -Infinity;
  /** Counts who was signed in: a token that was read before the last change may be of the one before. */
  #era = 0;
  #isClosed = false;
  #wokenAt = -Infinity;
  readonly #unsubscribe: () => void;

  /**
   * @param onEnded is called when the session ends, or becomes another person's
   * @param onRenewed is called when somebody signs in, and when there is a new token after one was refused or after a
   * while: not for every new token, because a device whose clock is fast gets one for each call
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
   * The server has refused the token of a call. On a device whose clock is slow, supabase-js takes a token that has
   * expired for a valid one: it is renewed here.
   */
  tokenRefused(): void {
    this.#wasRefused = true;
    const now = performance.now();
    if (!this.#userId || this.#isClosed || now - this.#renewedAt < MIN_RENEWAL_INTERVAL_MS) return;
    this.#renewedAt = now;
    try {
      void this.supabase.auth.refreshSession().catch(() => {});
    } catch {
      // A client with its own accessToken has no auth: whoever gives the tokens renews them.
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
