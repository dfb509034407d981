const MAX_KNOWN = 1000;

/** The latest messages of a room that its sockets have received. */
export class KnownMessages {
  readonly #seqs = new Set<number>();
  /** All messages up to this seq count as known. */
  #floor = 0;

  /** @returns whether it was not known before. */
  add(seq: number): boolean {
    if (seq <= this.#floor || this.#seqs.has(seq)) return false;
    this.#seqs.add(seq);
    if (this.#seqs.size >= MAX_KNOWN * 2) this.#shed();
    return true;
  }

  #shed(): void {
    for (const seq of this.#seqs) {
      if (this.#seqs.size <= MAX_KNOWN) break;
      this.#seqs.delete(seq);
      this.#floor = Math.max(this.#floor, seq);
    }
  }
}
