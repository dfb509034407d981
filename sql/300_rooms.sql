-- A room of people. It counts its messages (last_seq) and its changes (version): that order is the truth, not time.
create table chat.rooms (
  id bigint generated always as identity primary key,
  kind chat.room_kind not null,
  slug text unique check (slug ~ '^[\w.@+-]+$' and char_length(slug) <= 310),
  name text not null default '',
  description text not null default '' check (char_length(description) <= 2000),
  is_public boolean not null default false,
  created_by uuid references chat.profiles on delete set null,
  -- The unordered pair of members: two that write to each other at once get one room.
  direct_key text unique,
  last_seq bigint not null default 0 check (last_seq >= 0),
  version bigint not null default 0 check (version >= 0),
  -- No foreign key: it is set before its message stands, and messages go only with their room.
  last_message_id bigint,
  last_message_at timestamptz,
  member_count integer not null default 0 check (member_count >= 0),
  members_version bigint not null default 0,
  epoch integer not null default 1,
  topic text not null generated always as ('room:' || id::text || ':' || epoch::text) stored,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((kind = 'direct' and deleted_at is null) = (direct_key is not null)),
  check (kind = 'group' or not is_public),
  -- Clients know the room of two people by their names, such as ann_bob: no group may pass for it.
  constraint rooms_group_slug_check check (kind = 'direct' or slug !~ '_'),
  constraint rooms_name_check
    check (char_length(name) <= 255 and (kind = 'direct' or deleted_at is not null or chat_private.shows(name))),
  -- Nobody sees it: see room_deleted().
  constraint rooms_deleted_check check (deleted_at is null or (slug is null and not is_public and member_count = 0))
)
-- Every message changes its room in place.
with (fillfactor = 50);
comment on table chat.rooms is 'A direct chat of two people, or a group.';
comment on column chat.rooms.members_version is 'Counts what changes the list of members; what is kept of that list carries it.';
comment on column chat.rooms.topic is
  'Where its events are sent. It changes when someone is removed, so that they hear nothing more.';
comment on column chat.rooms.deleted_at is
  'Set while the many rows of a deleted room are removed in the background; only operators and the secret key see such a room.';

-- The foreign key.
create index rooms_created_by_idx on chat.rooms (created_by);
-- The groups that anyone can join, newest first.
create index rooms_public_idx on chat.rooms (id desc) where is_public;
-- Those whose rows are still to be removed.
create index rooms_deleted_at_idx on chat.rooms (deleted_at) where deleted_at is not null;

create function chat_private.free_slug(room_id bigint)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  candidate text := 'room-' || room_id;
begin
  while exists (select from chat.rooms where slug = candidate and id <> room_id) loop
    candidate := 'room-' || room_id || '-' || (random() * 1e9)::integer;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.free_slug is 'room-7 for room 7, or the like when another room has that.';

-- From its name, a slug would tell that somebody else has a room of that name.
create function chat_private.group_slug()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.slug := chat_private.free_slug(new.id);
  return new;
end;
$$;

create trigger group_slug
  before insert on chat.rooms
  for each row when (new.kind = 'group' and new.slug is null and new.deleted_at is null)
  execute function chat_private.group_slug();

create table chat.room_members (
  -- No action, here and below: room_deleted() decides what goes at once.
  room_id bigint not null references chat.rooms on delete no action,
  user_id uuid not null references chat.profiles on delete cascade,
  role chat.member_role not null default 'member',
  joined_at timestamptz not null default now(),
  last_read_seq bigint not null default 0 check (last_read_seq >= 0),
  last_delivered_seq bigint not null default 0 check (last_delivered_seq >= 0),
  own_after_read integer not null default 0 check (own_after_read >= 0),
  last_read_at timestamptz,
  last_delivered_at timestamptz,
  read_after_seq bigint not null default 0,
  delivered_after_seq bigint not null default 0,
  shares_receipts boolean not null default true,
  archived_at timestamptz,
  muted_until timestamptz,
  primary key (room_id, user_id)
)
with (fillfactor = 70);
comment on table chat.room_members is 'Who is in a room, in what role, and how far they have read.';
comment on column chat.room_members.own_after_read is
  'How many messages of their own, tombstones aside, stand after last_read_seq: they are not unread.';
comment on column chat.room_members.shares_receipts is
  'Whether the marks are those of now, as the profile says; otherwise they stand where sharing ended.';
comment on column chat.room_members.last_read_at is 'When the messages after read_after_seq, up to last_read_seq, were read.';
comment on column chat.room_members.last_delivered_at is
  'When the messages after delivered_after_seq, up to last_delivered_seq, were delivered.';

-- The rooms of a person; the foreign key.
create index room_members_user_id_idx on chat.room_members (user_id, room_id) include (role);
-- A room has one owner at the most.
create unique index room_members_owner_key on chat.room_members (room_id) where role = 'owner';

-- Definer: reads the membership as owner, so that no policy reads its own table.
-- Here and on the way of a message: plpgsql, which keeps its plans, where Postgres 17 plans an sql function at each call.
create function chat_private.my_room_ids(minimum chat.member_role default 'member')
returns setof bigint
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select room_id from chat.room_members where user_id = (select auth.uid()) and role >= minimum;
end;
$$;
grant execute on function chat_private.my_room_ids to authenticated;

-- Whoever changes a room takes its lock first, so that no two wait for each other. Policies ask for it where a plain
-- write would hold a row already; at such a cost they ask for it last. Definer: members may lock a room that they may
-- not change.
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
  -- Once more: the membership may have gone while waiting.
  return room_id in (select chat_private.my_room_ids()) or chat_private.is_backend();
end;
$$;
grant execute on function chat_private.lock_my_room to authenticated;

alter table chat.rooms enable row level security;
revoke all on chat.rooms from anon, authenticated;
grant select, update (name, description, is_public), delete on chat.rooms to authenticated;
-- No insert: create_direct_room() and create_group_room() make a room together with its members.

create policy "members can read their rooms, and everyone the public ones"
  on chat.rooms for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and ((is_public and not (select chat_private.is_anonymous())) or id in (select chat_private.my_room_ids()))
  );

create policy "admins can change their rooms"
  on chat.rooms for update to authenticated
  using (id in (select chat_private.my_room_ids('admin')) and (select chat_private.lock_my_room(id)))
  with check (id in (select chat_private.my_room_ids('admin')));

create policy "owners can delete rooms, and both people a direct room"
  on chat.rooms for delete to authenticated
  using (
    (
      id in (select chat_private.my_room_ids('owner'))
      or (kind = 'direct' and id in (select chat_private.my_room_ids()))
    )
    and (select chat_private.lock_my_room(id))
  );

alter table chat.room_members enable row level security;
revoke all on chat.room_members from anon, authenticated;
grant select, update (last_read_seq, last_delivered_seq, archived_at, muted_until) on chat.room_members to authenticated;
-- No insert and no delete: join_room(), leave_room(), add_members() and remove_member() know the roles.

create policy "members can read who is in their rooms"
  on chat.room_members for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create policy "members can set their own marks"
  on chat.room_members for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));
