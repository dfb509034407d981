import type { Context } from "hono";

const HEARTBEAT_MS = 15_000;
const encoder = new TextEncoder();

/** Writes the events of a stream, until the client is gone. */
export type Send = (event: string, data: unknown, id?: string) => void;

/** Whether the client asks for a stream. */
export const wantsStream = (c: Context) => /\btext\/event-stream\b/.test(c.req.header("Accept") ?? "");

/**
 * Answers with server-sent events; comments keep the connection open while there are none.
 * @param run sends the events; the stream ends with it. Its signal aborts when the client goes away.
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
  // Proxies would hold events back, or compress them.
  const headers = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  };
  return new Response(body, { headers });
}
