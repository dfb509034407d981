import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importInto, oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
// deno-lint-ignore no-explicit-any
type Json = any;

describe("a repeated import, when the old backend was used since", () => {
  let parley: Backend;
  let tokens: Record<string, string>;

  const login = async (username: string, password = `password of ${username}`) =>
    (await parley.post("/api/auth/login/", { username, password })).access;
  const messageOf = (messages: Json[], id: number) => messages.find((message) => message.id === id);

  beforeAll(async () => {
    parley = await oldBackend("messenger");
    const { address, old } = await parley.onPostgres();
    await parley.import(address);
    tokens = { ann: await login("ann"), bob: await login("bob") };

    // Here.
    await parley.call("PUT", "/api/messages/1/", tokens.ann, { text: "edited here" });
    await parley.call("DELETE", "/api/messages/3/", tokens.bob);
    await parley.sql`delete from chat.rooms where id = 3`;
    // There.
    await old`update chat_messages_message set text = 'edited there, too' where id in (1, 3)`;
    await old`update chat_messages_message set text = 'edited there', is_edited = true where id = 46`;
    await old`update chat_messages_message set is_deleted = true where id = 47`;
    await old`delete from chat_messages_message where id = 48`;
    await old`
      insert into chat_messages_message (id, chat_id, sender_id, text, forwarded_from_id, is_edited, is_deleted, created_at)
      values (500, 1, 2, 'new there', null, false, false, now()), (501, 2, 3, 'forwarded there', 500, false, false, now())`;
    await old`
      insert into auth_user
        (id, password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
      select 50, password, false, 'hal', '', '', false, true, now(), 'Hal' from auth_user where username = 'dan'`;
    await old`insert into chats_chat (id, type, name, created_at) values (50, 'group', 'New there', now())`;
    await old`insert into chats_chat_members (chat_id, user_id) values (50, 50), (50, 1), (2, 50)`;
    await old`delete from chats_chat_members where chat_id = 2 and user_id = 4`;
    await old`update chats_chatreadstate set last_read_message_id = 100 where chat_id = 2 and user_id = 1`;
    await old`delete from chat_messages_pinnedmessage where message_id = 42`;
    await old`
      insert into chat_messages_pinnedmessage (chat_id, message_id, pinned_by_id, pinned_at) values (1, 45, 2, now())`;
    await old`update auth_user set password = (select password from auth_user where username = 'frank') where id in (1, 3)`;
    await old`update auth_user set first_name = 'Carola' where id in (1, 3)`;
    await old`update auth_user set is_active = false where username = 'eve'`;

    const again = await parley.import(address);
    expect(again.errors).not.toMatch(/fail/i);
    expect(again.output).toContain("people: 12 of 12");
  });
  afterAll(() => parley.stop());

  test("brings new people, chats, members and messages", async () => {
    const token = await login("hal", "password of dan");
    const chats = await parley.get("/api/chats/", token);
    expect(chats.map(({ id }: Json) => id).sort()).toEqual([2, 50]);
    const messages = await parley.get("/api/messages/?chat=1", tokens.ann!);
    expect(messages.at(-1)).toMatchObject({ id: 500, text: "new there", sender: 2, seq: 62 });
    const forwarded = messageOf(await parley.get("/api/messages/?chat=2", tokens.ann!), 501);
    expect(forwarded).toMatchObject({ forwarded_from: 500, forwarded_from_username: "bob" });
  });

  test("brings edits and deletions of what was not changed here", async () => {
    const messages = await parley.get("/api/messages/?chat=1", tokens.ann!);
    expect(messageOf(messages, 46)).toMatchObject({ text: "edited there", is_edited: true });
    expect(messageOf(messages, 47)).toMatchObject({ text: "", is_deleted: true });
    expect(messageOf(messages, 48)).toMatchObject({ text: "", is_deleted: true });
  });

  test("leaves alone what was edited or deleted here", async () => {
    const messages = await parley.get("/api/messages/?chat=1", tokens.ann!);
    expect(messageOf(messages, 1)).toMatchObject({ text: "edited here" });
    expect(messageOf(messages, 3)).toMatchObject({ text: "", is_deleted: true });
    expect(await parley.sql`select from chat.rooms where id = 3`).toHaveLength(0);
  });

  test("takes a person out of a chat who has left it there", async () => {
    const token = await login("dan");
    await expect(parley.get("/api/chats/2/", token)).rejects.toThrow("404");
    const chat = await parley.get("/api/chats/2/", tokens.ann!);
    expect(chat.members.map(({ username }: Json) => username)).toEqual(["ann", "bob", "carol", "hal"]);
  });

  test("moves marks forward, and keeps unread counts exact", async () => {
    const chats = await parley.get("/api/chats/", tokens.ann!);
    const [tea, direct] = [chats.find(({ id }: Json) => id === 2), chats.find(({ id }: Json) => id === 1)];
    expect(tea.last_read_message_id).toBe(100);
    const after = (await parley.get("/api/messages/?chat=2", tokens.ann!))
      .filter(({ id, sender, is_deleted }: Json) => id > 100 && sender !== 1 && !is_deleted);
    expect(tea.unread_count).toBe(after.length);
    // Two of the fifteen were deleted, and one has come.
    expect(direct.unread_count).toBe(14);
  });

  test("brings new pins, and takes away those that were taken away there", async () => {
    const pins = await parley.get("/api/pinned/?chat=1", tokens.ann!);
    expect(pins.map(({ message }: Json) => message.id)).toEqual([1, 45]);
  });

  test("brings passwords, names and bans of people who have not signed in here, and of no others", async () => {
    expect(await login("carol", "password of frank")).toMatch(/\./);
    expect(await login("ann")).toMatch(/\./);
    await expect(login("ann", "password of frank")).rejects.toThrow("401");
    await expect(login("eve")).rejects.toThrow("401");
    expect(await parley.get("/api/users/3/", tokens.ann!)).toMatchObject({ first_name: "Carola" });
    expect(await parley.get("/api/users/1/", tokens.ann!)).toMatchObject({ first_name: "Ann" });
  });

  test("leaves the numbers of rooms without holes", async () => {
    const wrong = await parley.sql`
      select rooms.id from chat.rooms as rooms
      where last_seq <> (select count(*) from chat.messages where room_id = rooms.id)
        or last_seq <> coalesce((select max(seq) from chat.messages where room_id = rooms.id), 0)
        or member_count <> (select count(*) from chat.room_members where room_id = rooms.id)
        or last_message_id is distinct from (select id from chat.messages where room_id = rooms.id and seq = last_seq)`;
    expect(wrong).toEqual([]);
  });
});

