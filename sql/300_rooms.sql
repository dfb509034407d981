-- Rooms. A room counts its messages (last_seq) and its changes (version): these numbers define the order, not the time.
create table chat.rooms (
  id bigint generated always as identity primary key,
  kind chat.room_kind not null,
  slug text unique,
  name text not null default '',
  description text not null default '',
  is_public boolean not null default false,
  created_by uuid references chat.profiles on delete set null,
  -- The unordered pair of members: two users who write to each other at the same time get one room.
  direct_key text unique,
  last_seq bigint not null default 0,
  version bigint not null default 0,
  -- No foreign key: it is set before its message is inserted, and messages are deleted only with their room.
  last_message_id bigint,
  last_message_at timestamptz,
  member_count integer not null default 0,
  members_version bigint not null default 0,
  epoch integer not null default 1,
  topic text not null generated always as ('room:' || id::text || ':' || epoch::text) stored,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  avatar_url text,
  slow_mode_seconds integer not null default 0,
  posting chat.who_may not null default 'everyone',
  inviting chat.who_may not null default 'admins',
  pinning chat.who_may not null default 'everyone',
  locked_at timestamptz,
  locked_reason text,
  joining chat.way_to_join not null default 'open',
  -- What else holds for a room is in room_checking().
  constraint rooms_counts_check check (last_seq >= 0 and version >= 0 and member_count >= 0)
)
-- Every message updates its room, and finds space for that in the same page.
with (fillfactor = 50);
comment on table chat.rooms is 'A direct chat of two people, or a group.';
comment on column chat.rooms.members_version is
  'Counts the changes of the list of members; a cached list carries the version that it shows.';
comment on column chat.rooms.topic is
  'The topic of its events. It changes when a member is removed, so that the former member receives no more events.';
comment on column chat.rooms.slow_mode_seconds is 'How long a member waits between two messages; 0 is not at all. Admins do not wait.';
comment on column chat.rooms.posting is 'Who writes, and edits what they have written: everyone in the room, or its admins.';
comment on column chat.rooms.inviting is 'Who adds people: everyone in the room, or its admins.';
comment on column chat.rooms.pinning is 'Who pins and unpins messages: everyone in the room, or its admins.';
comment on column chat.rooms.joining is 'Whether everyone joins the group at once while it is public, or asks its admins.';
comment on column chat.rooms.locked_at is
  'Since when only admins write, edit, react and pin; null if the room is not locked. A given time becomes that of the change.';
comment on column chat.rooms.locked_reason is 'Why the room is locked, for its members.';
comment on column chat.rooms.deleted_at is
  'Set while a job removes the many rows of a deleted room; only operators and the secret key see such a room.';

-- The foreign key.
create index rooms_created_by_idx on chat.rooms (created_by);
-- The groups that anyone can join, newest first.
create index rooms_public_idx on chat.rooms (id desc) where is_public;
-- Deleted rooms whose rows a job must remove.
create index rooms_deleted_at_idx on chat.rooms (deleted_at) where deleted_at is not null;

-- Every message updates its room, and with each update Postgres prepares and evaluates all checks of a table: that made up a
-- tenth of a send. These are evaluated when what they are about is written, after all other triggers, by the name of this one.
create function chat_private.room_checking()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  violated constant text := case
    when not (
      (new.kind = 'direct' and new.deleted_at is null) = (new.direct_key is not null) and (new.kind = 'group' or not new.is_public)
    ) then 'rooms_kind_check'
    when not (new.slug ~ '^[\w.@+-]+$' and char_length(new.slug) <= 310) then 'rooms_slug_check'
    -- Clients know a direct room by the usernames of its members, such as ann_bob: no group may have such a slug.
    when not (new.kind = 'direct' or new.slug !~ '_') then 'rooms_group_slug_check'
    when not (
      char_length(new.name) <= 255 and (new.kind = 'direct' or new.deleted_at is not null or chat_private.shows(new.name))
    ) then 'rooms_name_check'
    when not (char_length(new.description) <= 2000) then 'rooms_description_check'
    when not (new.avatar_url ~ '^(https?://|/)' and char_length(new.avatar_url) <= 2048) then 'rooms_avatar_url_check'
    when not (new.slow_mode_seconds between 0 and 21600) then 'rooms_slow_mode_check'
    when not (
      new.locked_reason is null
      or new.locked_at is not null and char_length(new.locked_reason) >= 1 and char_length(new.locked_reason) <= 500
    ) then 'rooms_locked_reason_check'
    -- A placeholder that no user can see: see room_deleted().
    when not (new.deleted_at is null or (new.slug is null and not new.is_public and new.member_count = 0)) then 'rooms_deleted_check'
  end;
