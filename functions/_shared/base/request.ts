import { AsyncLocalStorage } from "node:async_hooks";

/** What everything that is done for a request may ask about it. */
export interface CurrentRequest {
  /** Finds the address of the client, as far as it is known. */
  address: () => string | undefined;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
}

const storage = new AsyncLocalStorage<CurrentRequest>();

/** Runs `work` for a request. */
export const forRequest = <T>(request: CurrentRequest, work: () => T): T => storage.run(request, work);

/** The request that is being answered; undefined for the work of a socket, or of a timer. */
export const currentRequest = (): CurrentRequest | undefined => storage.getStore();