describe("an import that is killed", () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-import-"));
    file = join(folder, "grown.sqlite3");
    execFileSync("node_modules/.bin/deno", ["run", "-A", "tests/import/grow.ts", file, "50", "300", "30000"]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("has written whole rooms, and comes to the same end when it is started again", async () => {
    const [killed, whole] = await Promise.all([oldBackend("messenger"), oldBackend("messenger")]);
    try {
      const kill = new AbortController();
      const options = ["django", "--from", file, "--as", "messenger"];
      const dying = importInto(killed.stack.status.db_url, options, {}, kill.signal);
      const count = async () => (await killed.sql`select count(*)::integer as count from chat.messages`)[0]!.count;
      while (await count() < 5000) await sleep(20);
      kill.abort();
      await dying;
      const written = await count();
      expect(written).toBeLessThan(30_000);
      const cut = await killed.sql`
        select rooms.id from chat.rooms as rooms
        where rooms.id > 1000 and last_seq <> (select count(*) from chat.messages where room_id = rooms.id)
          or last_seq = 0 and rooms.id > 1000`;
      expect(cut).toEqual([]);

      const [again, at_once] = await Promise.all([
        killed.import(file),
        whole.import(file),
      ]);
      expect([again.code, at_once.code]).toEqual([2, 2]);
      expect(again.output).toContain("messages: 30,195 of 30,196");
      const [one, other] = await Promise.all([killed, whole].map(async (backend) => comparable(await backend.state())));
      expect(one).toEqual(other);
    } finally {
      await Promise.all([killed.stop(), whole.stop()]);
    }
  });
});

/** Without the ids of what the old backend has no ids for: the parts of a long message. */
function comparable(state: Record<string, unknown[]>): Record<string, unknown[]> {
  const isPart = ({ id, target_id }: Json) => Number(id ?? target_id) > 31_000;
  const without = (row: Json) => isPart(row) ? { ...row, id: null, target_id: null } : row;
  return Object.fromEntries(Object.entries(state).map(([table, rows]) => [table, rows.map(without)]));
}
