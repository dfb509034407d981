import { type Delivery, markDelivered } from "../db/db.ts";
import type { Connection } from "./connection.ts";

/** How long a mark waits for later messages; no member is marked more often. */
const MARK_INTERVAL_MS = 1000;
/** Marks in one statement. */
const MAX_BATCH = 1000;

/** Sockets that were sent messages since the user's mark was moved. */
const waiting = new Set<Connection>();
let isRunning = false;

/** Notes that a socket was sent a message of another member. */
export function sent(connection: Connection): void {
  waiting.add(connection);
  if (!isRunning) void run();
}

async function run(): Promise<void> {
  isRunning = true;
  while (waiting.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, MARK_INTERVAL_MS));
    await markAll();
  }
  isRunning = false;
}

async function markAll(): Promise<void> {
  const marks = [...collect()];
  for (let begin = 0; begin < marks.length; begin += MAX_BATCH) {
    const some = new Map(marks.slice(begin, begin + MAX_BATCH));
    try {
      const behind = await markDelivered([...some.values()].map(({ delivery }) => delivery));
      for (const key of behind.map(keyOf)) waiting.add(some.get(key)!.connection);
    } catch (error) {
      console.error("messages could not be marked as delivered:", error);
      for (const { connection } of some.values()) waiting.add(connection);
    }
  }
}

/** The last message that was sent, for each user and room. */
function collect(): Map<string, { delivery: Delivery; connection: Connection }> {
  const marks = new Map<string, { delivery: Delivery; connection: Connection }>();
  for (const connection of waiting) {
    // How much a slow reader has read is unknown.
    if (connection.isOpen && connection.web.bufferedAmount > 0) continue;
    waiting.delete(connection);
    if (!connection.isOpen) continue;
    const delivery = { room_id: connection.room.id, user_id: connection.claims.sub, seq: connection.sentSeq };
    const other = marks.get(keyOf(delivery));
    if (!other || other.delivery.seq < delivery.seq) marks.set(keyOf(delivery), { delivery, connection });
  }
  return marks;
}

const keyOf = ({ room_id, user_id }: Pick<Delivery, "room_id" | "user_id">) => `${room_id} ${user_id}`;
