import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newGroup, type Person, threePeople } from "./people.ts";

const sql = database();
let ann: Person, bob: Person, eve: Person;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  await newGroup(ann, bob);
  await new Caller(ann.access, "mini-chat").get("/api/auth/me/");
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
