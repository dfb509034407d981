import { afterAll, afterEach, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { Turns } from "./turns.ts";

// The results of statements that waited for each other.
const sql = database();
const opened: Turns[] = [];
afterEach(async () => void (await Promise.all(opened.splice(0).map((turns) => turns.end()))));
afterAll(() => sql.end());

function open(person?: string): Turns {
  const turns = new Turns(person);
  opened.push(turns);
  return turns;
}

/** An account without a login. */
async function signUp(): Promise<string> {
  const [account] = await sql`
    insert into auth.users (id, aud, role) values (gen_random_uuid(), 'authenticated', 'authenticated') returning id`;
  return account!.id;
}

/** Ann, on two connections, and Bob, a member of her group. */
async function meet() {
  const [annId, bobId] = await Promise.all([signUp(), signUp()]);
  const [ann, again, bob] = [open(annId), open(annId), open(bobId)];
  const group = (name: string) =>
    ann.alone(`select id from chat.create_group_room('${name}', array['${bobId}']::uuid[])`);
  return { ann, again, bob, group, room: await group("Team") };
}

test("a repeat does not take the place of a message that is being deleted with its room", async () => {
  const { ann, again, bob, group, room } = await meet();
  const [other, clientId] = [await group("Other"), crypto.randomUUID()];
  await ann.alone(`select chat.send_message(${room}, 'first', '${clientId}')`);
  await ann.begin();
  await ann.run(`select chat.delete_room(${room})`);
  const repeated = await again.waiting(sql, `select seq from chat.send_message(${other}, 'again', '${clientId}')`);
  await ann.commit();
  expect(await repeated()).toBe("1");
  expect(await bob.alone(`select seq from chat.send_message(${other}, 'next')`)).toBe("2");
});

test("an account can be deleted while its user sends, and while others write to it", async () => {
  const { ann, bob, room } = await meet();
  const operator = open();
  await bob.begin();
  await bob.run(`select chat.send_message(${room}, 'from bob')`);
  const sent = await ann.waiting(sql, `select seq from chat.send_message(${room}, 'from ann')`);
  const left = await operator.waiting(sql, `delete from auth.users where id = '${ann.person}'`);
  await bob.commit();
  // Either may come first.
  expect(["2", "room_not_found"]).toContain(await sent());
  expect(await left()).toBeUndefined();

  await operator.begin();
  await operator.run(`delete from auth.users where id = '${bob.person}'`);
  const eve = open(await signUp());
  const club = await eve.alone("select id from chat.create_group_room('Club')");
  const added = await eve.waiting(sql, `select chat.add_members(${club}, array['${bob.person}']::uuid[])`);
  await operator.commit();
  expect(await added()).toBe("user_not_found");
});

test("direct edits and unpins wait for a deletion without holding the locks that it needs", async () => {
  const { ann, again, bob, room } = await meet();
  const one = await ann.alone(`select id from chat.send_message(${room}, 'one')`);
  const two = await ann.alone(`select id from chat.send_message(${room}, 'two')`);
  await ann.alone(`select chat.pin_message(${two})`);
  await ann.begin();
  await ann.run(`select chat.edit_message(${one}, 'one!')`);
  const edited = await again.waiting(sql, `update chat.messages set content = 'two!' where id = ${two} returning id`);
  const unpinned = await bob.waiting(sql, `delete from chat.pins where message_id = ${two} returning id`);
  expect(await ann.run(`select content from chat.delete_message(${two})`)).toBe("");
  await ann.commit();
  expect([await edited(), await unpinned()]).toEqual([undefined, undefined]);
});

test("a stranger does not wait for the room, and is refused by name", async () => {
  const { ann, bob, room } = await meet();
  await ann.alone(`select chat.remove_member(${room}, '${bob.person}')`);
  await ann.begin();
  await ann.run(`select chat.add_members(${room}, array['${bob.person}']::uuid[])`);
  const writes = [
    `insert into chat.messages (room_id, content) values (${room}, 'x')`,
    `select chat.send_message(${room}, 'x', gen_random_uuid())`,
    `select chat.join_room(${room})`,
  ];
  for (const write of writes) expect(await bob.alone(write), write).toBe("room_not_found");
  await ann.commit();
});

test("a member removed while marking as read is refused by name", async () => {
  const { ann, bob, room } = await meet();
  await ann.begin();
  await ann.run(`select chat.remove_member(${room}, '${bob.person}')`);
  const read = await bob.waiting(sql, `select last_read_seq from chat.mark_read(${room})`);
  await ann.commit();
  expect(await read()).toBe("room_not_found");
});

test("a conversation can be deleted while a message is added to it", async () => {
  const { ann, again } = await meet();
  const conversation = await ann.alone("insert into chat.conversations (title) values ('Plans') returning id");
  await ann.begin();
  await ann.run(`delete from chat.conversations where id = '${conversation}'`);
  const added = await again.waiting(sql, `select chat.add_conversation_message('${conversation}', 'user', 'x')`);
  await ann.commit();
  expect(await added()).toBe("conversation_not_found");
});

test("writes to rooms in opposite orders do not deadlock", async () => {
  const { ann, bob, group, room: lower } = await meet();
  const higher = await group("Other");
  const insert = (...rooms: unknown[]) =>
    `insert into chat.messages (room_id, content) values ${rooms.map((room) => `(${room}, 'x')`).join(", ")}`;
  await bob.begin();
  await bob.run(insert(higher));
  // Ann has locked the lower room, and waits for the higher one; Bob returns to the lower one.
  const sent = await ann.waiting(sql, insert(lower, higher));
  expect(await bob.run(insert(lower))).toBe("try_again");
  await bob.commit();
  expect(await sent()).toBeUndefined();
  const rows = await sql`select last_seq from chat.rooms where id in ${sql([lower as number, higher as number])}`;
  expect(rows.map(({ last_seq }) => last_seq)).toEqual(["1", "1"]);
  expect(await bob.alone(insert(higher, lower))).toBeUndefined();
});

test("a statement that waited can write to a room that its sender has just joined", async () => {
  const { ann, again, bob, room } = await meet();
  const other = await again.alone("select id from chat.create_group_room('Other')");
  await ann.begin();
  await ann.run(`select chat.send_message(${room}, 'first')`);
  const rows = `(${room}, 'second'), (${other}, 'first')`;
  const sent = await bob.waiting(sql, `insert into chat.messages (room_id, content) values ${rows}`);
  await again.alone(`select chat.add_members(${other}, array['${bob.person}']::uuid[])`);
  await ann.commit();
  expect(await sent()).toBeUndefined();
});

test("the keys of a statement with many rows do not deadlock", async () => {
  const { ann, again, room } = await meet();
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  const insert = (...keys: string[]) =>
    `insert into chat.messages (room_id, content, client_id)
     values ${keys.map((key) => `(${room}, 'x', '${key}')`).join(", ")} on conflict do nothing`;
  await ann.begin();
  await ann.run(insert(one));
  const repeated = await again.waiting(sql, insert(two, one));
  // The other holds the second key, and waits for the room.
  expect(await ann.run(insert(two))).toBe("try_again");
  await ann.commit();
  expect(await repeated()).toBeUndefined();
});

test("a person who holds a room does not wait for what they do elsewhere", async () => {
  const { ann, again, group, room } = await meet();
  const other = await group("Other");
  await ann.alone(`select chat.send_message(${room}, 'counted before')`);
  await again.begin();
  await again.run(`select chat.update_room(${other}, 'Renamed')`);
  await ann.begin();
  await ann.run(`select chat.send_message(${room}, 'counted')`);
  expect(await again.run(`select chat.send_message(${other}, 'counted, too')`)).toBe("try_again");
  await ann.commit();
});
