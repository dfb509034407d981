import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;

describe("the import of conversations", () => {
  let parley: Backend;
  let first: Awaited<ReturnType<Backend["import"]>>;

  beforeAll(async () => {
    parley = await oldBackend("conversations");
    first = await parley.import(parley.files.dump);
  });
  afterAll(() => parley.stop());

  const login = async (email: string, username: string) =>
    (await parley.post("/api/auth/login/", { email, password: `password of ${username}` })).access;

  test("counts both sides", () => {
    for (const line of ["people: 11 of 11", "messages: 69 of 69", "conversations: 5 of 5"]) {
      expect(first.output).toContain(line);
    }
  });

  test("knows people by their addresses, and gives them usernames", async () => {
    const token = await login("ann@example.com", "ann");
    expect(await parley.get("/api/auth/user/", token)).toEqual({
      pk: 1,
      email: "ann@example.com",
      first_name: "Ann",
      last_name: "Ash",
    });
    expect(await login("bob@example.com", "bob")).toMatch(/\./);
    const names = await parley.sql`select number, username from chat.profiles where number < 4 order by number`;
    expect(names.map(({ username }) => username)).toEqual(["ann", "Bob", "carol2"]);
  });

  test("takes an address as proven if allauth had verified it, and keeps sign-ins with Google", async () => {
    const unproven = await parley.sql`
      select number from chat_private.unproven_addresses join chat.profiles on id = user_id order by number`;
    expect(unproven.map(({ number }) => Number(number))).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const google = await parley.sql`
      select number, provider_id from auth.identities join chat.profiles on profiles.id = user_id where provider = 'google'`;
    expect(google).toEqual([{ number: "2", provider_id: "1082" }]);
  });

  test("keeps ids, titles, order, roles, metadata and times", async () => {
    const token = await login("ann@example.com", "ann");
    const list = await parley.get("/api/chat/conversations/", token);
    expect(list.map(({ title, archived }: { title: string; archived: boolean }) => [title, archived])).toEqual([
      ["Архив", true],
      ["New Chat", false],
      ["Погода", false],
    ]);
    const weather = await parley.get(`/api/chat/conversations/${list[2].id}/`, token);
    expect(weather.messages.map(({ id }: { id: number }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    expect(weather.messages.slice(0, 3)).toMatchObject([
      { role: "user", content: "Сообщение 0", metadata: {} },
      { role: "assistant", content: "Сообщение 1", metadata: { model: "gpt", tokens: 1 } },
      // Metadata is an object here.
      { role: "user", content: "Сообщение 2", metadata: { value: ["a", "list"] } },
    ]);
    expect(weather.updated_at > weather.created_at).toBe(true);
    expect(weather.created_at).toMatch(/^2024-01-01T/);
  });

  test("gives new messages higher ids", async () => {
    const token = await login("ann@example.com", "ann");
    const [{ id }] = await parley.get("/api/chat/conversations/", token);
    const message = await parley.post(
      `/api/chat/conversations/${id}/messages/`,
      { role: "user", content: "More" },
      token,
    );
    expect(message.id).toBeGreaterThan(69);
  });

  test("changes nothing when it is repeated, from whichever copy of the database", async () => {
    const before = await parley.state();
    for (const from of [parley.files.sqlite, (await parley.onPostgres()).address]) {
      const again = await parley.import(from);
      expect(again.errors).not.toMatch(/fail/i);
      expect(await parley.state()).toEqual(before);
    }
  });

  test("brings with --since new messages, and new conversations whole", async () => {
    const { address, old } = await parley.onPostgres("since");
    const [known] = await old`select id from chat_conversation order by created_at limit 1`;
    const made = "00000000-0000-4000-8000-000000000001";
    await old`
      insert into chat_conversation (id, user_id, title, archived, created_at, updated_at)
      values (${made}, 1, 'New there', false, '2024-01-01', '2024-01-01')`;
    await old`
      insert into chat_message (id, conversation_id, role, content, created_at)
      values (800, ${known!.id}, 'user', 'new', now()), (801, ${known!.id}, 'user', 'old', '2024-01-01'),
        (802, ${made}, 'user', 'old in a new one', '2024-01-01')`;
    const { output } = await parley.import(address, "--since", "2024-06-01T00:00:00Z");
    expect(output).toContain("messages: 2 of 2\n");
    const came = await parley
      .sql`select content from chat.conversation_messages where id >= 800 and id <= 802 order by id`;
    expect(came.map(({ content }) => content)).toEqual(["new", "old in a new one"]);
  });
});

describe("the import of chat sessions", () => {
  let parley: Backend;
  let first: Awaited<ReturnType<Backend["import"]>>;

  beforeAll(async () => {
    parley = await oldBackend("chat-sessions");
    first = await parley.import((await parley.onPostgres()).address);
  });
  afterAll(() => parley.stop());

  const login = async (username: string) =>
    (await parley.post("/api/v1/auth/login/", { username, password: `password of ${username}` })).access;

  test("counts both sides", () => {
    for (const line of ["people: 11 of 11", "questions and answers: 32 of 32", "conversations: 4 of 4"]) {
      expect(first.output).toContain(line);
    }
  });

  test("keeps sessions and chats with their ids, in order", async () => {
    const token = await login("ann");
    const { count, results } = await parley.get("/api/v1/chat/sessions/", token);
    expect(count).toBe(3);
    expect(results.map(({ title }: { title: string }) => title)).toEqual(["Later", "Weather", "New Chat"]);
    expect(results[1].last_message).toMatchObject({ message: "Question 24?", response: "Answer 24\nof two lines" });
    const chats = await parley.get(`/api/v1/chat/sessions/${results[1].id}/chats/`, token);
    expect(chats).toMatchObject({ count: 25 });
    expect(chats.results.map(({ id }: { id: number }) => id)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(chats.results[0]).toMatchObject({
      message: "Question 0?",
      response: "Answer 0\nof two lines",
      created_at: expect.stringMatching(/^2024-01-01T/),
    });
    // It was never answered.
    expect(chats.results[2]).toMatchObject({ id: 3, message: "Question 2?", response: null });
  });

  test("shows nobody the sessions of others", async () => {
    const [{ id }] = await parley.sql`select id from chat.conversations where title = 'Чай'` as unknown as [
      { id: string },
    ];
    await expect(parley.get(`/api/v1/chat/sessions/${id}/`, await login("ann"))).rejects.toThrow("404");
    expect(await parley.get(`/api/v1/chat/sessions/${id}/`, await login("bob"))).toMatchObject({ id, title: "Чай" });
  });

  test("changes nothing when it is repeated, from whichever copy of the database", async () => {
    const before = await parley.state();
    for (const from of [parley.files.sqlite, parley.files.dump]) {
      const again = await parley.import(from);
      expect(again.errors).not.toMatch(/fail/i);
      expect(await parley.state()).toEqual(before);
    }
  });
});
