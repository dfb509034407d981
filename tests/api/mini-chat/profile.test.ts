import { describe, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { type MiniChatPerson, newMiniChatPerson } from "./people.ts";

const visitor = new Caller(undefined, "mini-chat");
const login = (username: string, password: string) => visitor.post("/api/auth/login/", { username, password });
const change = (person: MiniChatPerson, body: unknown) => person.api.put("/api/auth/profile/", body);
const read = async (person: MiniChatPerson) => (await person.api.get("/api/auth/profile/")).body;
/** The answer to a change: the profile, and what the old backend answered beside it. */
const changed = async (person: MiniChatPerson, message = "Профиль успешно обновлен") => {
  const user = await read(person);
  return { ...user, user, message };
};

describe("POST upload-avatar/", () => {
  const path = "/api/auth/upload-avatar/";

  test("without an avatar, or a token → 400, 401", async () => {
    const ann = await newMiniChatPerson("ann");
    expect((await ann.api.call("POST", path, new FormData())).status).toBe(400);
    const { status, body } = await ann.api.post(path, {});
    expect([status, body]).toEqual([400, { avatar: ["This field is required."] }]);
    expect((await visitor.post(path, {})).status).toBe(401);
  });

  test("with a URL → 200 with the profile", async () => {
    const ann = await newMiniChatPerson("ann");
    const avatar = "https://example.com/ann.png";
    for (const make of [() => ({ avatar }), () => new URLSearchParams({ avatar })]) {
      const { status, body } = await ann.api.call("POST", path, make());
      expect([status, body]).toEqual([200, { ...await changed(ann, "Аватар успешно обновлен"), avatar }]);
      expect(body.profile.avatar).toBe(avatar);
    }
    expect((await ann.api.post(path, { avatar: "javascript:alert(1)" })).status).toBe(400);
  });
});

describe("/api/auth/profile/", () => {
  test("GET → 200 with the user, the date of joining, and what others see", async () => {
    const ann = await newMiniChatPerson("ann", { first_name: "Анна", last_name: "Lee" });
    const { status, body } = await ann.api.get("/api/auth/profile/");
    const profile = { is_online: true, last_seen: expect.any(String), avatar: expect.stringMatching(/^https:/) };
    expect([status, body]).toEqual([200, { ...ann.user, date_joined: expect.any(String), profile }]);
  });

  test("PUT, PATCH → 200, changing only the given fields", async () => {
    const ann = await newMiniChatPerson("ann", { first_name: "Ann", last_name: "Lee" });
    const avatar = "https://example.com/ann.png?size=2";
    const put = await change(ann, { first_name: "Анна", avatar });
    expect([put.status, put.body]).toEqual([200, await changed(ann)]);
    expect(put.body).toMatchObject({ first_name: "Анна", last_name: "Lee", profile: { avatar } });
    const patch = await ann.api.patch("/api/auth/profile/", { last_name: "" });
    expect(patch.body).toMatchObject({ first_name: "Анна", last_name: "", profile: { avatar } });
  });

  test("PUT → 200 with the unchanged profile sent back", async () => {
    const ann = await newMiniChatPerson("ann", { email: `${uniqueName("ann")}@example.com` });
    const before = await read(ann);
    const { status, body } = await change(ann, { ...before, avatar: before.profile.avatar });
    expect([status, body]).toEqual([200, await changed(ann)]);
    expect(body.user).toEqual(before);
    const nameless = await newMiniChatPerson("bob");
    expect((await change(nameless, await read(nameless))).status).toBe(200);
  });

  test("PUT → 200, with an empty avatar as the placeholder", async () => {
    const ann = await newMiniChatPerson("ann");
    const { profile: { avatar: placeholder } } = await read(ann);
    for (const avatar of ["", null, placeholder]) {
      await change(ann, { avatar: "http://example.com/a.png" });
      expect((await change(ann, { avatar })).body.profile.avatar).toBe(placeholder);
    }
  });

  test.each([
    [{ avatar: "javascript:alert(1)" }, "avatar"],
    [{ avatar: "data:image/png;base64,AAAA" }, "avatar"],
    [{ avatar: "/media/ann.png" }, "avatar"],
    [{ avatar: "https://" }, "avatar"],
    [{ avatar: `https://example.com/${"x".repeat(2048)}` }, "avatar"],
    [{ avatar: 5 }, "avatar"],
    [{ first_name: "x".repeat(151) }, "first_name"],
    [{ last_name: null }, "last_name"],
    [{ email: "nowhere" }, "email"],
  ])("PUT %j → 400 naming %s, changing nothing", async (body, field) => {
    const ann = await newMiniChatPerson("ann");
    const { status, body: refusal } = await change(ann, { first_name: "Changed", ...body });
    expect([status, Object.keys(refusal)]).toEqual([400, [field]]);
    expect((await read(ann)).first_name).toBe("");
  });
});

describe("the email", () => {
  test("of an account without one can be set, is shown, and logs in", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const email = `${uniqueName("Ann")}@example.com`.toLowerCase();
    const { status, body } = await change(ann, { email, current_password: ann.password });
    expect([status, body.email, "new_email" in body]).toEqual([200, email, false]);
    expect((await login(email, ann.password)).body.user).toEqual({ ...ann.user, email });
    expect((await login(ann.username, ann.password)).status).toBe(200);
    const { body: { room } } = await bob.api.post("/api/chat/create-direct-chat/", { user_id: ann.id });
    expect(room.participants).toContainEqual({ ...ann.user, email });
  });

  test("can be changed; the old one no longer logs in", async () => {
    const [before, after] = [`${uniqueName("a")}@example.com`, `${uniqueName("b")}@example.com`];
    const ann = await newMiniChatPerson("ann", { email: before });
    expect((await change(ann, { email: after, current_password: ann.password })).body.email).toBe(after);
    expect((await login(before, ann.password)).status).toBe(400);
    expect((await login(after, ann.password)).status).toBe(200);
  });

  test("of another user → 400, changing nothing", async () => {
    const email = `${uniqueName("bob")}@example.com`;
    const [ann] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob", { email })]);
    const { status, body } = await change(ann, {
      email: email.toUpperCase(),
      current_password: ann.password,
      first_name: "Bob",
    });
    expect([status, body]).toEqual([400, { email: ["A user with that email already exists."] }]);
    expect(await read(ann)).toMatchObject({ email: "", first_name: "" });
  });

  test.each([
    [undefined, "This field is required to change the email address."],
    ["", "This field is required to change the email address."],
    ["wrong", "Your current password was entered incorrectly. Please enter it again."],
  ])("cannot be changed with the password %j", async (current_password, error) => {
    const before = `${uniqueName("a")}@example.com`;
    const ann = await newMiniChatPerson("ann", { email: before });
    const { status, body } = await change(ann, { email: `b-${before}`, first_name: "Changed", current_password });
    expect([status, body]).toEqual([400, { current_password: [error] }]);
    expect(await read(ann)).toMatchObject({ email: before, first_name: "" });
  });

  test("needs no password when sent back in another case", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    const ann = await newMiniChatPerson("ann", { email });
    expect((await change(ann, { email: email.toUpperCase(), first_name: "Ann" })).status).toBe(200);
  });

  test("cannot be removed", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    const ann = await newMiniChatPerson("ann", { email });
    const { status, body } = await change(ann, { email: "" });
    expect([status, body]).toEqual([400, { email: ["This field may not be blank."] }]);
    expect((await read(ann)).email).toBe(email);
  });

  test("cannot be changed with the token of an ended session", async () => {
    const ann = await newMiniChatPerson("ann");
    await ann.api.post("/api/auth/logout/", { refresh: ann.refresh });
    const { status, body } = await change(ann, { email: `${uniqueName("ann")}@example.com` });
    expect([status, body.code]).toEqual([401, "token_not_valid"]);
  });
});

