import { errorResponse } from "./responses.ts";

/** Bodies up to this size are read before the request is handled; larger ones are streamed. */
const BUFFERED_BYTES = 1024 * 1024;
const MAX_DISCARDED_BYTES = 100 * 1024 * 1024;
/** The time for a body, extended by each byte received: at least 20 kB a second. */
const GRACE_MS = 15_000;
const MIN_BYTES_PER_MS = 20;
const SWEEP_MS = 1_000;

/** A body being received. */
interface Incoming {
  started: number;
  bytes: number;
  giveUp: () => void;
}

type Next = (request: Request) => Response | Promise<Response>;

/** Handles a request once its body has arrived; responds with 408 when that takes too long. */
export function withBody(request: Request, next: Next): Response | Promise<Response> {
  if (!request.body) return next(request);
  const declared = request.headers.get("content-length");
  return declared !== null && Number(declared) <= BUFFERED_BYTES
    ? bufferBody(request, Number(declared), next)
    : streamBody(request, next);
}

async function bufferBody(request: Request, size: number, next: Next): Promise<Response> {
  // It fails when the client disconnects or has timed out.
  const body = await withTimeout(size, () => request.bytes().catch(() => incomplete()));
  if (body instanceof Response) return body;
  return await next(withNewBody(request, body));
}

async function streamBody(request: Request, next: Next): Promise<Response> {
  return await withTimeout(0, async (incoming) => {
    const reader = request.body!.getReader();
    const counted = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const { value } = await reader.read();
        if (value) {
          incoming.bytes += value.byteLength;
          controller.enqueue(value);
        } else {
          // From here on the server takes the time, not the client.
          waiting.delete(incoming);
          controller.close();
        }
      },
    }, { highWaterMark: 0 });
    const response = await next(withNewBody(request, counted));
    await discard(reader, incoming);
    return response;
  });
}

/** Returns a response that did not need the body, once the body has arrived. */
export function withoutBody({ body }: Request, response: Response): Response | Promise<Response> {
  if (!body) return response;
  return withTimeout(0, async (incoming) => {
    await discard(body.getReader(), incoming);
    return response;
  });
}

/**
 * Reads the rest of a body that nobody needs. Many clients read no response before they have sent everything: they would wait
 * forever, or find their connection reset instead of the refusal.
 */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>, incoming: Incoming): Promise<void> {
  try {
    for (let discarded = 0; discarded < MAX_DISCARDED_BYTES;) {
      const { value } = await reader.read();
      if (!value) return;
      discarded += value.byteLength;
      incoming.bytes += value.byteLength;
    }
  } catch {
    // The client has disconnected.
  }
}

/**
 * Reads a body.
 * @param most how many bytes it may have.
 * @returns its bytes; undefined when there are more.
 */
export async function bytesOf({ body, headers }: Request, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(headers.get("content-length")) > most) return undefined;
  const chunks = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The result of the work, or a 408 when the body has not arrived in time. */
function withTimeout<T>(bytes: number, work: (incoming: Incoming) => Promise<T>): Promise<T | Response> {
  return new Promise((resolve, reject) => {
    const incoming = { started: performance.now(), bytes, giveUp: () => resolve(tooSlow()) };
    waiting.add(incoming);
    timer ??= setInterval(sweep, SWEEP_MS);
    work(incoming).finally(() => waiting.delete(incoming)).then(resolve, reject);
  });
}

const waiting = new Set<Incoming>();
let timer: ReturnType<typeof setInterval> | undefined;

function sweep(): void {
  const now = performance.now();
  for (const incoming of waiting) {
    if (now - incoming.started < GRACE_MS + incoming.bytes / MIN_BYTES_PER_MS) continue;
    waiting.delete(incoming);
    incoming.giveUp();
  }
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function withNewBody(request: Request, body: BodyInit): Request {
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body });
}

function tooSlow(): Response {
  return errorResponse(408, "request_timeout", "The request body did not arrive in time.", { Connection: "close" });
}

/** An error in the shape of the functions' own errors. */
function incomplete(): Response {
  const detail = "JSON parse error - the body is cut off";
  return Response.json({ detail }, { status: 400, headers: { Connection: "close" } });
}
