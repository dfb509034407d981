/** Numbers that look random and are the same in every run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, but never, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to one less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** `count` different ones of a list. */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    this.shuffle(rest, count);
    return rest.slice(0, count);
  }

  /** Shuffles a list in place, or only its first `count` places. */
  shuffle(list: { length: number; [index: number]: unknown }, count = list.length): void {
    for (let at = 0; at < count; at++) {
      const other = at + this.below(list.length - at);
      [list[at], list[other]] = [list[other], list[at]];
    }
  }

  /** Mostly small, sometimes large, `mean` on average. */
  exponential(mean: number): number {
    return Math.floor(-Math.log(1 - this.next()) * mean);
  }

  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.below(2 ** 32).toString(16).padStart(8, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }
}
