import type { Extension } from "../access/policies.ts";
import { JoinRefusal, refusalOf, unreadable } from "../access/refusals.ts";
import type { Message } from "../wire/frames.ts";
import type { Channel } from "./channel.ts";
import { changeId, readJoinPayload } from "./join_payload.ts";
import { replay } from "./replay.ts";

/** An accepted join: the content of its reply, and what to do afterwards. */
interface Start {
  changes: Record<string, unknown>[];
  run(): void;
}

/** Handles a `phx_join`; an error is delayed, so that clients do not retry too fast. */
export async function handleJoin(channel: Channel, message: Message): Promise<void> {
  const { server, socket } = channel;
  try {
    const { changes, run } = await admit(channel, message.payload);
    if (channel.isClosed) return;
    socket.reply(message, "ok", { postgres_changes: changes });
    channel.watchToken();
    run();
  } catch (error) {
    const { reason, mustDisconnect: disconnects } = refusalOf(error, channel.name);
    await server.delay(server.settings.joinBackoffMs);
    if (channel.isClosed) return;
    channel.close();
    socket.reply(message, "error", { reason });
    if (disconnects) socket.close();
  }
}

/** @throws JoinRefusal, TokenError, DatabaseError */
async function admit(channel: Channel, payload: unknown): Promise<Start> {
  const { server, socket, name } = channel;
  if (!name) throw new JoinRefusal("TopicNameRequired: You must provide a topic name");
  const request = channel.request = readJoinPayload(name, payload);
  if (!request.isPrivate && !server.settings.allowPublicAccess) {
    throw new JoinRefusal("PrivateOnly: This project only allows private channels");
  }
  if (request.presence.key.length > server.settings.maxPresenceKeyBytes) {
    throw new JoinRefusal("InvalidJoinPayload: The presence key is too long");
  }
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
  if (channel.isClosed) return { changes: [], run() {} };
  channel.topic = server.topics.join(channel, name, request.isPrivate);
  server.unjoined.delete(socket);
  return {
    changes: request.changes.map((change) => ({ ...change, id: changeId(change) })),
    run: () => start(channel, missed),
  };
}

/**
 * Asks the policies what the channel may receive.
 * @throws JoinRefusal when that is nothing.
 */
export async function askRead(channel: Channel): Promise<void> {
  const extensions: Extension[] = channel.request.presence.isEnabled ? ["broadcast", "presence"] : ["broadcast"];
  const read = await channel.server.policies.readable(channel.authContext, extensions);
  channel.granted = { read, write: {} };
  if (!read.broadcast && !read.presence) throw new JoinRefusal(`Unauthorized: ${unreadable(channel.name)}`);
  if (!read.broadcast && channel.request.replay !== undefined) {
    throw new JoinRefusal(`Unauthorized: ${unreadable(channel.name)}`);
  }
}

function start(channel: Channel, missed: () => void): void {
  const { server, request } = channel;
  missed();
  if (request.changes.length > 0) server.changes.subscribe(channel);
  if (request.awaitsReplication) notifyReplication(channel, Date.now() + server.settings.replicationReadyMs);
  if (!request.presence.isEnabled || !channel.seesPresence || channel.isClosed) return;
  if (server.topics.presenceEvents.isExceeded) return channel.shutDown("Too many presence messages per second");
  server.topics.presenceEvents.add();
  channel.push("presence_state", channel.topic!.presence.state());
}

function notifyReplication(channel: Channel, deadline: number): void {
  if (channel.isClosed) return;
  if (channel.server.messages.isStreaming) {
    return channel.pushSystem("system", "ok", "Replication connection established");
  }
  if (Date.now() >= deadline) return channel.shutDown("Replication connection was not established in time");
  setTimeout(() => notifyReplication(channel, deadline), 500);
}
