-- Switches of a room: whether everyone in it or only its admins write, add people and pin; and whether it is locked.

-- Definer: reads the room and the role of the caller without row-level security.
create function chat_private.require_open(room_id bigint, switch text default null)
returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  is_open boolean;
  locked timestamptz;
  reason text;
  pair text;
begin
  select
    rooms.locked_at is null
      and case switch when 'posting' then rooms.posting when 'pinning' then rooms.pinning else 'everyone' end = 'everyone',
    rooms.locked_at, rooms.locked_reason, rooms.direct_key
  into is_open, locked, reason, pair
  from chat.rooms as rooms where rooms.id = require_open.room_id;
  if auth.uid() is null then
    return;
  elsif pair is not null then
    perform chat_private.require_unblocked(pair);
  end if;
  if is_open or exists (
    select from chat.room_members as members
    where members.room_id = require_open.room_id and members.user_id = auth.uid() and members.role >= 'admin'
  ) then
    return;
  elsif locked is not null then
    raise sqlstate 'PT403' using message = 'room_locked',
      detail = 'Only admins write here now: the room is locked.' || coalesce(' ' || reason, '');
  end if;
  raise sqlstate 'PT403' using message = 'role_required', detail = 'Only admins may do this in this room.';
end;
$$;
comment on function chat_private.require_open is
  'Lets backends pass, and admins; others if the room is not locked, and if what they do is for everyone. None of two people of '
  'whom one has blocked the other. Raises room_locked, role_required, not_reachable.';
grant execute on function chat_private.require_open to authenticated;

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
