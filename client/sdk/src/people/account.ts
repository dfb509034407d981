import type { Connection } from "../connection/connection.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { ChatError } from "../util/errors.ts";

/** The caller's own account: `chat.account`. */
export class Account {
  readonly #connection: Connection;
  readonly #outbox: Outbox;

  constructor(connection: Connection, outbox: Outbox) {
    this.#connection = connection;
    this.#outbox = outbox;
  }

  /**
   * Deletes the account of the caller for good, and signs out. The caller leaves every room; a group passes to another member.
   * @param options with `erase`, what the caller has written in rooms becomes tombstones, within minutes; without it, messages
   * stay without a sender. `confirmed` must be true: ask the user first
   * @throws ChatError confirmation_required
   *
   * @example
   * ```ts
   * await chat.account.delete({ erase: true, confirmed: true });
   * ```
   */
  async delete({ erase = false, confirmed }: DeletionOptions): Promise<void> {
    try {
      await this.#connection.run("delete_account", { mode: erase ? "erase" : "keep", confirmed });
    } catch (error) {
      // It was deleted by an earlier call, whose answer was lost.
      if (!(error instanceof ChatError && error.code === "no_account")) throw error;
    }
    // They would stay on this device, for nobody.
    for (const { client_id } of this.#outbox.getSnapshot()) this.#outbox.discard(client_id);
    try {
      await this.#connection.supabase.auth.signOut({ scope: "local" });
    } catch {
      // A client with its own accessToken has no auth.
    }
  }
}

export interface DeletionOptions {
  /** Whether what the caller has written goes, too. */
  erase?: boolean;
  /** That the user has confirmed it: nobody can bring the account back. */
  confirmed: boolean;
}
