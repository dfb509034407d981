import { now } from "./stamp.mjs";

/** Counts what all readers of a room receive, and whether each receives every message once and in order. */
export class Tally {
  /** How many sockets closed without our request, by code. */
  lost = {};
  #readers = [];
  #latencies = [];
  #last = 0;

  /** A new reader; `willRead` is false when it will not read. */
  reader(willRead = true) {
    const reader = { next: 0, heard: 0, faults: 0, read: willRead, lost: false };
    this.#readers.push(reader);
    return reader;
  }

  /** Resets the counts; `next` is the number of the room's next message. */
  begin(next) {
    for (const reader of this.#readers) Object.assign(reader, { next, heard: 0, faults: 0 });
    this.#latencies = [];
    this.#last = 0;
    this.lost = {};
  }

  hear(reader, seq, sent) {
    const at = now();
    if (seq !== reader.next) reader.faults++;
    reader.next = seq + 1;
    reader.heard++;
    if (!reader.read) return;
    this.#latencies.push(at - sent);
    this.#last = at;
  }

  lose(reader, code) {
    if (reader.lost) return;
    reader.lost = true;
    const name = reader.read ? code : `${code} of who does not read`;
    this.lost[name] = (this.lost[name] ?? 0) + 1;
  }

  /** The results of those who read, once they should have everything up to the message `last`. */
  result(last) {
    const readers = this.#readers.filter(({ read }) => read);
    const complete = readers.filter(({ next, faults }) => next === last + 1 && faults === 0).length;
    const sorted = Float64Array.from(this.#latencies).sort();
    const percentile = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
    return {
      deliveries: sorted.length,
      readers: readers.length,
      complete,
      lastAt: this.#last,
      p50: percentile(0.5),
      p99: percentile(0.99),
      max: percentile(1),
      lost: this.lost,
    };
  }

  /** How many messages the open readers have received; and the least that any of them has reached. */
  get progress() {
    const readers = this.#readers.filter(({ read, lost }) => read && !lost);
    return { deliveries: this.#latencies.length, reached: Math.min(...readers.map(({ next }) => next - 1)) };
  }
}
