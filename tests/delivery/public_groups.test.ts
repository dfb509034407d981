import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";

// A stranger who joins and leaves a public group in a loop does not keep its members from its events.
let sql: ReturnType<typeof database>;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

async function listening(supabase: Awaited<ReturnType<typeof newUser>>["supabase"], topic: string) {
  await supabase.realtime.setAuth();
  const heard: string[] = [];
  const channel = supabase.channel(topic, { config: { private: true } });
  channel.on("broadcast", { event: "message.created" }, ({ payload }) => void heard.push(payload.message.content));
  expect(await new Promise((resolve) => channel.subscribe(resolve))).toBe("SUBSCRIBED");
  return heard;
}

test("a loop of joining and leaving moves no one, and ends with 429", async () => {
  const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map((name) => newUser(name)));
  const { data: room } = await ann!.supabase.rpc("create_group_room", {
    name: "Square",
    is_public: true,
    member_ids: [bob!.id],
  });
  const heard = await listening(bob!.supabase, room!.topic!);
  const call = (name: "join_room" | "leave_room") => eve!.supabase.rpc(name, { room_id: room!.id });
  const answers: number[] = [];
  for (let n = 0; n < 12; n++) {
    answers.push((await call("join_room")).status);
    await ann!.supabase.rpc("send_message", { room_id: room!.id, content: `${n}` });
    await call("leave_room");
  }
  expect(answers).toEqual([...Array(10).fill(200), 429, 429]);
  expect((await call("join_room")).error).toMatchObject({ message: "too_many_joins" });
  await expect.poll(() => heard.length).toBe(12);
  const [now] = await sql`select topic from chat.rooms where id = ${room!.id}`;
  expect(now!.topic).toBe(room!.topic);

  // The topic moves when a member is removed, and when the group becomes private.
  await ann!.supabase.rpc("remove_member", { room_id: room!.id, user_id: bob!.id });
  const [moved] = await sql`select topic from chat.rooms where id = ${room!.id}`;
  expect(moved!.topic).not.toBe(room!.topic);
  await ann!.supabase.rpc("update_room", { room_id: room!.id, is_public: false });
  const [closed] = await sql`select topic from chat.rooms where id = ${room!.id}`;
  expect(closed!.topic).not.toBe(moved!.topic);
});
