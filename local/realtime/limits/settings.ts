/** Limits and timeouts of the server; the defaults are those of a paid plan. */
const DEFAULTS = {
  /** 1 lets channels be public: "Allow public access" in the platform's Realtime settings, which Parley requires to be off. */
  allowPublicAccess: 0,
  /** Open sockets. */
  maxConnections: 10_000,
  /** Messages received and delivered, averaged over a minute. */
  maxEventsPerSecond: 2_500,
  maxJoinsPerSecond: 2_500,
  maxPresenceEventsPerSecond: 1_000,
  maxChannelsPerConnection: 100,
  /** `track` and `untrack` of one channel within `presenceWindowMs`. */
  maxPresenceCalls: 5,
  presenceWindowMs: 30_000,
  maxPayloadBytes: 3_000_500,
  /** Limits of the tracked presence and its key: everyone who joins receives all of it. */
  maxPresenceFields: 10,
  maxPresenceBytes: 10_000,
  maxPresenceKeyBytes: 255,
  /** Tracked sockets of one user in one topic. */
  maxPresencesPerPerson: 20,
  maxFrameBytes: 5_000_000,
  /** What may be queued for a slow reader before its socket is closed. */
  maxBacklogBytes: 16_000_000,
  /** The delay of the response to a refused handshake and a refused join. */
  connectBackoffMs: 2_000,
  joinBackoffMs: 5_000,
  /** A socket that sends nothing for this long is closed. */
  idleMs: 60_000,
  /** A socket that has joined nothing is closed after this time, or when there are this many newer ones. */
  joinWithinMs: 30_000,
  maxUnjoined: 1_000,
  /** How often the token of a channel is checked again. */
  tokenCheckMs: 300_000,
  maxReplayedMessages: 25,
  /** Database connections for policy checks, and how long a join may wait for one. */
  databaseConnections: 4,
  databaseWaitMs: 5_000,
  /** How long `replication_ready` waits for the stream of database broadcasts. */
  replicationReadyMs: 60_000,
  maxChangeBytes: 1_048_576,
};

export type Settings = typeof DEFAULTS;

/**
 * The settings. Each can be set by an environment variable: `REALTIME_MAX_EVENTS_PER_SECOND=100000`.
 * @throws Error when a variable is not a number.
 */
export function readSettings(environment: { get(name: string): string | undefined } = Deno.env): Settings {
  const settings = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    const name = `REALTIME_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
    const text = environment.get(name);
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}".`);
    settings[key] = Number(text);
  }
  return settings;
}
