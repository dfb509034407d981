import type { Connection } from "../connection/connection.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { isErrorName } from "../contract/errors.ts";
import { byStatus, ChatError } from "../util/errors.ts";

/** The caller's own account: `chat.account`. */
export class Account {
  readonly #connection: Connection;
  readonly #outbox: Outbox;

  constructor(connection: Connection, outbox: Outbox) {
    this.#connection = connection;
    this.#outbox = outbox;
  }

  /**
   * Exports everything that the caller has written and what is stored about them: lines of JSON, each with its `type`. Files have
   * URLs that work for a day. Three exports a day are allowed.
   * @returns a file, for example to save
   * @throws ChatError rate_limited, offline, unavailable (also when the export was cut off)
   *
   * @example
   * ```ts
   * const lines = (await (await chat.account.export()).text()).trim().split("\n").map((line) => JSON.parse(line));
   * ```
   */
  async export(): Promise<Blob> {
    const { data, error, response } = await this.#connection.supabase.functions.invoke("accounts/api/export/", {
      method: "GET",
      headers: { Accept: "application/octet-stream" },
    });
    if (error) throw await refusal(error, response);
    const file = data as Blob;
    // The last line says that there is no more.
    if (!(await file.slice(-100).text()).includes('{"type":"end"')) {
      throw new ChatError("unavailable", 0, "The export was cut off. Try again.");
    }
    return file;
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

/** Converts a refusal of the function to a ChatError. */
async function refusal(error: unknown, response: Response | undefined): Promise<ChatError> {
  if (!response) return new ChatError("offline", 0, "The server could not be reached.", { cause: error });
  const { detail, code } = await response.json().catch(() => ({})) as { detail?: string; code?: string };
  const name = code && isErrorName(code) ? code : byStatus(response.status) ?? "unexpected";
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  return new ChatError(name, response.status, detail, { cause: error, ...(retryAfter && { retryAfter }) });
}

export interface DeletionOptions {
  /** Whether what the caller has written goes, too. */
  erase?: boolean;
  /** That the user has confirmed it: nobody can bring the account back. */
  confirmed: boolean;
}
