create function chat.pin_message(message_id bigint)
returns chat.pins
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  pin chat.pins;
begin
  -- Before the insert begins, so that its policy and its trigger see the same members.
  perform chat_private.lock_room_of(pin_message.message_id);
  insert into chat.pins (message_id) values (pin_message.message_id)
  on conflict on constraint pins_message_id_key do nothing
  returning * into pin;
  perform set_config('chat.repeated', (pin.id is null)::text, true);
  if pin.id is null then
    select * into pin from chat.pins as pins where pins.message_id = pin_message.message_id;
  end if;
  return pin;
end;
$$;
comment on function chat.pin_message is
  'Pins a message for everyone in its room; pinned again, the first pin is returned. Raises message_not_found.';

create function chat.unpin_message(message_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  delete from chat.pins as pins where pins.message_id = unpin_message.message_id;
end;
$$;
comment on function chat.unpin_message is 'Unpins a message; if it was not pinned, nothing changes. Raises message_not_found.';

grant execute on function chat.pin_message, chat.unpin_message to authenticated;