begin
  if violated is not null then
    raise check_violation using schema = 'chat', table = 'rooms', constraint = violated,
      message = format('new row for relation "rooms" violates check constraint "%s"', violated);
  end if;
  return new;
end;
$$;
comment on function chat_private.room_checking is 'Raises what a check constraint of that name would raise.';

create trigger room_checking
  before insert or update of
    kind, slug, name, description, is_public, direct_key, member_count, avatar_url, slow_mode_seconds, locked_at, locked_reason,
    deleted_at
  on chat.rooms
  for each row execute function chat_private.room_checking();

-- Definer: reads memberships without row-level security, so that no policy reads its own table.
-- plpgsql, here and in all functions that a send calls: it keeps its plans; Postgres 17 plans an sql function at each call.
create function chat_private.my_room_ids(minimum chat.member_role default 'member')
returns setof bigint
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select room_id from chat.room_members where user_id = (select auth.uid()) and role >= minimum;
end;
$$;
grant execute on function chat_private.my_room_ids to authenticated;

-- Definer: as above. For one room: it costs the same however many rooms the caller is in.
create function chat_private.is_my_room(room_id bigint)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from chat.room_members as members
    where members.room_id = is_my_room.room_id and members.user_id = (select auth.uid())
  );
end;
$$;
grant execute on function chat_private.is_my_room to authenticated;

-- For the policy of a row whose triggers have waited for the room: it sees the members whom they saw, and not those of the time
-- when the statement began.
create function chat_private.is_my_room_now(room_id bigint)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.is_my_room(room_id);
end;
$$;
grant execute on function chat_private.is_my_room_now to authenticated;

-- Every change of a room locks the room first, to avoid deadlocks. Policies call this where a plain write would lock
-- another row first; because of its cost they call it last. Definer: members may lock a room that they may not change.
create function chat_private.lock_my_room(room_id bigint)
returns boolean
language plpgsql volatile security definer cost 10000 set search_path = ''
as $$
begin
  if room_id not in (select chat_private.my_room_ids()) and not chat_private.is_backend() then
    return false;
  end if;
  perform chat_private.take_turn(room_id);
  perform from chat.rooms as rooms where rooms.id = lock_my_room.room_id for no key update;
  -- Checks again: the membership may have been deleted during the wait.
  return room_id in (select chat_private.my_room_ids()) or chat_private.is_backend();
end;
$$;
grant execute on function chat_private.lock_my_room to authenticated;

create function chat_private.is_large(room chat.rooms)
returns boolean
language sql immutable security invoker set search_path = ''
as $$
  select room.member_count > 50;
$$;
comment on function chat_private.is_large is
  'Whether a room has too many members to broadcast statuses and read marks: each event would reach all of them.';
grant execute on function chat_private.is_large to authenticated;

alter table chat.rooms enable row level security;
revoke all on chat.rooms from anon, authenticated;
grant select, delete, update (
  name, description, is_public, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason,
  joining
) on chat.rooms to authenticated;
-- No insert: create_direct_room() and create_group_room() insert a room together with its members.

create policy "members can read their rooms, and everyone the public ones"
  on chat.rooms for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and ((is_public and not (select chat_private.is_anonymous())) or id in (select chat_private.my_room_ids()))
  );

create policy "admins can change their rooms"
  on chat.rooms for update to authenticated
  using (
    (select chat_private.require_access()) and id in (select chat_private.my_room_ids('admin')) and (select chat_private.lock_my_room(id))
  )
  with check (id in (select chat_private.my_room_ids('admin')));

create policy "owners can delete rooms, and both people a direct room"
  on chat.rooms for delete to authenticated
  using (
    (select chat_private.require_access())
    and (
      id in (select chat_private.my_room_ids('owner'))
      or (kind = 'direct' and id in (select chat_private.my_room_ids()))
    )
    and (select chat_private.lock_my_room(id))
  );
