import postgres from "postgres";
import { isAnyReaderSlow } from "../wire/send_buffer.ts";
import type { Change } from "./pgoutput.ts";

/** Queued changes of one transaction. */
interface Delivery {
  xid: number;
  changes: Change[];
  bytes: number;
}

const CHUNK_SIZE = 100;
const MAX_WAITING_BYTES = 16_000_000;
/** After so many bytes, sockets get time to send; longer, up to a limit, when one of them is slow. */
const PAUSE_AFTER_BYTES = 256_000;
const MAX_PAUSE_MS = 50;
const PAUSE_MS = 1;

/**
 * Delivers changes in order, and only when they are visible to others: the stream receives a commit a moment before its
 * transaction ends, and a client that reacts at once would not find the row.
 */
export class Deliveries {
  readonly #sql: postgres.Sql;
  readonly #waiting: Delivery[] = [];
  #open: Delivery = { xid: 0, changes: [], bytes: 0 };
  #bytes = 0;
  #isDelivering = false;
  #isEnded = false;

  /** `hold` is called with true when too much is queued, and with false afterwards. */
  constructor(
    url: string,
    readonly deliver: (change: Change) => void | Promise<void>,
    readonly setPaused: (isOn: boolean) => void,
  ) {
    this.#sql = postgres(url, { max: 1, fetch_types: false, connection: { application_name: "realtime_visibility" } });
  }

  add(change: Change, bytes: number): void {
    if (change.kind === "begin") this.#open = { xid: change.xid, changes: [], bytes: 0 };
    this.#open.changes.push(change);
    this.#open.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes > MAX_WAITING_BYTES) this.setPaused(true);
    if (change.kind !== "commit" && this.#open.changes.length < CHUNK_SIZE && this.#bytes <= MAX_WAITING_BYTES) return;
    this.#waiting.push(this.#open);
    this.#open = { xid: this.#open.xid, changes: [], bytes: 0 };
    if (!this.#isDelivering) this.#deliverAll();
  }

  /** Drops the queued changes. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#sql.end({ timeout: 0 });
  }

  async #deliverAll(): Promise<void> {
    this.#isDelivering = true;
    let sentBytes = 0;
    while (this.#waiting.length > 0 && !this.#isEnded) {
      const deliveries = [...this.#waiting];
      while (!this.#isEnded && !await this.#areVisible(deliveries)) await sleep(PAUSE_MS);
      for (const { changes, bytes } of deliveries) {
        for (const change of changes) await this.#deliverOne(change);
        this.#waiting.shift();
        this.#bytes -= bytes;
        if ((sentBytes += bytes) > PAUSE_AFTER_BYTES) sentBytes = await letSocketsSend();
      }
      if (this.#bytes <= MAX_WAITING_BYTES) this.setPaused(false);
    }
    this.#isDelivering = false;
  }

  async #deliverOne(change: Change): Promise<void> {
    try {
      await this.deliver(change);
    } catch (error) {
      console.error(error);
    }
  }

  /** When the query fails, committed changes are delivered anyway. */
  async #areVisible(deliveries: Delivery[]): Promise<boolean> {
    const xids = `{${[...new Set(deliveries.map(({ xid }) => xid))].join()}}`;
    try {
      const [row] = await this.#sql`
        select bool_and(pg_visible_in_snapshot((newest >> 32 << 32 | xid)::text::xid8, snapshot)) as "areVisible"
        from unnest(${xids}::bigint[]) as xid, pg_current_snapshot() as snapshot,
          lateral (select pg_snapshot_xmax(snapshot)::text::bigint as newest) as latest`;
      return row!.areVisible;
    } catch {
      return true;
    }
  }
}

async function letSocketsSend(): Promise<0> {
  const start = Date.now();
  do await sleep(PAUSE_MS); while (isAnyReaderSlow() && Date.now() - start < MAX_PAUSE_MS);
  return 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
