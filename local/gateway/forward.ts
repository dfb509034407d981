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
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) return tooLarge();
  const headers = new Headers(request.headers);
  for (const name of [...HOP_BY_HOP_HEADERS, ...PROXY_HEADERS, "host", "accept-encoding"]) headers.delete(name);
  headers.append("x-forwarded-for", from);
  const body = request.body?.pipeThrough(atMost(MAX_BODY_BYTES));
  try {
    const response = await fetch(url, { method: request.method, headers, body, redirect: "manual", client });
    return new Response(response.body, { status: response.status, headers: forwardable(response.headers) });
  } catch (error) {
    await request.body?.cancel().catch(() => {});
    return error instanceof TooLarge || (error as Error).cause instanceof TooLarge ? tooLarge() : unavailable();
  }
}

class TooLarge extends Error {}

function tooLarge(): Response {
  return errorResponse(413, "payload_too_large", "A request body may have at most 10 MB.");
}

function atMost(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > bytes) controller.error(new TooLarge());
      else controller.enqueue(chunk);
    },
  });
}

function forwardable(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of HOP_BY_HOP_HEADERS) headers.delete(name);
  return headers;
}
