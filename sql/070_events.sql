-- Events reach clients as broadcasts of Realtime.
create function chat_private.announce(topic text, event text, payload jsonb)
returns void
-- In UTC: Realtime notes the time without a zone, and a request may ask for another one.
language plpgsql volatile security invoker set search_path = '' set timezone = 'UTC'
as $$
begin
  perform realtime.send(payload, event, topic, true);
end;
$$;
comment on function chat_private.announce is 'Sends an event to a private topic, when and if the transaction commits.';