describe("POST /api/auth/change-password/", () => {
  const changePassword = ({ api }: MiniChatPerson, old_password: string, new_password: string, again = new_password) =>
    api.post("/api/auth/change-password/", { old_password, new_password, new_password_confirm: again });

  test("→ 200 with the old password; this session stays, others end", async () => {
    const ann = await newMiniChatPerson("ann");
    const { body: other } = await login(ann.username, ann.password);
    const { status, body } = await changePassword(ann, ann.password, "another secret");
    expect([status, body]).toEqual([200, { message: "Пароль успешно изменен" }]);
    expect((await login(ann.username, ann.password)).status).toBe(400);
    expect((await login(ann.username, "another secret")).status).toBe(200);
    expect((await visitor.post("/api/auth/token/refresh/", { refresh: other.refresh })).status).toBe(401);
    expect((await visitor.post("/api/auth/token/refresh/", { refresh: ann.refresh })).status).toBe(200);
  });

  test.each([
    ["the old one wrong", "wrong", "another secret", undefined, "old_password"],
    ["the two new ones different", undefined, "another secret", "other", "new_password_confirm"],
    ["a new one too short", undefined, "1", undefined, "new_password"],
    ["an empty new one", undefined, "", undefined, "new_password"],
  ])("→ 400 with %s", async (_, old, next, again, field) => {
    const ann = await newMiniChatPerson("ann");
    const { status, body } = await changePassword(ann, old ?? ann.password, next, again);
    expect([status, Object.keys(body)]).toEqual([400, [field]]);
    expect((await login(ann.username, ann.password)).status).toBe(200);
  });
});
