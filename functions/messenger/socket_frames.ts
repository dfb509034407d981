import type { MessageCreated } from "../../client/sdk/src/contract/events.ts";
import { djangoTime, withDjangoTimes } from "../_shared/base/times.ts";
import { shownAttachments } from "../_shared/files/attachments.ts";
import type { Change } from "../_shared/relay/change.ts";
import { FILES } from "./schemas.ts";

/**
 * The frame that members receive for a change: docs/apis/messenger.md#websocket. Edits and deletions have the names under
 * which the old backend sent them.
 */
export function render({ content }: Change): object | undefined {
  switch (content.event) {
    case "message.created":
      return messageFrame(content);
    case "message.updated":
      return {
        ...messageFrame(content),
        type: "message_edit",
        edited_at: content.message.edited_at && djangoTime(content.message.edited_at),
      };
    case "message.deleted":
      return {
        type: "message_delete",
        message_id: content.message.id,
        seq: content.message.seq,
        version: content.version,
      };
    case "message.reactions":
      return {
        type: "reaction",
        message_id: content.message_id,
        seq: content.seq,
        version: content.version,
        reactions: Object.entries(content.counts).map(([emoji, count]) => ({ emoji, count }))
          .sort((one, other) => other.count - one.count),
      };
    case "typing":
      return { type: "typing", user_id: content.number, username: content.username, is_typing: content.is_typing };
    case "member.read":
      // No frame for a delivery: clients know none.
      return content.moved === "read"
        ? { type: "read", user_id: content.user_number, last_read_message_id: content.last_read_message_id }
        : undefined;
    case "user.status":
      return { type: "user_status", user_id: content.user_number, is_online: content.is_online };
    default:
      // Clients that count versions need each change.
      return { type: "change", ...withDjangoTimes(content) };
  }
}

/** A message. An edit has the same fields, for clients that have missed the message itself. */
export function messageFrame({ message, version }: Pick<MessageCreated, "message" | "version">): object {
  return {
    type: "message",
    message_id: message.id,
    text: message.content,
    sender: message.sender_username ?? "",
    sender_id: message.sender_number,
    created_at: djangoTime(message.created_at),
    seq: message.seq,
    version,
    client_id: message.client_id,
    reply_to: message.reply_to_id,
    forwarded: message.forwarded_from_id !== null,
    forwarded_from: message.forwarded_from_id === null ? null : message.forwarded_username,
    forwarded_from_id: message.forwarded_from_id,
    attachments: shownAttachments(message.attachments, FILES),
    mentions: message.mentions.map(({ number, name }) => ({ user: number, name })),
    mention_all: message.mentions_all,
  };
}
