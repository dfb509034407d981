// Compares a table like chat.messages with one that is partitioned by hash of the room, in turns, on any database for tests:
// DB_URL=postgresql://… ROWS=4000000 deno run -A tests/bench/partitions.ts
import process from "node:process";
import postgres from "postgres";
import { median } from "./measure/median.ts";

const ROWS = Number(process.env.ROWS ?? 4_000_000);
const ROOMS = 5000;
const PARTITIONS = 16;
const ROUNDS = 7;
const CALLS = 300;

const sql = postgres(process.env.DB_URL!, { max: 1, onnotice: () => {} });

type Table = "plain" | "parted";

/** With the keys that sends, pages, sync and look-ups by id use. A unique key of a partitioned table must have its room in it. */
async function make(table: Table): Promise<void> {
  const isParted = table === "parted";
  const room = isParted ? ", room_id" : "";
  await sql.unsafe(`
    create table bench.${table} (
      id bigint not null, room_id bigint not null, seq bigint not null, version bigint not null, sender_id uuid, client_id uuid,
      content text, created_at timestamptz default now()
    ) ${isParted ? "partition by hash (room_id)" : ""}`);
  for (let place = 0; isParted && place < PARTITIONS; place++) {
    await sql.unsafe(`
      create table bench.parted_${place} partition of bench.parted
      for values with (modulus ${PARTITIONS}, remainder ${place})`);
  }
  await sql.unsafe(`
    insert into bench.${table} (id, room_id, seq, version, sender_id, client_id, content)
    select n, n % ${ROOMS} + 1, n / ${ROOMS} + 1, n / ${ROOMS} + 1, md5((n % 1000)::text)::uuid, md5(n::text)::uuid,
      repeat(md5(n::text), 2)
    from generate_series(1, ${ROWS}) as n`);
  await sql.unsafe(`alter table bench.${table} add primary key (id${room})`);
  await sql.unsafe(`create unique index on bench.${table} (room_id, seq)`);
  await sql.unsafe(`create unique index on bench.${table} (room_id, version)`);
  await sql.unsafe(`create unique index on bench.${table} (sender_id, client_id${room})`);
  await sql.unsafe(`vacuum analyze bench.${table}`);
}

const upTo = (most: number) => 1 + Math.floor(Math.random() * most);
const lastSeq = Math.floor(ROWS / ROOMS);
let sent = ROWS;

const cells: Record<string, (table: Table) => Promise<unknown>> = {
  send: (table) => {
    const n = ++sent;
    return sql`
      insert into ${sql(`bench.${table}`)} (id, room_id, seq, version, sender_id, client_id, content)
      values (
        ${n}, ${upTo(ROOMS)}, ${n}, ${n}, md5(${`${n % 1000}`})::uuid, gen_random_uuid(), ${"word ".repeat(12)}
      )`;
  },
  history: (table) =>
    sql`select * from ${sql(`bench.${table}`)} where room_id = ${upTo(ROOMS)} order by seq desc limit 50`,
  sync: (table) =>
    sql`
      select * from ${sql(`bench.${table}`)} where room_id = ${upTo(ROOMS)} and version > ${lastSeq - 20}
      order by version limit 200`,
  "one by id": (table) => sql`select * from ${sql(`bench.${table}`)} where id = ${upTo(ROWS)}`,
  "100 that a search looks through": (table) => {
    const ids = Array.from({ length: 100 }, () => upTo(ROWS));
    return sql`select * from ${sql(`bench.${table}`)} where id = any (${ids}::bigint[])`;
  },
  "a repeated send": (table) => {
    const n = upTo(ROWS);
    return sql`
      select id from ${sql(`bench.${table}`)}
      where sender_id = md5(${`${n % 1000}`})::uuid and client_id = md5(${`${n}`})::uuid`;
  },
};

async function medianOf(call: () => Promise<unknown>): Promise<number> {
  const times = [];
  for (let n = 0; n < CALLS; n++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times)!;
}

await sql`drop schema if exists bench cascade`;
await sql`create schema bench`;
for (const table of ["plain", "parted"] as const) {
  console.log(`Writing ${ROWS} rows …`);
  await make(table);
}
const medians = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  const tables = round % 2 ? ["parted", "plain"] as const : ["plain", "parted"] as const;
  for (const [cell, call] of Object.entries(cells)) {
    for (const table of tables) {
      const key = `${cell}, ${table}`;
      medians.set(key, [...medians.get(key) ?? [], await medianOf(() => call(table))]);
    }
  }
}
for (const [key, times] of medians) {
  const range = `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}`;
  console.log(`${key}: ${median(times)!.toFixed(2)} ms (${range})`);
}
await sql`drop schema bench cascade`;
await sql.end();
