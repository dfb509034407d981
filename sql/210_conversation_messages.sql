-- The log of a conversation. Each message has a role, such as user or assistant.
create table chat.conversation_messages (
  id bigint generated always as identity primary key,
  -- No action: conversation_deleted() decides what is deleted at once.
  conversation_id uuid not null references chat.conversations on delete no action,
  role text not null check (char_length(role) between 1 and 20),
  content text not null check (char_length(content) <= 100000),
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  reply_to_id bigint,
  client_id uuid,
  created_at timestamptz not null default now(),
  -- Serves the log in order, and the foreign key that keeps an answer in its conversation.
  unique (conversation_id, id),
  unique (conversation_id, client_id),
  foreign key (conversation_id, reply_to_id)
    references chat.conversation_messages (conversation_id, id) on delete set null (reply_to_id)
);
comment on table chat.conversation_messages is 'A message of a conversation. An answer refers to its question by reply_to_id.';

-- The answer to a question; the foreign key.
create index conversation_messages_reply_to_id_idx
  on chat.conversation_messages (conversation_id, reply_to_id) where reply_to_id is not null;

alter table chat.conversation_messages enable row level security;
revoke all on chat.conversation_messages from anon, authenticated;
grant select, insert (conversation_id, role, content, metadata, reply_to_id, client_id)
  on chat.conversation_messages to authenticated;
-- No update and no delete: a log stays unchanged until its conversation is deleted.

create policy "owners can read the messages of their conversations"
  on chat.conversation_messages for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and conversation_id in (select chat_private.my_conversation_ids())
  );

create policy "owners can add messages to their conversations"
  on chat.conversation_messages for insert to authenticated
  with check ((select chat_private.require_access()) and conversation_id in (select chat_private.my_conversation_ids()));

create function chat_private.title_from(content text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case when char_length(line) > 60 then rtrim(left(line, 59)) || '…' else nullif(line, '') end
  from (select btrim(regexp_replace(left(content, 500), '\s+', ' ', 'g')) as line) as lines;
$$;
comment on function chat_private.title_from is 'A title of up to 60 characters from the beginning of a message, or null.';

-- Invoker: what the functions of replies add for a worker is not limited, as the question was.
create function chat_private.conversation_message_adding()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if current_user = 'authenticated' and not exists (
    -- A repetition, which adds nothing.
    select from chat.conversation_messages as messages
    where messages.conversation_id = new.conversation_id and messages.client_id = new.client_id
  ) then
    perform chat_private.take_tokens('send_message');
  end if;
  return new;
end;
$$;

create trigger conversation_message_adding
  before insert on chat.conversation_messages
  for each row execute function chat_private.conversation_message_adding();

-- Definer: updates the conversation's updated_at, which clients may not write, and broadcasts the message.
create function chat_private.conversation_message_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  untitled boolean;
begin
  update chat.conversations set updated_at = now() where id = new.conversation_id returning not titled into untitled;
  if untitled and new.role = 'user' then
    update chat.conversations set title = chat_private.title_from(new.content)
    where id = new.conversation_id and chat_private.title_from(new.content) is not null;
  end if;
  perform chat_private.announce(
    'conversation:' || new.conversation_id, 'message.created',
    jsonb_build_object('conversation_id', new.conversation_id, 'message', to_jsonb(new))
  );
  return null;
end;
$$;

create trigger conversation_message_added
  after insert on chat.conversation_messages
  for each row execute function chat_private.conversation_message_added();

create function chat.add_conversation_message(
  conversation_id uuid,
  role text,
  content text,
  metadata jsonb default '{}',
  reply_to_id bigint default null,
  client_id uuid default null
)
returns chat.conversation_messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.conversation_messages;
begin
  -- Locks the conversation before the trigger would: it cannot be deleted now, and ids follow the order of commits.
  perform from chat.conversations where id = add_conversation_message.conversation_id for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  insert into chat.conversation_messages (conversation_id, role, content, metadata, reply_to_id, client_id)
  values (
    add_conversation_message.conversation_id, add_conversation_message.role, add_conversation_message.content,
    coalesce(add_conversation_message.metadata, '{}'), add_conversation_message.reply_to_id,
    add_conversation_message.client_id
  )
  on conflict on constraint conversation_messages_conversation_id_client_id_key do nothing
  returning * into message;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.conversation_messages as messages
    where messages.conversation_id = add_conversation_message.conversation_id
      and messages.client_id = add_conversation_message.client_id;
    if (message.role, message.content, message.metadata, message.reply_to_id) is distinct from (
      add_conversation_message.role, add_conversation_message.content, coalesce(add_conversation_message.metadata, '{}'),
      add_conversation_message.reply_to_id
    ) then
      perform chat_private.refuse_reused_key();
    end if;
  end if;
  return message;
exception when foreign_key_violation then
  raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message in this conversation.';
end;
$$;
comment on function chat.add_conversation_message is
  'Adds a message to a conversation of the caller. A retry with the same client_id returns the first message. Raises '
  'conversation_not_found, message_not_found, client_id_reused, rate_limited.';
grant execute on function chat.add_conversation_message to authenticated;
