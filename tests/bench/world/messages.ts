import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "postgres";
import { Random } from "./random.ts";
import type { Written } from "./rooms.ts";
import { sentence } from "./text.ts";
import { messageOrder, type World } from "./world.ts";

/** The state of a room while messages are added to it. */
interface Counter {
  seq: number;
  version: number;
  lastId: number;
  lastAt: string;
}

const CHUNK = 2 ** 16;
/** The members who write: the others only read, and their backlogs grow. */
const WRITERS = 0.6;

/**
 * Adds messages by COPY, with the numbers that the triggers would assign, and updates the rooms' counts.
 * @param days how long ago the first was sent.
 */
export async function addMessages(sql: Sql, world: World, { factor, days, onProgress }: {
  factor: number;
  days: number;
  onProgress: (part: number) => void;
}): Promise<Written> {
  const counters = await readCounters(sql);
  const written = world.rooms.map(({ members }) => new Float64Array(members.length));
  const [{ newest } = { newest: 0 }] = await sql<{ newest: number }[]>`
    select coalesce(max(id), 0)::integer as newest from chat.messages`;
  const order = messageOrder(world, factor);
  const start = Date.now() - days * 24 * 3600 * 1000;
  const step = (Date.now() - 60_000 - start) / order.length;
  const random = new Random(4 + newest);

  function* lines(): Generator<string> {
    let text = "";
    for (const [at, place] of order.entries()) {
      const room = world.rooms[place]!;
      const counter = counters.get(room.id)!;
      counter.seq++;
      counter.version++;
      counter.lastId = newest + at + 1;
      counter.lastAt = new Date(start + step * at).toISOString();
      const member = random.below(Math.ceil(room.members.length * WRITERS));
      written[place]![member] = counter.seq;
      const sender = world.people[room.members[member]!]!.id;
      text += `${counter.lastId}\t${room.id}\t${counter.seq}\t${counter.version}\t${sender}\t${
        sentence(random)
      }\t${counter.lastAt}\n`;
      if (text.length < CHUNK) continue;
      yield text;
      onProgress(at / order.length);
      text = "";
    }
    yield text;
  }

  const table = await sql`
    copy chat.messages (id, room_id, seq, version, sender_id, content, created_at) from stdin`.writable();
  await pipeline(Readable.from(lines()), table);
  await sql`select setval(pg_get_serial_sequence('chat.messages', 'id'), ${newest + order.length})`;
  await writeCounters(sql, counters);
  return written;
}

async function readCounters(sql: Sql): Promise<Map<number, Counter>> {
  const rooms = await sql<{ id: number; seq: number; version: number }[]>`
    select id::integer, last_seq::integer as seq, version::integer from chat.rooms`;
  return new Map(rooms.map(({ id, seq, version }) => [id, { seq, version, lastId: 0, lastAt: "" }]));
}

async function writeCounters(sql: Sql, counters: Map<number, Counter>): Promise<void> {
  const changed = [...counters].filter(([, { lastId }]) => lastId > 0);
  const column = (key: keyof Counter) => changed.map(([, counter]) => counter[key]);
  await sql`
    update chat.rooms as rooms
    set last_seq = counted.seq, version = counted.version, last_message_id = counted.last_id,
      last_message_at = counted.last_at
    from unnest(${changed.map(([id]) => id)}::bigint[], ${column("seq") as number[]}::bigint[],
      ${column("version") as number[]}::bigint[], ${column("lastId") as number[]}::bigint[],
      ${column("lastAt") as string[]}::timestamptz[]) as counted (id, seq, version, last_id, last_at)
    where rooms.id = counted.id`;
}
