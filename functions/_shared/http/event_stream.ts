import type { Context } from "hono";

const HEARTBEAT_MS = 15_000;
const encoder = new TextEncoder();

/** Writes an event to the stream, until the client disconnects. */
export type Send = (event: string, data: unknown, id?: string) => void;

/** Whether the client accepts a stream. */
export const wantsStream = (c: Context) => /\btext\/event-stream\b/.test(c.req.header("Accept") ?? "");

/**
 * Responds with server-sent events. Comments keep the connection open in between.
 * @param run sends the events; the stream ends with it. Its signal aborts when the client disconnects.
 */
export function eventStream(run: (send: Send, gone: AbortSignal) => Promise<void>): Response {
  const gone = new AbortController();
  let beat: ReturnType<typeof setInterval>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      beat = setInterval(() => write(": keep-alive\n\n"), HEARTBEAT_MS);
      const send: Send = (event, data, id) =>
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n${id === undefined ? "" : `id: ${id}\n`}\n`);
      run(send, gone.signal).finally(() => {
        clearInterval(beat);
        if (!gone.signal.aborted) controller.close();
      });
    },
    cancel() {
      clearInterval(beat);
      gone.abort();
    },
  });
  // Keeps proxies from buffering or compressing events.
  const headers = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  };
  return new Response(body, { headers });
}
