import { z } from "zod";
import type { MessageCreated } from "../../client/sdk/src/contract/events.ts";
import { djangoTime } from "../_shared/base/times.ts";
import { asUser } from "../_shared/db/db.ts";
import { shownAttachments } from "../_shared/files/attachments.ts";
import { writing } from "../_shared/http/fields.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import type { Protocol } from "../_shared/relay/protocol.ts";
import { requireSent } from "../_shared/queries/held.ts";
import { FILES } from "./schemas.ts";

const Sent = z.object({ message: writing("messages.content"), client_id: z.guid().nullish() });

/** How the social API speaks over its sockets: messages in, messages out. */
export const protocol: Protocol = {
  fields: { content: "message" },
  byName: true,

  // A message that was changed after it was missed is news nevertheless.
  render({ content, isSummary }) {
    const isNews = content.event === "message.created" || (isSummary && content.event === "message.updated");
    return isNews ? messageFrame(content) : undefined;
  },

  async receive(frame, connection) {
    const { claims, room } = connection;
    const { message, client_id = null } = Sent.parse(frame);
    const [[row]] = await asUser(claims, (sql) => [
      sql<{ version: number; payload: MessageCreated | null }[]>`
        select message.version,
          case when not ${isNew(sql)} then chat_private.message_payload(message) end as payload
        from chat.send_message(${room.id}, ${message}, ${client_id}) as message`,
    ]);
    const sent = requireSent(row);
    room.expect(sent.version);
    if (sent.payload && !connection.awaits(sent.version)) connection.send(messageFrame(sent.payload));
  },
};

const messageFrame = ({ message, version }: Pick<MessageCreated, "message" | "version">) => ({
  id: message.id,
  user: message.sender_username ?? "",
  content: message.content,
  timestamp: djangoTime(message.created_at),
  seq: message.seq,
  version,
  client_id: message.client_id,
  attachments: shownAttachments(message.attachments, FILES),
});
