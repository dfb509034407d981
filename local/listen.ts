import { Fault } from "./fault.ts";

/**
 * Serves HTTP on a port of this machine only.
 * @throws Fault when the port is taken.
 */
export function listen(
  flag: string,
  port: number,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {}, onError }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Fault(`Port ${port} is taken; choose another one with ${flag}.`);
  }
}

/** A port that nothing listens on now, below those that systems give to outgoing connections, which might take it. */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function onError(error: unknown): Response {
  console.error(error);
  return Response.json({ code: "internal_error", message: "The request failed." }, { status: 500 });
}
