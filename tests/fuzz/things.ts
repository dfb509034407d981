import type { TransactionSql } from "postgres";
import { client } from "../support/clients.ts";
import { type Account, addressOf } from "../support/users.ts";

/** The tokens of a new session. */
export async function signIn({ username, password }: Account): Promise<{ token: string; refresh: string }> {
  const { data, error } = await client().auth.signInWithPassword({ email: addressOf(username), password });
  if (error) throw error;
  return tokensOf(data.session);
}

const tokensOf = (session: { access_token: string; refresh_token: string }) => ({
  token: session.access_token,
  refresh: session.refresh_token,
});

/** One thing of each kind for the acting user, as rows of kind and id. */
export async function things(
  sql: TransactionSql,
  other: string,
  text: string,
): Promise<{ kind?: string; id?: string; token?: string }[]> {
  const rooms = await sql`
    select id, 'room' as kind from chat.create_group_room(${text}, ${[other]}::uuid[], false, ${text})
    union all select id, 'room' from chat.create_direct_room(${other})`;
  const messages = await sql`
    select sent.id, 'message' as kind
    from unnest(${rooms.map(({ id }) => id)}::bigint[]) as rooms (id), generate_series(1, 3),
      lateral chat.send_message(rooms.id, ${`A secret word of ${text}`}) as sent`;
  const talks = await sql`insert into chat.conversations (title) values (${text}) returning id, 'conversation' as kind`;
  const turns = await sql`
    with said as (select * from chat.add_conversation_message(${talks[0]!.id}, 'user', ${text})),
    answered as (
      insert into chat.conversation_messages (conversation_id, role, content, reply_to_id, metadata)
      select conversation_id, 'assistant', content, id, '{"partial": true}' from said
    )
    select id, 'turn' as kind from said`;
  const others = await sql`
    with post as (insert into chat.posts (title, content) values ('A post', 'Everyone may read it') returning id)
    select id, 'post' as kind from post
    union all select id, 'pin' from chat.pin_message(${messages[0]!.id})`;
  await sql`select from chat.react(${messages[0]!.id}, '👍')`;
  await sql`select from chat.edit_message(${messages[0]!.id}, ${`Another secret word of ${text}`})`;
  const files = await sql`
    select id, path, 'file' as kind from chat.begin_upload(${rooms[0]!.id}, ${`${text}.txt`}, 'text/plain', 1)`;
  await sql`
    insert into storage.objects (bucket_id, name, metadata)
    values ('chat-files', ${files[0]!.path}, '{"size": 1, "mimetype": "text/plain"}')`;
  await sql`select from chat.send_message(${rooms[0]!.id}, '', attachment_ids => array[${files[0]!.id}::uuid])`;
  const links = await sql`
    select link ->> 'id' as id, link ->> 'token' as token, 'link' as kind from chat.create_invite_link(${
    rooms[0]!.id
  }) as link`;
  return [...rooms, ...messages, ...talks, ...turns, ...others, ...files, ...links];
}

/** The names of the acting user's private rooms. */
export const slugs = (sql: TransactionSql) =>
  sql`select slug as id, 'slug' as kind from chat.rooms where id in (select chat_private.my_room_ids()) and not is_public`;
