import { REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";

// Text that was edited away or deleted is nowhere: Realtime can replay earlier events to a user who joins later.
let sql: ReturnType<typeof database>;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

const since = Date.now() - 60_000;

/** The events that Realtime replays to a user who joins a topic, up to a mark. */
async function replayed(
  supabase: Client,
  topic: string,
): Promise<{ event: string; payload: Record<string, unknown> }[]> {
  const mark = crypto.randomUUID();
  await sql`select realtime.send(${sql.json({ mark })}, 'mark', ${topic}, true)`;
  await supabase.realtime.setAuth();
  const heard: { event: string; payload: Record<string, unknown> }[] = [];
  const channel = supabase.channel(topic, { config: { private: true, broadcast: { replay: { since, limit: 25 } } } });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => void heard.push({ event, payload }));
  const status = await new Promise<string>((resolve) => channel.subscribe(resolve));
  expect(status).toBe(REALTIME_SUBSCRIBE_STATES.SUBSCRIBED);
  await expect.poll(() => heard.some(({ payload }) => payload.mark === mark)).toBe(true);
  await supabase.removeChannel(channel);
  return heard;
}

test("a user who joins later is not replayed text that was edited away or deleted", async () => {
  const [ann, bob, carl] = await Promise.all(["ann", "bob", "carl"].map((name) => newUser(name)));
  const { data: room } = await ann!.supabase.rpc("create_group_room", { name: "Team", member_ids: [bob!.id] });
  const send = async (content: string) => {
    const { data } = await ann!.supabase.rpc("send_message", {
      room_id: room!.id,
      content,
      metadata: { secret: content },
    });
    return data!.id;
  };
  const edited = await send("secret one");
  await ann!.supabase.rpc("edit_message", { message_id: edited, content: "secret two" });
  await ann!.supabase.from("messages").update({ content: "in the end" }).eq("id", edited);
  const deleted = await send("secret three");
  await ann!.supabase.rpc("edit_message", { message_id: deleted, content: "secret four" });
  await ann!.supabase.rpc("delete_message", { message_id: deleted });
  const removed = await send("secret five");
  await sql`delete from chat.messages where id = ${removed}`;
  // A request may set another time zone: Realtime stores the time without one.
  const { data: elsewhere } = await ann!.supabase.from("messages").insert({ room_id: room!.id, content: "secret six" })
    .select().setHeader("Prefer", "return=representation,timezone=Asia/Tokyo").single();
  await ann!.supabase.rpc("delete_message", { message_id: elsewhere!.id });
  // A message that a backend sends with a time of its own is announced with the current time.
  const [backdated] = await sql`
    insert into chat.messages (room_id, sender_id, content, created_at)
    values (${room!.id}, ${ann!.id}, 'secret seven', now() - interval '1 hour') returning id`;
  await ann!.supabase.rpc("delete_message", { message_id: backdated!.id });
  await send("stays");

  await ann!.supabase.rpc("add_members", { room_id: room!.id, user_ids: [carl!.id] });
  const heard = await replayed(carl!.supabase, room!.topic!);
  const created = heard.filter(({ event }) => event === "message.created").map(({ payload }) => payload.message);
  expect(created).toMatchObject(["", "", "", "", "", "stays"].map((content) => ({ content })));
  const updated = heard.filter(({ event }) => event === "message.updated").map(({ payload }) => payload.message);
  expect(updated).toMatchObject(["", "in the end", ""].map((content) => ({ content })));
  expect(JSON.stringify(heard).replaceAll('"secret":"secret one"', "")).not.toContain("secret ");
  const [{ kept }] = await sql<[{ kept: number }]>`
    select count(*)::integer as kept from realtime.messages
    where topic = ${room!.topic!} and payload::text ~ 'secret (two|three|four|five|six|seven)'`;
  expect(kept).toBe(0);
});
