const TICKS = 12;

/** Counts events and averages them per second over the last twelve ticks, updated at every tick. */
export class Rate {
  average = 0;
  #count = 0;
  #past: number[] = [];
  #tickStarted = Date.now();

  constructor(readonly limit: number, readonly tickMs = 5_000) {}

  add(count = 1): void {
    this.#roll();
    this.#count += count;
  }

  /** Whether the average has reached the limit. */
  get isExceeded(): boolean {
    this.#roll();
    return this.average >= this.limit;
  }

  #roll(): void {
    const { tickMs } = this;
    let late = Date.now() - this.#tickStarted;
    if (late < tickMs) return;
    for (; late >= tickMs; late -= tickMs) {
      this.#past.unshift(this.#count);
      this.#count = 0;
      if (this.#past.length > TICKS) {
        this.#past.length = TICKS;
        if (late > TICKS * tickMs) late %= tickMs;
      }
    }
    this.#tickStarted = Date.now() - late;
    this.average = this.#past.reduce((sum, count) => sum + count, 0) / this.#past.length / (tickMs / 1000);
  }
}
