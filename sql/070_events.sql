-- Events reach clients as Realtime broadcasts.

-- The topics of a room move away from who is suspended; those of one person have no other listener.
create function chat_private.is_heard(topic text)
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
declare
  named constant text := split_part(topic, ':', 2);
  listener uuid;
begin
  if topic like 'room:%' then
    return true;
  elsif topic like 'user:%' then
    listener := named::uuid;
  elsif topic like 'conversation:%' then
    listener := (select conversations.owner_id from chat.conversations as conversations where conversations.id = named::uuid);
  end if;
  return chat_private.refusal_of(listener, null) is distinct from 'suspended';
end;
$$;
comment on function chat_private.is_heard is 'Whether a topic is not that of one person who is suspended.';

create function chat_private.announce(topic text, event text, payload jsonb)
returns void
-- In UTC: Realtime stores the time without a zone, and a request may set another zone.
language plpgsql volatile security invoker set search_path = '' set timezone = 'UTC'
as $$
begin
  -- A notice says that one is suspended, and why.
  if event <> 'notice.added' and not chat_private.is_heard(topic) then
    return;
  end if;
  perform realtime.send(payload, event, topic, true);
end;
$$;
comment on function chat_private.announce is 'Sends an event to a private topic when the transaction commits.';
