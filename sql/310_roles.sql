-- Who may do what in a room, and the errors that refuse it.
create function chat_private.refuse_stranger(room_id bigint)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if exists (select from chat.rooms where id = refuse_stranger.room_id and is_public) then
    raise sqlstate 'PT403' using message = 'not_a_member', detail = 'Join the room first.';
  end if;
  raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room, or you are not a member of it.';
end;
$$;
comment on function chat_private.refuse_stranger is 'Raises not_a_member for a public room, room_not_found for any other.';

-- Definer: the caller may not be able to see the room.
create function chat_private.require_role(room_id bigint, minimum chat.member_role default 'member')
returns chat.member_role
language plpgsql stable security definer set search_path = ''
as $$
declare
  own_role chat.member_role;
begin
  perform chat_private.require_access();
  select role into own_role
  from chat.room_members as members
  where members.room_id = require_role.room_id and members.user_id = (select auth.uid());

  if found and own_role >= minimum then
    return own_role;
  elsif found then
    raise sqlstate 'PT403' using message = 'role_required',
      detail = format('Only %s may do this.', case minimum when 'owner' then 'the owner' else 'an admin' end);
  elsif chat_private.is_backend()
    and exists (select from chat.rooms where id = require_role.room_id and deleted_at is null)
  then
    return 'owner';
  end if;
  perform chat_private.refuse_stranger(room_id);
  return null;
end;
$$;
comment on function chat_private.require_role is
  'The role of the caller in a room, if it is at least the minimum; a backend has the rights of an owner in every room. '
  'Raises room_not_found, not_a_member, role_required.';
grant execute on function chat_private.require_role to authenticated;

-- Changes of membership lock the room first, as a send does, so that the two cannot deadlock.
create function chat_private.lock_room(room_id bigint, minimum chat.member_role default 'member')
returns chat.rooms
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.require_role(lock_room.room_id, minimum);
  perform chat_private.take_turn(lock_room.room_id);
  select * into room from chat.rooms where id = lock_room.room_id for no key update;
  -- Checks again: the role may have changed during the wait.
  perform chat_private.require_role(lock_room.room_id, minimum);
  return room;
end;
$$;

-- Definer: looks up the room regardless of row-level security.
create function chat_private.lock_room_of(message_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.lock_my_room(messages.room_id)
  from chat.messages as messages
  where messages.id = lock_room_of.message_id;
end;
$$;
grant execute on function chat_private.lock_room_of to authenticated;

create function chat_private.require_group(room chat.rooms)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if room.kind = 'direct' then
    raise sqlstate 'PT400' using message = 'direct_room_fixed', detail = 'A direct chat has exactly two members.';
  end if;
end;
$$;

create function chat_private.require_people(user_ids uuid[])
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Locks the profiles, so that no account is deleted before its membership is inserted.
  perform from chat.profiles where id = any (user_ids) for key share;
  if exists (
    select from unnest(user_ids) as wanted (id)
    where not exists (select from chat.profiles where profiles.id = wanted.id)
  ) then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  end if;
end;
$$;
comment on function chat_private.require_people is 'Raises user_not_found if one of these users has no account.';
