import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postmasterPid, temporaryStack } from "../local/run.ts";
import { database, dataOf } from "../support/clients.ts";
import { connect, type Connection } from "../support/connection.ts";
import { newUser } from "../support/users.ts";
import { Follower } from "./follower.ts";

// A stack of its own, whose Postgres is killed; PARLEY_KILLS=20 takes half a minute.
const KILLS = Number(process.env.PARLEY_KILLS ?? 3);
const SENDERS = 3;
let stack: Awaited<ReturnType<typeof temporaryStack>>;
const opened: Connection[] = [];

beforeAll(async () => void (stack = await temporaryStack()));
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await stack.stop();
});

function open(token: string): Connection {
  const connection = connect(stack.status, token);
  opened.push(connection);
  return connection;
}

/** Sends until stopped; each message again under its client_id until it is acknowledged. */
async function sendWhile(goesOn: () => boolean, { supabase }: Connection, room_id: number, sent: string[]) {
  while (goesOn()) {
    const client_id = crypto.randomUUID();
    const send = () => supabase.rpc("send_message", { room_id, content: "under load", client_id });
    while ((await send()).error) await sleep(50);
    sent.push(client_id);
  }
}

test(`no acknowledged message is lost or stored twice, ${KILLS} times kill -9 of Postgres`, async () => {
  const people = await Promise.all(Array.from({ length: SENDERS }, () => newUser("sender", stack.status)));
  const senders = people.map(({ token }) => open(token));
  const member_ids = people.slice(1).map(({ id }) => id);
  const room = await dataOf(
    senders[0]!.supabase.rpc("create_group_room", { name: "Killed", member_ids }),
  ) as unknown as { id: number; topic: string };
  const followers = Array.from(
    { length: 10 },
    (_, index) => new Follower(open(people[index % SENDERS]!.token), room.id, () => {}),
  );
  for (const follower of followers) expect(await follower.join(room.topic)).toBe("SUBSCRIBED");

  const sent: string[] = [];
  let isGoingOn = true;
  const sending = senders.map((sender) => sendWhile(() => isGoingOn, sender, room.id, sent));
  for (let kill = 0; kill < KILLS; kill++) {
    const before = sent.length;
    await expect.poll(() => sent.length, { timeout: 60_000 }).toBeGreaterThan(before + 30);
    process.kill(await postmasterPid(stack.data), "SIGKILL");
    const killed = sent.length + SENDERS;
    // The stream returns on its own, and says that events may be lost: all rejoin, and receive what was sent.
    const isHearing = ({ heard }: Follower) => sent.indexOf(heard.at(-1)?.message?.client_id) > killed;
    await expect.poll(() => followers.filter(isHearing).length, { timeout: 30_000 }).toBe(followers.length);
  }
  isGoingOn = false;
  await Promise.all(sending);
  await Promise.all(followers.map((follower) => follower.resume()));

  const sql = database(stack.status);
  const rows = await sql`select client_id from chat.messages where room_id = ${room.id} order by version`;
  await sql.end();
  const stored = rows.map(({ client_id }) => client_id);
  expect(stored.toSorted()).toEqual(sent.toSorted());
  for (const { changes, heard, joins } of followers) {
    expect(changes.flatMap(({ message }) => message ? [message.client_id] : [])).toEqual(stored);
    expect(heard.length).toBe(new Set(heard.map(({ version }) => version)).size);
    expect(joins).toBe(1 + KILLS);
  }
}, 60_000 + KILLS * 30_000);
