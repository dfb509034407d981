import type { Sql, TransactionSql } from "postgres";
import { actingAs } from "../support/acting.ts";
import { type EntryPoint, type Names, refusal } from "./entry_points.ts";
import { Refusal } from "./model.ts";
import type { User } from "./things.ts";

/** Direct writes, as the Data API makes them; what no policy allows changes no row. */
export function plainWrites(sql: Sql, otherwise: EntryPoint, { people, room, message }: Names): EntryPoint {
  const write = async (user: User, run: (sql: TransactionSql) => Promise<readonly unknown[]>) => {
    const rows = await actingAs(sql, people[user].id, run).catch((error) => {
      throw refusal(error);
    });
    if (rows.length === 0) throw new Refusal("no_row");
  };
  return {
    ...otherwise,
    send: (user, key, content, client_id, seq, ...mentions) => {
      if (mentions.length > 0) return otherwise.send(user, key, content, client_id, seq, ...mentions);
      const reply_to_id = seq === null ? null : message({ room: key, seq });
      const row = { room_id: room(key), content, client_id, reply_to_id };
      return write(user, (sql) => sql`insert into chat.messages ${sql(row)} on conflict do nothing returning id`);
    },
    edit: (user, key, content, ...mentions) =>
      mentions.length > 0
        ? otherwise.edit(user, key, content, ...mentions)
        : write(user, (sql) =>
          sql`update chat.messages set content = ${content} where id = ${message(key)} returning id`),
    pin: (user, key) =>
      write(
        user,
        (sql) => sql`insert into chat.pins (message_id) values (${message(key)}) on conflict do nothing returning id`,
      ),
    unpin: (user, key) =>
      write(user, (sql) => sql`delete from chat.pins where message_id = ${message(key)} returning id`),
    read: (user, key, last_read_seq) =>
      write(user, (sql) =>
        sql`
        update chat.room_members set ${sql({ last_read_seq })}
        where room_id = ${room(key)} and user_id = ${people[user].id} returning room_id`),
    update: (user, key, { name = "" }) =>
      write(user, (sql) => sql`update chat.rooms set name = ${name} where id = ${room(key)} returning id`),
    deleteRoom: (user, key) => write(user, (sql) => sql`delete from chat.rooms where id = ${room(key)} returning id`),
  };
}
