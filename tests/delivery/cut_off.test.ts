import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, inject, test } from "vitest";
import { dataOf } from "../support/clients.ts";
import { connect, type Connection } from "../support/connection.ts";
import { newUser } from "../support/users.ts";
import { type Change, Follower } from "./follower.ts";

const place = inject("status");
const opened: Connection[] = [];
afterAll(() => Promise.all(opened.map((one) => one.close())));

const MESSAGES = 200;

function open(token: string): Connection {
  const connection = connect(place, token);
  opened.push(connection);
  return connection;
}

test("50 subscribers hold each message once and in order, even one that is cut off every second", async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => newUser("reader", place)));
  const sender = open(people[0]!.token).supabase;
  const room = await dataOf(
    sender.rpc("create_group_room", { name: "Fifty", member_ids: people.slice(1).map(({ id }) => id) }),
  ) as unknown as { id: number; topic: string; version: number };
  const followers = Array.from(
    { length: 50 },
    (_, index) => new Follower(open(people[index % 5]!.token), room.id, () => {}),
  );
  const joined = await Promise.all(followers.map((follower) => follower.join(room.topic)));
  expect(new Set(joined)).toEqual(new Set(["SUBSCRIBED"]));

  const [unlucky, ...steady] = followers;
  const cutting = setInterval(unlucky!.connection.cut, 1_300);
  const sent: number[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    const message = await dataOf(sender.rpc("send_message", { room_id: room.id, content: `message ${n}` }));
    sent.push((message as unknown as { id: number }).id);
    await sleep(20);
  }
  clearInterval(cutting);

  const ids = (changes: Change[]) => changes.flatMap(({ message }) => message ? [message.id] : []);
  for (const follower of followers) {
    await expect.poll(() => follower.version).toBe(room.version + MESSAGES);
    expect(ids(follower.changes)).toEqual(sent);
  }
  // The others needed no help: every event reached them, once.
  for (const { heard } of steady) expect(ids(heard)).toEqual(sent);
  expect(unlucky!.joins).toBeGreaterThan(2);
  expect(unlucky!.synced).toBeGreaterThan(0);
  expect(unlucky!.heard.length).toBeLessThan(MESSAGES);
});
