/** What a check has found. */
export interface Finding {
  status: "ok" | "warning" | "failed" | "skipped";
  check: string;
  says: string;
  /** What to do. */
  todo?: string;
}

export const ok = (check: string, says: string): Finding => ({ status: "ok", check, says });
export const warning = (check: string, says: string, todo: string): Finding => ({
  status: "warning",
  check,
  says,
  todo,
});
export const failed = (check: string, says: string, todo: string): Finding => ({ status: "failed", check, says, todo });
export const skipped = (check: string, says: string, todo: string): Finding => ({
  status: "skipped",
  check,
  says,
  todo,
});
