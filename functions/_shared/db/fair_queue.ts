import { LRUCache } from "lru-cache";
import { throttled, unavailable } from "../base/errors.ts";

/** The size of the pool, and the share of one caller. */
export interface Limits {
  /** The total number. */
  size: number;
  /** How many one caller may always use at once; one, while their requests are slow. */
  guaranteed: number;
  /** How many all visitors together may use at once. */
  visitors: number;
  /** How many one caller may use at once while others do not need them; one stays free for others. */
  most: number;
  /** How many requests of one caller may wait; four times as many for an address of visitors, which many may share. */
  maxWaiting: number;
  /** How long a request waits at most, in milliseconds. */
  timeoutMs: number;
}

/** The caller of a request. */
export interface Caller {
  /** A signed-in person, a room, or the address of a visitor. */
  key: string;
  /** The caller is not signed in. */
  isVisitor?: boolean;
  /** Aborts when the client has disconnected. */
  signal?: AbortSignal;
}

/** The requests of one caller. */
interface Line<T> {
  key: string;
  isVisitor: boolean;
  running: number;
  waiting: ((lent: T) => void)[];
}

const MAX_WAITING = 2000;
/** A caller whose requests take no longer than this, in milliseconds on average, may use more at once. */
const QUICK_MS = 20;
/** A caller whose requests take longer than this uses one at a time. */
const SLOW_MS = 100;
/** Delays a refusal, to slow down clients that retry without a pause. */
const REFUSAL_DELAY_MS = 300;

/**
 * Lends scarce resources in turns: a caller with many requests waits behind their own, not in front of those of
 * others. Callers who are signed in take turns with each other, visitors do, and so do these two groups.
 */
export class FairQueue<T> {
  readonly #free: T[] = [];
  readonly #lines = new Map<string, Line<T>>();
  /** The lines with waiting requests, the least recently served first. */
  readonly #people = new Set<Line<T>>();
  readonly #visitors = new Set<Line<T>>();
  /** The two, the one that was served last at the end. */
  #groups = [this.#people, this.#visitors];
  /** How long each caller uses what they get, in milliseconds on average. */
  readonly #usage = new LRUCache<string, number>({ max: 5000 });
  #opened = 0;
  #waiting = 0;
  #visiting = 0;

  /** @param open makes one more, when it is first needed. */
  constructor(readonly limits: Limits, readonly open: () => T) {}

  /**
   * Runs `work` when it is the caller's turn.
   * @throws ApiError 429 when too many requests of the caller wait already, 503 when its turn does not come in time.
   */
  async use<R>(caller: Caller, work: (lent: T) => Promise<R>): Promise<R> {
    if (this.#waiting >= MAX_WAITING) throw unavailable();
    const line = this.#lineOf(caller);
    if (line.waiting.length >= this.limits.maxWaiting * (line.isVisitor ? 4 : 1)) {
      await new Promise((resolve) => setTimeout(resolve, REFUSAL_DELAY_MS));
      throw throttled();
    }
    const lent = await this.#turn(line, caller.signal);
    const started = performance.now();
    try {
      return await work(lent);
    } finally {
      this.#giveBack(line, lent, performance.now() - started);
    }
  }

  #lineOf({ key, isVisitor = false }: Caller): Line<T> {
    const line = this.#lines.get(key) ?? { key, isVisitor, running: 0, waiting: [] };
    this.#lines.set(key, line);
    return line;
  }

  #turn(line: Line<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", leave);
        this.#waiting--;
      };
      const take = (lent: T) => {
        end();
        resolve(lent);
      };
      const leave = () => {
        end();
        line.waiting.splice(line.waiting.indexOf(take), 1);
        this.#forget(line);
        reject(unavailable());
      };
      const timer = setTimeout(leave, this.limits.timeoutMs);
      signal?.addEventListener("abort", leave);
      this.#waiting++;
      line.waiting.push(take);
      this.#groupOf(line).add(line);
      if (signal?.aborted) leave();
      else this.#lend();
    });
  }

  /** Lends free resources to the callers whose turn it is. */
  #lend(): void {
    for (let line; this.#available > 0 && (line = this.#next());) {
      const group = this.#groupOf(line);
      const take = line.waiting.shift()!;
      line.running++;
      if (line.isVisitor) this.#visiting++;
      group.delete(line);
      if (line.waiting.length > 0) group.add(line);
      this.#groups = group === this.#people ? [this.#visitors, this.#people] : [this.#people, this.#visitors];
      take(this.#free.pop() ?? this.#openOne());
    }
  }

  /** The line whose turn it is: before all others one that has less than it may always have. */
  #next(): Line<T> | undefined {
    const { guaranteed, most } = this.limits;
    const entitled = this.#find(({ key, running }) =>
      running < ((this.#usage.get(key) ?? 0) > SLOW_MS ? 1 : guaranteed)
    );
    if (entitled || this.#available < 2) return entitled;
    return this.#find(({ key, running }) => running < most && (this.#usage.get(key) ?? Infinity) <= QUICK_MS);
  }

  #find(isMeant: (line: Line<T>) => boolean): Line<T> | undefined {
    for (const lines of this.#groups) {
      for (const line of lines) {
        if (line.isVisitor && this.#visiting >= this.limits.visitors) break;
        if (isMeant(line)) return line;
      }
    }
  }

  #giveBack(line: Line<T>, lent: T, used: number): void {
    line.running--;
    if (line.isVisitor) this.#visiting--;
    const before = this.#usage.get(line.key);
    this.#usage.set(line.key, before === undefined ? used : before * 0.8 + used * 0.2);
    this.#free.push(lent);
    this.#forget(line);
    this.#lend();
  }

  #forget(line: Line<T>): void {
    if (line.waiting.length > 0) return;
    this.#groupOf(line).delete(line);
    if (line.running === 0) this.#lines.delete(line.key);
  }

  #groupOf({ isVisitor }: Line<T>): Set<Line<T>> {
    return isVisitor ? this.#visitors : this.#people;
  }

  get #available(): number {
    return this.#free.length + this.limits.size - this.#opened;
  }

  #openOne(): T {
    this.#opened++;
    return this.open();
  }
}
