import { pbkdf2Sync } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importInto, oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
// deno-lint-ignore no-explicit-any
type Json = any;

let parley: Backend;
const others: Sql[] = [];
beforeAll(async () => parley = await oldBackend("messenger"));
afterAll(async () => {
  await Promise.all(others.map((other) => other.end()));
  await parley.stop();
});

const HASH = `pbkdf2_sha256$1000$salt$${pbkdf2Sync("the old password", "salt", 1000, 32, "sha256").toString("base64")}`;
const USERS =
  "id integer primary key, password text, last_login timestamptz, username text, email text, date_joined timestamptz";
const uuid = (number: number, last = 0) => `${number}a3c1f0e-5b7d-4c2a-9e8f-00000000000${last}`;

/** An old database of these statements; returns what imports it under its name. */
async function oldDatabase(name: string, statements: string) {
  await parley.sql.unsafe(`create database ${name}`);
  const address = parley.stack.status.db_url.replace(/\/[^/]*$/, `/${name}`);
  const old = postgres(address, { max: 1, onnotice: () => {} });
  others.push(old);
  await old.unsafe(statements).simple();
  const run = (kind: string, ...options: string[]) =>
    importInto(parley.stack.status.db_url, ["django", "--from", address, "--as", kind, "--name", name, ...options]);
  return { old, run };
}

/** The rooms of an import, with their members and messages, in order. */
const roomsOf = (name: string) =>
  parley.sql`
    select rooms.kind, rooms.name, is_public as public, array(
        select username from chat.room_members join chat.profiles on profiles.id = user_id
        where room_id = rooms.id order by username
      ) as members, array(
        select coalesce(username, '?') || ': ' || content
        from chat.messages left join chat.profiles on profiles.id = sender_id
        where messages.room_id = rooms.id order by seq
      ) as messages
    from chat.rooms join chat_private.imported_rows as known on known.kind = 'room' and target_id = rooms.id
    where import_id = (select id from chat_private.imports where imports.name = ${name}) order by rooms.id`;

test("keys that are UUIDs become numbers, in the order of times; members keep their marks", async () => {
  const { old, run } = await oldDatabase(
    "uuids",
    `
    create table users_user (
      user_id uuid primary key, password text, last_login timestamptz, username text, date_joined timestamptz
    );
    create table chats_chat (chat_id uuid primary key, name text, chat_type text, created_at timestamptz);
    create table chats_message (
      message_id uuid primary key, message_body text, sent_at timestamptz, chat_id uuid references chats_chat, sender_id uuid
    );
    create table chats_membership (
      id bigint, chat_id uuid references chats_chat, user_id uuid, role text, last_read_message_id uuid references chats_message
    );
    create table chats_messageread (id bigint, read_at timestamptz, message_id uuid references chats_message, user_id uuid);
    insert into users_user values
      ('${uuid(9)}', '${HASH}', null, 'una', '2024-01-01Z'), ('${uuid(1)}', '${HASH}', null, 'ugo', '2024-01-02Z'),
      ('${uuid(5)}', 'the password', null, 'udo', '2024-01-03Z');
    insert into chats_chat values ('${uuid(3)}', 'Tea', 'group', '2024-01-05Z');
    insert into chats_message values
      ('${uuid(8)}', 'first', '2024-02-01 10:00Z', '${uuid(3)}', '${uuid(9)}'),
      ('${uuid(2)}', 'second', '2024-02-01 10:01Z', '${uuid(3)}', '${uuid(1)}'),
      ('${uuid(6)}', 'third', '2024-02-01 10:02Z', '${uuid(3)}', '${uuid(4)}'),
      ('${uuid(7)}', ' ', '2024-02-01 10:03Z', '${uuid(3)}', '${uuid(9)}');
    insert into chats_membership values
      (1, '${uuid(3)}', '${uuid(9)}', 'admin', '${uuid(2)}'), (2, '${uuid(3)}', '${uuid(1)}', 'member', '${uuid(8)}'),
      (3, '${uuid(3)}', '${uuid(5)}', 'member', null), (4, '${uuid(3)}', '${uuid(5)}', 'member', null),
      (5, '${uuid(3)}', '${uuid(4)}', 'member', null);
    insert into chats_messageread values (1, '2024-02-02Z', '${uuid(8)}', '${uuid(5)}')`,
  );
  const { code, output } = await run("messenger");
  expect([code, output]).toEqual([2, expect.stringContaining("messages: 3 of 4")]);
  expect(output).toContain(`sender ${uuid(6)} (${uuid(4)}): a sender who does not exist: the message has none`);
  expect(output).toContain(`message ${uuid(7)}: a message without a visible text`);
  expect(output).toContain(`member ${uuid(3)} (${uuid(4)}): a member who does not exist`);
  expect(output).toContain(`member ${uuid(3)} (${uuid(5)}): a second row of the same member`);
  // Anything but a hash may be the password itself.
  expect(output).toContain(`person ${uuid(5)} (no hash): a password of a kind that cannot be checked`);
  expect(output).not.toContain("for no reason that is known");
  expect(await roomsOf("uuids")).toMatchObject([
    { kind: "group", name: "Tea", members: ["udo", "ugo", "una"], messages: ["una: first", "ugo: second", "?: third"] },
  ]);
  const numbers = await parley.sql`select username from chat.profiles where username ~ '^u[a-z]{2}$' order by number`;
  expect(numbers.map(({ username }) => username)).toEqual(["una", "ugo", "udo"]);

  // Whose mark is empty has read what the states say.
  const marks = await parley.sql`
    select username, last_read_seq::integer from chat.room_members join chat.profiles on profiles.id = user_id
    where username in ('una', 'ugo', 'udo') order by number`;
  expect(marks.map(({ last_read_seq }) => last_read_seq)).toEqual([2, 1, 1]);
  const { access } = await parley.post("/api/auth/login/", { username: "ugo", password: "the old password" });
  const [chat] = await parley.get("/api/chats/", access);
  expect(chat).toMatchObject({ name: "Tea", unread_count: 1 });

  const before = await parley.state();
  await old`
    insert into chats_message values (${uuid(1, 1)}, 'fourth', '2024-02-01 10:04Z', ${uuid(3)}, ${uuid(1)})`;
  await run("messenger");
  expect((await roomsOf("uuids"))[0]!.messages).toEqual(["una: first", "ugo: second", "?: third", "ugo: fourth"]);
  expect((await parley.state())["chat.rooms"]).toHaveLength(before["chat.rooms"]!.length);
});

