import type { Backoff } from "./backoff.ts";
import { asChatError, ChatError } from "./errors.ts";

/** Something that loads. */
export interface Loadable {
  readonly isClosed: boolean;
  /** Loads the initial state. */
  load(): Promise<void>;
  /** Shows why it is being retried. */
  readonly store: { patch(fields: { error: ChatError }): void };
  /** It cannot be loaded. */
  end(error: ChatError): void;
}

/**
 * Loads something, and retries until it succeeds or fails permanently.
 * @throws ChatError a permanent error; closed
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
  throw new ChatError("closed", 0, "It was closed before it had loaded.");
}
