import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oldBackend } from "./old_backend.ts";

/** The SECRET_KEY of tests/import/django/build.py, and tokens that it has signed. */
const KEY = "the secret key of the old backend, for tests";
const tokens = JSON.parse(await readFile("tests/fixtures/django/mini_chat.notes.json", "utf8"));

type Backend = Awaited<ReturnType<typeof oldBackend>>;
let parley: Backend;
let first: Awaited<ReturnType<Backend["import"]>>;

beforeAll(async () => {
  parley = await oldBackend("mini-chat", { OLD_TOKEN_KEY: KEY });
  first = await parley.import(parley.files.dump);
});
afterAll(() => parley.stop());

const login = async (username: string) =>
  (await parley.post("/api/auth/login/", { username, password: `password of ${username}` })).access;
const refresh = async (token: string) => (await parley.post("/api/auth/token/refresh/", { refresh: token })).access;

describe("the import of a mini-chat", () => {
  test("counts both sides", () => {
    expect(first.errors).not.toMatch(/fail/i);
    for (const line of ["people: 11 of 11", "messages: 61 of 61", "rooms: 4 of 4", "members: 6 of 6"]) {
      expect(first.output).toContain(line);
    }
    expect(first.output).toContain("room 3: a private chat of other than two people: it is a private group here");
  });

  test("keeps rooms as they were: those that everybody could join are public, chats of two stay private", async () => {
    const rooms = await parley.get("/api/chat/rooms/", await login("ann"));
    expect(rooms).toMatchObject([
      { id: 2, name: "Чат: ann и bob", description: "Прямой чат между ann и bob", is_direct: true, is_public: false },
      {
        id: 1,
        name: "Чайная",
        description: "О чае и не только",
        is_direct: false,
        is_public: true,
        participants_count: 3,
      },
    ]);
    expect(rooms[1].created_at).toMatch(/^2024-01-01T/);
    expect(await parley.sql`select id, is_public from chat.rooms where id > 2 order by id`).toEqual([
      { id: "3", is_public: false },
      { id: "4", is_public: true },
    ]);
  });

  test("shows the old messages in order, and what is unread", async () => {
    const token = await login("ann");
    const messages = await parley.get("/api/chat/messages/?room=2", token);
    expect(messages).toHaveLength(30);
    expect(messages[0]).toMatchObject({ room: 2, user_username: "ann", content: "личное 0", is_read: true });
    const texts = messages.map(({ content }: { content: string }) => content);
    expect(texts).toEqual(texts.map((_: string, index: number) => `личное ${index}`));
    const unread = messages.filter(({ is_read }: { is_read: boolean }) => !is_read);
    expect(unread.map(({ content }: { content: string }) => content)).toEqual(
      [26, 27, 28, 29].map((n) => `личное ${n}`),
    );
    const counts = await parley.sql`
      select number, last_read_seq, own_after_read from chat.room_members
      join chat.profiles on profiles.id = user_id where room_id = 2 order by number`;
    // The first message that the other had not read.
    expect(counts).toEqual([
      { number: "1", last_read_seq: "27", own_after_read: 1 },
      { number: "2", last_read_seq: "26", own_after_read: 2 },
    ]);
  });

  test("keeps pictures that are addresses", async () => {
    const { profile } = await parley.get("/api/auth/profile/", await login("bob"));
    expect(profile.avatar).toBe("https://example.com/avatars/1.png");
  });

  test("exchanges an old refresh token once for a session", async () => {
    const access = await refresh(tokens.refresh);
    expect(await parley.get("/api/auth/me/", access)).toMatchObject({ id: 1, username: "ann" });
    await expect(refresh(tokens.refresh)).rejects.toThrow("401");
  });

  test("exchanges no token that was ended, was forged, or is of another kind", async () => {
    await expect(refresh(tokens.blacklisted)).rejects.toThrow("401");
    const forged = (claims: object, key = KEY, header: object = { alg: "HS256", typ: "JWT" }) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const signed = `${part(header)}.${part(claims)}`;
      return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
    };
    const claims = { token_type: "refresh", user_id: "3", jti: "a", exp: 4_000_000_000 };
    for (
      const token of [
        forged(claims, "another key"),
        forged({ ...claims, token_type: "access" }),
        forged({ ...claims, exp: 1 }),
        forged({ ...claims, exp: undefined }),
        forged({ ...claims, jti: undefined }),
        forged({ ...claims, user_id: "99" }),
        forged({ ...claims, user_id: "9" }), // not active
        forged(claims, KEY, { alg: "none" }),
      ]
    ) {
      await expect(refresh(token)).rejects.toThrow("401");
    }
    expect(await refresh(forged(claims))).toMatch(/\./);
  });

  test("exchanges no token of a person who has set a new password since", async () => {
    const access = await login("bob");
    await parley.post("/api/auth/change-password/", {
      old_password: "password of bob",
      new_password: "a new password",
      new_password_confirm: "a new password",
    }, access);
    await expect(refresh(tokens.refresh_of_bob)).rejects.toThrow("401");
  });

  test("changes nothing when it is repeated", async () => {
    const before = await parley.state();
    for (const from of [parley.files.sqlite, (await parley.onPostgres()).address]) {
      expect((await parley.import(from)).output).toContain("messages: 61 of 61");
      expect(await parley.state()).toEqual(before);
    }
  });

  test("brings with --since what was read, where only flags of messages say it", async () => {
    const { address, old } = await parley.onPostgres("flags");
    await old`update chat_message set is_read = true where content in ('личное 26', 'личное 27')`;
    const { output } = await parley.import(address, "--since", "2024-06-01T00:00:00Z");
    expect(output).toContain("messages: 7 of 7\n");
    const marks = await parley.sql`
      select number, last_read_seq from chat.room_members
      join chat.profiles on profiles.id = user_id where room_id = 2 order by number`;
    expect(marks).toEqual([{ number: "1", last_read_seq: "29" }, { number: "2", last_read_seq: "28" }]);
  });
});
