-- Replies of an assistant, running or ended. A reply outlives the request that asked for it, so its text is stored in
-- chunks while a worker writes it, and as a message of the conversation when it ends.
create table chat.replies (
  id bigint generated always as identity primary key,
  conversation_id uuid not null references chat.conversations on delete cascade,
  owner_id uuid not null references chat.profiles on delete cascade,
  question_id bigint not null,
  -- The message that holds the text; null while the reply is running, and if it ended without text.
  message_id bigint,
  client_id uuid,
  state text not null default 'running' check (state in ('running', 'complete', 'partial', 'failed')),
  -- Why the reply is not complete.
  reason text check (
    reason in ('cancelled', 'responder_failed', 'worker_ended', 'worker_lost', 'length', 'content_filter')
  ),
  responder text check (char_length(responder) <= 200),
  -- How many characters it has copied from the reply that it continues.
  base integer not null default 0 check (base between 0 and 100000),
  usage jsonb check (jsonb_typeof(usage) = 'object' and octet_length(usage::text) <= 4096),
  -- The worker counts as alive until this time, and extends it.
  lease_until timestamptz not null default now() + interval '10 seconds',
  stop_requested_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((state = 'running') = (ended_at is null)),
  unique (conversation_id, client_id),
  foreign key (conversation_id, question_id)
    references chat.conversation_messages (conversation_id, id) on delete cascade,
  foreign key (conversation_id, message_id)
    references chat.conversation_messages (conversation_id, id) on delete cascade
);
comment on table chat.replies is 'A reply of the assistant to a question: its state, and how it ended.';

-- One running reply in a conversation.
create unique index replies_running_key on chat.replies (conversation_id) where state = 'running';
-- The newest reply to a question; the foreign keys.
create index replies_question_id_idx on chat.replies (conversation_id, question_id, id);
create index replies_message_id_idx on chat.replies (conversation_id, message_id) where message_id is not null;
-- The running replies of a user; the foreign key.
create index replies_owner_id_idx on chat.replies (owner_id, ended_at);

alter table chat.replies enable row level security;
revoke all on chat.replies from anon, authenticated;
grant select on chat.replies to authenticated;
-- No insert, update or delete: functions of chat_private begin, write and end replies.

create policy "owners can read the replies in their conversations"
  on chat.replies for select to authenticated
  using ((select chat_private.require_modest_query()) and owner_id = (select auth.uid()));

-- The text of a running reply, for all devices of its owner; deleted when the reply ends.
create table chat.reply_chunks (
  reply_id bigint not null references chat.replies on delete cascade,
  index integer not null check (index >= 0),
  owner_id uuid not null references chat.profiles on delete cascade,
  chars_before integer not null check (chars_before between 0 and 100000),
  -- Realtime refuses large payloads.
  text text not null check (char_length(text) between 1 and 30000),
  primary key (reply_id, index)
);
comment on table chat.reply_chunks is 'A part of the text of a running reply, in the order of index.';

-- The foreign key.
create index reply_chunks_owner_id_idx on chat.reply_chunks (owner_id);

alter table chat.reply_chunks enable row level security;
revoke all on chat.reply_chunks from anon, authenticated;
grant select on chat.reply_chunks to authenticated;

create policy "owners can read the text of their running replies"
  on chat.reply_chunks for select to authenticated
  using ((select chat_private.require_modest_query()) and owner_id = (select auth.uid()));

-- The text of a running reply so far.
create function chat_private.reply_text(reply_id bigint)
returns text
language sql stable security invoker set search_path = ''
as $$
  select coalesce(string_agg(chunks.text, '' order by chunks.index), '')
  from chat.reply_chunks as chunks
  where chunks.reply_id = reply_text.reply_id;
$$;
grant execute on function chat_private.reply_text to authenticated;
