import { settings } from "../settings/settings.ts";
import { CLOSE } from "./close_codes.ts";
import type { Connection } from "./connection.ts";

const connections = new Set<Connection>();
const born = Date.now();

/** Keeps the worker until a promise settles: one that seems idle is ended early. */
export function hold(promise: Promise<unknown>): void {
  const { EdgeRuntime } = globalThis as { EdgeRuntime?: { waitUntil(promise: Promise<unknown>): unknown } };
  EdgeRuntime?.waitUntil(promise);
}

/** Milliseconds that a socket may still live; not the same for all, so that they do not come back all at once. */
export function left(): number {
  const share = 0.9 + Math.random() * 0.05;
  return Math.max(born + settings.workerSeconds() * 1000 * share - Date.now(), 0);
}

/** Closes the socket when the worker ends. */
export const follow = (connection: Connection) => void connections.add(connection);

export const forget = (connection: Connection) => void connections.delete(connection);

addEventListener("beforeunload", () => {
  for (const connection of connections) connection.close(CLOSE.restarting);
});
