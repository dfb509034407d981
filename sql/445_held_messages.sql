-- Messages that wait for a moderator, because a word rule holds them. They are in no room yet: what was sent is kept whole, and an
-- approval sends it, so that it has the seq, the version and the time of then.
create table chat.held_messages (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete cascade,
  sender_id uuid not null references chat.profiles on delete cascade,
  -- That of the message: a retry finds what is held, and what was sent.
  client_id uuid not null,
  content text not null,
  metadata jsonb not null,
  reply_to_id bigint,
  forwarded_from_id bigint,
  attachments jsonb not null,
  mentions uuid[] not null,
  mention_all boolean not null,
  created_at timestamptz not null default now(),
  -- Rejected ones are kept for a while, so that a retry is not held once more.
  rejected_at timestamptz,
  unique (sender_id, client_id)
);
comment on table chat.held_messages is 'Messages that wait for a moderator, or were rejected by one.';

-- The foreign key.
create index held_messages_room_id_idx on chat.held_messages (room_id);
-- The files that wait with their message.
create index held_messages_attachments_idx on chat.held_messages using gin (attachments) where attachments <> '[]';
-- The rejected ones to forget.
create index held_messages_rejected_at_idx on chat.held_messages (rejected_at) where rejected_at is not null;

alter table chat.held_messages enable row level security;
revoke all on chat.held_messages from anon, authenticated;
grant select on chat.held_messages to authenticated;
-- No writes: send_message() holds, and resolve_report() answers. Moderators read report_list().

create policy "people can read what is held of theirs"
  on chat.held_messages for select to authenticated
  using ((select chat_private.require_modest_query()) and sender_id = (select auth.uid()));

create function chat_private.held_answer(held chat.held_messages)
returns chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return jsonb_populate_record(
    null::chat.messages,
    chat_private.without_text() || to_jsonb(held) - 'id' || jsonb_build_object(
      'seq', 0, 'version', 0, 'mentions', chat_private.to_mention(held.mentions), 'mentions_all', held.mention_all
    )
  );
end;
$$;
comment on function chat_private.held_answer is 'What is held, as the message that it may become: without an id, with seq and version 0.';

create function chat_private.hold_message(wanted chat.held_messages, word text)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 20;
  held chat.held_messages;
  answer chat.messages;
begin
  if (
    select count(*) from chat.held_messages as waiting where waiting.sender_id = wanted.sender_id and waiting.rejected_at is null
  ) >= most then
    raise sqlstate 'PT403' using message = 'too_many_held', detail = format('%s messages of yours wait for a moderator.', most);
  end if;
  -- What the attempt to send it has taken was given back with it.
  perform chat_private.take_tokens('send_message');
  insert into chat.held_messages (
    room_id, sender_id, client_id, content, metadata, reply_to_id, forwarded_from_id, attachments, mentions, mention_all
  )
  values (
    wanted.room_id, wanted.sender_id, coalesce(wanted.client_id, gen_random_uuid()), wanted.content, wanted.metadata,
    wanted.reply_to_id, wanted.forwarded_from_id, wanted.attachments, wanted.mentions, wanted.mention_all
  )
  returning * into held;
  insert into chat_private.held_checks (held_id) values (held.id);
  answer := chat_private.held_answer(held);
  insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
  values (
    'message', -held.id, held.sender_id, held.room_id, 'word_rule', left(word, 1000),
    jsonb_set(chat_private.message_snapshot(answer), '{message,held}', 'true')
  );
  return answer;
end;
$$;
comment on function chat_private.hold_message is
  'Keeps a message for the moderators, with a report whose message_id is the negative id of what is held. Raises too_many_held, '
  'rate_limited.';

create function chat_private.held_content(held chat.held_messages)
returns jsonb
language sql immutable security invoker set search_path = ''
as $$
  select jsonb_build_array(held.room_id, held.forwarded_from_id, held.reply_to_id) || case
    -- The original may have been edited since.
    when held.forwarded_from_id is null
    then jsonb_build_array(held.content, held.metadata, held.attachments, held.mentions, held.mention_all)
    else '[]'
  end;
$$;
comment on function chat_private.held_content is 'What makes two sends with one client_id the same.';

create function chat_private.held_before(wanted chat.held_messages)
returns chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
declare
  held chat.held_messages;
begin
  select * into held from chat.held_messages as earlier
  where earlier.sender_id = wanted.sender_id and earlier.client_id = wanted.client_id;
  if not found then
    return null;
  elsif chat_private.held_content(held) <> chat_private.held_content(wanted) then
    perform chat_private.refuse_reused_key();
  elsif held.rejected_at is not null then
    raise sqlstate 'PT403' using message = 'message_rejected', detail = 'A moderator has rejected this message.';
  end if;
  return chat_private.held_answer(held);
end;
$$;
comment on function chat_private.held_before is
  'What is held under the same client_id, or null. Raises client_id_reused, message_rejected.';

create function chat_private.send_or_hold(wanted chat.held_messages)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  held chat.messages;
  refusal text;
  word text;
begin
  perform chat_private.lock_key(wanted.sender_id, wanted.client_id);
  held := chat_private.held_before(wanted);
  if held.seq = 0 then
    return held;
  end if;
  begin
    return chat_private.insert_message(wanted);
  exception when sqlstate 'PT403' then
    get stacked diagnostics refusal = message_text, word = pg_exception_hint;
    if refusal <> 'message_held' then
      raise;
    end if;
  end;
  return chat_private.hold_message(wanted, word);
end;
$$;
comment on function chat_private.send_or_hold is
  'Sends a message, after every check, or keeps it for the moderators if a word rule holds it: then its seq is 0. Its row is null for '
  'one that was sent before. Raises what a send does, too_many_held, message_rejected.';

create function chat_private.prune_held_messages()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 1000;
  pruned integer;
begin
  delete from chat.held_messages as held where held.id in (
    select old.id from chat.held_messages as old
    where old.rejected_at < chat_private.kept_since('held_messages')
    order by old.rejected_at
    limit most
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_held_messages is 'Forgets what moderators have rejected.';
