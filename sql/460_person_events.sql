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

-- Definer: as above. Only rooms of at most 50 members are told: in larger ones each coming and going would reach everyone.
create function chat_private.status_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  online boolean := chat.is_online(new);
begin
  if tg_op = 'UPDATE' and chat.is_online(old) = online then
    return null;
  end if;
  perform chat_private.announce(
    rooms.topic, 'user.status',
    jsonb_build_object(
      'room_id', rooms.id, 'version', rooms.version, 'user_id', new.user_id, 'user_number', profiles.number,
      'username', profiles.username, 'is_online', online, 'last_seen_at', new.last_seen_at
    )
  )
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  join chat.profiles as profiles on profiles.id = members.user_id
  where members.user_id = new.user_id and rooms.member_count <= 50;
  return null;
end;
$$;

create trigger status_changed
  after insert or update on chat.user_status
  for each row execute function chat_private.status_changed();
