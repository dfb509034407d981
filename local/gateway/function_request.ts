/** The header that says what stands before an API's own paths; what a client sends in it is replaced. */
export const prefixHeader = "x-parley-prefix";

/**
 * The request as the platform hands it to a function: its path begins with the function's name, and headers tell where
 * the client is and what stood before its path.
 */
export function asSeenByFunction(request: Request, outer: URL, path: string, info: Deno.ServeHandlerInfo): Request {
  const { method, body } = request;
  const url = `${outer.origin}${path}${outer.search}`;
  const headers = new Headers(request.headers);
  headers.set(prefixHeader, prefixOf(outer.pathname, path));
  // Like every hop it adds whom it was called by to what it was given, true or not.
  headers.append("x-forwarded-for", (info.remoteAddr as Deno.NetAddr).hostname);
  if (!headers.has("upgrade")) return new Request(url, { method, headers, body, signal: request.signal });
  // Only the request that came from the socket can be upgraded, so that one is given its new address.
  return Object.defineProperties(request, { url: { value: url }, headers: { value: headers } });
}

/** What stands before the API's own paths: `/functions/v1/messenger`, or nothing on a port of its own. */
function prefixOf(outer: string, path: string): string {
  const own = path.replace(/^\/[^/]+/, "");
  return outer.slice(0, outer.length - own.length);
}
