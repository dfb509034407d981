import type { MessageCreated } from "../../client/sdk/src/contract/events.ts";
import { djangoTime } from "../_shared/base/times.ts";
import { shownAttachments } from "../_shared/files/attachments.ts";
import type { Change } from "../_shared/relay/change.ts";
import { FILES } from "./schemas.ts";

/** What the participants are sent of a change; clients of the old backend know no other frames. */
export function render({ content, isSummary }: Change): object | undefined {
  switch (content.event) {
    case "message.created":
      return messageFrame(content);
    case "message.updated":
      // A message that was changed after it was missed is news nevertheless.
      return isSummary ? messageFrame(content) : undefined;
    case "typing":
      return {
        type: "typing_indicator",
        user_id: content.number,
        username: content.username,
        is_typing: content.is_typing,
      };
    case "member.read":
      return content.moved === "read" ? readFrame(content.room_id, content.user_number) : undefined;
    case "user.status":
      return {
        type: "user_status",
        user_id: content.user_number,
        username: content.username,
        is_online: content.is_online,
        last_seen: djangoTime(content.last_seen_at),
      };
  }
}

/** A message. Its receiver has not read it yet. */
export const messageFrame = ({ message, version }: Pick<MessageCreated, "message" | "version">) => ({
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
  attachments: shownAttachments(message.attachments, FILES),
});

/** A member has read the room. */
export const readFrame = (room: number, user: number) => ({
  type: "messages_marked_read",
  room_id: room,
  user_id: user,
});
