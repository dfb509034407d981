import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { attempt } from "../ui/notices.tsx";
import { type Failure, useLoading } from "../ui/use_loading.ts";
import type { OperatorRole, Operators } from "./operators.ts";
import type { NamedRooms } from "./room_names.ts";

/** The operator who has signed in. */
export interface Operation {
  operators: Operators;
  rooms: NamedRooms;
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
  /** Reads again, and shows nothing of it but what is new. */
  refresh: () => void;
}

/**
 * Reads something as a whole.
 * @param key reads again when it changes
 */
export function useLoaded<T>(read: () => Promise<T>, key?: unknown): Loaded<T> {
  const [value, setValue] = useState<T>();
  const { isLoading, failure, start, refresh } = useLoading();
  const take = (found: T) => setValue(() => found);
  const reload = () => start(read, take);
  useEffect(() => reload(), [key]);
  useCheckedFailure(failure);
  return { value, isLoading, failure, reload, refresh: () => refresh(read, take) };
}

/** How often a page that is seen reads again what it shows. */
const REFRESH_MS = 20_000;

/** Reads again every while, as long as the page is seen, and at once when it is seen again. */
export function useRefreshed(shown: Pick<Loaded<unknown>, "isLoading" | "refresh">): void {
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const onTime = () => document.hidden || latest.current.isLoading || latest.current.refresh();
    const timer = setInterval(onTime, REFRESH_MS);
    document.addEventListener("visibilitychange", onTime);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onTime);
    };
  }, []);
}

/** Asks whether the role still holds when something was refused. */
export function useCheckedFailure(failure: Failure | undefined): void {
  const { checkRole } = useOperation();
  const isRefused = failure?.error.status === 403;
  useEffect(() => {
    if (isRefused) checkRole();
  }, [isRefused]);
}
