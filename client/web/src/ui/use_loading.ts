import { ChatError } from "parley-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { toChatError } from "./notices.tsx";

/** Pauses before further attempts, as after a search that was stopped because the server was busy. */
const PAUSES_MS = [300, 1_200];

/** Why something could not be loaded, after several attempts. */
export interface Failure {
  error: ChatError;
  retry: () => void;
}

export interface Loading {
  isLoading: boolean;
  failure: Failure | undefined;
  /** Loads, and takes the result unless another load has started since. Passing failures are retried. */
  start: <T>(load: () => Promise<T>, take: (result: T) => void) => void;
  /** Loads again what is shown: nobody sees it, nor that it has failed. Not while a load or another refresh is running. */
  refresh: Loading["start"];
  /** Forgets the load that is running, or that has failed. */
  cancel: () => void;
}

/** Loads something that a component shows: one load at a time. `LoadFailure` shows why it failed. */
export function useLoading(): Loading {
  const [isLoading, setIsLoading] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const turn = useRef(1);
  /** The turn of the refresh that is running, if one is. */
  const refreshing = useRef(0);

  async function run<T>(load: () => Promise<T>, take: (result: T) => void): Promise<void> {
    const mine = ++turn.current;
    const isCurrent = () => mine === turn.current;
    setFailure(undefined);
    setIsLoading(true);
    try {
      const result = await persistently(load, isCurrent);
      if (isCurrent()) take(result);
    } catch (error) {
      if (isCurrent()) setFailure({ error: toChatError(error), retry: () => void run(load, take) });
    }
    if (isCurrent()) setIsLoading(false);
  }

  // A refresh never replaces the one before it: where answers are slower than the wish for them, none would be taken.
  async function refresh<T>(load: () => Promise<T>, take: (result: T) => void): Promise<void> {
    if (refreshing.current === turn.current) return;
    const mine = refreshing.current = ++turn.current;
    const result = await load().catch(() => undefined);
    if (mine !== turn.current) return;
    refreshing.current = 0;
    if (result === undefined) return;
    setFailure(undefined);
    take(result);
  }

  function cancel(): void {
    turn.current++;
    setFailure(undefined);
    setIsLoading(false);
  }

  useEffect(() => () => void turn.current++, []);
  return {
    isLoading,
    failure,
    start: (load, take) => void run(load, take),
    refresh: (load, take) => void refresh(load, take),
    cancel,
  };
}

/** Repeats a load that fails for a passing reason, while its result is still wanted. */
async function persistently<T>(load: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof ChatError) || !error.passing || !isWanted()) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!isWanted()) throw error;
    }
  }
  return await load();
}
