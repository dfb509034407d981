// deno run -A tests/import/grow.ts FILE PEOPLE ROOMS MESSAGES: a database of `messenger` with so many rows, in SQLite.
import { copyFileSync } from "node:fs";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

const [file = "", people = "", rooms = "", messages = ""] = process.argv.slice(2);
copyFileSync("tests/fixtures/django/messenger.sqlite3", file);
const old = new DatabaseSync(file);
const numbers = (count: string) =>
  `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${Number(count)})`;
old.exec(`
  pragma synchronous = off;
  begin;
  ${numbers(people)}
  insert into auth_user (id, password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
  select 1000 + n, password, 0, 'person' || n, 'Last', 'person' || n || '@example.com', 0, 1, date_joined, 'First'
  from numbers, auth_user where auth_user.id = 1;
  ${numbers(rooms)}
  insert into chats_chat (id, type, name, created_at) select 1000 + n, 'group', 'Room ' || n, '2024-02-01 12:00:00' from numbers;
  insert into chats_chat_members (chat_id, user_id)
  select chats_chat.id, 1001 + (chats_chat.id * 7 + more.n * 13) % ${Number(people)}
  from chats_chat, (select 1 as n union select 2 union select 3 union select 4 union select 5) as more
  where chats_chat.id > 1000
  group by 1, 2;
  ${numbers(messages)}
  insert into chat_messages_message (id, chat_id, sender_id, text, is_edited, is_deleted, created_at)
  select 1000 + n, 1001 + n * 7919 % ${Number(rooms)}, 1001 + n % ${Number(people)},
    'message ' || n || ' ' || substr('some words of a sentence that is as long as most messages in a chat are', 1, n % 70),
    n % 50 = 0, n % 97 = 0, datetime('2024-02-01', '+' || n || ' seconds')
  from numbers;
  insert into chats_chatreadstate (chat_id, user_id, last_read_message_id)
  select chat_id, user_id, 1000 + (chat_id * 31) % ${Number(messages)} from chats_chat_members where chat_id > 1000;
  commit;
`);
old.close();