test("messages from one to another have a room for each two, and as many unread ones as before", async () => {
  const { old, run } = await oldDatabase(
    "pairs",
    `
    create table auth_user (${USERS});
    create table direct_message (
      id integer primary key, sent_by_id integer references auth_user, received_by_id integer references auth_user,
      content text, is_read boolean, delivered boolean, time_create timestamptz
    );
    insert into auth_user select n, '${HASH}', null, 'pal' || n, '', '2024-01-01Z' from generate_series(901, 903) as n;
    insert into direct_message values
      (9001, 901, 902, 'hello', true, true, '2024-02-01Z'), (9002, 903, 901, 'hi', false, true, '2024-02-02Z'),
      (9003, 902, 901, 'well?', false, true, '2024-02-03 10:00Z'), (9004, 902, null, 'nobody', false, true, '2024-02-04Z'),
      (9005, 901, 902, 'well', true, true, '2024-02-03 11:00Z'), (9006, 902, 901, 'so?', false, true, '2024-02-03 12:00Z'),
      (9007, 902, 901, 'read', true, true, '2024-02-03 13:00Z'), (9008, 901, 902, 'yes', false, true, '2024-02-03 14:00Z'),
      (9009, 902, 901, 'read', true, true, '2024-02-03 15:00Z'), (9010, 901, 902, 'bye', true, true, '2024-02-03 16:00Z')`,
  );
  const { code, output } = await run("messenger");
  expect([code, output]).toEqual([2, expect.stringContaining("rooms: 2 in direct_message, one for each two people")]);
  expect(output).toContain("message 9004 (none): a message of a room that does not exist");
  const said = ["1: hello", "2: well?", "1: well", "2: so?", "2: read", "1: yes", "2: read", "1: bye"];
  expect(await roomsOf("pairs")).toMatchObject([
    { kind: "direct", members: ["pal901", "pal902"], messages: said.map((line) => `pal90${line}`) },
    { kind: "direct", members: ["pal901", "pal903"], messages: ["pal903: hi"] },
  ]);
  // Later messages were read than the unread ones.
  const unreadOf = async (username: string) => {
    const { access } = await parley.post("/api/auth/login/", { username, password: "the old password" });
    const chats: Json[] = await parley.get("/api/chats/", access);
    return chats.map(({ id, unread_count, last_read_message_id }) => [id, unread_count, last_read_message_id]);
  };
  expect(await unreadOf("pal901")).toEqual([[9001, 2, 9006], [9002, 1, null]]);
  expect(await unreadOf("pal902")).toEqual([[9001, 1, 9009]]);

  // Those that were read do not come again, and count as read. What was written here does not.
  const { access } = await parley.post("/api/auth/login/", { username: "pal902", password: "the old password" });
  await parley.post("/api/messages/", { chat: 9001, text: "written here" }, access);
  await old`insert into direct_message values
    (9011, 902, 901, 'and?', false, true, '2024-02-05Z'), (9012, 902, 901, 'gone', true, true, '2024-02-05Z')`;
  for (const options of [["--since", "2024-02-05T00:00:00Z"], []]) {
    await run("messenger", ...options);
    expect(await unreadOf("pal901")).toEqual([[9001, 4, 9008], [9002, 1, null]]);
    expect(await unreadOf("pal902")).toEqual([[9001, 1, 9009]]);
  }
});

