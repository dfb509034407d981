import { z } from "zod";
import type { MessageCreated } from "../../client/sdk/src/contract/events.ts";
import { asUser } from "../_shared/db/db.ts";
import { text } from "../_shared/http/fields.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { ownReadSeq } from "../_shared/queries/my_rooms.sql.ts";
import type { Protocol } from "../_shared/relay/protocol.ts";
import { receiveByType } from "../_shared/relay/receive.ts";
import { requireSent } from "../_shared/queries/held.ts";
import { messageFrame, readFrame, render } from "./socket_frames.ts";

const inbound = {
  chat_message: z.object({ message: text(), client_id: z.guid().nullish() }),
  typing: z.object({ is_typing: z.boolean().default(false) }),
  mark_read: z.object({}),
};

const receive = receiveByType(inbound, {
  async chat_message({ message, client_id = null }, connection) {
    const { claims, room } = connection;
    const [[row]] = await asUser(claims, (sql) => [
      sql<{ version: number; created: boolean; payload: MessageCreated }[]>`
        select message.version, ${isNew(sql)} as created, chat_private.message_payload(message) as payload
        from chat.send_message(${room.id}, ${message}, ${client_id}) as message`,
    ]);
    const sent = requireSent(row);
    if (sent.created) room.expect(sent.version);
    connection.send({ ...messageFrame(sent.payload), type: "message_sent" });
  },

  typing: ({ is_typing }, connection) => connection.room.type(connection, is_typing),

  async mark_read(_frame, connection) {
    const { claims, room } = connection;
    const [[before]] = await asUser(claims, (sql) => [
      sql<{ is_read: boolean; is_announced: boolean }[]>`
        select ${
        ownReadSeq(sql)
      } >= rooms.last_seq as is_read, not chat_private.is_large(rooms) and mine.shares_receipts as is_announced
        from chat.rooms as rooms
        join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
        where rooms.id = ${room.id}`,
      sql`select from chat.mark_read(${room.id})`,
    ]);
    // When nothing moves, or the room is large, no event comes back.
    if (before!.is_read || !before!.is_announced) connection.send(readFrame(room.id, connection.person.number));
  },
});

/** As the old backend took them, a frame without a type is a message. */
const receiveUntyped: Protocol["receive"] = (frame, connection) =>
  receive(frame.type === undefined ? { ...frame, type: "chat_message" } : frame, connection);

/** How mini-chat speaks over its sockets. */
export const protocol: Protocol = {
  fields: { content: "message" },
  render,
  refuse: ({ detail, ...refusal }) => ({ type: "error", message: detail, ...refusal }),
  receive: receiveUntyped,
};
