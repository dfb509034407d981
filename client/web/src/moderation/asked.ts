import type { ReportTarget } from "parley-client";

/** What is shown over the page: the dialog to report something, or the queue of reports. */
export type Asked = { target: ReportTarget; /** The name of the person. */ name: string } | "queue";

let listener: (asked: Asked) => void = () => {};

/** Shows it, wherever it was asked for. */
export const ask = (asked: Asked): void => listener(asked);

/** Calls the listener with what shall be shown. */
export function onAsked(next: (asked: Asked) => void): () => void {
  listener = next;
  return () => void (listener = () => {});
}
