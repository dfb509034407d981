import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newGroup, type Person, threePeople } from "./people.ts";

const sql = database();
let ann: Person, bob: Person, eve: Person;
let group: number;
let uuid: string;
const NEVER_SEEN = { is_online: false, last_seen: null };

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  group = await newGroup(ann, bob);
  await new Caller(ann.access, "mini-chat").get("/api/auth/me/");
  [{ id: uuid }] = await sql<[{ id: string }]>`select id from chat.profiles where number = ${ann.id}`;
});
afterAll(() => sql.end());

/** Every way to look for ann; each returns what it finds. */
const doors: Record<string, (as: Person) => Promise<unknown>> = {
  "Data API, profiles": async ({ access }) =>
    (await client({ token: access }).from("profiles").select().eq("username", ann.username)).data,
  "Data API, search_people": async ({ access }) =>
    (await client({ token: access }).rpc("search_people", { query: ann.username })).data,
  "messenger, users/{id}/": async ({ api }) => (await api.get(`/api/users/${ann.id}/`)).body,
  "messenger, users/?search": async ({ api }) => (await api.get(`/api/users/?search=${ann.username}`)).body,
  "messenger, users/": async ({ api }) => (await api.get(`/api/users/?after=${ann.id - 1}&limit=1`)).body,
  "mini-chat, search/": async ({ access }) =>
    (await new Caller(access, "mini-chat").get(`/api/auth/search/?q=${ann.username}`)).body,
  "mini-chat, users/": async ({ access }) =>
    (await new Caller(access, "mini-chat").get(`/api/auth/users/?after=${ann.id - 1}&limit=1`)).body,
  "mini-chat, online-users/": async ({ access }) =>
    (await new Caller(access, "mini-chat").get("/api/chat/online-users/")).body,
  "social, users/": async ({ access }) =>
    (await new Caller(access, "social").get(`/accounts/api/users/?after=${ann.id - 1}&limit=1`)).body,
  "social, search-user/": async ({ access }) =>
    (await new Caller(access, "social").get(`/profiles/api/search-user/?username=${ann.username}`)).body,
};

test.each(Object.keys(doors))(
  "who is found by nobody is found by people of a room, and not by others: %s",
  async (door) => {
    const finds = async (person: Person) => JSON.stringify(await doors[door]!(person)).includes(ann.username);
    const found = async () => [await finds(ann), await finds(bob), await finds(eve)];
    await sql`update chat.profiles set found_by = 'everyone' where number = ${ann.id}`;
    expect(await found()).toEqual([true, true, true]);
    await sql`update chat.profiles set found_by = 'nobody' where number = ${ann.id}`;
    expect(await found()).toEqual([true, true, false]);
  },
);

test("who knows the name of a person whom nobody finds reaches nobody by it", async () => {
  await sql`update chat.profiles set found_by = 'nobody' where number = ${ann.id}`;
  const recipient = { recipient: ann.username };
  expect((await new Caller(eve.access, "social").post("/messenger/api/chatrooms/", recipient)).status).toBe(404);
  expect((await eve.api.post("/api/chats/", { type: "private", members: [ann.id] })).status).toBe(400);
});

/** Every way to see when ann is online; each returns when she was last seen, and whether she is said to be online. */
const statuses: Record<string, (as: Person) => Promise<{ is_online: boolean; last_seen: string | null }[]>> = {
  "Data API, user_status": async ({ access }) => {
    const { data } = await client({ token: access }).from("user_status").select("is_online, last_seen:last_seen_at")
      .eq("user_id", uuid);
    return data!.length > 0 ? data as never : [NEVER_SEEN];
  },
  "messenger, users/{id}/": async ({ api }) => {
    const { body } = await api.get(`/api/users/${ann.id}/`);
    return [body, body.status];
  },
  "messenger, users/": async ({ api }) => {
    const { body: [first] } = await api.get(`/api/users/?after=${ann.id - 1}&limit=1`);
    return [first, first.status];
  },
  "mini-chat, users/": async ({ access }) =>
    (await new Caller(access, "mini-chat").get(`/api/auth/users/?after=${ann.id - 1}&limit=1`)).body,
  "mini-chat, online-users/": async ({ access }) => {
    const { body } = await new Caller(access, "mini-chat").get(`/api/chat/online-users/?after=${ann.id - 1}&limit=1`);
    return [body.find(({ user }: { user: Person }) => user.id === ann.id) ?? NEVER_SEEN];
  },
};

test.each(Object.keys(statuses))(
  "who may not see a status sees that of somebody who was never seen: %s",
  async (door) => {
    const sees = async (person: Person) => {
      const said = await statuses[door]!(person);
      const isHidden = said.every(({ is_online, last_seen }) => !is_online && last_seen === null);
      if (!isHidden) expect(said.filter(({ is_online, last_seen }) => !is_online || !last_seen)).toEqual([]);
      return !isHidden;
    };
    const seen = async (who: string) => {
      await sql`update chat.profiles set found_by = 'everyone', status_seen_by = ${who} where number = ${ann.id}`;
      await sql`update chat.user_status set last_seen_at = now() where user_id = ${uuid}`;
      return [await sees(ann), await sees(bob), await sees(eve)];
    };
    expect(await seen("everyone")).toEqual([true, true, true]);
    expect(await seen("contacts")).toEqual([true, true, false]);
    expect(await seen("nobody")).toEqual([true, false, false]);
  },
);

test("mini-chat, participants/ → a member whose status nobody sees was never seen", async () => {
  await sql`update chat.profiles set status_seen_by = 'nobody' where number = ${ann.id}`;
  const { body } = await new Caller(bob.access, "mini-chat").get(`/api/chat/rooms/${group}/participants/`);
  expect(body.participants.find(({ id }: Person) => id === ann.id)).toMatchObject(NEVER_SEEN);
});
