import type { Cell } from "../measure/cell.ts";

/** Kilobytes of the write-ahead log for each request; undefined in the figures of an older bench. */
export function walPerRequest({ statements, requests }: Cell): number | undefined {
  if (requests === 0 || statements.some(({ wal }) => wal === undefined)) return undefined;
  return statements.reduce((sum, { wal }) => sum + wal, 0) / requests / 1000;
}
