import type { Backoff } from "./backoff.ts";
import { asChatError, ChatError } from "./errors.ts";

/** What is being opened. */
export interface Loadable {
  readonly isClosed: boolean;
  /** Loads what is to be shown first. */
  load(): Promise<void>;
  /** Shows why it is tried again. */
  readonly store: { patch(fields: { error: ChatError }): void };
  /** It cannot be opened. */
  end(error: ChatError): void;
}

/**
 * Loads what is opened, however often the network fails.
 * @throws ChatError what does not pass; closed
 */
export async function loadWithRetries(target: Loadable, backoff: Backoff): Promise<void> {
  while (!target.isClosed) {
    try {
      return await target.load();
    } catch (failure) {
      const error = asChatError(failure);
      if (!error.passing) {
        target.end(error);
        throw error;
      }
      if (!target.isClosed) target.store.patch({ error });
      await backoff.wait();
    }
  }
  throw new ChatError("closed", 0, "It was closed before it was shown.");
}
