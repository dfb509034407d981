import type { Channel } from "./channel.ts";
import { changeId } from "./changes/request.ts";
import { readJoin } from "./join_request.ts";
import { DatabaseError, type DatabaseFault } from "./pool.ts";
import type { Extension } from "./policies.ts";
import { replay } from "./replay.ts";
import { TokenError, type TokenFault } from "./tokens.ts";

/** Why a channel cannot be joined, as `phx_reply` says it. */
export class JoinRefusal extends Error {
  constructor(readonly reason: string, readonly disconnects = false) {
    super(reason);
  }
}

/** A join that is granted: what its reply says, and what happens after that. */
export interface Start {
  changes: Record<string, unknown>[];
  run(): void;
}

/** @throws JoinRefusal, TokenError, DatabaseError */
export async function admit(channel: Channel, payload: unknown): Promise<Start> {
  const { server, socket, name } = channel;
  if (!name) throw new JoinRefusal("TopicNameRequired: You must provide a topic name");
  const request = channel.request = readJoin(name, payload);
  if (server.joins.isExceeded) {
    throw new JoinRefusal("ClientJoinRateLimitReached: Too many joins per second", true);
  }
  server.joins.add();
  if (socket.channels.size > server.settings.maxChannelsPerConnection) {
    throw new JoinRefusal("ChannelRateLimitReached: Too many channels");
  }
  channel.token = request.token ?? socket.handshake.key;
  channel.claims = await server.tokens.verify(channel.token);
  if (request.isPrivate) await askRead(channel);
  const missed = await replay(channel);
  if (channel.isOver) return { changes: [], run() {} };
  channel.topic = server.topics.join(channel, name, request.isPrivate);
  return {
    changes: request.changes.map((change) => ({ ...change, id: changeId(change) })),
    run: () => start(channel, missed),
  };
}

/**
 * Asks what the channel may receive.
 * @throws JoinRefusal when it is nothing.
 */
export async function askRead(channel: Channel): Promise<void> {
  const extensions: Extension[] = channel.request.presence.isEnabled ? ["broadcast", "presence"] : ["broadcast"];
  const read = await channel.server.policies.readable(channel.asker, extensions);
  channel.granted = { read, write: {} };
  if (!read.broadcast && !read.presence) throw new JoinRefusal(`Unauthorized: ${unreadable(channel.name)}`);
  if (!read.broadcast && channel.request.replay !== undefined) {
    throw new JoinRefusal(`Unauthorized: ${unreadable(channel.name)}`);
  }
}

export function unreadable(topic: string): string {
  return `You do not have permissions to read from this Channel topic: ${topic}`;
}

const tokenCodes: Partial<Record<TokenFault, string>> = {
  expired: "InvalidJWTToken",
  missing_claims: "InvalidJWTToken",
  malformed: "MalformedJWT",
  signature: "JwtSignatureError",
  signer: "JwtSignerError",
};

const databaseReasons: Record<DatabaseFault, (error: DatabaseError) => string> = {
  busy: () => "IncreaseConnectionPool: Please increase your connection pool size",
  away: () => "UnableToConnectToProject: Realtime was unable to connect to the project database",
  canceled: ({ message }) => `QueryCanceled: ${message}`,
  no_partition: () => "MissingPartition: Realtime was unable to find the expected messages partition",
  refused: () => "",
};

/** What the client is told of an error. */
export function refusalOf(error: unknown, topic = ""): JoinRefusal {
  if (error instanceof JoinRefusal) return error;
  if (error instanceof TokenError && tokenCodes[error.fault]) {
    return new JoinRefusal(`${tokenCodes[error.fault]}: ${error.message}`);
  }
  if (error instanceof DatabaseError) {
    return new JoinRefusal(databaseReasons[error.fault](error) || `Unauthorized: ${unreadable(topic)}`);
  }
  if (!(error instanceof TokenError)) console.error(error);
  return new JoinRefusal("Unknown Error on Channel");
}

function start(channel: Channel, missed: () => void): void {
  const { server, request } = channel;
  missed();
  if (request.changes.length > 0) server.changes.subscribe(channel);
  if (request.awaitsReplication) announceReplication(channel, Date.now() + server.settings.replicationReadyMs);
  if (!request.presence.isEnabled || !channel.seesPresence || channel.isOver) return;
  if (server.topics.presenceEvents.isExceeded) return channel.shutDown("Too many presence messages per second");
  server.topics.presenceEvents.add();
  channel.push("presence_state", channel.topic!.presence.state());
}

function announceReplication(channel: Channel, deadline: number): void {
  if (channel.isOver) return;
  if (channel.server.messages.isStreaming) {
    return channel.pushSystem("system", "ok", "Replication connection established");
  }
  if (Date.now() >= deadline) return channel.shutDown("Replication connection was not established in time");
  setTimeout(() => announceReplication(channel, deadline), 500);
}
