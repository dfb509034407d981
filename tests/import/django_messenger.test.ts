import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
let parley: Backend;
let first: Awaited<ReturnType<Backend["import"]>>;

beforeAll(async () => {
  parley = await oldBackend("messenger");
  first = await parley.import(parley.files.sqlite);
});
afterAll(() => parley.stop());

const login = async (username: string, password = `password of ${username}`) =>
  (await parley.post("/api/auth/login/", { username, password })).access;

describe("the import of a messenger", () => {
  test("counts both sides, names what is left out, and says so by its exit code", () => {
    expect(first.errors).not.toMatch(/fail/i);
    expect(first.code).toBe(2);
    for (const line of ["people: 11 of 11", "messages: 195 of 196", "rooms: 6 of 6", "members: 22 of 22"]) {
      expect(first.output).toContain(line);
    }
    expect(first.output).toContain("pinned messages: 3 of 3");
    expect(first.output.slice(first.output.indexOf("Left out:")).trim().split("\n").sort()).toEqual([
      "  message 184: a message without a visible text",
      "  person 11 (md5): a password of a kind that cannot be checked: they set a new one",
      "  person 5 (ann@example.com): an address that another account has",
      "  person 6 (not an address): an invalid address",
      "Left out:",
    ]);
    expect(first.output).toContain("person 7 (Ann2, not Ann): another username here");
  });

  test("lets people in with the passwords they had, except who was not active", async () => {
    for (const username of ["ann", "bob", "carol", "dan", "eve", "frank", "admin"]) {
      expect(await login(username)).toMatch(/\./);
    }
    expect(await login("Ann2", "password of Ann")).toMatch(/\./);
    await expect(login("gone")).rejects.toThrow("401");
    await expect(login("google", "password of google")).rejects.toThrow("401");
    await expect(login("ann", "password of bob")).rejects.toThrow("401");
    expect(await login("dan@example.com", "password of dan")).toMatch(/\./);
  });

  test("keeps the ids, names and times of people", async () => {
    const token = await login("ann");
    expect(await parley.get("/api/users/me/", token)).toMatchObject({
      id: 1,
      username: "ann",
      email: "ann@example.com",
      first_name: "Ann",
      last_name: "Ash",
    });
    expect(await parley.get("/api/users/2/", token)).toMatchObject({ id: 2, username: "bob", first_name: "Боб" });
    const [staff] = await parley.sql`
      select raw_app_meta_data as app, users.created_at from auth.users as users
      join chat.profiles as profiles on profiles.id = users.id where number = 8`;
    expect(staff!.app).toMatchObject({ imported_from: "messenger", source_id: 8, is_staff: true, is_superuser: true });
    expect(staff!.created_at.toISOString()).toBe("2024-01-01T19:00:00.000Z");
  });

  test("shows the old chats with their members, unread counts and last messages", async () => {
    const chats = await parley.get("/api/chats/", await login("ann"));
    const shown = chats.map((chat: Record<string, unknown>) => ({ ...chat, members: undefined }));
    expect(shown).toMatchObject([
      // 11 people wrote one message each, and Ann has no mark.
      { id: 6, type: "group", name: "Everybody", unread_count: 10, last_read_message_id: null },
      { id: 4, type: "group", name: "ann, bob", unread_count: 0 },
      { id: 2, type: "group", name: "Чай ☕", unread_count: 86, last_read_message_id: expect.any(Number) },
      { id: 1, type: "private", name: "bob", unread_count: 15, last_read_message_id: 45, last_message: { id: 172 } },
    ]);
    expect(chats[3].members).toEqual([{ id: 1, username: "ann" }, { id: 2, username: "bob" }]);
    expect(chats[2].members.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3, 4]);
    expect(chats[3].created_at).toMatch(/^2024-01-01T/);
  });

  test("shows the old messages in order, with edits, deletions, forwards and states", async () => {
    const token = await login("ann");
    const messages = await parley.get("/api/messages/?chat=1", token);
    const ids = messages.map(({ id }: { id: number }) => id);
    expect(ids.slice(0, 49)).toEqual(Array.from({ length: 49 }, (_, index) => index + 1));
    expect(ids).toEqual(ids.toSorted((one: number, other: number) => one - other));
    expect(messages.map(({ seq }: { seq: number }) => seq)).toEqual(
      messages.map((_: unknown, index: number) => index + 1),
    );
    const byId = (id: number) => messages.find((message: { id: number }) => message.id === id);
    expect(byId(1)).toMatchObject({ text: "Hello, Bob!", sender: 1, sender_username: "ann", is_edited: false });
    expect(byId(42)).toMatchObject({ is_edited: true, edited_at: "2024-01-01T12:54:00.000378Z" });
    expect(byId(43)).toMatchObject({ is_edited: true, edited_at: byId(43).created_at });
    expect(byId(44)).toMatchObject({ text: "", is_deleted: true });
    // A forward without a text of its own says what the original says.
    expect(byId(51)).toMatchObject({ text: "tea 0", forwarded_from: 50, forwarded_from_username: "ann" });
    expect(byId(1).statuses).toMatchObject([{ user: 2, delivered: true, read: true }]);
    expect(byId(172).statuses).toMatchObject([{ user: 1, read: false }]);
  });

  test("takes marks from the states of messages where there is no other", async () => {
    const [mark] = await parley.sql`
      select last_read_seq, last_delivered_seq from chat.room_members
      join chat.profiles on profiles.id = user_id where room_id = 2 and number = 2`;
    expect(mark).toEqual({ last_read_seq: "50", last_delivered_seq: "100" });
  });

  test("carries a long message whole, in several", async () => {
    const parts = await parley.sql`
      select content, seq from chat.messages where room_id = 2 and content like '%длинный%' order by seq`;
    expect(parts.map(({ content }) => content).join("")).toBe("длинный текст ".repeat(1500));
    expect(parts).toHaveLength(3);
  });

  test("keeps the pins with their ids", async () => {
    const pins = await parley.get("/api/pinned/?chat=1", await login("bob"));
    expect(pins).toMatchObject([
      { id: 1, message: { id: 42 }, pinned_by: 1, pinned_by_username: "ann" },
      { id: 3, message: { id: 1 }, pinned_by: 2 },
    ]);
  });

  test("leaves no private chat open to others", async () => {
    const token = await login("carol");
    await expect(parley.get("/api/chats/1/", token)).rejects.toThrow("404");
    await expect(parley.get("/api/messages/?chat=5", token)).rejects.toThrow("404");
    expect(await parley.sql`select from chat.rooms where is_public`).toHaveLength(0);
  });

  test("gives new rows higher ids", async () => {
    const token = await login("ann");
    const message = await parley.post("/api/messages/", { chat: 1, text: "after the move" }, token);
    expect(message.id).toBeGreaterThan(197);
    expect(message.seq).toBe(62);
    const { user } = await parley.post("/api/auth/register/", { username: "newcomer", password: "a long secret" });
    expect(user.id).toBeGreaterThan(11);
    await parley.sql`delete from chat.messages where id = ${message.id}`;
  });

  test("changes nothing when it is repeated, from whichever copy of the database", async () => {
    const before = await parley.state();
    const { address } = await parley.onPostgres();
    for (const from of [parley.files.sqlite, parley.files.dump, address]) {
      const again = await parley.import(from);
      expect(again.output).toContain("messages: 195 of 196");
      expect(again.errors).not.toMatch(/fail/i);
      expect(await parley.state()).toEqual(before);
    }
  });

  test("writes nothing in a dry run", async () => {
    const before = await parley.state();
    const { output } = await parley.import(parley.files.dump, "--dry-run", "--name", "another");
    expect(output).toContain("rooms: 6 of 6");
    expect(output).toContain("This was a dry run: nothing was written.");
    expect(await parley.state()).toEqual(before);
  });
});
