import { positiveNumber } from "./env.ts";

/** The settings of the relay, each read when it is asked for. */
export const settings = {
  /** Frames a socket may send in a second; for a moment, twice as many. */
  framesPerSecond: () => positiveNumber("RELAY_FRAMES_PER_SECOND", 50),
  /** A larger frame is refused. */
  maxFrame: () => positiveNumber("RELAY_MAX_FRAME", 128 * 1024),
  /** What may wait for a reader that does not keep up, before its socket is closed. */
  maxBacklog: () => positiveNumber("RELAY_MAX_BACKLOG", 4 * 1024 * 1024),
  /** Seconds after which a client that answers no ping counts as gone. */
  idleSeconds: () => positiveNumber("RELAY_IDLE_SECONDS", 30),
  /** Seconds that a room is kept without a socket: many come back at once, and one that is to open may never do so. */
  lingerSeconds: () => positiveNumber("RELAY_LINGER_SECONDS", 10),
  /** Seconds after which a room asks the database whether it has missed anything. */
  recheckSeconds: () => positiveNumber("RELAY_RECHECK_SECONDS", 30),
  /** Seconds that a worker lives: on the platform 150, or 400 on a paid plan; elsewhere without end. */
  workerSeconds: () => positiveNumber("WORKER_SECONDS", Deno.env.get("DENO_DEPLOYMENT_ID") ? 150 : Infinity),
};
