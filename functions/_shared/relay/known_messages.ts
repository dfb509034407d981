const MAX_KNOWN = 1000;

/** Of which messages of a room its sockets have heard; of the latest ones, as far as that matters. */
export class KnownMessages {
  readonly #seqs = new Set<number>();
  /** Up to here all are taken for known. */
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
