-- How a worker begins and writes a reply on behalf of its owner.

-- Definer: clients may not write replies.
create function chat_private.begin_reply(
  conversation_id uuid,
  question_id bigint,
  responder text,
  client_id uuid default null,
  base integer default 0
)
returns table (id bigint, is_begun boolean)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  caller uuid := auth.uid();
  reply chat.replies;
  most constant integer := 5;
begin
  perform chat_private.require_access();
  perform from chat.conversations as conversations
  where conversations.id = begin_reply.conversation_id and conversations.owner_id = caller
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  perform from chat.conversation_messages as messages
  where messages.conversation_id = begin_reply.conversation_id and messages.id = begin_reply.question_id
    and messages.role = 'user';
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.client_id = begin_reply.client_id;
  if found then
    if reply.question_id <> begin_reply.question_id then
      raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for another question.';
    end if;
    return query select reply.id, false;
    return;
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.state = 'running'
  for no key update;
  if found then
    if reply.lease_until >= now() then
      raise sqlstate 'PT409' using message = 'reply_running',
        detail = 'A reply is running in this conversation. Wait until it ends, or stop it.';
    end if;
    perform chat_private.end_lapsed_reply(reply);
  end if;

  -- Serializes the count.
  perform pg_advisory_xact_lock(hashtextextended('chat.replies:' || caller, 0));
  if (
    select count(*) from chat.replies as replies
    where replies.owner_id = caller and replies.ended_at is null and replies.lease_until >= now()
  ) >= most then
    raise sqlstate 'PT429' using message = 'too_many_replies',
      detail = format('At most %s replies can run at once. Wait until one ends, or stop it.', most);
  end if;
  perform chat_private.take_tokens('use_tokens', 0), chat_private.take_tokens('ask_assistant');
  insert into chat.replies (conversation_id, owner_id, question_id, client_id, responder, base)
  values (
    begin_reply.conversation_id, caller, begin_reply.question_id, begin_reply.client_id,
    left(begin_reply.responder, 200), begin_reply.base
  )
  returning * into reply;
  return query select reply.id, true;
end;
$$;
comment on function chat_private.begin_reply is
  'Begins a reply, or returns the one that was begun with the same client_id. Raises conversation_not_found, '
  'message_not_found, client_id_reused, reply_running, too_many_replies, rate_limited.';
grant execute on function chat_private.begin_reply to authenticated;

create function chat_private.ask(conversation_id uuid, content text, client_id uuid, responder text)
returns table (question_id bigint, asked_at timestamptz, is_new boolean, reply_id bigint, is_begun boolean)
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  question chat.conversation_messages;
  reply chat.replies;
begin
  question := chat.add_conversation_message(ask.conversation_id, 'user', ask.content, client_id => ask.client_id);
  question_id := question.id;
  asked_at := question.created_at;
  is_new := current_setting('chat.repeated', true) is distinct from 'true';
  if not is_new then
    select * into reply from chat.replies as replies
    where replies.conversation_id = ask.conversation_id and replies.question_id = question.id
    order by replies.id desc
    limit 1;
    is_begun := false;
    if reply.state = 'running' and reply.lease_until >= now() then
      reply_id := reply.id;
      return next;
      return;
    elsif reply.state = 'complete' or reply.reason in ('cancelled', 'length', 'content_filter')
      -- Another API may have added an answer without a reply.
      or reply.id is null and exists (
        select from chat.conversation_messages as answers
        where answers.conversation_id = ask.conversation_id and answers.reply_to_id = question.id
      ) then
      return next;
      return;
    end if;
  end if;
  select begun.id, begun.is_begun into reply_id, is_begun
  from chat_private.begin_reply(ask.conversation_id, question.id, ask.responder) as begun;
  return next;
end;
$$;
comment on function chat_private.ask is
  'Adds a question and begins the reply. A retry with the same client_id returns the first question, with its reply if that '
  'is running; a reply that failed or was lost is begun again. Raises conversation_not_found, client_id_reused, '
  'reply_running, too_many_replies, rate_limited.';
grant execute on function chat_private.ask to authenticated;

-- Definer: clients may not write replies, nor send to the topic of a conversation.
create function chat_private.write_reply(reply_id bigint, index integer, chars_before integer, content text)
returns text
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  select * into reply from chat.replies as replies
  where replies.id = write_reply.reply_id and replies.owner_id = (select auth.uid())
  for no key update;
  if not found then
    return 'gone';
  elsif reply.state <> 'running' then
    return case reply.reason when 'worker_lost' then 'lost' else 'stopped' end;
  end if;
  if content <> '' then
    insert into chat.reply_chunks (reply_id, index, owner_id, chars_before, text)
    values (reply.id, write_reply.index, reply.owner_id, write_reply.chars_before, content)
    on conflict do nothing;
    if found then
      perform chat_private.announce(
        'conversation:' || reply.conversation_id, 'reply.delta',
        jsonb_build_object(
          'conversation_id', reply.conversation_id, 'reply_to_id', reply.question_id, 'reply_id', reply.id,
          'index', write_reply.index, 'position', write_reply.chars_before, 'delta', content
        )
      );
    end if;
  end if;
  if reply.stop_requested_at is not null then
    return 'stopped';
  end if;
  update chat.replies as replies set lease_until = now() + interval '10 seconds'
  where replies.id = reply.id and replies.lease_until < now() + interval '8 seconds';
  return 'running';
end;
$$;
comment on function chat_private.write_reply is
  'Stores and broadcasts the next part of a reply, if any, and extends its lease. Returns running, stopped (the worker must '
  'end it), lost (the lease has expired), or gone (the reply was deleted).';
grant execute on function chat_private.write_reply to authenticated;

create function chat.running_reply(conversation_id uuid)
returns table (id bigint, question_id bigint, text text, parts integer, created_at timestamptz)
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.settle_replies();
  return query
    select replies.id, replies.question_id, chunks.text, chunks.parts, replies.created_at
    from chat.replies as replies
    cross join lateral (
      select coalesce(string_agg(each.text, '' order by each.index), '') as text, count(*)::integer as parts
      from chat.reply_chunks as each
      where each.reply_id = replies.id
    ) as chunks
    where replies.conversation_id = running_reply.conversation_id and replies.state = 'running';
end;
$$;
comment on function chat.running_reply is
  'The running reply of a conversation, with its text so far and the number of its parts, which is the index of the next '
  'reply.delta. No row if none is running.';
grant execute on function chat.running_reply to authenticated;
