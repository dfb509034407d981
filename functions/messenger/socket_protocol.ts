import { z } from "zod";
import type { MessageCreated } from "../../client/sdk/src/contract/events.ts";
import { arrayOf } from "../_shared/db/arrays.ts";
import { asUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { id, isMissing, writing } from "../_shared/http/fields.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import type { Connection } from "../_shared/relay/connection.ts";
import { FrameError } from "../_shared/relay/frame_error.ts";
import type { Protocol } from "../_shared/relay/protocol.ts";
import { receiveByType } from "../_shared/relay/receive.ts";
import { requireSent } from "../_shared/queries/held.ts";
import { editOf, mentioned } from "./messages.sql.ts";
import { messageFrame, render } from "./socket_frames.ts";

const clientId = z.guid().nullish();
const mentions = { mentions: z.array(id()).max(50).optional(), mention_all: z.boolean().optional() };
const edit = z.object({ message_id: id(), text: writing("messages.content"), ...mentions });
const deletion = z.object({ message_id: id() });
const reaction = z.object({ message_id: id(), emoji: z.string() });
const inbound = {
  message: z.object({
    text: writing("messages.content").optional(),
    client_id: clientId,
    reply_to: id().nullish(),
    attachment_ids: z.array(z.guid()).max(10).nullish(),
    ...mentions,
  }).refine(({ text, attachment_ids }) => text !== undefined || !!attachment_ids?.length, isMissing("text")),
  typing: z.object({ is_typing: z.boolean().default(true) }),
  read: z.object({ last_read_message_id: id() }),
  forward: z.object({ message_id: id(), target_chat_id: id(), client_id: clientId }),
  edit,
  delete: deletion,
  react: reaction,
  unreact: reaction,
  // The names under which the old backend took and sent them.
  message_edit: edit,
  message_delete: deletion,
};

const receive = receiveByType(inbound, {
  message(
    { text = "", client_id = null, reply_to = null, attachment_ids, mentions = [], mention_all = false },
    connection,
  ) {
    const files = arrayOf(attachment_ids ?? []);
    return send(
      connection,
      (sql) =>
        sql`chat.send_message(
          ${connection.room.id}, ${text}, ${client_id}, ${reply_to}, attachment_ids => ${files}::uuid[],
          mentions => ${mentioned(sql, mentions)}, mention_all => ${mention_all}
        )`,
    );
  },

  forward: ({ message_id, target_chat_id, client_id = null }, connection) =>
    send(connection, (sql) => sql`chat.forward_message(${message_id}, ${target_chat_id}, ${client_id})`),

  typing: ({ is_typing }, connection) => connection.room.type(connection, is_typing),

  async read({ last_read_message_id }, { claims, room }) {
    const [marked] = await asUser(claims, (sql) => [
      sql`select chat.mark_read(messages.room_id, messages.seq) from chat.messages as messages
        where messages.room_id = ${room.id} and messages.id = ${last_read_message_id}`,
    ]);
    if (marked.length === 0) throw new FrameError("message_not_found", "No such message in this chat.");
  },

  edit: editMessage,
  delete: deleteMessage,
  react: ({ message_id, emoji }, { claims }) => call(claims, (sql) => sql`chat.react(${message_id}, ${emoji})`),
  unreact: ({ message_id, emoji }, { claims }) => call(claims, (sql) => sql`chat.unreact(${message_id}, ${emoji})`),
  message_edit: editMessage,
  message_delete: deleteMessage,
});

async function editMessage(
  { message_id, ...change }: z.infer<typeof edit>,
  { claims, room }: Connection,
): Promise<void> {
  const [[edited]] = await asUser(claims, (sql) => [
    sql<{ room_id: number; version: number }[]>`
      select room_id, version from chat.edit_message(${editOf(sql, message_id, change)})`,
  ]);
  if (edited!.room_id === room.id) room.expect(edited!.version);
}

function deleteMessage({ message_id }: z.infer<typeof deletion>, { claims }: Connection): Promise<void> {
  return call(claims, (sql) => sql`chat.delete_message(${message_id})`);
}

async function call(claims: Connection["claims"], name: (sql: Sql) => Statement): Promise<void> {
  await asUser(claims, (sql) => [sql`select from ${name(sql)}`]);
}

/** How the messenger speaks over its sockets. */
export const protocol: Protocol = {
  fields: { content: "text", room_id: "chat", message_id: "message" },
  render,
  receive,
};

/** A new message is broadcast to all, its sender included; a repeated one is returned to the sender alone. */
async function send(connection: Connection, call: (sql: Sql) => Statement): Promise<void> {
  const { claims, room } = connection;
  const [[row]] = await asUser(claims, (sql) => [
    sql<{ room_id: number; version: number; created: boolean; payload: MessageCreated }[]>`
      select message.room_id, message.version, ${isNew(sql)} as created,
        case when not ${isNew(sql)} then chat_private.message_payload(message) end as payload
      from ${call(sql)} as message`,
  ]);
  const sent = requireSent(row);
  const isHere = sent.room_id === room.id;
  if (isHere) room.expect(sent.version);
  if (!sent.created && !(isHere && connection.awaits(sent.version))) connection.send(messageFrame(sent.payload));
}
