import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isAlive, postmasterPid, temporaryStack } from "../local/run.ts";
import { database, dataOf } from "../support/clients.ts";
import { connect } from "../support/connection.ts";
import { newUser } from "../support/users.ts";
import { open } from "./socket.ts";
import { Talker } from "./talker.ts";

// A stack of its own, whose Postgres is killed.
const KILLS = Number(process.env.PARLEY_KILLS ?? 3);
let stack: Awaited<ReturnType<typeof temporaryStack>>;
beforeAll(async () => void (stack = await temporaryStack([], { RELAY_RECHECK_SECONDS: "1" })));
afterAll(() => stack.stop());

/** A group of two users. */
async function newTalk() {
  const [ann, bob] = await Promise.all([newUser("ann", stack.status), newUser("bob", stack.status)]);
  const { supabase } = connect(stack.status, ann.token);
  const options = { name: "Talk", member_ids: [bob.id] };
  const room = await dataOf(supabase.rpc("create_group_room", options)) as unknown as { id: number; version: number };
  const route = `${stack.status.api_url.replace("http", "ws")}/functions/v1/messenger/ws/chat/${room.id}/`;
  return { ann, bob, room, route, supabase };
}

/** Three sockets of the two users. */
async function newTalkers({ ann, bob, room, route }: Awaited<ReturnType<typeof newTalk>>) {
  const talkers = [ann, ann, bob].map(({ token }) => new Talker(`${route}?token=${token}`, room.version));
  await Promise.all(talkers.map((talker) => talker.open()));
  return talkers;
}

test("messages sent while Realtime does not follow the database arrive nevertheless", async () => {
  const talk = await newTalk();
  const { room, supabase } = talk;
  const talkers = await newTalkers(talk);
  const heard: unknown[] = [];
  await supabase.realtime.setAuth();
  const channel = supabase.channel(`room:${room.id}:1`, { config: { private: true } })
    .on("broadcast", { event: "message.created" }, (message) => heard.push(message));
  await new Promise((resolve) => channel.subscribe(resolve));
  const sql = database(stack.status);
  await sql.begin(async (sql) => {
    // As long as a transaction is open, Postgres creates no slot by which Realtime could follow it again.
    await sql`select pg_current_xact_id()`;
    const followers = (await sql`select pid from pg_stat_replication`).map(({ pid }) => pid);
    for (const pid of followers) process.kill(pid, "SIGTERM");
    await expect.poll(() => followers.filter(isAlive)).toEqual([]);
    await dataOf(supabase.rpc("send_message", { room_id: room.id, content: "Into the void" }));
  });
  await sql.end();
  for (const talker of talkers) {
    await expect.poll(() => talker.taken.map(({ text }) => text)).toEqual(["Into the void"]);
    expect([talker.again, talker.codes]).toEqual([[], []]);
    talker.close();
  }
  // Realtime lost it; only the relay delivers it.
  await sleep(200);
  expect(heard).toEqual([]);
  await supabase.removeAllChannels();
});

test(
  `no message is missed or repeated through kill -9 of Postgres, ${KILLS} times, and sockets stay or reconnect`,
  async () => {
    const talk = await newTalk();
    const { room } = talk;
    const talkers = await newTalkers(talk);
    const sent: string[] = [];
    let isGoingOn = true;
    const talking = talkers.map(async (talker) => {
      while (isGoingOn) sent.push(await talker.say("under load"));
    });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = sent.length;
      await expect.poll(() => sent.length).toBeGreaterThan(before + 30);
      process.kill(await postmasterPid(stack.data), "SIGKILL");
    }
    const before = sent.length;
    await expect.poll(() => sent.length).toBeGreaterThan(before + 30);
    isGoingOn = false;
    await Promise.all(talking);

    const sql = database(stack.status);
    const rows = await sql`select client_id from chat.messages where room_id = ${room.id} order by version`;
    await sql.end();
    const stored = rows.map(({ client_id }) => client_id);
    expect(stored.toSorted()).toEqual(sent.toSorted());
    for (const talker of talkers) {
      await expect.poll(() => talker.taken.length).toBe(stored.length);
      expect(talker.taken.map(({ client_id }) => client_id)).toEqual(stored);
      // A message comes twice only after it was sent twice.
      expect(talker.again.filter(({ client_id }) => !talker.repeated.has(client_id))).toEqual([]);
      expect(talker.codes.filter((code) => code !== 1012)).toEqual([]);
      talker.close();
    }
  },
  60_000 + KILLS * 30_000,
);

test("user_status announces an offline user even if the connection that should store it is lost", async () => {
  // Auth may still be restarting.
  const { ann, bob, room } = await vi.waitFor(newTalk, { timeout: 20_000 });
  const socketOf = ({ token }: { token: string }) =>
    open(`/messenger/ws/chat/${room.id}/?token=${token}`, {}, `${stack.status.api_url}/functions/v1`);
  const sql = database(stack.status);
  const isFollowed = () => sql`select from pg_stat_replication where state = 'streaming'`;
  await expect.poll(isFollowed).not.toHaveLength(0);
  const [anns, bobs] = [await socketOf(ann), await socketOf(bob)];
  const status = () => sql`select from chat.user_status where user_id = ${bob.id}`;
  await expect.poll(status).toHaveLength(1);
  await sql.begin(async (sql) => {
    // What would be written waits here, and is lost with its connection.
    await sql`select from chat.user_status where user_id = ${bob.id} for update`;
    await bobs.close();
    const lost = () => sql`select pg_terminate_backend(pid) from pg_locks where not granted`;
    await expect.poll(lost).toHaveLength(1);
  });
  await sql.end();
  await anns.next({ type: "user_status", is_online: false });
  await anns.close();
});
