-- How a reply ends: by its worker, by its owner, or because its worker is lost.

-- Ends a running reply whose conversation is locked: stores its text as a message, and broadcasts the end.
create function chat_private.end_reply(reply chat.replies, content text, state text, reason text, usage jsonb default null)
returns chat.replies
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  ended chat.replies;
  kept_id bigint;
  error text := case
    when reason = 'cancelled' then 'cancelled'
    when reason in ('responder_failed', 'worker_ended', 'worker_lost') then 'responder_failed'
  end;
begin
  if content ~ '\S' and char_length(content) > reply.base then
    insert into chat.conversation_messages (conversation_id, role, content, metadata, reply_to_id)
    values (
      reply.conversation_id, 'assistant', end_reply.content,
      jsonb_strip_nulls(jsonb_build_object(
        'responder', reply.responder, 'partial', case when end_reply.state <> 'complete' then true end
      )),
      reply.question_id
    )
    returning id into kept_id;
  end if;
  update chat.replies as replies
  set state = case when kept_id is null then 'failed' else end_reply.state end,
    reason = end_reply.reason, message_id = kept_id, usage = end_reply.usage, ended_at = now()
  where replies.id = reply.id
  returning * into ended;
  if jsonb_typeof(end_reply.usage -> 'total_tokens') = 'number' then
    perform chat_private.use_tokens(reply.owner_id, least((end_reply.usage ->> 'total_tokens')::numeric, 1000000000)::bigint);
  end if;
  delete from chat.reply_chunks where reply_id = reply.id;
  perform chat_private.announce(
    'conversation:' || reply.conversation_id, 'reply.done',
    jsonb_build_object(
      'conversation_id', reply.conversation_id, 'reply_to_id', reply.question_id, 'message_id', kept_id
    ) || jsonb_strip_nulls(jsonb_build_object(
      'error', coalesce(error, case when kept_id is null then 'responder_failed' end)
    ))
  );
  return ended;
end;
$$;

-- Ends replies whose worker is lost or has not stopped when asked to: a limited number, of one owner or of all.
create function chat_private.end_lapsed_replies(owner_id uuid, most integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  candidate record;
  reply chat.replies;
  ended integer := 0;
begin
  for candidate in
    select id, conversation_id from chat.replies as replies
    where replies.state = 'running' and replies.lease_until < now()
      and (end_lapsed_replies.owner_id is null or replies.owner_id = end_lapsed_replies.owner_id)
    limit most
  loop
    -- The transaction that holds the lock ends the reply, or reads it later.
    perform from chat.conversations where id = candidate.conversation_id for no key update skip locked;
    continue when not found;
    select * into reply from chat.replies as replies
    where replies.id = candidate.id and replies.state = 'running' and replies.lease_until < now()
    for no key update;
    continue when not found;
    perform chat_private.end_lapsed_reply(reply);
    ended := ended + 1;
  end loop;
  return ended;
end;
$$;

create function chat_private.end_lapsed_reply(reply chat.replies)
returns chat.replies
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.end_reply(
    reply, chat_private.reply_text(reply.id), 'partial',
    case when reply.stop_requested_at is null then 'worker_lost' else 'cancelled' end
  );
$$;

-- Definer: clients may not write replies. Readers call it first, so that they see no running reply without a worker.
create function chat_private.settle_replies()
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is not null then
    perform chat_private.end_lapsed_replies((select auth.uid()), 100);
  end if;
end;
$$;
comment on function chat_private.settle_replies is 'Ends the replies of the caller whose workers are lost.';
grant execute on function chat_private.settle_replies to authenticated;

-- Definer: clients may not write replies.
create function chat_private.finish_reply(reply_id bigint, content text, state text, reason text, usage jsonb default null)
returns chat.replies
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  perform from chat.conversations as conversations
  where conversations.id = (
    select replies.conversation_id from chat.replies as replies
    where replies.id = finish_reply.reply_id and replies.owner_id = (select auth.uid())
  )
  for no key update;
  select * into reply from chat.replies as replies
  where replies.id = finish_reply.reply_id and replies.owner_id = (select auth.uid())
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  -- A worker that only counted as lost may still deliver the rest, unless a later reply has begun.
  if reply.state = 'running' or reply.reason = 'worker_lost' and not exists (
    select from chat.replies as later
    where later.conversation_id = reply.conversation_id and later.id > reply.id
  ) then
    return chat_private.end_reply(
      reply, finish_reply.content, finish_reply.state, finish_reply.reason, finish_reply.usage
    );
  end if;
  return reply;
end;
$$;
comment on function chat_private.finish_reply is
  'Ends a reply, and stores its text as a message. A reply that has ended does not change. Raises conversation_not_found.';
grant execute on function chat_private.finish_reply to authenticated;

-- Definer: clients may not write replies.
create function chat_private.request_stop(reply_id bigint)
returns chat.replies
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  perform chat_private.require_access();
  -- The worker has one second to end it.
  update chat.replies as replies
  set stop_requested_at = coalesce(replies.stop_requested_at, now()),
    lease_until = least(replies.lease_until, now() + interval '1 second')
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid()) and replies.state = 'running'
    and replies.stop_requested_at is null;
  select * into reply from chat.replies as replies
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid());
  if not found then
    raise sqlstate 'PT404' using message = 'reply_not_found', detail = 'No such reply.';
  end if;
  return reply;
end;
$$;
grant execute on function chat_private.request_stop to authenticated;

create function chat.stop_reply(reply_id bigint)
returns chat.replies
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.settle_replies();
  return chat_private.request_stop(stop_reply.reply_id);
end;
$$;
comment on function chat.stop_reply is
  'Stops a reply of the assistant: within a second it ends with its text so far. A reply that has ended does not change. '
  'Raises reply_not_found.';
grant execute on function chat.stop_reply to authenticated;

-- Ends the replies of lost workers, so that waiting clients are notified.
create function chat_private.job_end_replies()
returns boolean
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.end_lapsed_replies(null, 200) = 200;
$$;

insert into chat_private.jobs (name, every) values ('end_replies', interval '10 seconds');
