/**
 * The request as the platform hands it to a function: its path begins with the function's name, and headers tell where
 * the client is and which address it used.
 */
export function asSeenByFunction(request: Request, url: URL, path: string, info: Deno.ServeHandlerInfo): Request {
  const inner = new Request(`${url.origin}${path}${url.search}`, request);
  const { headers } = inner;
  headers.set("x-forwarded-host", url.host);
  headers.set("x-forwarded-proto", url.protocol.slice(0, -1));
  headers.set("x-forwarded-for", (info.remoteAddr as Deno.NetAddr).hostname);
  return inner;
}
