import { DatabaseError } from "../access/pool.ts";
import { UserPush } from "../wire/binary.ts";
import { isObject, type Message } from "../wire/frames.ts";
import { BroadcastMessage, TextMessage, type TopicMessage } from "../wire/topic_message.ts";
import type { Channel } from "./channel.ts";

/** Handles a broadcast of a client; without permission it is dropped silently. */
export function receiveBroadcast(channel: Channel, message: Message): void | Promise<void> {
  if (!channel.granted || channel.granted.write.broadcast !== undefined) return deliver(channel, message);
  return askWrite(channel).then((isAnswered) => {
    if (isAnswered && !channel.isClosed) deliver(channel, message);
  });
}

/** Asks the policies once what the channel may send. Resolves to whether the database responded. */
export async function askWrite({ server, authContext, granted }: Channel): Promise<boolean> {
  try {
    granted!.write = await server.policies.writable(authContext, ["broadcast", "presence"]);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  }
}

function deliver(channel: Channel, message: Message): void {
  const { server, granted, topic, request, socket } = channel;
  if (granted && !granted.write.broadcast) return;
  const { payload } = message;
  if (!(payload instanceof UserPush) && !isObject(payload)) return channel.close("phx_error");
  const { outgoing, size } = messageFor(channel.name, payload);
  server.topics.events.add();
  const isTooLarge = size > server.settings.maxPayloadBytes;
  if (!isTooLarge) topic!.broadcast(outgoing, request.hearsItself ? undefined : channel);
  if (!request.acknowledges) return;
  if (isTooLarge) socket.reply(message, "error", "payload_size_exceeded");
  else socket.reply(message, "ok", {});
}

function messageFor(
  topic: string,
  payload: UserPush | Record<string, unknown>,
): { outgoing: TopicMessage; size: number } {
  if (payload instanceof UserPush) {
    return { outgoing: new BroadcastMessage(topic, payload.event, payload.body), size: payload.body.bytes.length };
  }
  const json = JSON.stringify(payload);
  return { outgoing: new TextMessage(topic, "broadcast", json), size: json.length };
}
