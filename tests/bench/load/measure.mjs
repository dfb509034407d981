import process from "node:process";

/** The counts of a measurement: none before `start`. */
export class Measurement {
  #latencies = [];
  #statuses = {};
  #errors = 0;
  #started = Infinity;
  #cpu = process.cpuUsage();

  /** Begins to measure, and notifies the parent process. */
  start() {
    console.log("start");
    this.#cpu = process.cpuUsage();
    this.#started = performance.now();
  }

  get running() {
    return this.#started < Infinity;
  }

  /** @param {number} milliseconds since the request was sent */
  succeeded(milliseconds) {
    if (this.running) this.#latencies.push(milliseconds);
  }

  /** @param {string | number} reason a status, or why a connection failed */
  failed(reason) {
    if (!this.running) return;
    this.#errors++;
    this.#statuses[reason] = (this.#statuses[reason] ?? 0) + 1;
  }

  /** Sends the counts to the parent process, which ends this one once it has inspected the other processes. */
  end() {
    const seconds = (performance.now() - this.#started) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const sorted = Float64Array.from(this.#latencies).sort();
    const percentile = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
    console.log(JSON.stringify({
      requests: sorted.length,
      rate: sorted.length / seconds,
      p50: percentile(0.5),
      p99: percentile(0.99),
      max: percentile(1),
      errors: this.#errors,
      reasons: this.#statuses,
      cpu: (user + system) / 1e6,
    }));
    this.#started = Infinity;
  }
}
