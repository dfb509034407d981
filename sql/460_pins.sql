-- Pinned messages: members pin them for everyone in the room.
create table chat.pins (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete no action,
  message_id bigint not null unique references chat.messages on delete cascade,
  pinned_by uuid default auth.uid() references chat.profiles on delete set null,
  pinned_at timestamptz not null default now()
);
comment on table chat.pins is 'A pinned message.';

-- The pins of a room; the foreign key.
create index pins_room_id_idx on chat.pins (room_id, id);
-- The foreign key.
create index pins_pinned_by_idx on chat.pins (pinned_by);

alter table chat.pins enable row level security;
revoke all on chat.pins from anon, authenticated;
grant select, insert (message_id), delete on chat.pins to authenticated;
-- No update: there is nothing to change.

create policy "members can read pins"
  on chat.pins for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create policy "members can pin messages"
  on chat.pins for insert to authenticated
  with check (
    (select chat_private.require_access())
    and pinned_by = (select auth.uid())
    and room_id in (select chat_private.my_room_ids())
  );

create policy "members can unpin messages"
  on chat.pins for delete to authenticated
  using (
    (select chat_private.require_access())
    and room_id in (select chat_private.my_room_ids())
    and (select chat_private.lock_my_room(room_id))
  );

-- Definer: reads without row-level security, so that a hidden message and a missing one raise the same error.
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
  perform chat_private.require_open(new.room_id, 'pinning');
  return new;
end;
$$;

create trigger pins_adding
  before insert on chat.pins
  for each statement execute function chat_private.count_from_zero();

create trigger pin_adding
  before insert on chat.pins
  for each row execute function chat_private.pin_adding();

-- Afterwards, as a message that is pinned already takes none.
create function chat_private.pin_counted()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.take_tokens('pin');
  return null;
end;
$$;

create trigger pin_counted
  after insert on chat.pins
  for each row when (current_user = 'authenticated')
  execute function chat_private.pin_counted();

create function chat_private.pin_removing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_open(old.room_id, 'pinning'), chat_private.take_tokens('pin');
  return old;
end;
$$;

create trigger pin_removing
  before delete on chat.pins
  -- Not those that go with a deleted message or room.
  for each row when (current_user = 'authenticated')
  execute function chat_private.pin_removing();

-- Definer: clients may not write room_changes.
create function chat_private.pin_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'message.pinned', jsonb_build_object('pin', to_jsonb(new)), 'pinned');
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

create function chat.pin_message(message_id bigint)
returns chat.pins
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  pin chat.pins;
begin
  -- Locks the room before the insert, so that its policy and its trigger see the same members.
  perform chat_private.lock_room_of(pin_message.message_id);
  -- Who is added to the room just now would be refused by the policy, without a name.
  perform chat_private.require_message(message_id);
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
  'Pins a message for everyone in its room; returns the pin of a message that is already pinned. Raises message_not_found, '
  'room_locked, role_required, not_reachable, rate_limited.';

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
comment on function chat.unpin_message is
  'Unpins a message; does nothing if it is not pinned. Raises message_not_found, '
  'room_locked, role_required, rate_limited.';

grant execute on function chat.pin_message, chat.unpin_message to authenticated;
