/** The settings of the relay, each read when it is asked for. */
export const settings = {
  /** Frames a socket may send in a second; for a moment, twice as many. */
  framesPerSecond: () => number("RELAY_FRAMES_PER_SECOND", 50),
  /** A larger frame is refused. */
  maxFrame: () => number("RELAY_MAX_FRAME", 128 * 1024),
  /** What may wait for a reader that does not keep up, before its socket is closed. */
  maxBacklog: () => number("RELAY_MAX_BACKLOG", 4 * 1024 * 1024),
  /** Seconds after which a client that answers no ping counts as gone. */
  idleSeconds: () => number("RELAY_IDLE_SECONDS", 30),
  /** Seconds that a room is kept without a socket: many come back at once, and one that is to open may never do so. */
  lingerSeconds: () => number("RELAY_LINGER_SECONDS", 10),
  /** Seconds after which a room asks the database whether it has missed anything. */
  recheckSeconds: () => number("RELAY_RECHECK_SECONDS", 30),
  /** Seconds that a worker lives: on the platform 150, or 400 on a paid plan; elsewhere without end. */
  workerSeconds: () => number("WORKER_SECONDS", Deno.env.get("DENO_DEPLOYMENT_ID") ? 150 : Infinity),
  /** Origins whose pages may open sockets with a cookie, besides the function's own. */
  allowedOrigins: () => (Deno.env.get("ALLOWED_ORIGINS") ?? "").split(/[\s,]+/).filter(Boolean),
};

function number(name: string, otherwise: number): number {
  const value = Number(Deno.env.get(name) ?? otherwise);
  if (value > 0) return value;
  throw new Error(`The setting ${name} takes a number above zero.`);
}
