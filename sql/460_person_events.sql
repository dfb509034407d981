-- Definer: only the database may send to a person's topic.
create function chat_private.friend_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(
    'user:' || new.friend_id, 'friend.added',
    jsonb_build_object('user_id', new.user_id, 'username', profiles.username)
  )
  from chat.profiles as profiles
  where profiles.id = new.user_id;
  return null;
end;
$$;

create trigger friend_added
  after insert on chat.friendships
  for each row execute function chat_private.friend_added();

-- Only rooms of at most 50 members are sent who comes and goes: in larger ones each would reach everyone.
create function chat_private.shows_status(room chat.rooms)
returns boolean
language sql immutable security invoker set search_path = ''
as $$
  select room.member_count <= 50;
$$;
grant execute on function chat_private.shows_status to authenticated;

create function chat_private.status_payload(room chat.rooms, status chat.user_status, person chat.profiles)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'room_id', room.id, 'version', room.version, 'user_id', status.user_id, 'user_number', person.number,
    'username', person.username, 'is_online', chat.is_online(status), 'last_seen_at', status.last_seen_at
  );
$$;
grant execute on function chat_private.status_payload to authenticated;

create function chat_private.status_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.announced_online := chat.is_online(new);
  return new;
end;
$$;

create trigger status_changing
  before insert or update on chat.user_status
  for each row execute function chat_private.status_changing();

-- Definer: as above.
create function chat_private.status_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(rooms.topic, 'user.status', chat_private.status_payload(rooms, new, profiles))
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  join chat.profiles as profiles on profiles.id = members.user_id
  where members.user_id = new.user_id and chat_private.shows_status(rooms);
  return null;
end;
$$;

create trigger status_begun
  after insert on chat.user_status
  for each row when (new.announced_online)
  execute function chat_private.status_changed();

create trigger status_changed
  after update on chat.user_status
  for each row when (new.announced_online is distinct from old.announced_online)
  execute function chat_private.status_changed();

create function chat_private.who_is_online(room_id bigint)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(chat_private.status_payload(rooms, status, profiles)), '[]')
    from chat.room_members as members
    join chat.user_status as status on status.user_id = members.user_id
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = rooms.id and chat.is_online(status)
  )
  from chat.rooms as rooms
  where rooms.id = who_is_online.room_id and chat_private.shows_status(rooms);
end;
$$;
comment on function chat_private.who_is_online is
  'What was announced of the members of a room of the caller who are online; null in rooms of more than 50.';
grant execute on function chat_private.who_is_online to authenticated;

-- Definer: Auth's own role deletes accounts, and may do nothing in chat.
create function chat_private.person_leaving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.user_status set signed_out_at = now() where user_id = old.id and announced_online;
  return old;
end;
$$;

create trigger person_leaving
  before delete on chat.profiles
  for each row execute function chat_private.person_leaving();
