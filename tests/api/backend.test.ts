import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";

// A backend with the secret key: the same numbers and events, and functions that act for the users it names.
const backend = client({ key: inject("status").secret_key });
let sql: ReturnType<typeof database>;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

async function world() {
  const [ann, bob, carl] = await Promise.all(["ann", "bob", "carl"].map((name) => newUser(name)));
  const { data: room } = await backend.rpc("create_group_room", { name: "Team", member_ids: [ann!.id, bob!.id] });
  return { ann: ann!, bob: bob!, carl: carl!, room: room! };
}

/** The events of a topic, in order. */
const eventsOf = async (topic: string | null) =>
  // All messages that one transaction sends have the same time.
  (await sql`select event from realtime.messages where topic = ${topic}`).map(({ event }) => event).sort();

test("a backend creates a group, adds and removes members, and deletes it", async () => {
  const { ann, bob, carl, room } = await world();
  expect((await backend.rpc("add_members", { room_id: room.id, user_ids: [carl.id] })).status).toBe(200);
  expect((await backend.rpc("set_member_role", { room_id: room.id, user_id: carl.id, role: "admin" })).status).toBe(
    200,
  );
  expect((await backend.rpc("remove_member", { room_id: room.id, user_id: bob.id })).error).toBeNull();
  expect((await backend.rpc("update_room", { room_id: room.id, name: "Crew" })).data).toMatchObject({ name: "Crew" });
  const { data: list } = await ann.supabase.rpc("room_list");
  expect(list).toMatchObject([{ id: room.id, name: "Crew", role: "owner", member_count: 2 }]);
  expect(await eventsOf(room.topic)).toEqual(
    ["member.joined", "member.joined", "member.joined", "member.left", "member.updated", "room.moved"],
  );
  expect((await backend.rpc("delete_room", { room_id: room.id })).error).toBeNull();
  expect((await ann.supabase.rpc("room_list")).data).toEqual([]);
});

test("a backend sends for a member or as the system, and edits and deletes", async () => {
  const { ann, bob, carl, room } = await world();
  const client_id = crypto.randomUUID();
  const send = (args: { content: string; sender_id?: string; client_id?: string }) =>
    backend.rpc("send_message", { room_id: room.id, ...args });
  const { data: first } = await send({ content: "for ann", sender_id: ann.id, client_id });
  expect(first).toMatchObject({ seq: 1, sender_id: ann.id });
  expect((await send({ content: "for ann", sender_id: ann.id, client_id })).data).toMatchObject({ id: first!.id });
  expect((await send({ content: "else", sender_id: ann.id, client_id })).error).toMatchObject({
    code: "PT409",
    message: "client_id_reused",
  });
  expect((await send({ content: "by nobody" })).data).toMatchObject({ seq: 2, sender_id: null });
  expect((await send({ content: "x", sender_id: carl.id })).error).toMatchObject({ message: "room_not_found" });
  const { data: plain } = await backend.from("messages").insert({
    room_id: room.id,
    sender_id: bob.id,
    content: "plain",
  })
    .select().single();
  expect(plain).toMatchObject({ seq: 3 });
  expect((await backend.rpc("edit_message", { message_id: plain!.id, content: "edited" })).data).toMatchObject({
    content: "edited",
  });
  await backend.rpc("pin_message", { message_id: plain!.id });
  expect((await backend.rpc("delete_message", { message_id: first!.id })).data).toMatchObject({ content: "" });
  await backend.from("messages").update({ deleted_at: new Date().toISOString() }).eq("id", plain!.id);
  const { data: synced } = await ann.supabase.rpc("sync", { room_id: room.id, since_version: 2 });
  const changes = (synced as { changes: { event: string; message?: { seq: number } }[] }).changes;
  expect(changes.map(({ event, message }) => [event, message?.seq])).toEqual([
    ["message.created", 2],
    ["message.pinned", undefined],
    ["message.deleted", 1],
    ["message.deleted", 3],
    ["message.unpinned", undefined],
  ]);
  expect((await backend.rpc("sync", { room_id: room.id })).data).toMatchObject({ version: 10, last_seq: 3 });
});

test("a backend cannot call functions that are about the signed-in user", async () => {
  const { room } = await world();
  const refused = { code: "PT400", message: "caller_required" };
  expect((await backend.rpc("room_list")).error).toMatchObject(refused);
  expect((await backend.rpc("mark_read", { room_id: room.id })).error).toMatchObject(refused);
  expect((await backend.rpc("leave_room", { room_id: room.id })).error).toMatchObject(refused);
  expect((await backend.rpc("search_messages", { query: "x" })).error).toMatchObject(refused);
  expect((await backend.rpc("touch_status")).error).toMatchObject(refused);
  expect((await backend.rpc("sync", { room_id: 0 })).error).toMatchObject({ code: "PT404", message: "room_not_found" });
});
