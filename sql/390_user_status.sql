-- Who is online: a user who was seen in the last 60 seconds and has not signed out since.
create table chat.user_status (
  user_id uuid primary key references chat.profiles on delete cascade,
  last_seen_at timestamptz not null default now(),
  signed_out_at timestamptz,
  -- The status that the user's rooms were last sent: each "online" is followed by an "offline", however the user leaves.
  announced_online boolean not null default false,
  -- A copy of profiles.status_seen_by, so that the policy reads no other table.
  seen_by chat.who_finds not null default 'everyone'
)
with (fillfactor = 70);
comment on table chat.user_status is 'When a user was last seen.';

-- The users seen lately, for a list of those online.
create index user_status_last_seen_at_idx on chat.user_status (last_seen_at desc);
-- The users announced as online, the longest unseen first: job_end_status().
create index user_status_announced_idx on chat.user_status (last_seen_at) where announced_online;

alter table chat.user_status enable row level security;
revoke all on chat.user_status from anon, authenticated;
grant select on chat.user_status to authenticated;
-- No writes: touch_status() throttles them.

-- Definer: people may not read the memberships and friendships of others. Called only for those whose status not everyone sees.
create function chat_private.sees_status(person_id uuid, seen_by chat.who_finds)
returns boolean
language plpgsql stable security definer cost 1000 set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
begin
  return person_id = me
    or seen_by = 'contacts' and (
      exists (
        select from chat.room_members as mine
        join chat.room_members as theirs on theirs.room_id = mine.room_id and theirs.user_id = person_id
        where mine.user_id = me
      )
      or exists (select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = me)
    )
    or chat_private.is_moderator();
end;
$$;
comment on function chat_private.sees_status is
  'Whether the caller sees a status that not everyone sees: their own, that of a contact, or of somebody in a room of theirs. '
  'Moderators see every status.';
grant execute on function chat_private.sees_status to authenticated;

create policy "people can read who is online"
  on chat.user_status for select to authenticated
  using (
    (select chat_private.require_modest_query()) and not (select chat_private.is_anonymous())
    and user_id not in (select chat_private.my_blockers())
    and (seen_by = 'everyone' or chat_private.sees_status(user_id, seen_by))
  );

create function chat.is_online(status chat.user_status)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select coalesce(
    status.last_seen_at > now() - interval '60 seconds'
    and (status.signed_out_at is null or status.signed_out_at < status.last_seen_at),
    false
  );
$$;
comment on function chat.is_online is 'Whether the user is online. A computed column of user_status.';
grant execute on function chat.is_online to authenticated, service_role;

-- Definer: the only way for clients to write their status. At most one write in 20 seconds, unless signed_out changes.
create function chat_private.touch_status(signed_out boolean)
returns chat.user_status
language plpgsql volatile security definer set search_path = ''
as $$
declare
  status chat.user_status;
begin
  perform chat_private.require_caller();
  select * into status from chat.user_status where user_id = (select auth.uid());
  if found and (status.signed_out_at is not null) = signed_out
    and (signed_out or status.last_seen_at > now() - interval '20 seconds')
  then
    return status;
  end if;
  perform chat_private.take_tokens('set_status');

  insert into chat.user_status (user_id, signed_out_at)
  values ((select auth.uid()), case when signed_out then now() end)
  on conflict (user_id) do update set last_seen_at = now(), signed_out_at = excluded.signed_out_at
  returning * into status;
  return status;
end;
$$;
grant execute on function chat_private.touch_status to authenticated;

create function chat.touch_status(signed_out boolean default false)
returns chat.user_status
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.touch_status(signed_out);
$$;
comment on function chat.touch_status is 'Marks the caller as seen now, or as signed out. Raises rate_limited, caller_required.';
grant execute on function chat.touch_status to authenticated;

create function chat_private.status_payload(room chat.rooms, status chat.user_status, person chat.profiles)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'room_id', room.id, 'version', room.version, 'user_id', status.user_id, 'user_number', person.number,
    'username', person.username, 'is_online', status.announced_online, 'last_seen_at', status.last_seen_at
  );
$$;
grant execute on function chat_private.status_payload to authenticated;

