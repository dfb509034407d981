-- The members of a room, and the triggers that count and broadcast changes of membership.
create table chat.room_members (
  -- No action, as in all tables of a room: room_deleted() decides what is deleted at once.
  room_id bigint not null references chat.rooms on delete no action,
  user_id uuid not null references chat.profiles on delete cascade,
  role chat.member_role not null default 'member',
  joined_at timestamptz not null default now(),
  last_read_seq bigint not null default 0,
  last_delivered_seq bigint not null default 0,
  own_after_read integer not null default 0,
  last_read_at timestamptz,
  last_delivered_at timestamptz,
  read_after_seq bigint not null default 0,
  delivered_after_seq bigint not null default 0,
  shares_receipts boolean not null default true,
  archived_at timestamptz,
  muted_until timestamptz,
  primary key (room_id, user_id),
  constraint room_members_marks_check check (last_read_seq >= 0 and last_delivered_seq >= 0 and own_after_read >= 0)
)
with (fillfactor = 70);
comment on table chat.room_members is 'The members of a room, with their roles and read marks.';
comment on column chat.room_members.own_after_read is
  'How many of the member''s own messages, without tombstones, come after last_read_seq: they are not unread.';
comment on column chat.room_members.shares_receipts is
  'Whether the marks are current, as the profile says; otherwise they stay where sharing ended.';
comment on column chat.room_members.last_read_at is 'When the messages after read_after_seq, up to last_read_seq, were read.';
comment on column chat.room_members.last_delivered_at is
  'When the messages after delivered_after_seq, up to last_delivered_seq, were delivered.';

-- The rooms of a user; the foreign key.
create index room_members_user_id_idx on chat.room_members (user_id, room_id) include (role);
-- A room has at most one owner.
create unique index room_members_owner_key on chat.room_members (room_id) where role = 'owner';

alter table chat.room_members enable row level security;
revoke all on chat.room_members from anon, authenticated;
grant select, update (last_read_seq, last_delivered_seq, archived_at, muted_until) on chat.room_members to authenticated;
-- No insert and no delete: join_room(), leave_room(), add_members() and remove_member() check the roles.

create policy "members can read who is in their rooms"
  on chat.room_members for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create policy "members can set their own marks"
  on chat.room_members for update to authenticated
  using ((select chat_private.require_access()) and user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

-- Triggers, because functions, operators and the deletion of an account all change memberships.
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
  perform chat_private.require_unbanned(new.room_id, new.user_id);
  new.shares_receipts := coalesce((select share_receipts from chat.profiles where id = new.user_id), true);
  -- A new member starts with everything read.
  new.last_read_seq := room.last_seq;
  new.last_delivered_seq := room.last_seq;
  return new;
end;
$$;

create trigger member_joining
  before insert on chat.room_members
  for each row execute function chat_private.member_joining();

-- Definer: clients may not write the counts, nor send events.
create function chat_private.member_joined()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  members integer;
  versions bigint;
begin
  update chat.rooms
  set member_count = member_count + 1, members_version = members_version + 1
  where id = new.room_id
  returning member_count, version into members, versions;
  perform chat_private.record_change(
    new.room_id, 'member.joined',
    chat_private.member_payload(new) || jsonb_build_object('member_count', members),
    case
      -- Many at once: the count of the room has not come to all of them yet.
      when exists (select from chat.room_members where room_id = new.room_id offset 50) then null
      when versions = 0 then 'created'
      when new.user_id = auth.uid() then 'joined'
      else 'added'
    end::chat.system_kind
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
    return null; -- the room is being deleted, and room_deleted() broadcasts that
  end if;

  perform chat_private.announce('user:' || old.user_id, 'room.removed', jsonb_build_object('room_id', old.room_id));
  perform chat_private.record_change(
    room.id, 'member.left', jsonb_build_object('user_id', old.user_id, 'member_count', room.member_count),
    -- Of a deleted account nobody says who has deleted it.
    case
      when old.user_id = auth.uid() or not exists (select from chat.profiles where id = old.user_id) then 'left'
      else 'removed'
    end::chat.system_kind
  );
  -- A user who leaves a public group can rejoin at any time: doing that in a loop must not move all members.
  if not room.is_public or room.joining = 'request' or old.user_id is distinct from (select auth.uid()) then
    perform chat_private.move_topic(room.id);
  end if;
  if old.role = 'owner' then
    perform chat_private.pass_ownership(room.id);
  end if;
  -- No user could ever reach it again.
  delete from chat.rooms where id = room.id and member_count = 0 and not is_public;
  return null;
end;
$$;

-- A membership keeps its user and its room.
create function chat_private.member_moved()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using message = 'membership_fixed',
    detail = 'A membership keeps its room and its user: delete it, and insert another one.';
end;
$$;

create trigger member_moved
  after update of room_id, user_id on chat.room_members
  for each row when ((new.room_id, new.user_id) is distinct from (old.room_id, old.user_id))
  execute function chat_private.member_moved();

create trigger member_left
  after delete on chat.room_members
  for each row execute function chat_private.member_left();

-- Definer: clients may not write room_changes.
create function chat_private.role_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'member.updated', chat_private.member_payload(new));
  return null;
end;
$$;

create trigger role_changed
  after update of role on chat.room_members
  for each row when (new.role is distinct from old.role)
  execute function chat_private.role_changed();

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
comment on function chat_private.pass_ownership is
  'Makes the longest-standing admin the owner, or the longest-standing member if there is no admin.';
