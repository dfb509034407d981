import { AuthError } from "./errors.ts";

const period = 300;
const burst = 30;

interface Bucket {
  left: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Requests of which it is not known yet whether they are refused. */
  open: number;
  /** Those that wait until it is. */
  waiting: (() => void)[];
}

/** A browser is sent on with what is wrong in the address. */
function isRefusal({ status, headers }: Response): boolean {
  return status >= 400 ? status < 500 : /[#&?]error_code=/.test(headers.get("location") ?? "");
}

/**
 * The platform's limit of requests from one address: thirty at once, and so many in five minutes. Here only those count
 * that were refused: all that is tried on one machine comes from the same address.
 */
export class Limit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(readonly perPeriod: number) {}

  /**
   * Does what may be refused, unless too much was from that address.
   * @throws AuthError over_request_rate_limit, and what `work` throws
   */
  async guard<T extends Response>(address: string | undefined, work: () => Promise<T>): Promise<T> {
    if (address === undefined) return await work();
    const bucket = this.#bucket(address);
    // Many at once do not slip through, and those that are right do not stand in each other's way.
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
    const known = this.#buckets.get(address) ?? { left: burst, at: now, open: 0, waiting: [] };
    known.left = Math.min(burst, known.left + (now - known.at) / 1000 * this.perPeriod / period);
    known.at = now;
    this.#buckets.set(address, known);
    if (this.#buckets.size > 1000) this.#forget(now);
    return known;
  }

  /** A bucket that is full again says nothing. */
  #forget(now: number): void {
    for (const [address, { left, at, open }] of this.#buckets) {
      if (open === 0 && left + (now - at) / 1000 * this.perPeriod / period >= burst) this.#buckets.delete(address);
    }
  }
}
