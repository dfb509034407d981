import { afterAll, beforeAll, describe, expect, test } from "vitest";
import postgres, { type Sql } from "postgres";
import { readFile } from "node:fs/promises";
import { startStack } from "../support/stack.ts";
import { database } from "../support/clients.ts";
import { importInto } from "./old_backend.ts";

// What people see after the move is compared with what the old database says of them: counted by statements that are written
// from the documents of the old backends, and share nothing with the import.

/** People of the fixtures in the order of their ids, as far as they have a password that can be checked. */
const PEOPLE = ["ann", "bob", "carol", "dan", "eve", "frank", "Ann", "admin"];

// deno-lint-ignore no-explicit-any
type Json = any;

interface Seen {
  id: string | number;
  unread?: number;
}

interface Backend {
  /** Changes the old database first, so that there is more to count. */
  before?: string;
  login: (name: { username: string; email: string }, password: string) => [path: string, body: object];
  list: (call: (path: string) => Promise<Json>) => Promise<Seen[]>;
  /** The rooms of each person as they are listed there: `person`, `id`, `unread`. */
  there: string;
  /** Opens a room, and gives the ids of its messages. */
  open: (call: (path: string) => Promise<Json>, room: Seen) => Promise<string[]>;
  /** The messages of a room: `id`. */
  messages: string;
}

const byName = (path: string): Backend["login"] => ({ username }, password) => [path, { username, password }];
const idsOf = (messages: { id: string | number }[]) => messages.map(({ id }) => String(id));

const BACKENDS: Record<string, Backend> = {
  // Unread: what others have written after `last_read_message_id`, or where a chat has no state, after what a status says.
  "messenger": {
    before: `
      insert into chats_chatreadstate (chat_id, user_id, last_read_message_id)
      select members.chat_id, members.user_id, (
        select id from chat_messages_message as message where message.chat_id = members.chat_id
        order by (id * 7919 + members.user_id * 104729) % 1000 limit 1
      )
      from chats_chat_members as members
      where (members.chat_id + members.user_id) % 2 = 0
        and not exists (select from chats_chatreadstate as known where (known.chat_id, known.user_id) = (members.chat_id, members.user_id))
        and not exists (
          select from chat_messages_messagestatus as status join chat_messages_message as message on message.id = status.message_id
          where (message.chat_id, status.user_id) = (members.chat_id, members.user_id)
        )`,
    login: byName("/api/auth/login/"),
    list: async (call) =>
      (await call("/api/chats/")).map(({ id, unread_count }: Json) => ({ id, unread: unread_count })),
    there: `
      with visible as (
        -- The import leaves out a message of spaces, and splits a long one, of which each part is a message here.
        select message.*, greatest(ceil(char_length(text) / 10000.0), 1) as parts from chat_messages_message as message
        where is_deleted or forwarded_from_id is not null or text ~ '\\S'
      )
      select members.user_id as person, chats.id, (
        select coalesce(sum(parts), 0)::integer from visible
        where visible.chat_id = chats.id and visible.sender_id <> members.user_id and not is_deleted
          and visible.id > coalesce(
            (select last_read_message_id from chats_chatreadstate as state
             where (state.chat_id, state.user_id) = (chats.id, members.user_id)),
            (select max(message_id) from chat_messages_messagestatus as status
             join chat_messages_message as message on message.id = status.message_id
             where (message.chat_id, status.user_id) = (chats.id, members.user_id) and status.read),
            0
          )
      ) as unread
      from chats_chat as chats join chats_chat_members as members on members.chat_id = chats.id
      order by coalesce((select max(created_at) from visible where visible.chat_id = chats.id), chats.created_at) desc`,
    open: async (call, { id }) => idsOf(await call(`/api/messages/?chat=${id}`)),
    messages: `select id, chat_id as room from chat_messages_message
      where is_deleted or forwarded_from_id is not null or text ~ '\\S' order by created_at, id`,
  },
  // Unread: what others have written and nobody has read, by `is_read`.
  "mini-chat": {
    // Later messages may be read than unread ones.
    before: "update chat_message set is_read = (id * 7919) % 5 < 3",
    login: byName("/api/auth/login/"),
    list: async (call) =>
      (await call("/api/chat/rooms/")).map(({ id, unread_count }: Json) => ({ id, unread: unread_count })),
    there: `
      select members.user_id as person, rooms.id, (
        select count(*)::integer from chat_message as message
        where message.room_id = rooms.id and message.user_id <> members.user_id and not message.is_read
      ) as unread
      from chat_chatroom as rooms join chat_chatroom_participants as members on members.chatroom_id = rooms.id
      order by coalesce((select max(timestamp) from chat_message as message where message.room_id = rooms.id), rooms.created_at) desc`,
    open: async (call, { id }) => idsOf(await call(`/api/chat/messages/?room=${id}`)),
    messages: "select id, room_id as room from chat_message order by timestamp, id",
  },
  "social": {
    login: byName("/accounts/api/token/"),
    list: async (call) => (await call("/messenger/api/chatrooms/")).map(({ name }: Json) => ({ id: name })),
    there: `
      select members.user_id as person, rooms.name as id
      from messenger_chatroom as rooms join messenger_chatroom_members as members on members.chatroom_id = rooms.id
      order by (select max(timestamp) from messenger_message as message where message.room_id = rooms.id) desc nulls last`,
    open: async (call, { id }) => idsOf(await call(`/messenger/api/chatrooms/${id}/messages/`)),
    messages: `select message.id, rooms.name as room from messenger_message as message
      join messenger_chatroom as rooms on rooms.id = room_id order by timestamp, message.id`,
  },
  "conversations": {
    login: ({ email }, password) => ["/api/auth/login/", { email, password }],
    list: async (call) => idsOf(await call("/api/chat/conversations/")).map((id) => ({ id })),
    there: "select user_id as person, id::text from chat_conversation order by updated_at desc",
    open: async (call, { id }) => idsOf((await call(`/api/chat/conversations/${id}/`)).messages),
    messages: "select id, conversation_id::text as room from chat_message order by created_at, id",
  },
  "chat-sessions": {
    login: byName("/api/v1/auth/login/"),
    list: async (call) => idsOf((await call("/api/v1/chat/sessions/")).results).map((id) => ({ id })),
    there: "select user_id as person, id::text from chat_chatsession order by created_at desc",
    open: async (call, { id }) => idsOf((await call(`/api/v1/chat/sessions/${id}/`)).chats),
    messages: "select id, session_id::text as room from chat_chat order by created_at, id",
  },
};

