import { AsyncLocalStorage } from "node:async_hooks";

/** What the `Prefer` header of a request asks, as far as it is answered here. */
interface Preferences {
  tx?: string;
  /** How many rows a function may return, if the request insists on it. */
  maxAffected?: number;
}

const store = new AsyncLocalStorage<Preferences>();

/** Answers a request, within which its preferences are known. */
export function withPreferences<T>({ headers }: Request, answer: () => T): T {
  const asked = new Map(
    (headers.get("prefer") ?? "").split(",").map((one) => one.trim().split("=") as [string, string]),
  );
  const most = asked.get("max-affected");
  return store.run({
    tx: asked.get("tx"),
    ...(most !== undefined && asked.get("handling") === "strict" && { maxAffected: Number(most) }),
  }, answer);
}

/**
 * Whether the transaction of the request that is being answered is rolled back at its end.
 * @param end PostgREST's `db-tx-end`.
 */
export function isRolledBack(end: string): boolean {
  const { tx = end } = store.getStore() ?? {};
  return (end.endsWith("-allow-override") ? tx : end).startsWith("rollback");
}

/** The error for a function that returned more rows than the request that is being answered allows. */
export async function tooManyRows(response: unknown): Promise<Response | undefined> {
  const { maxAffected } = store.getStore() ?? {};
  if (maxAffected === undefined || !(response instanceof Response) || !response.ok) return undefined;
  const rows = await response.clone().json().catch(() => undefined);
  if (!Array.isArray(rows) || rows.length <= maxAffected) return undefined;
  const message = "Query result exceeds max-affected preference constraint";
  const details = `The query affects ${rows.length} rows`;
  return Response.json({ code: "PGRST124", message, details, hint: null }, { status: 400 });
}
