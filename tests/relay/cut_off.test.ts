import type { RealtimeChannel } from "@supabase/supabase-js";
import { afterEach, expect, inject, test } from "vitest";
import { Caller } from "../api/caller.ts";
import { type Client, client, dataOf } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { newUser, type User } from "../support/users.ts";
import { open, type Socket } from "./socket.ts";

/** How long a door may stay open, from the moment the operator's or the person's call has been answered. */
const MAX_MS = 5000;

const status = inject("status");
const service = client({ key: status.secret_key });
const { admin } = service.auth;
const clients: Client[] = [];
afterEach(async () => {
  for (const { realtime } of clients.splice(0)) await realtime.disconnect();
});

/** Calls Auth with an access token, as a client that has only that. */
const auth = (token: string, method: string, path: string, body?: object) =>
  fetch(`${status.api_url}/auth/v1/${path}`, {
    method,
    headers: { apikey: status.publishable_key, Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  }).then(({ ok }) => expect(ok).toBe(true));

/** A session of somebody, who speaks with its access token alone. */
class Session {
  readonly supabase: Client;
  readonly heard: string[] = [];
  socket!: { messenger: Socket; miniChat: Socket };
  live!: RealtimeChannel;

  constructor(readonly token: string, readonly id: string) {
    this.supabase = client({ token });
    clients.push(this.supabase);
  }

  /** Joins a topic, and notes what texts come. Returns whether it may. */
  async join(topic: string): Promise<RealtimeChannel | undefined> {
    await this.supabase.realtime.setAuth();
    const channel = this.supabase.channel(topic, {
      config: { private: true, presence: { key: this.id, enabled: true } },
    });
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
      this.heard.push(payload.message?.content ?? payload.user_id ?? event);
    });
    channel.on("presence", { event: "sync" }, () => {});
    const answer = await new Promise<string>((resolve) => channel.subscribe(resolve));
    if (answer === "SUBSCRIBED") return channel;
    await this.supabase.removeChannel(channel);
  }

  async openAll(room: number, topic: string, isHearing = true): Promise<void> {
    this.socket = {
      messenger: await open(`/messenger/ws/chat/${room}/?token=${this.token}`),
      miniChat: await open(`/mini-chat/ws/chat/${room}/?token=${this.token}`),
    };
    if (!isHearing) return;
    expect(await this.join(topic)).toBeDefined();
    expect(await this.join(`user:${this.id}`)).toBeDefined();
    this.live = (await this.join(`${topic}:live`))!;
    await this.live.track({});
  }

  /** What each door answers to a request now. */
  async knock(room: number, path: string): Promise<Record<string, string | number>> {
    const { supabase, token } = this;
    const rest = async (api: string, route: string, body?: object) => {
      const caller = new Caller(token, api);
      const answer = await (body ? caller.post(route, body) : caller.get(route));
      return answer.status < 300 ? "open" : `${answer.status} ${answer.body.code}`;
    };
    const data = async (call: PromiseLike<{ error: { message: string } | null; status: number }>) => {
      const { error, status } = await call;
      return error ? `${status} ${error.message}` : "open";
    };
    const storage = async (call: Promise<{ error: unknown }>) => (await call).error ? "refused" : "open";
    return {
      "Data API, read": await data(supabase.from("messages").select("id").eq("room_id", room).limit(1)),
      "Data API, write": await data(supabase.from("messages").insert({ room_id: room, content: "Row" })),
      "RPC, read": await data(supabase.rpc("sync", { room_id: room })),
      "RPC, write": await data(supabase.rpc("send_message", { room_id: room, content: "Call" })),
      "messenger, read": await rest("messenger", "/api/chats/"),
      "messenger, write": await rest("messenger", "/api/messages/", { chat: room, text: "No" }),
      "mini-chat": await rest("mini-chat", "/api/chat/rooms/"),
      "social": await rest("social", "/messenger/api/chatrooms/"),
      "conversations": await rest("conversations", "/api/chat/conversations/"),
      "chat-sessions": await rest("chat-sessions", "/api/v1/chat/sessions/"),
      "Storage, read": await storage(supabase.storage.from("chat-files").download(path, {}, { cache: "no-store" })),
      "Storage, write": await storage(
        supabase.storage.from("avatars").upload(`${this.id}/${crypto.randomUUID()}.png`, PICTURE, {
          contentType: "image/png",
        }),
      ),
      "Realtime, user": await new Session(token, this.id).join(`user:${this.id}`) ? "open" : "refused",
    };
  }
}

const PICTURE = new Blob([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], { type: "image/png" });

