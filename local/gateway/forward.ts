import { bytesOf } from "./bodies.ts";
import { errorResponse, unavailable } from "./responses.ts";

/** Auth and the Data API hold bodies in memory. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Headers of one connection, not of the message. */
const HOP_BY_HOP_HEADERS = [
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** Headers that proxies set: those of a client are not trusted. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-prefix"];
const client = Deno.createHttpClient({ poolMaxIdlePerHost: 64 });

/** Forwards a request to another server and returns its response; `from` is the address of the client. */
export async function forward(request: Request, url: string, from: string): Promise<Response> {
  const headers = new Headers(request.headers);
  for (const name of [...HOP_BY_HOP_HEADERS, ...PROXY_HEADERS, "host", "accept-encoding"]) headers.delete(name);
  headers.append("x-forwarded-for", from);
  try {
    const body = request.body && await bytesOf(request, MAX_BODY_BYTES);
    if (body === undefined) return tooLarge();
    const response = await fetch(url, { method: request.method, headers, body, redirect: "manual", client });
    return new Response(response.body, { status: response.status, headers: forwardable(response.headers) });
  } catch {
    return unavailable();
  }
}

function tooLarge(): Response {
  return errorResponse(413, "payload_too_large", "A request body may have at most 10 MB.");
}

function forwardable(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of HOP_BY_HOP_HEADERS) headers.delete(name);
  return headers;
}
