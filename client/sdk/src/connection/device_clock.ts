type Fetch = typeof globalThis.fetch;

/** The answers of Auth that hold a session. */
const SESSIONS = /\/auth\/v1\/(token|signup|verify)\b/;

/**
 * A `fetch` for `createClient` with which sessions end by the clock of the device. Auth says when a session ends by the
 * clock of the server, and supabase-js compares that with the clock of the device: on one that is an hour fast each
 * token seems to have expired, and each call asks for another one.
 *
 * @param fetch what asks the server
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
    // Without it, supabase-js counts `expires_in` seconds from now.
    const { expires_at: _, ...session } = await response.json();
    const headers = new Headers(response.headers);
    for (const name of ["Content-Length", "Content-Encoding"]) headers.delete(name);
    return new Response(JSON.stringify(session), { status, statusText, headers });
  };
}
