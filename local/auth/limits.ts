import { AuthError } from "./errors.ts";

const period = 300;
const burst = 30;

interface Bucket {
  left: number;
  /** Milliseconds since 1970. */
  at: number;
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
    if (bucket.left < 1) throw new AuthError(429, "over_request_rate_limit", "Request rate limit reached");
    // Taken beforehand, so that many at once do not slip through.
    bucket.left--;
    const response = await work();
    if (!isRefusal(response)) bucket.left++;
    return response;
  }

  #bucket(address: string): Bucket {
    const now = Date.now();
    const known = this.#buckets.get(address) ?? { left: burst, at: now };
    known.left = Math.min(burst, known.left + (now - known.at) / 1000 * this.perPeriod / period);
    known.at = now;
    this.#buckets.set(address, known);
    if (this.#buckets.size > 1000) this.#forget(now);
    return known;
  }

  /** A bucket that is full again says nothing. */
  #forget(now: number): void {
    for (const [address, { left, at }] of this.#buckets) {
      if (left + (now - at) / 1000 * this.perPeriod / period >= burst) this.#buckets.delete(address);
    }
  }
}
