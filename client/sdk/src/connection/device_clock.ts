type Fetch = typeof globalThis.fetch;

/** Auth endpoints that return a session. */
const SESSIONS = /\/auth\/v1\/(token|signup|verify)\b/;

/**
 * Wraps `fetch` for `createClient`, so that sessions expire by the device's clock. Auth sends the expiry by the
 * server's clock, and supabase-js compares it with the device's: if that is an hour fast, every token looks expired and
 * every call requests a new one.
 * @param fetch the function that sends the requests; default `globalThis.fetch`
 * @returns a `fetch` to pass to `createClient`
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 * import { withDeviceClock } from "parley-client";
 *
 * const supabase = createClient(url, key, { global: { fetch: withDeviceClock() } });
 * ```
 */
export function withDeviceClock(fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || !SESSIONS.test(input instanceof Request ? input.url : String(input))) return response;
    const { status, statusText } = response;
    // Without `expires_at`, supabase-js counts `expires_in` seconds from now.
    const { expires_at: _, ...session } = await response.json();
    const headers = new Headers(response.headers);
    for (const name of ["Content-Length", "Content-Encoding"]) headers.delete(name);
    return new Response(JSON.stringify(session), { status, statusText, headers });
  };
}
