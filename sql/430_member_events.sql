-- Changes of membership, whatever brings them: a function, or an account that leaves.
create function chat_private.member_payload(member chat.room_members)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'user_id', member.user_id,
    'user_number', profiles.number,
    'username', profiles.username,
    'role', member.role,
    'joined_at', member.joined_at
  )
  from (select) as nobody
  left join chat.profiles as profiles on profiles.id = member.user_id;
$$;

create function chat_private.member_joining()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id and deleted_at is null;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif room.kind = 'direct' and position(new.user_id::text in room.direct_key) = 0 then
    perform chat_private.require_group(room);
  end if;
  new.shares_receipts := coalesce((select share_receipts from chat.profiles where id = new.user_id), true);
  -- Who joins starts with everything read.
  new.last_read_seq := room.last_seq;
  new.last_delivered_seq := room.last_seq;
  return new;
end;
$$;

create trigger member_joining
  before insert on chat.room_members
  for each row execute function chat_private.member_joining();

-- Definer: counts and announces, which clients may not.
create function chat_private.member_joined()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  members integer;
begin
  update chat.rooms
  set member_count = member_count + 1, members_version = members_version + 1
  where id = new.room_id
  returning member_count into members;
  perform chat_private.record_change(
    new.room_id, 'member.joined',
    chat_private.member_payload(new) || jsonb_build_object('member_count', members)
  );
  perform chat_private.announce(
    'user:' || new.user_id, 'room.added', jsonb_build_object('room_id', new.room_id)
  );
  return null;
end;
$$;

create trigger member_joined
  after insert on chat.room_members
  for each row execute function chat_private.member_joined();

-- Definer: as above.
create function chat_private.member_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms
  set member_count = member_count - 1, members_version = members_version + 1
  where id = old.room_id and deleted_at is null
  returning * into room;
  if not found then
    return null; -- with the room itself, which tells so
  end if;

  perform chat_private.announce('user:' || old.user_id, 'room.removed', jsonb_build_object('room_id', old.room_id));
  perform chat_private.record_change(
    room.id, 'member.left', jsonb_build_object('user_id', old.user_id, 'member_count', room.member_count)
  );
  -- Who leaves a public group by themselves could join again at any time: a loop of that is not to move everyone.
  if not room.is_public or old.user_id is distinct from (select auth.uid()) then
    perform chat_private.move_topic(room.id);
  end if;
  if old.role = 'owner' then
    perform chat_private.pass_ownership(room.id);
  end if;
  -- Nobody could ever reach it again.
  delete from chat.rooms where id = room.id and member_count = 0 and not is_public;
  return null;
end;
$$;

-- A membership is of one person in one room.
create function chat_private.member_moving()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using message = 'membership_fixed',
    detail = 'A membership keeps its room and its person: delete it, and insert another.';
end;
$$;

create trigger member_moving
  after update on chat.room_members
  for each row when ((new.room_id, new.user_id) is distinct from (old.room_id, old.user_id))
  execute function chat_private.member_moving();

create trigger member_left
  after delete on chat.room_members
  for each row execute function chat_private.member_left();

-- Definer: Auth's own role deletes from auth.users, and may do nothing in chat. Also of profiles, which an operator may
-- delete alone.
create function chat_private.account_leaving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- All that a room's lock guards, in one order for everyone, before the deletion takes it row by row.
  perform from chat.profiles where id = old.id for no key update;
  perform from chat.rooms
  where id in (
    select room_id from chat.room_members where user_id = old.id union select id from chat.rooms where created_by = old.id
  )
  order by id
  for no key update;
  return old;
end;
$$;

create trigger parley_account_leaving
  before delete on auth.users
  for each row execute function chat_private.account_leaving();

create trigger profile_leaving
  before delete on chat.profiles
  for each row execute function chat_private.account_leaving();

create function chat_private.pass_ownership(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update chat.room_members
  set role = 'owner'
  where (room_id, user_id) = (
    select members.room_id, members.user_id
    from chat.room_members as members
    where members.room_id = pass_ownership.room_id
    order by members.role desc, members.joined_at, members.user_id
    limit 1
  );
$$;
comment on function chat_private.pass_ownership is 'Makes the longest-standing admin, or else member, the owner.';

create function chat_private.move_topic(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  old_topic text := (select topic from chat.rooms where id = move_topic.room_id);
  room chat.rooms;
begin
  update chat.rooms set epoch = epoch + 1 where id = move_topic.room_id returning * into room;
  perform chat_private.announce(
    old_topic, 'room.moved', jsonb_build_object('room_id', room.id, 'version', room.version, 'topic', room.topic)
  );
end;
$$;
comment on function chat_private.move_topic is
  'Moves the events of a room to a new topic, so that a channel left open by a former member falls silent.';
