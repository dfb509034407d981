import type { Report } from "./report.ts";

/** Writes rows in one transaction; if that fails, each in its own, so that only the one that fails is missing. */
export async function writeApart<Row extends { id?: string | null }>(
  rows: Row[],
  options: { kind: string; report: Report; write: (rows: Row[]) => Promise<void>; onLost?: (row: Row) => void },
): Promise<void> {
  const { kind, report, write } = options;
  try {
    await write(rows);
  } catch (error) {
    if (isBroken(error)) throw error;
    if (rows.length > 1) {
      for (const row of rows) await writeApart([row], options);
      return;
    }
    const reason = `a ${kind} that the database refuses: ${(error as Error).message}`;
    report.add({ kind, source_id: rows[0]!.id!, reason, is_lost: true });
    options.onLost?.(rows[0]!);
  }
}

/** Whether a connection is gone: then nothing more can be written. */
const isBroken = (error: unknown) => /^(CONNECTION|ECONN|57P0)/.test((error as { code?: string }).code ?? "");
