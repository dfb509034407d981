// npm run bench:erasure: how the sends of others do while an account with many messages is erased. See README.md beside this file.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import postgres, { type Sql } from "postgres";
import { startStack, type Status } from "../support/stack.ts";
import { type NewPerson, newPerson } from "./new_person.ts";

const USAGE = `npm run bench:erasure -- [options]
  --messages N   how many messages of one person are erased (100000)
  --rate N       how many messages others send a second (200)
  --rooms N      in how many groups (20); half of the messages, and half of the sends, are in the first
  --senders N    how many people send (20)
  --seconds N    how long the sends are measured without an erasure (20)`;

const option = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    messages: { ...option, default: "100000" },
    rate: { ...option, default: "200" },
    rooms: { ...option, default: "20" },
    senders: { ...option, default: "20" },
    seconds: { ...option, default: "20" },
    help: { type: "boolean", default: false },
  },
});
const [messages, rate, rooms, senders, seconds] = [
  values.messages,
  values.rate,
  values.rooms,
  values.senders,
  values.seconds,
].map(Number) as [number, number, number, number, number];
/** How often the script looks whether the erasure has ended. */
const LOOK_MS = 200;

/** Makes the groups, with the messages of the one who leaves; returns the ids of the groups. */
async function makeRooms(sql: Sql, leaving: NewPerson, others: NewPerson[]): Promise<number[]> {
  const ids: number[] = [];
  for (let place = 0; place < rooms; place++) {
    const [room] = await sql<[{ id: number }]>`
      insert into chat.rooms (kind, name, created_by) values ('group', ${`Room ${place}`}, ${
      others[0]!.id
    }) returning id::integer`;
    ids.push(room.id);
    for (const { id } of [...others, leaving]) {
      await sql`insert into chat.room_members (room_id, user_id, role)
        values (${room.id}, ${id}, ${id === others[0]!.id ? "owner" : "member"}) on conflict do nothing`;
    }
  }
  // Each in a transaction of its own, as sends are: every other one in the first group.
  await sql.unsafe(`do $$
    declare
      rooms constant bigint[] := array[${ids}];
    begin
      for number in 1..${messages} loop
        insert into chat.messages (room_id, sender_id, content) values (
          rooms[case when number % 2 = 0 then 1 else 1 + number / 2 % ${rooms} end], '${leaving.id}',
          'The message ' || number || ' of somebody who leaves'
        );
        commit;
      end loop;
    end
  $$`);
  return ids;
}

interface Sends {
  /** How long each took, in milliseconds from when it was due. */
  times: number[];
  failed: Map<string, number>;
}

/** Sends at the rate, whether or not earlier sends have been answered, until it is stopped. */
function sendAlways({ functions_url }: Status, people: NewPerson[], ids: number[]) {
  const [pending, sends] = [new Set<Promise<void>>(), { times: [], failed: new Map() } as Sends];
  let isOver = false;

  async function send(count: number, due: number): Promise<void> {
    const chat = count % 2 === 0 ? ids[0] : ids[count % ids.length];
    let outcome: string;
    try {
      const response = await fetch(`${functions_url}/messenger/api/messages/`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Authorization": `Bearer ${people[count % people.length]!.token}`,
        },
        body: JSON.stringify({ chat, text: `Message ${count}` }),
      });
      outcome = response.ok ? "" : `${response.status}: ${await response.text()}`;
      if (response.ok) await response.body?.cancel();
    } catch (error) {
      outcome = String(error);
    }
    if (outcome) sends.failed.set(outcome, (sends.failed.get(outcome) ?? 0) + 1);
    else sends.times.push(performance.now() - due);
  }

  async function run(): Promise<void> {
    const started = performance.now();
    for (let count = 0; !isOver; count++) {
      const due = started + count * 1000 / rate;
      if (due > performance.now()) await sleep(due - performance.now());
      const sent: Promise<void> = send(count, due).finally(() => pending.delete(sent));
      pending.add(sent);
    }
    await Promise.all(pending);
  }

  const running = run();
  return async (): Promise<Sends> => {
    isOver = true;
    await running;
    return sends;
  };
}

function line(name: string, { times, failed }: Sends, took: number): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);
  const failures = [...failed].map(([why, count]) => `, ${count} failed: ${why}`).join("");
  return `${name.padEnd(20)} ${times.length} sends in ${took.toFixed(1)} s: p50 ${at(0.5)} ms, p99 ${
    at(0.99)
  } ms, max ${at(1)} ms${failures}`;
}

async function main(): Promise<void> {
  await using stack = await startStack();
  const { status } = stack;
  const sql = postgres(status.db_url, { max: 2, onnotice: () => {} });
  await sql`update chat_private.limits set cost = 0 where true`;
  const [leaving, ...others] = await Promise.all(
    Array.from({ length: senders + 1 }, (_, place) => newPerson(status, `person-${place}`)),
  ) as [NewPerson, ...NewPerson[]];
  console.log(`Writing ${messages} messages …`);
  const ids = await makeRooms(sql, leaving, others);
  // Until the jobs have indexed them.
  for (let waiting = 1; waiting > 0; await sleep(LOOK_MS)) {
    [{ waiting }] = await sql<[{ waiting: number }]>`
      select count(*)::integer as waiting from (select from chat_private.messages_to_index limit 1000) as found`;
  }
  await sql`vacuum analyze`;

  const alone = sendAlways(status, others, ids);
  await sleep(seconds * 1000);
  console.log(line("without an erasure", await alone(), seconds));

  const during = sendAlways(status, others, ids);
  await sleep(1000);
  const started = performance.now();
  await sql`select chat.delete_account('erase', true, ${leaving.id})`;
  const deleted = performance.now();
  for (let isErasing = true; isErasing; await sleep(LOOK_MS)) {
    [{ isErasing }] = await sql<[{ isErasing: boolean }]>`
      select exists (select from chat_private.departed_senders) as "isErasing"`;
  }
  const ended = performance.now();
  console.log(line("during the erasure", await during(), (ended - started) / 1000 + 1));
  const [{ left }] = await sql<[{ left: number }]>`
    select count(*)::integer as left from chat.messages where content like '% of somebody who leaves'`;
  console.log(
    `The account was gone after ${(deleted - started).toFixed(0)} ms, its ${messages} messages after ${
      ((ended - started) / 1000).toFixed(1)
    } s; ${left} are left.`,
  );
  await sql.end();
}

if (values.help) console.log(USAGE);
else await main();
