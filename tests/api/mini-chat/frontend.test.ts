import { expect, test } from "vitest";
import { open } from "../../relay/socket.ts";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
const visitor = new Caller(undefined, "mini-chat");

/** Registers and logs in, as the sign-up form does. */
async function signUp(name: string) {
  const username = uniqueName(name);
  const password = "a long secret";
  const names = { first_name: name, last_name: "Lee" };
  const email = `${username}@example.com`;
  const account = { username, email, password, password_confirm: password, ...names };
  const registered = await visitor.post("/api/auth/register/", account);
  const user = { id: expect.any(Number), username, email, ...names };
  const tokens = { refresh: expect.any(String), access: expect.any(String) };
  expect([registered.status, registered.body]).toMatchObject([
    201,
    { user, tokens, message: "Пользователь успешно зарегистрирован" },
  ]);
  const { status, body } = await visitor.post("/api/auth/login/", { username, password });
  expect([status, body]).toMatchObject([200, { user, tokens, message: "Успешный вход" }]);
  return { ...body, password, api: new Caller(body.tokens.access, "mini-chat") };
}

test("a client of the old backend can do everything that it does, field by field", async () => {
  const [ann, bob] = [await signUp("ann"), await signUp("bob")];
  expect((await ann.api.get("/api/auth/me/")).body).toEqual(ann.user);

  // The profile.
  const { body: profile } = await ann.api.get("/api/auth/profile/");
  const shown = { is_online: true, last_seen: time, avatar: expect.stringMatching(/^https:/) };
  expect(profile).toEqual({ ...ann.user, date_joined: time, profile: shown });
  const changed = await ann.api.put("/api/auth/profile/", { first_name: "Anna", avatar: "https://example.com/a.png" });
  const anna = { first_name: "Anna", profile: { avatar: "https://example.com/a.png" } };
  expect(changed.body).toMatchObject({ ...anna, user: anna, message: "Профиль успешно обновлен" });
  const picture = new FormData();
  picture.append("avatar", new Blob(["GIF89a"], { type: "image/gif" }), "a.gif");
  const upload = await ann.api.call("POST", "/api/auth/upload-avatar/", picture);
  const uploaded = { avatar: expect.stringMatching(/\.gif$/), message: "Аватар успешно обновлен" };
  expect([upload.status, upload.body]).toMatchObject([200, uploaded]);

  // Users.
  const { email: _, ...bobsNames } = bob.user;
  const person = { ...bobsNames, full_name: "bob Lee", is_online: true, last_seen: time, avatar: shown.avatar };
  const found = await ann.api.get(`/api/auth/search/?q=${bob.user.username}`);
  expect(found.body).toEqual({ users: [person] });
  expect((await ann.api.get(`/api/auth/users/?after=${bob.user.id - 1}`)).body).toContainEqual(person);
  const online = await ann.api.get(`/api/chat/online-users/?after=${bob.user.id - 1}`);
  expect(online.body).toContainEqual({ user: bob.user, is_online: true, last_seen: time, avatar: shown.avatar });

  // A direct chat.
  const made = await ann.api.post("/api/chat/create-direct-chat/", { participant_id: bob.user.id });
  const participants = [{ ...ann.user, first_name: "Anna" }, bob.user].sort((one, other) => one.id - other.id);
  const room = {
    id: expect.any(Number),
    name: `Чат: ${ann.user.username} и ${bob.user.username}`,
    description: `Прямой чат между ${ann.user.username} и ${bob.user.username}`,
    created_at: time,
    participants,
    participants_count: 2,
  };
  expect([made.status, made.body]).toMatchObject([201, { ...room, room, message: "Чат успешно создан" }]);
  const { id } = made.body;
  const anns = { other_participant: { id: bob.user.id }, unread_count: 0 };
  expect((await ann.api.get("/api/chat/rooms/")).body).toMatchObject([{ ...room, chat_type: "direct", ...anns }]);
  const members = await bob.api.get(`/api/chat/rooms/${id}/participants/`);
  expect(members.body).toMatchObject({
    room_id: id,
    participants: participants.map(({ email: _, ...names }) => ({ ...names, is_online: true, last_seen: time })),
  });

  // Messages, by REST and over the socket.
  const sent = await ann.api.post("/api/chat/messages/", { room: id, content: "Привет" });
  const message = {
    id: sent.body.id,
    content: "Привет",
    user: participants.find(({ id }) => id === ann.user.id),
    timestamp: time,
  };
  expect([sent.status, sent.body]).toMatchObject([
    201,
    { ...message, room: id, user_username: ann.user.username, is_read: false },
  ]);
  const bobs = { other_participant: { id: ann.user.id }, unread_count: 1 };
  expect((await bob.api.get("/api/chat/rooms/")).body).toMatchObject([{ ...room, ...bobs }]);
  const socket = await open(`/mini-chat/ws/chat/${id}/?token=${bob.tokens.access}`);
  const history = await bob.api.get(`/api/chat/rooms/${id}/history/`);
  expect(history.body).toMatchObject({ room: { ...room, ...bobs, unread_count: 0 }, messages: [message] });
  socket.send({ type: "mark_read" });
  expect(await socket.next({ type: "messages_marked_read" })).toMatchObject({ room_id: id });
  socket.send({ type: "typing", is_typing: true });
  socket.send({ type: "chat_message", message: "Здравствуй" });
  const { message_id } = await socket.next({ type: "message_sent" });
  expect((await bob.api.post(`/api/chat/rooms/${id}/mark_read/`, {})).status).toBe(200);
  const listed = await ann.api.get(`/api/chat/messages/?room=${id}`);
  expect(listed.body).toMatchObject([
    { id: sent.body.id, is_read: true },
    { id: message_id, content: "Здравствуй", user_username: bob.user.username, is_read: false },
  ]);

  // A group.
  const group = await bob.api.post("/api/chat/rooms/", { name: "Чай", description: "С мёдом" });
  expect(group.status).toBe(201);
  const joined = await ann.api.post(`/api/chat/rooms/${group.body.id}/join/`, {});
  expect([joined.status, joined.body.message]).toEqual([200, "Успешно присоединились к комнате"]);
  expect((await ann.api.post(`/api/chat/rooms/${group.body.id}/leave/`, {})).status).toBe(200);

  // The end of the session.
  const refreshed = await visitor.post("/api/auth/token/refresh/", { refresh: ann.tokens.refresh });
  expect([refreshed.status, refreshed.body]).toMatchObject([200, { access: expect.any(String) }]);
  const again = new Caller(refreshed.body.access, "mini-chat");
  const password = {
    old_password: ann.password,
    new_password: "another secret",
    new_password_confirm: "another secret",
  };
  expect((await again.post("/api/auth/change-password/", password)).status).toBe(200);
  expect((await again.post("/api/auth/logout/", { refresh: refreshed.body.refresh })).status).toBe(200);
  await socket.close();
});
