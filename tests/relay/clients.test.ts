import { afterAll, expect, test } from "vitest";
import { Caller } from "../api/caller.ts";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

/** A user with a supabase-js client and a token for sockets. */
async function person(name: string) {
  const { id, username, supabase } = await newUser(name);
  const { data } = await supabase.auth.getSession();
  const access = data.session!.access_token;
  await supabase.realtime.setAuth(access);
  const api = new Caller(access);
  const number: number = (await api.get("/api/users/me/")).body.id;
  return { uuid: id, username, supabase, access, api, number };
}

test("messages sent with supabase-js, the REST API and sockets arrive on all three", async () => {
  const [ann, bob] = await Promise.all([person("ann"), person("bob")]);
  const { data: room } = await ann.supabase.rpc("create_direct_room", { user_id: bob.uuid });
  const { id, topic } = room as unknown as { id: number; topic: string };
  const heard: { message: { content: string } }[] = [];
  const typed: unknown[] = [];
  const messages = ann.supabase.channel(topic, { config: { private: true } })
    .on("broadcast", { event: "message.created" }, ({ payload }) => heard.push(payload));
  const live = ann.supabase.channel(`${topic}:live`, { config: { private: true } })
    .on("broadcast", { event: "typing" }, ({ payload }) => typed.push(payload));
  for (const channel of [messages, live]) {
    await new Promise<void>((resolve) => channel.subscribe((status) => status === "SUBSCRIBED" && resolve()));
  }
  const socket = await openChat(bob, id);

  await ann.supabase.rpc("send_message", { room_id: id, content: "By RPC" });
  expect(await socket.next({ type: "message" })).toMatchObject({ text: "By RPC", sender: ann.username });
  await ann.supabase.from("messages").insert({ room_id: id, content: "By insert" } as never);
  await socket.next({ text: "By insert" });
  await ann.api.post("/api/messages/", { chat: id, text: "By REST" });
  await socket.next({ text: "By REST" });
  socket.send({ type: "message", text: "By socket" });
  await socket.next({ text: "By socket" });
  const texts = ["By RPC", "By insert", "By REST", "By socket"];
  await expect.poll(() => heard.map(({ message }) => message.content)).toEqual(texts);
  const { body } = await bob.api.get(`/api/messages/?chat=${id}`);
  expect(body.map(({ text }: { text: string }) => text)).toEqual(texts);

  socket.send({ type: "typing", is_typing: true });
  const typing = { user_id: bob.uuid, number: bob.number, username: bob.username, is_typing: true };
  await expect.poll(() => typed).toEqual([typing]);
  const anns = { user_id: ann.uuid, number: ann.number, username: ann.username, is_typing: false };
  for (const payload of [{ is_typing: "yes" }, { ...anns, number: "1" }, anns]) {
    await live.send({ type: "broadcast", event: "typing", payload });
  }
  const { number, username, is_typing } = anns;
  await socket.next({ type: "typing" });
  expect(socket.of("typing")).toEqual([{ type: "typing", user_id: number, username, is_typing }]);
  await ann.supabase.removeAllChannels();
});
