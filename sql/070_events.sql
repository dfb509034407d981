-- Events reach clients as Realtime broadcasts.
create function chat_private.announce(topic text, event text, payload jsonb)
returns void
-- In UTC: Realtime stores the time without a zone, and a request may set another zone.
language plpgsql volatile security invoker set search_path = '' set timezone = 'UTC'
as $$
begin
  perform realtime.send(payload, event, topic, true);
end;
$$;
comment on function chat_private.announce is 'Sends an event to a private topic when the transaction commits.';
