import { AuthError } from "./errors.ts";

const PERIOD_S = 300;
const BURST = 30;

interface Bucket {
  left: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Requests without a result yet. */
  open: number;
  /** Requests that wait for one of those. */
  waiting: (() => void)[];
}

/** A browser is redirected with the error in the URL. */
function isRefusal({ status, headers }: Response): boolean {
  return status >= 400 ? status < 500 : /[#&?]error_code=/.test(headers.get("location") ?? "");
}

/**
 * The platform's rate limit for one address: a burst of thirty, and so many in five minutes. Here only failed requests
 * count, because everything on one machine comes from the same address.
 */
export class Limit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(readonly perPeriod: number) {}

  /**
   * Runs `work` unless too many requests of that address have failed.
   * @throws AuthError over_request_rate_limit, and what `work` throws
   */
  async guard<T extends Response>(address: string | undefined, work: () => Promise<T>): Promise<T> {
    if (address === undefined) return await work();
    const bucket = this.#bucket(address);
    // Parallel requests cannot bypass the limit, and successful ones do not block each other.
    while (bucket.left - bucket.open < 1) {
      if (bucket.open === 0) throw new AuthError(429, "over_request_rate_limit", "Request rate limit reached");
      await new Promise<void>((resolve) => bucket.waiting.push(resolve));
    }
    bucket.open++;
    try {
      const response = await work();
      if (isRefusal(response)) bucket.left--;
      return response;
    } finally {
      bucket.open--;
      for (const go of bucket.waiting.splice(0)) go();
    }
  }

  #bucket(address: string): Bucket {
    const now = Date.now();
    const known = this.#buckets.get(address) ?? { left: BURST, at: now, open: 0, waiting: [] };
    known.left = Math.min(BURST, known.left + (now - known.at) / 1000 * this.perPeriod / PERIOD_S);
    known.at = now;
    this.#buckets.set(address, known);
    if (this.#buckets.size > 1000) this.#forget(now);
    return known;
  }

  /** A full bucket need not be kept. */
  #forget(now: number): void {
    for (const [address, { left, at, open }] of this.#buckets) {
      if (open === 0 && left + (now - at) / 1000 * this.perPeriod / PERIOD_S >= BURST) this.#buckets.delete(address);
    }
  }
}