/** Eve in a group with Ann and Bob, with two sessions; the first has every door open. Bob listens. */
async function stage() {
  const [ann, bob, eve] = await Promise.all([newUser("ann"), newUser("bob"), newUser("eve")]);
  const room = await dataOf(ann.supabase.rpc("create_group_room", { name: "Doors", member_ids: [bob.id, eve.id] }));
  const file = { room_id: room.id, name: "a.png", mime_type: "image/png", bytes: PICTURE.size };
  const { id, path } = await dataOf(ann.supabase.rpc("begin_upload", file));
  await dataOf(ann.supabase.storage.from("chat-files").upload(path, PICTURE, { contentType: "image/png" }));
  await dataOf(ann.supabase.rpc("send_message", { room_id: room.id, content: "File", attachment_ids: [id] }));
  const { data: { session } } = await client().auth.signInWithPassword(eve);
  const [first, second] = [new Session(eve.token, eve.id), new Session(session!.access_token, eve.id)];
  const bobs = new Session(bob.token, bob.id);
  await first.openAll(room.id, room.topic);
  await second.openAll(room.id, room.topic, false);
  await bobs.openAll(room.id, room.topic);
  const doors = await first.knock(room.id, path);
  expect(new Set(Object.values(doors))).toEqual(new Set(["open"]));
  return { ann, bobs, eve, first, second, room: room.id, path };
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** Waits until each door is shut, in time; returns what it answers then. */
async function shut({ first, room, path }: Stage, since: number) {
  const doors = await until(
    () => first.knock(room, path),
    (doors) => !Object.values(doors).includes("open"),
    MAX_MS,
  );
  const codes = await Promise.all([first.socket.messenger.closed, first.socket.miniChat.closed]);
  expect(Date.now() - since).toBeLessThan(MAX_MS);
  return { doors, codes: codes.map(({ code }) => code) };
}

/** Others go on where the room is now; what they say and do there does not reach the open channels of the first session. */
async function othersGoOn({ ann, bobs, first, room }: Stage): Promise<void> {
  const { topic } = await dataOf(ann.supabase.from("rooms").select("topic").eq("id", room).single());
  await bobs.supabase.removeAllChannels();
  const live = (await bobs.join(`${topic}:live`))!;
  await bobs.join(topic);
  const before = first.heard.length;
  await first.live.send({ type: "broadcast", event: "typing", payload: { user_id: "from the old topic" } });
  await dataOf(ann.supabase.rpc("send_message", { room_id: room, content: "After" }));
  await until(() => bobs.heard.filter((text) => text === "After").length, (times) => times > 0);
  await until(() => bobs.socket.messenger.frames.some(({ text }) => text === "After"), (hasCome) => hasCome);
  expect(bobs.heard).not.toContain("from the old topic");
  expect(Object.keys(live.presenceState())).not.toContain(first.id);
  expect(first.heard.slice(before)).toEqual([]);
  expect(first.socket.messenger.frames.some(({ text }) => text === "After")).toBe(false);
}

const isOpen = async ({ token }: Session, room: number) =>
  (await client({ token }).rpc("send_message", { room_id: room, content: "Still here" })).error === null;

const ban = async (id: string, ban_duration: string) =>
  expect((await admin.updateUserById(id, { ban_duration })).error).toBeNull();

/** The answers of the doors, by what they speak. */
const answers = (data: string, rest: string) => ({
  "Data API, read": data,
  "Data API, write": data,
  "RPC, read": data,
  "RPC, write": data,
  "messenger, read": rest,
  "messenger, write": rest,
  "mini-chat": rest,
  "social": rest,
  "conversations": rest,
  "chat-sessions": rest,
  "Storage, read": "refused",
  "Storage, write": "refused",
  "Realtime, user": "refused",
});

test.each<[string, (eve: User) => Promise<unknown>, (eve: User) => Promise<unknown>]>([
  [
    "a suspension",
    ({ id }) => dataOf(service.from("suspensions").upsert({ user_id: id, reason: "Spam" }).select()),
    ({ id }) => dataOf(service.from("suspensions").delete().eq("user_id", id).select()),
  ],
  [
    "a ban of Auth",
    ({ id }) => ban(id, "1h"),
    ({ id }) => ban(id, "none"),
  ],
])("%s shuts every door within 5 s for each session, and lifting it opens them", async (_, cut, lift) => {
  const scene = await stage();
  await cut(scene.eve);
  const { doors, codes } = await shut(scene, Date.now());
  expect(doors).toEqual(answers("403 suspended", "403 suspended"));
  expect(codes).toEqual([4423, 4423]);
  expect((await scene.second.socket.messenger.closed).code).toBe(4423);
  await othersGoOn(scene);
  // An event for her alone.
  await dataOf(scene.ann.supabase.from("friendships").insert({ friend_id: scene.eve.id }).select());
  expect(scene.first.heard).not.toContain("friend.added");
  const again = await open(`/messenger/ws/chat/${scene.room}/?token=${scene.eve.token}`);
  expect((await again.closed).code).toBe(4423);
  await lift(scene.eve);
  for (const session of [scene.first, scene.second]) expect(await isOpen(session, scene.room)).toBe(true);
  const { topic } = await dataOf(scene.eve.supabase.from("rooms").select("topic").eq("id", scene.room).single());
  expect(await scene.first.join(topic)).toBeDefined();
});

test.each<[string, (scene: Stage) => Promise<unknown>]>([
  ["the sign-out of a session", ({ first }) => auth(first.token, "POST", "logout?scope=local")],
  ["another password", ({ second }) => auth(second.token, "PUT", "user", { password: crypto.randomUUID() })],
])("%s shuts every door within 5 s, and leaves the other session of the person as it was", async (_, end) => {
  const scene = await stage();
  const { first, second, room } = scene;
  await end(scene);
  const { doors, codes } = await shut(scene, Date.now());
  expect(doors).toEqual(answers("401 session_ended", "401 token_not_valid"));
  expect(codes).toEqual([4401, 4401]);
  await othersGoOn(scene);
  expect(await isOpen(first, room)).toBe(false);
  expect(await isOpen(second, room)).toBe(true);
  await second.socket.messenger.next({ text: "After" });
  expect(second.socket.messenger.isClosed).toBe(false);
});

test("the deletion of the account shuts every door within 5 s", async () => {
  const scene = await stage();
  expect((await admin.deleteUser(scene.eve.id)).error).toBeNull();
  const { doors, codes } = await shut(scene, Date.now());
  // The rows of a room are refused before those of a person.
  expect(doors).toEqual({
    ...answers("401 no_account", "401 user_not_found"),
    "Data API, write": "404 room_not_found",
  });
  // The end of the membership may be noticed first.
  for (const code of codes) expect([4401, 4403]).toContain(code);
  await othersGoOn(scene);
});
