import { beforeAll, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";

// The requests of docs/apis/social.md, and the names and types of its responses.
const username = uniqueName("newuser");
const friend = uniqueName("jane_doe");
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const id = expect.any(Number);
const anyone = new Caller(undefined, "social");
let social: Caller;

async function signUp(username: string): Promise<number> {
  const { status, body } = await anyone.post("/accounts/api/users/", {
    username,
    email: `${username}@example.com`,
    password: "yourpassword",
  });
  expect([status, body]).toMatchObject([201, { id, username, email: `${username}@example.com` }]);
  return body.id;
}

let me: number, jane: number;

beforeAll(async () => {
  [me, jane] = [await signUp(username), await signUp(friend)];
  const { status, body } = await anyone.post("/accounts/api/token/", { username, password: "yourpassword" });
  expect([status, body]).toEqual([200, { refresh: expect.any(String), access: expect.any(String) }]);
  social = new Caller(body.access, "social");
});

test("1. GET /accounts/api/users/ → 200", async () => {
  const { status, body } = await social.get(`/accounts/api/users/?after=${Math.min(me, jane) - 1}`);
  expect(status).toBe(200);
  expect(body).toContainEqual(expect.objectContaining({ id: me, username, email: `${username}@example.com` }));
  expect(body).toContainEqual(expect.objectContaining({ id: jane, username: friend, email: `${friend}@example.com` }));
});

test("2. and 3. POST /accounts/api/token/, /accounts/api/token/refresh/ → 200", async () => {
  const { body: { refresh } } = await anyone.post("/accounts/api/token/", { username, password: "yourpassword" });
  const { status, body } = await anyone.post("/accounts/api/token/refresh/", { refresh });
  expect([status, body]).toMatchObject([200, { access: expect.any(String) }]);
  expect((await new Caller(body.access, "social").get("/profiles/api/profile/")).body.id).toBe(me);
});

test("4. to 6. GET /profiles/api/profile/, POST, GET /profiles/api/posts/ → 200, 201", async () => {
  const titles = ["Пост 1", "Пост 2"];
  const posts = [];
  for (const title of titles) {
    const { status, body } = await social.post("/profiles/api/posts/", { title, content: "Текст" });
    expect([status, body]).toMatchObject([201, { id, title, content: "Текст", created_at: time }]);
    posts.push(body);
  }
  const { body } = await social.get("/profiles/api/posts/");
  expect(body).toEqual(expect.arrayContaining(posts));
  expect(await social.get("/profiles/api/profile/")).toMatchObject({
    status: 200,
    body: {
      id: me,
      username,
      email: `${username}@example.com`,
      profile: { image: "/media/user_images/default.jpg", bio: "" },
      posts,
    },
  });
});

test("7. GET /profiles/api/search-user/ → 200", async () => {
  const { status, body } = await social.get(`/profiles/api/search-user/?username=${friend}`);
  expect([status, body]).toMatchObject([200, {
    id: jane,
    username: friend,
    email: `${friend}@example.com`,
    profile: { image: "/media/user_images/default.jpg", bio: "", friends: [] },
    posts: [],
  }]);
});

test("8. and 9. POST /profiles/api/add-friend/, /profiles/api/remove-friend/ → 200", async () => {
  const { status, body } = await social.post("/profiles/api/add-friend/", { username: friend });
  expect([status, body]).toEqual([200, { message: `${friend} добавлен в друзья.` }]);
  expect((await social.get("/profiles/api/profile/")).body.profile.friends).toEqual([jane]);
  const removed = await social.post("/profiles/api/remove-friend/", { username: friend });
  expect([removed.status, removed.body]).toEqual([200, { message: `${friend} удален из друзей.` }]);
  expect((await social.get("/profiles/api/profile/")).body.profile.friends).toEqual([]);
});

test("10. to 12. POST, GET /messenger/api/chatrooms/ and its messages → 200, 201", async () => {
  const made = await social.post("/messenger/api/chatrooms/", { recipient: friend });
  const name = [username, friend].sort().join("_");
  const members = [me, jane].sort((one, other) => one - other);
  const room = { id, name, members, display_name: friend };
  expect([made.status, made.body]).toEqual([201, room]);
  for (const path of ["/messenger/api/chatrooms/", "/messenger/api/user/chatrooms/"]) {
    expect((await social.get(path)).body).toEqual([made.body]);
  }

  const path = `/messenger/api/chatrooms/${name}/messages/`;
  const message = { id, user: username, content: "Привет!", timestamp: time };
  const sent = await social.post(path, { content: "Привет!" });
  expect([sent.status, sent.body]).toMatchObject([201, message]);
  const listed = await social.get(path);
  expect([listed.status, listed.body]).toMatchObject([200, [message]]);
});