create function chat_private.status_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Without a profile the foreign key refuses the row.
  new.seen_by := coalesce((select status_seen_by from chat.profiles where id = new.user_id), new.seen_by);
  new.announced_online := chat.is_online(new) and new.seen_by <> 'nobody';
  return new;
end;
$$;

create trigger status_changing
  before insert or update on chat.user_status
  for each row execute function chat_private.status_changing();

-- Definer: only the database may send to a room's topic.
create function chat_private.status_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(rooms.topic, 'user.status', chat_private.status_payload(rooms, new, profiles))
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  join chat.profiles as profiles on profiles.id = members.user_id
  where members.user_id = new.user_id and not chat_private.is_large(rooms)
    and not chat_private.hides_status(new.user_id, rooms.id);
  return null;
end;
$$;

create trigger status_changed_on_insert
  after insert on chat.user_status
  for each row when (new.announced_online)
  execute function chat_private.status_changed();

create trigger status_changed_on_update
  after update on chat.user_status
  for each row when (new.announced_online is distinct from old.announced_online)
  execute function chat_private.status_changed();

-- Whose status nobody sees is announced as offline, and leaves the live topics: a channel keeps the right to be present there until it
-- joins again. Definer: people write neither.
create function chat_private.status_setting_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.user_status set seen_by = new.status_seen_by where user_id = new.id;
  if new.status_seen_by = 'nobody' then
    -- A job moves each room once, however often the setting changes.
    insert into chat_private.topics_to_move (room_id)
    select members.room_id from chat.room_members as members where members.user_id = new.id
    on conflict do nothing;
  end if;
  return null;
end;
$$;

create trigger status_setting_changed
  after update on chat.profiles
  for each row when (old.status_seen_by <> new.status_seen_by)
  execute function chat_private.status_setting_changed();

-- Definer: for a policy of Realtime, which asks for the caller's own setting.
create function chat_private.shows_presence()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (select from chat.profiles where id = (select auth.uid()) and status_seen_by <> 'nobody');
end;
$$;
comment on function chat_private.shows_presence is 'Whether the caller may show on live topics that they are there.';

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
    where members.room_id = rooms.id and chat.is_online(status) and status.announced_online
      and not chat_private.hides_status(members.user_id, rooms.id)
  )
  from chat.rooms as rooms
  where rooms.id = who_is_online.room_id and not chat_private.is_large(rooms)
    and not chat_private.is_blocked(rooms.direct_key);
end;
$$;
comment on function chat_private.who_is_online is
  'The last status events of the online members of a room of the caller; null for a large room, and where one has blocked the other.';
grant execute on function chat_private.who_is_online to authenticated;

-- For relays, which know who has a socket before the database does.
create function chat_private.unseen_members(room_id bigint)
returns uuid[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return array(
    select members.user_id
    from chat.room_members as members
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = unseen_members.room_id
      and (profiles.status_seen_by = 'nobody' or chat_private.hides_status(members.user_id, members.room_id))
  );
end;
$$;
comment on function chat_private.unseen_members is 'The members of a room of the caller whose status the room is not sent.';
grant execute on function chat_private.unseen_members to authenticated;

-- Definer: Auth's role deletes accounts, and has no rights in chat.
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

-- A user who leaves without signing out, for example by closing the page, is announced as offline after 60 seconds.
create function chat_private.job_end_status()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  enough constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  ended integer;
begin
  loop
    -- The row of a user who is seen at this moment is locked, and the user stays online.
    update chat.user_status as status
    set announced_online = false
    where status.user_id in (
      select gone.user_id from chat.user_status as gone
      where gone.announced_online and gone.last_seen_at <= now() - interval '60 seconds'
      order by gone.last_seen_at
      limit 50
      for update skip locked
    );
    get diagnostics ended = row_count;
    if ended < 50 then
      return false;
    elsif clock_timestamp() > enough then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_end_status is 'Announces the users as offline who were not seen for 60 seconds.';

-- Due in every run of the jobs: another 10 seconds would be too late.
insert into chat_private.jobs (name, every) values ('end_status', interval '5 seconds');
