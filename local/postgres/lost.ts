/**
 * Whether an error of the driver means that its connection is gone, or about to be. Nothing may be written to it then, no
 * rollback either: postgres.js 3.4.9 throws where nobody can catch it, which ends the process.
 */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  // Those of the driver, of the system (ECONNRESET), and of a server that shuts down.
  return typeof code === "string" && /^(CONNECTION_|CONNECT_|E[A-Z]+$|57P)/.test(code);
}
