-- Open channels of people who may not act any more. Realtime asks the policies when a client joins, and not for each event: so
-- the topics of their rooms move, as after a removal, to where they cannot follow. So do the topics of people
-- who no longer show their status.
create table chat_private.topics_to_move (
  room_id bigint primary key
);
comment on table chat_private.topics_to_move is 'Rooms whose topic a job moves, once for all the channels that must not go on.';
alter table chat_private.topics_to_move enable row level security;
revoke all on chat_private.topics_to_move from anon, authenticated;

create function chat_private.move_topics(rooms bigint[])
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room bigint;
begin
  for room in select id from unnest(rooms) as id order by id loop
    perform chat_private.take_turn(room);
    perform chat_private.move_topic(room);
  end loop;
exception when deadlock_detected or lock_not_available or sqlstate 'PT503' then
  -- Auth must not fail to end a session, nor to ban somebody.
  insert into chat_private.topics_to_move (room_id) select unnest(rooms) on conflict do nothing;
end;
$$;
comment on function chat_private.move_topics is 'Moves the topics of rooms at once, or soon if another transaction holds them.';

create function chat_private.job_move_topics()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room bigint;
begin
  delete from chat_private.topics_to_move
  where room_id = (select topics.room_id from chat_private.topics_to_move as topics order by topics.room_id limit 1)
  returning room_id into room;
  if room is null then
    return false;
  end if;
  perform chat_private.move_topic(id) from chat.rooms where id = room;
  return true;
end;
$$;
comment on function chat_private.job_move_topics is 'Moves the topic of a room, once for all the channels that must not go on.';

insert into chat_private.jobs (name, every) values ('move_topics', interval '10 seconds');

create function chat_private.cut_off(account uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  update chat.user_status set signed_out_at = now() where user_id = account and announced_online;
  perform chat_private.move_topics(array(select members.room_id from chat.room_members as members where members.user_id = account));
end;
$$;
comment on function chat_private.cut_off is 'Shows a user as offline, and moves the topics of all their rooms.';

-- Definer: who suspends may not write rooms.
create function chat_private.user_suspended()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.cut_off(new.user_id);
  return null;
end;
$$;

create trigger user_suspended_on_insert
  after insert on chat.suspensions
  for each row when (coalesce(new.until > now(), true))
  execute function chat_private.user_suspended();

create trigger user_suspended_on_update
  after update of user_id, until on chat.suspensions
  for each row when (
    coalesce(new.until > now(), true) and (new.user_id <> old.user_id or old.until <= now())
  )
  execute function chat_private.user_suspended();

-- Definer: Auth's role bans, and has no rights in chat. A soft deletion keeps the row of the account.
create function chat_private.account_banned()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.cut_off(new.id);
  return null;
end;
$$;

create trigger parley_account_banned
  after update of banned_until, deleted_at on auth.users
  for each row when (
    new.banned_until > now() and coalesce(old.banned_until <= now(), true) or new.deleted_at is not null and old.deleted_at is null
  )
  execute function chat_private.account_banned();

-- Definer: Auth's role ends sessions, and has no rights in chat. A statement ends one, those of one person, or old ones of many.
create function chat_private.sessions_ended()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 100;
  account uuid;
  at_once bigint[];
begin
  for account in
    select distinct ended.user_id from ended
    -- Auth lets a token live for a week at most.
    where coalesce(ended.refreshed_at at time zone 'UTC', ended.created_at, now()) > now() - interval '7 days'
  loop
    -- Anybody can join a public group, so its events are no secret. Every move makes the members who are there join again.
    at_once := array(
      select rooms.id
      from chat.room_members as members
      join chat.rooms as rooms on rooms.id = members.room_id and not rooms.is_public
      where members.user_id = account and not chat_private.is_large(rooms)
      order by rooms.last_message_at desc nulls last, rooms.id desc
      limit most
    );
    perform chat_private.move_topics(at_once);
    insert into chat_private.topics_to_move (room_id)
    select rooms.id
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id and not rooms.is_public
    where members.user_id = account and rooms.id <> all (at_once)
    on conflict do nothing;
  end loop;
  return null;
end;
$$;

create trigger parley_sessions_ended
  after delete on auth.sessions
  referencing old table as ended
  for each statement execute function chat_private.sessions_ended();
