import postgres from "postgres";
import type { Change } from "./pgoutput.ts";

/** Changes of one transaction that wait to be told. */
interface Delivery {
  xid: number;
  changes: Change[];
}

const chunk = 1_000;
const enough = 10_000;
const pauseMs = 1;

/**
 * Tells changes in turn, and only once others can see them: the stream hears of a commit a moment before the
 * transaction that commits is done with it, and who reacts at once would look in vain.
 */
export class Deliveries {
  readonly #sql: postgres.Sql;
  readonly #waiting: Delivery[] = [];
  #open: Delivery = { xid: 0, changes: [] };
  #count = 0;
  #isTelling = false;
  #isOver = false;

  /** `hold` is called with true when more waits than is good, and with false afterwards. */
  constructor(
    url: string,
    readonly tell: (change: Change) => void | Promise<void>,
    readonly hold: (on: boolean) => void,
  ) {
    this.#sql = postgres(url, { max: 1, fetch_types: false, connection: { application_name: "realtime_visibility" } });
  }

  take(change: Change): void {
    if (change.kind === "begin") this.#open = { xid: change.xid, changes: [] };
    this.#open.changes.push(change);
    if (change.kind !== "commit" && this.#open.changes.length < chunk) return;
    this.#waiting.push(this.#open);
    this.#count += this.#open.changes.length;
    this.#open = { xid: this.#open.xid, changes: [] };
    if (this.#count > enough) this.hold(true);
    if (!this.#isTelling) this.#tellAll();
  }

  /** What waits is not told any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#sql.end({ timeout: 0 });
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    while (this.#waiting.length > 0 && !this.#isOver) {
      const deliveries = [...this.#waiting];
      while (!this.#isOver && !await this.#areVisible(deliveries)) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      for (const { changes } of deliveries) {
        for (const change of changes) {
          const work = this.tell(change);
          if (work) await work;
        }
        this.#waiting.shift();
        this.#count -= changes.length;
      }
      if (this.#count <= enough) this.hold(false);
    }
    this.#isTelling = false;
  }

  /** When that cannot be asked, what is committed is told all the same. */
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
