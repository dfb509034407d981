-- The log of a conversation: what was said, by whom in the sense of a role.
create table chat.conversation_messages (
  id bigint generated always as identity primary key,
  conversation_id uuid not null references chat.conversations on delete cascade,
  role text not null check (char_length(role) between 1 and 20),
  content text not null check (char_length(content) <= 100000),
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  reply_to_id bigint,
  created_at timestamptz not null default now(),
  -- Serves the log in order, and lets a reply stay within its conversation.
  unique (conversation_id, id),
  foreign key (conversation_id, reply_to_id)
    references chat.conversation_messages (conversation_id, id) on delete set null (reply_to_id)
);
comment on table chat.conversation_messages is 'A message of a conversation; an answer refers to its question by reply_to_id.';

-- The answer to a question; the foreign key.
create index conversation_messages_reply_to_id_idx
  on chat.conversation_messages (conversation_id, reply_to_id) where reply_to_id is not null;

alter table chat.conversation_messages enable row level security;
revoke all on chat.conversation_messages from anon, authenticated;
grant select, insert (conversation_id, role, content, metadata, reply_to_id) on chat.conversation_messages to authenticated;
-- No update and no delete: a log is kept until its conversation goes.

create policy "owners can read the messages of their conversations"
  on chat.conversation_messages for select to authenticated
  using (conversation_id in (select chat_private.my_conversation_ids()));

create policy "owners can add messages to their conversations"
  on chat.conversation_messages for insert to authenticated
  with check (conversation_id in (select chat_private.my_conversation_ids()));

-- Definer: a message moves its conversation's updated_at, a column that clients may not write, and announces itself.
create function chat_private.conversation_message_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.conversations set updated_at = now() where id = new.conversation_id;
  perform realtime.send(
    jsonb_build_object('conversation_id', new.conversation_id, 'message', to_jsonb(new)),
    'message.created', 'conversation:' || new.conversation_id, true
  );
  return null;
end;
$$;

create trigger conversation_message_added
  after insert on chat.conversation_messages
  for each row execute function chat_private.conversation_message_added();