describe("a client of an old backend, with the old password", () => {
  let stack: Awaited<ReturnType<typeof startStack>>;
  let sql: Sql;
  beforeAll(async () => {
    stack = await startStack();
    sql = database(stack.status);
    await sql`update chat_private.login_limits set per_account = 1000000, per_address = 1000000`;
  });
  afterAll(async () => {
    await sql.end();
    await stack.stop();
  });

  test.each(Object.entries(BACKENDS))(
    "of %s shows each person the rooms, the unread messages and the order of before",
    async (kind, backend) => {
      const call = async (path: string, token?: string, body?: object) => {
        const response = await fetch(`${stack.status.functions_url}/${kind}${path}`, {
          method: body ? "POST" : "GET",
          headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
          body: body && JSON.stringify(body),
        });
        if (!response.ok) throw new Error(`${path} → ${response.status} ${await response.text()}`);
        return await response.json();
      };
      const name = `old_${kind.replace("-", "_")}`;
      await sql.unsafe(`create database ${name}`);
      const address = stack.status.db_url.replace(/\/[^/]*$/, `/${name}`);
      const old = postgres(address, { max: 1, onnotice: () => {} });
      try {
        await old.unsafe(await readFile(`tests/fixtures/django/${kind.replace("-", "_")}.pgdump`, "utf8")).simple();
        await old`set search_path = public`;
        if (backend.before) await old.unsafe(backend.before);
        const { errors } = await importInto(stack.status.db_url, ["django", "--from", address, "--as", kind]);
        expect(errors).not.toMatch(/fail/i);
        const [statistics] = await sql<[{ is_known: boolean }]>`
          select reltuples >= least(1, (select count(*) from chat.messages)) as is_known
          from pg_class where oid = 'chat.messages'::regclass`;
        expect(statistics.is_known, "Postgres knows that there are messages").toBe(true);

        const there = await old.unsafe(backend.there);
        const messages = await old.unsafe(backend.messages);
        const known = await sql<{ number: number; username: string; email: string }[]>`
          select number::integer, username, email from chat.profiles join auth.users using (id)
          where number <= ${PEOPLE.length} order by number`;
        // Everybody who has a room, and one person without a room: to check a password takes long.
        const hasRoom = ({ number }: { number: number }) => there.some(({ person }) => Number(person) === number);
        const people = [...known.filter(hasRoom), ...known.filter((person) => !hasRoom(person)).slice(0, 1)];
        const seen: { number: number; rooms: Seen[]; opened: string[][] }[] = [];
        for (const { number, username, email } of people) {
          const [path, body] = backend.login({ username, email }, `password of ${PEOPLE[number - 1]}`);
          const answer = await call(path, undefined, body);
          const get = (path: string) => call(path, answer.access ?? answer.tokens?.access);
          const rooms = await backend.list(get);
          seen.push({ number, rooms, opened: await Promise.all(rooms.map((room) => backend.open(get, room))) });
        }
        expect(known).toHaveLength(PEOPLE.length);
        for (const { number, rooms, opened } of seen) {
          const own = there.filter(({ person }) => Number(person) === number);
          const before = own.map(({ person: _, ...room }) => ({ ...room, id: Number(room.id) || room.id }));
          expect(rooms, `the rooms of ${PEOPLE[number - 1]}`).toEqual(before);
          for (const [index, room] of rooms.entries()) {
            const ids = new Set(idsOf(messages.filter((message) => String(message.room) === String(room.id)) as Json));
            // Parts of a long message are new.
            expect(opened[index]!.filter((id) => ids.has(id))).toEqual([...ids].slice(-opened[index]!.length));
          }
        }
        if (kind === "messenger") {
          expect(seen.flatMap(({ rooms }) => rooms)).toContainEqual(expect.objectContaining({ unread: 0 }));
        }
      } finally {
        await old.end();
        // The next backend keeps its ids, too.
        await sql`delete from chat.rooms`;
        await sql`delete from auth.users`;
        await sql`delete from chat_private.imports`;
        // After a dry run, Postgres takes the table for empty, too.
        await sql`vacuum chat.messages`;
      }
    },
  );
});
