import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { attempt } from "../ui/notices.tsx";
import { type Failure, useLoading } from "../ui/use_loading.ts";
import type { OperatorRole, Operators } from "./operators.ts";

/** The operator who has signed in. */
export interface Operation {
  operators: Operators;
  role: OperatorRole;
  /** Asks whether the role still holds. */
  checkRole: () => void;
}

export const OperationContext = createContext<Operation | undefined>(undefined);

/** Only for components that are rendered while an operator is signed in. */
export const useOperation = (): Operation => useContext(OperationContext)!;

/** Returns a function that does something, and shows why it failed; it returns whether it succeeded. */
export function useAct(): (work: () => Promise<unknown>) => Promise<boolean> {
  const { checkRole } = useOperation();
  return async (work) => {
    const isDone = await attempt(work);
    // Perhaps the role was taken away.
    if (!isDone) checkRole();
    return isDone;
  };
}

/** What is read as a whole. */
export interface Loaded<T> {
  value: T | undefined;
  isLoading: boolean;
  failure: Failure | undefined;
  reload: () => void;
}

/**
 * Reads something as a whole.
 * @param key reads again when it changes
 */
export function useLoaded<T>(read: () => Promise<T>, key?: unknown): Loaded<T> {
  const [value, setValue] = useState<T>();
  const { isLoading, failure, start } = useLoading();
  const reload = () => start(read, (found) => setValue(() => found));
  useEffect(() => reload(), [key]);
  useCheckedFailure(failure);
  return { value, isLoading, failure, reload };
}

/** Asks whether the role still holds when something was refused. */
export function useCheckedFailure(failure: Failure | undefined): void {
  const { checkRole } = useOperation();
  const isRefused = failure?.error.status === 403;
  useEffect(() => {
    if (isRefused) checkRole();
  }, [isRefused]);
}
