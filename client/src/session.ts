import type { Session as AuthSession } from "@supabase/supabase-js";
import { ChatError } from "./errors.ts";
import { subject } from "./ids.ts";
import type { Supabase } from "./supabase.ts";

/** Who is signed in with a client of supabase-js. */
export class Session {
  #userId: string | undefined;
  /** Counts who was signed in: a token that was read before the last change may be of the one before. */
  #era = 0;
  #closed = false;
  readonly #unsubscribe: () => void;

  /**
   * @param ended is called when the session ends, or becomes another person's
   * @param renewed is called when there is a new token
   */
  constructor(readonly supabase: Supabase, readonly ended: () => void, readonly renewed: () => void) {
    this.#unsubscribe = this.#watch();
  }

  /** @throws ChatError not_signed_in, closed */
  async userId(): Promise<string> {
    while (!this.#userId) {
      if (this.#closed) throw new ChatError("closed", 0, "The chat was closed.");
      const era = this.#era;
      const user = subject(await this.supabase.realtime.accessToken?.());
      if (era !== this.#era) continue;
      if (!user) throw new ChatError("not_signed_in", 401, "Sign in first.");
      this.#userId = user;
    }
    return this.#userId;
  }

  close(): void {
    this.#closed = true;
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
    if (before && before !== this.#userId) this.ended();
    if (session && (event === "TOKEN_REFRESHED" || event === "SIGNED_IN")) this.renewed();
  }

  #become(userId: string | undefined): void {
    if (userId === this.#userId) return;
    this.#userId = userId;
    this.#era++;
  }
}
