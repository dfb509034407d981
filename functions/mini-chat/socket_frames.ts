import { djangoTime } from "../_shared/base/times.ts";
import type { Change, Payload } from "../_shared/relay/change.ts";

/** What the participants are sent of a change; clients of the old backend know no other frames. */
export function render({ event, payload, isSummary }: Change): object | undefined {
  switch (event) {
    case "message.created":
      return messageFrame(payload);
    case "message.updated":
      // A message that was changed after it was missed is news nevertheless.
      return isSummary ? messageFrame(payload) : undefined;
    case "typing":
      return {
        type: "typing_indicator",
        user_id: payload.number,
        username: payload.username,
        is_typing: payload.is_typing,
      };
    case "member.read":
      return payload.moved === "read" ? readFrame(payload.room_id, payload.user_number) : undefined;
    case "user.status":
      return {
        type: "user_status",
        user_id: payload.user_number,
        username: payload.username,
        is_online: payload.is_online,
        last_seen: djangoTime(payload.last_seen_at),
      };
  }
}

/** A message. Whoever gets this frame has yet to read it. */
export const messageFrame = ({ message, version }: Payload) => ({
  type: "chat_message",
  message_id: message.id,
  message: message.content,
  user_id: message.sender_number,
  username: message.sender_username ?? "",
  timestamp: djangoTime(message.created_at),
  is_read: false,
  seq: message.seq,
  version,
  client_id: message.client_id,
});

/** Somebody has read the room. */
export const readFrame = (room: number, user: number) => ({
  type: "messages_marked_read",
  room_id: room,
  user_id: user,
});
