import { readAsUser, type Sql } from "../_shared/db/db.ts";
import { MAX_ROWS } from "../_shared/http/pagination.ts";
import { messageRows } from "../_shared/queries/room_messages.sql.ts";
import type { Connection } from "../_shared/relay/connection.ts";
import { settings } from "../_shared/settings/settings.ts";
import { toMessage } from "./messages.ts";

/** The most bytes that the texts of a history take as JSON; less where sockets may not have that much waiting. */
const maxBytes = () => Math.min(1024 * 1024, settings.relayMaxBacklog() / 2);

/**
 * Sends the newest messages of a room, oldest first: at most 1,000, and 1 MiB of text.
 * @returns the version of the room that they are of.
 */
export async function sendHistory(connection: Connection): Promise<number> {
  const { claims, room: { id } } = connection;
  const [[room], rows] = await readAsUser(claims, (sql) => [
    sql<{ version: number }[]>`
      select rooms.version
      from chat_private.require_role(${id})
      left join chat.rooms as rooms on rooms.id = ${id}`,
    messageRows(sql, newest(sql, id)),
  ]);
  const messages = rows.map(toMessage);
  connection.send({ type: "message_history", messages });
  connection.sentUpTo(Math.max(0, ...messages.map(({ seq }) => seq)));
  // What was committed between the two statements is in both: as news it is dropped.
  return messages.reduce((version, message) => Math.max(version, message.version), room!.version);
}

/** Deleted messages count among the 1,000, so that the read is bounded. */
const newest = (sql: Sql, room: number) =>
  sql`
    select * from (
      select *, sum(octet_length(to_json(content)::text)) over (order by seq desc) as bytes
      from (
        select * from chat.messages where room_id = ${room} order by seq desc limit ${MAX_ROWS}
      ) as page
    ) as measured
    where bytes <= ${maxBytes()} and deleted_at is null`;
