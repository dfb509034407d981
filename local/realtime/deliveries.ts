import postgres from "postgres";
import type { Change } from "./pgoutput.ts";
import { isPressed } from "./send_buffer.ts";

/** Queued changes of one transaction. */
interface Delivery {
  xid: number;
  changes: Change[];
  bytes: number;
}

const chunk = 100;
const enoughBytes = 16_000_000;
/** After so many bytes, sockets get time to send; longer, up to a limit, when one of them is slow. */
const breathBytes = 256_000;
const longestBreathMs = 50;
const pauseMs = 1;

/**
 * Delivers changes in order, and only when they are visible to others: the stream receives a commit a moment before its
 * transaction ends, and a client that reacts at once would not find the row.
 */
export class Deliveries {
  readonly #sql: postgres.Sql;
  readonly #waiting: Delivery[] = [];
  #open: Delivery = { xid: 0, changes: [], bytes: 0 };
  #bytes = 0;
  #isTelling = false;
  #isOver = false;

  /** `hold` is called with true when too much is queued, and with false afterwards. */
  constructor(
    url: string,
    readonly tell: (change: Change) => void | Promise<void>,
    readonly hold: (on: boolean) => void,
  ) {
    this.#sql = postgres(url, { max: 1, fetch_types: false, connection: { application_name: "realtime_visibility" } });
  }

  take(change: Change, bytes: number): void {
    if (change.kind === "begin") this.#open = { xid: change.xid, changes: [], bytes: 0 };
    this.#open.changes.push(change);
    this.#open.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes > enoughBytes) this.hold(true);
    if (change.kind !== "commit" && this.#open.changes.length < chunk && this.#bytes <= enoughBytes) return;
    this.#waiting.push(this.#open);
    this.#open = { xid: this.#open.xid, changes: [], bytes: 0 };
    if (!this.#isTelling) this.#tellAll();
  }

  /** Drops the queued changes. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#sql.end({ timeout: 0 });
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    let told = 0;
    while (this.#waiting.length > 0 && !this.#isOver) {
      const deliveries = [...this.#waiting];
      while (!this.#isOver && !await this.#areVisible(deliveries)) await sleep(pauseMs);
      for (const { changes, bytes } of deliveries) {
        for (const change of changes) await this.#tellOne(change);
        this.#waiting.shift();
        this.#bytes -= bytes;
        if ((told += bytes) > breathBytes) told = await breathe();
      }
      if (this.#bytes <= enoughBytes) this.hold(false);
    }
    this.#isTelling = false;
  }

  async #tellOne(change: Change): Promise<void> {
    try {
      await this.tell(change);
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

async function breathe(): Promise<0> {
  const start = Date.now();
  do await sleep(pauseMs); while (isPressed() && Date.now() - start < longestBreathMs);
  return 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
