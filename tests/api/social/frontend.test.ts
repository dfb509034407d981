import { expect, test } from "vitest";
import { open } from "../../relay/socket.ts";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
const visitor = new Caller(undefined, "social");

/** Registers and logs in, as the newest frontend does. */
async function signUp(name: string) {
  const username = uniqueName(name);
  const account = { username, email: `${username}@example.com`, password: "a long secret" };
  expect((await visitor.post("/accounts/api/users/", account)).status).toBe(201);
  const { status, body } = await visitor.post("/accounts/api/token/", { username, password: account.password });
  expect([status, Object.keys(body).sort()]).toEqual([200, ["access", "refresh"]]);
  const api = new Caller(body.access, "social");
  const { body: me } = await api.get("/profiles/api/profile/");
  return { username, id: me.id as number, me, tokens: body, api };
}

test("the newest frontend can do everything that it does with its own backend", async () => {
  const [ann, bob] = [await signUp("ann"), await signUp("bob")];
  expect(ann.me).toEqual({
    ...{ id: ann.id, username: ann.username, email: `${ann.username}@example.com`, first_name: "", last_name: "" },
    profile: { image: "/media/user_images/default.jpg", bio: "", friends: [] },
    posts: [],
  });

  // Friends: the frontend tests `friends.includes(id)`.
  const found = await ann.api.get(`/profiles/api/search-user/?username=${bob.username}`);
  expect(found.body).toMatchObject({ id: bob.id, username: bob.username });
  const added = await ann.api.post("/profiles/api/add-friend/", { username: bob.username });
  expect(added.body).toEqual({ message: `${bob.username} добавлен в друзья.` });
  expect((await ann.api.get("/profiles/api/profile/")).body.profile.friends.includes(bob.id)).toBe(true);
  const removed = await ann.api.post("/profiles/api/remove-friend/", { username: bob.username });
  expect(removed.body).toEqual({ message: `${bob.username} удален из друзей.` });
  expect((await ann.api.get("/profiles/api/profile/")).body.profile.friends.includes(bob.id)).toBe(false);

  // A chat room, as the list shows it; an unknown username → 404.
  const made = await ann.api.post("/messenger/api/chatrooms/", { recipient: bob.username });
  const room = {
    id: expect.any(Number),
    name: [ann.username, bob.username].sort().join("_"),
    members: [ann.id, bob.id].sort((one, other) => one - other),
    display_name: bob.username,
  };
  expect([made.status, made.body]).toEqual([201, room]);
  expect((await ann.api.get("/messenger/api/user/chatrooms/")).body).toEqual([made.body]);
  expect((await bob.api.get("/messenger/api/chatrooms/")).body).toEqual([{ ...made.body, display_name: ann.username }]);
  const unknown = await ann.api.post("/messenger/api/chatrooms/", { recipient: uniqueName("nobody") });
  expect(unknown.status).toBe(404);

  // The chat: the frontend reads its history only from the socket.
  const path = `/messenger/api/chatrooms/${made.body.name}/messages/`;
  const first = await ann.api.post(path, { content: "Привет!" });
  expect([first.status, first.body]).toMatchObject([201, { user: ann.username, content: "Привет!", timestamp: time }]);
  const at = (token: string) => open(`/social/ws/chat/${made.body.name}/?token=${token}`);
  const [anns, bobs] = [await at(ann.tokens.access), await at(bob.tokens.access)];
  const message = { id: first.body.id, user: ann.username, content: "Привет!", timestamp: time };
  for (const socket of [anns, bobs]) {
    await socket.next({ type: "message_history" });
    expect(socket.frames[0]).toMatchObject({ type: "message_history", messages: [message] });
  }
  bobs.send({ message: "Здравствуй!" });
  const frame = await anns.next({ content: "Здравствуй!" });
  expect(frame).toMatchObject({ id: expect.any(Number), user: bob.username, timestamp: time });
  expect(await bobs.next({ id: frame.id })).toEqual(frame);
  await anns.close();
  const again = await at(ann.tokens.access);
  const { messages } = await again.next({ type: "message_history" });
  expect(messages).toMatchObject([message, { id: frame.id, user: bob.username, content: "Здравствуй!" }]);

  // Everything except registration and tokens requires a token.
  for (const address of ["/accounts/api/users/", "/profiles/api/profile/", "/messenger/api/chatrooms/", path]) {
    expect((await visitor.get(address)).status).toBe(401);
  }
  const refreshed = await visitor.post("/accounts/api/token/refresh/", { refresh: ann.tokens.refresh });
  expect([refreshed.status, refreshed.body]).toMatchObject([200, { access: expect.any(String) }]);
});