test("rooms without a table of members have those who have written, also by their names", async () => {
  const { run } = await oldDatabase(
    "names",
    `
    create table auth_user (${USERS});
    create table chat_room (id integer primary key, name text, owner_id integer references auth_user);
    create table chat_message (id integer primary key, value text, date timestamptz, "user" text, room text);
    -- Without any reference, a database would not say what is a text.
    create table authtoken_token (key text primary key, user_id integer references auth_user);
    insert into auth_user select n, '${HASH}', null, 'mate' || n, '', '2024-01-01Z' from generate_series(801, 802) as n;
    insert into auth_user values
      (803, '${HASH}', null, 'Eve@example.com', '', '2024-01-01Z'), (804, '${HASH}', null, 'evelyn', 'eve@example.com', '2024-01-01Z'),
      (805, '${HASH}', null, 'adam@example.com', 'adam@example.com', '2024-01-01Z');
    insert into chat_room values (8001, 'den', null), (8002, '8001', 801);
    insert into chat_message values
      (8001, 'by id', '2024-02-01Z', 'mate801', '8001'), (8002, 'by name', '2024-02-02Z', 'mate802', 'den'),
      (8003, 'by a guest', '2024-02-03Z', 'stranger', '8001'), (8004, 'nowhere', '2024-02-04Z', 'mate801', 'attic')`,
  );
  const { code, output } = await run("mini-chat");
  expect([code, output]).toEqual([2, expect.stringContaining("messages: 3 of 4")]);
  expect(output).toContain("no table has the members of rooms: those are members who have written");
  // The address would be taken for that of the other.
  expect(output).toContain("person 803 (Eve, not Eve@example.com): another username here");
  expect(output).not.toContain("person 805");
  expect(output).toContain("message 8004 (none): a message of a room that does not exist");
  expect(output).toContain("sender 8003 (stranger): a sender without an account: the message has no sender");
  expect(await roomsOf("names")).toMatchObject([
    {
      name: "den",
      public: true,
      members: ["mate801", "mate802"],
      messages: ["mate801: by id", "mate802: by name", "?: by a guest"],
    },
    { name: "8001", members: ["mate801"], messages: [] },
  ]);
  // Where nobody has written, and nobody knows since when it is there, comes last.
  const { access } = await parley.post("/api/auth/login/", { username: "mate801", password: "the old password" });
  expect((await parley.get("/api/chats/", access)).map(({ id }: Json) => id)).toEqual([8001, 8002]);
});

test("questions without a conversation are one of each person; a friend who was only asked is none", async () => {
  const { run } = await oldDatabase(
    "questions",
    `
    create table auth_user (${USERS});
    create table chatbot_chat (
      id integer primary key, user_id integer references auth_user, message text, response text, created_at timestamptz
    );
    create table chat_room (id integer primary key, user_one_id integer references auth_user, user_two_id integer references auth_user);
    create table chat_message (
      id integer primary key, room_id integer references chat_room, sender_id integer references auth_user, text text, sent timestamptz
    );
    create table friend (id integer, from_user_id integer references auth_user, to_user_id integer references auth_user, status text);
    insert into auth_user select n, '${HASH}', null, 'ally' || n, '', '2024-01-01Z' from generate_series(701, 703) as n;
    insert into chatbot_chat values
      (7001, 701, 'why?', 'because', '2024-02-01Z'), (7002, 702, 'how?', 'so', '2024-02-02Z'), (7003, 701, 'when?', '', '2024-02-03Z');
    insert into chat_room values (7001, 701, 702);
    insert into chat_message values (7001, 7001, 701, 'psst', '2024-02-01Z');
    insert into friend values (1, 701, 702, 'accepted'), (2, 701, 703, 'pending')`,
  );
  const { output } = await run("chat-sessions", "--name", "asked");
  expect(output).toContain("conversations: 2 of 2");
  expect(output).toContain("questions and answers: 3 of 3");
  const turns = await parley.sql`
    select conversations.title, username, content from chat.conversation_messages as messages
    join chat.conversations on conversations.id = conversation_id join chat.profiles on profiles.id = owner_id
    where username like 'ally%' and role = 'user' order by messages.id`;
  expect(turns.map(({ username, content }) => [username, content])).toEqual([
    ["ally701", "why?"],
    ["ally702", "how?"],
    ["ally701", "when?"],
  ]);

  const { output: social } = await run("social");
  expect(social).toContain("friend 701 (703, pending): a request that nobody has accepted: it is no friendship");
  const [friends] = await parley.sql`
    select count(*)::integer from chat_private.imported_rows
    where kind = 'friend' and import_id = (select id from chat_private.imports where name = 'questions')`;
  expect(friends).toEqual({ count: 1 });
  expect(await roomsOf("questions")).toMatchObject([{ kind: "direct", messages: ["ally7012: psst"] }]);
});
