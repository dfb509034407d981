-- A user's conversations with an assistant. No other user takes part.
create table chat.conversations (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid default auth.uid() references chat.profiles on delete cascade,
  title text not null default 'New Chat' check (chat_private.shows(title) and char_length(title) <= 255),
  -- True once the owner has set the title or a first message has given it: later messages do not change it.
  titled boolean not null default false,
  archived boolean not null default false,
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint conversations_owner_id_check check ((owner_id is null) = (deleted_at is not null))
);
comment on table chat.conversations is 'A conversation of its owner with an assistant.';
comment on column chat.conversations.deleted_at is
  'Set while a job removes the many messages of a deleted conversation, which has no owner then.';

-- The owner's list, newest first; the foreign key.
create index conversations_owner_id_idx on chat.conversations (owner_id, created_at desc, id desc);
-- Deleted conversations whose messages a job must remove.
create index conversations_deleted_at_idx on chat.conversations (deleted_at) where deleted_at is not null;

alter table chat.conversations enable row level security;
revoke all on chat.conversations from anon, authenticated;
grant select, insert (title, metadata), update (title, archived, metadata), delete on chat.conversations to authenticated;

create policy "owners can read their conversations"
  on chat.conversations for select to authenticated
  using ((select chat_private.require_modest_query()) and owner_id = (select auth.uid()));

create policy "people can start conversations of their own"
  on chat.conversations for insert to authenticated
  with check ((select chat_private.require_access()) and owner_id = (select auth.uid()));

create policy "owners can change their conversations"
  on chat.conversations for update to authenticated
  using ((select chat_private.require_access()) and owner_id = (select auth.uid()))
  with check (owner_id = (select auth.uid()));

create policy "owners can delete their conversations"
  on chat.conversations for delete to authenticated
  using ((select chat_private.require_access()) and owner_id = (select auth.uid()));

create function chat_private.conversation_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create trigger conversation_changing
  before update of title, archived, metadata on chat.conversations
  for each row execute function chat_private.conversation_changing();

create function chat_private.conversation_titling()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- A client that sends the default title has not set a title.
  new.titled := tg_op = 'UPDATE' or new.title <> 'New Chat';
  return new;
end;
$$;

create trigger conversation_titling
  before insert or update of title on chat.conversations
  for each row execute function chat_private.conversation_titling();

-- Definer: the policies of conversation_messages need not evaluate the policy of conversations for each row.
create function chat_private.my_conversation_ids()
returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select id from chat.conversations where owner_id = (select auth.uid());
$$;
grant execute on function chat_private.my_conversation_ids to authenticated;

create function chat_private.conversations_started()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.take_tokens('start_conversation', (select count(*) from started)::integer);
  return null;
end;
$$;

create trigger conversations_started
  after insert on chat.conversations
  referencing new table as started
  for each statement when (current_user = 'authenticated')
  execute function chat_private.conversations_started();
