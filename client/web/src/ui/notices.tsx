import { ChatError, type Readable } from "parley-client";
import { useWords } from "../words/use_words.ts";
import type { Words } from "../words/words.ts";
import { useStore } from "./use_store.ts";

interface Notice {
  id: number;
  text: string | ChatError;
  alert: boolean;
}

interface Notices {
  /** Shown for a few seconds. */
  shown: readonly Notice[];
  /** Announced to screen readers only: the last few, because they read what is added. */
  announced: readonly Omit<Notice, "alert">[];
}

const SHOWN_MS = 6_000;
let notices: Notices = { shown: [], announced: [] };
let lastId = 0;
const listeners = new Set<() => void>();

const store: Readable<Notices> = {
  getSnapshot: () => notices,
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

function change(next: Partial<Notices>): void {
  notices = { ...notices, ...next };
  for (const listener of listeners) listener();
}

/** Shows a notice in place of one that says the same. */
function show(text: string | ChatError, isAlert: boolean): void {
  const notice = { id: ++lastId, text, alert: isAlert };
  const others = notices.shown.filter((other) => `${other.text}` !== `${text}`);
  change({ shown: [...others.slice(-2), notice] });
  setTimeout(() => change({ shown: notices.shown.filter(({ id }) => id !== notice.id) }), SHOWN_MS);
}

/** Shows a notice. */
export const notify = (text: string): void => show(text, false);

/** Converts anything thrown to a ChatError; any other error is a fault of the page, and logged. */
export function toChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  console.error(error);
  return new ChatError("unexpected", 0);
}

/** Shows why something failed. */
export const reportError = (error: unknown): void => show(toChatError(error), true);

/** Says why something failed in the user's language; errors that a user hardly ever meets keep their own text. */
export function errorText(words: Words, error: ChatError): string {
  const key = `error.${error.code}`;
  return words.has(key) ? words.t(key) : error.message;
}

/** Announces a text to screen readers only. */
export const announce = (text: string): void =>
  change({ announced: [...notices.announced.slice(-9), { id: ++lastId, text }] });

/**
 * Runs something and shows an error if it fails.
 * @returns whether it succeeded
 */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    reportError(error);
    return false;
  }
}

/** Copies a text to the clipboard and shows a notice. */
export async function copy(text: string, done: string): Promise<void> {
  if (await attempt(() => navigator.clipboard.writeText(text))) notify(done);
}

/** Where notices appear. It must be on the page from the start, or screen readers ignore changes in it. */
export function NoticeArea() {
  const words = useWords();
  const { shown, announced } = useStore(store);
  const text = (text: string | ChatError) => typeof text === "string" ? text : errorText(words, text);
  return (
    <section class="notices" aria-label={words.t("notices")}>
      <div role="status" aria-live="polite">
        {shown.filter(({ alert }) => !alert).map((notice) => <p key={notice.id}>{text(notice.text)}</p>)}
      </div>
      <div role="alert">
        {shown.filter(({ alert }) => alert).map((notice) => <p key={notice.id}>{text(notice.text)}</p>)}
      </div>
      <div class="for-readers" role="log" aria-live="polite">
        {announced.map(({ id, text }) => <p key={id}>{text}</p>)}
      </div>
    </section>
  );
}
