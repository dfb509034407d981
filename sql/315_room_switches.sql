-- Switches of a room: whether everyone in it or only its admins write, add people and pin; and whether it is locked.

-- Definer: reads the room and the role of the caller without row-level security.
create function chat_private.require_switch(room_id bigint, switch text default null)
returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms as rooms where rooms.id = require_switch.room_id;
  if room.locked_at is null and (to_jsonb(room) ->> switch) is distinct from 'admins' then
    return;
  elsif (select auth.uid()) is null or exists (
    select from chat.room_members as members
    where members.room_id = room.id and members.user_id = (select auth.uid()) and members.role >= 'admin'
  ) then
    return;
  elsif room.locked_at is not null then
    raise sqlstate 'PT403' using message = 'room_locked',
      detail = 'Only admins write here now: the room is locked.' || coalesce(' ' || room.locked_reason, '');
  end if;
  raise sqlstate 'PT403' using message = 'role_required', detail = 'Only admins may do this in this room.';
end;
$$;
comment on function chat_private.require_switch is
  'Lets admins and backends pass; others if the room is not locked, and if the switch, a column of rooms, is for everyone. '
  'Raises room_locked, role_required.';
grant execute on function chat_private.require_switch to authenticated;

-- A room is locked from the time of the change, and a reason goes with its lock. Runs before room_changing, by its name, which
-- counts only what is left of the change.
create function chat_private.lock_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if new.locked_at is null then
    new.locked_reason := null;
  else
    new.locked_at := coalesce(old.locked_at, now());
  end if;
  return new;
end;
$$;

create trigger lock_changing
  before update of locked_at, locked_reason on chat.rooms
  for each row execute function chat_private.lock_changing();
