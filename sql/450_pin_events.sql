-- Definer: reads past the policies, so that a stranger's message and none at all answer alike.
create function chat_private.pin_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.count_row();
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id into new.room_id
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and (
      exists (select from chat.room_members where room_id = messages.room_id and user_id = new.pinned_by)
      or new.pinned_by is null and chat_private.is_backend()
    );
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return new;
end;
$$;

create trigger pins_adding
  before insert on chat.pins
  for each statement execute function chat_private.count_from_zero();

create trigger pin_adding
  before insert on chat.pins
  for each row execute function chat_private.pin_adding();

-- Definer: clients may not write room_changes.
create function chat_private.pin_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'message.pinned', jsonb_build_object('pin', to_jsonb(new)));
  return null;
end;
$$;

create trigger pin_added
  after insert on chat.pins
  for each row execute function chat_private.pin_added();

-- Definer: as above.
create function chat_private.pin_removed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(
    old.room_id, 'message.unpinned', jsonb_build_object('id', old.id, 'message_id', old.message_id)
  );
  return null;
end;
$$;

create trigger pin_removed
  after delete on chat.pins
  for each row execute function chat_private.pin_removed();
