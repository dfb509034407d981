-- The messages of a room. A deletion leaves a tombstone: the content is removed, the row and its seq stay.
create table chat.messages (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete no action,
  -- Zero requests the next number; it is never stored.
  seq bigint not null default 0,
  version bigint not null default 0,
  -- No foreign key: an account is deleted at once, however many messages it has sent (480_departed_accounts).
  sender_id uuid default auth.uid(),
  content text not null,
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  reply_to_id bigint references chat.messages on delete set null,
  -- No foreign key: the origin and the forwarded text stay when the original is deleted.
  forwarded_from_id bigint,
  forwarded_sender_id uuid,
  forwarded_username text,
  forwarded_content text,
  client_id uuid,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  reactions jsonb not null default '{}',
  reactions_version bigint,
  -- What it says of its files (425_attachments): reading a page of messages reads no other table for them.
  attachments jsonb not null default '[]' check (jsonb_typeof(attachments) = 'array'),
  -- Whom it mentions (467_mentions), for events and pages, which read no other table for it.
  mentions jsonb not null default '[]' check (jsonb_typeof(mentions) = 'array'),
  mentions_all boolean not null default false,
  -- The history, its pages, and the messages after a read mark.
  unique (room_id, seq),
  -- A repeated send finds the first message. Also serves the messages of a deleted account.
  constraint messages_client_id_key unique (sender_id, client_id),
  constraint messages_numbers_check check (seq >= 1 and version >= 1),
  constraint messages_content_check check (
    case
      when deleted_at is not null then content = ''
      else (chat_private.shows(content) or content = '' and attachments <> '[]') and char_length(content) <= 10000
    end
  )
);
comment on table chat.messages is 'A message in a room, numbered by seq. Its version is that of its last change.';
comment on column chat.messages.client_id is 'Set by the sender, so that a send can be retried safely.';
comment on column chat.messages.forwarded_username is
  'The username of the original sender at the time of forwarding; forwarded_name() returns the current one.';
comment on column chat.messages.forwarded_content is 'The content of the original message at the time of forwarding.';
comment on column chat.messages.attachments is
  'Its files, as [{id, path, name, mime_type, bytes, width, height, duration_ms}]: each is at its path in the bucket chat-files.';
comment on column chat.messages.mentions is
  'Whom it mentions, as [{user_id, number, name}]: name is the username that the text has, which may have changed since.';
comment on column chat.messages.mentions_all is 'Whether it mentions all members of the room.';
comment on column chat.messages.reactions is 'How many people have reacted with each emoji: {"👍": 2}.';
comment on column chat.messages.reactions_version is 'The version of the room when the reactions last changed.';

-- The changes of a room since a version: sync().
create unique index messages_version_key on chat.messages (room_id, version);
-- The same for changes of reactions. Partial: a send does not write it.
create unique index messages_reactions_version_key on chat.messages (room_id, reactions_version)
  where reactions_version is not null;
-- The messages with files: searches for them. Partial: a send without files does not write it.
create index messages_with_files_idx on chat.messages (room_id, seq) where attachments <> '[]';
-- The messages that mention everyone: unread ones are counted in the index alone. Partial: other sends do not write it.
create index messages_mentioning_all_idx on chat.messages (room_id, seq) include (sender_id) where mentions_all;
-- The copies of what an erased person wrote. Partial: other sends do not write it.
create index messages_forwarded_sender_id_idx on chat.messages (forwarded_sender_id) where forwarded_sender_id is not null;
-- The foreign key.
create index messages_reply_to_id_idx on chat.messages (reply_to_id) where reply_to_id is not null;

create function chat_private.page_bytes()
returns integer
language sql immutable parallel safe security invoker set search_path = ''
as $$
  select 1048576;
$$;
comment on function chat_private.page_bytes is
  'A page of messages or rooms ends with the row that exceeds this size, so that no response is too large.';

create function chat_private.message_bytes(message chat.messages)
returns integer
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return 500 + octet_length(message.content) + coalesce(octet_length(message.forwarded_content), 0)
    + octet_length(message.metadata::text) + octet_length(message.reactions::text)
    + octet_length(message.attachments::text) + octet_length(message.mentions::text);
end;
$$;
comment on function chat_private.message_bytes is 'The approximate size of a message in a response.';
grant execute on function chat_private.page_bytes, chat_private.message_bytes to authenticated, service_role;

alter table chat.messages enable row level security;
revoke all on chat.messages from anon, authenticated;
grant select, insert (room_id, content, metadata, reply_to_id, forwarded_from_id, client_id), update (content)
  on chat.messages to authenticated;
-- No delete: delete_message() leaves a tombstone.

create policy "members can read messages"
  on chat.messages for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create policy "members can send messages as themselves"
  on chat.messages for insert to authenticated
  with check (
    (select chat_private.require_access())
    and sender_id = (select auth.uid())
    and chat_private.is_my_room_now(room_id)
  );

create policy "senders can edit their messages"
  on chat.messages for update to authenticated
  using (
    (select chat_private.require_access())
    and sender_id = (select auth.uid())
    and deleted_at is null
    and room_id in (select chat_private.my_room_ids())
    and (select chat_private.lock_my_room(room_id))
  )
  with check (sender_id = (select auth.uid()));

create function chat.profiles(message chat.messages)
returns setof chat.profiles
language sql stable security invoker rows 1 set search_path = ''
as $$
  select * from chat.profiles where id = message.sender_id;
$$;
comment on function chat.profiles is
  'The sender of a message, to embed in a query of the Data API: messages?select=content,profiles(username).';
grant execute on function chat.profiles to authenticated, service_role;
