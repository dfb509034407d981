import type { Sql } from "postgres";

/** A message that requests name. */
export interface Sample {
  id: number;
  room: number;
  /** The number of who sent it. */
  sender: number;
  sent_at: string;
}

const PER_ROOM = 50;

/** Messages from all over the history of each room, by its id. */
export async function readSamples(sql: Sql): Promise<Map<number, Sample[]>> {
  const rows = await sql<Sample[]>`
    select messages.id::integer, rooms.id::integer as room, senders.number::integer as sender,
      to_char(messages.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as sent_at
    from chat.rooms as rooms
    cross join generate_series(1, ${PER_ROOM}) as n
    join chat.messages as messages
      on messages.room_id = rooms.id and messages.seq = 1 + (rooms.last_seq - 1) * n / ${PER_ROOM}
    join chat.profiles as senders on senders.id = messages.sender_id
    where messages.deleted_at is null`;
  const samples = new Map<number, Sample[]>(rows.map(({ room }) => [room, []]));
  for (const row of rows) samples.get(row.room)!.push(row);
  return samples;
}
