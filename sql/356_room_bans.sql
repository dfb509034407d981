-- Bans from a room: who may not be a member of it, until when and why. A ban ends the membership and refuses each new one.
create table chat.room_bans (
  id bigint generated always as identity unique,
  -- No action, as in all tables of a room: room_deleted() decides what is deleted at once.
  room_id bigint not null references chat.rooms on delete no action,
  user_id uuid not null references chat.profiles on delete cascade,
  until timestamptz check (isfinite(until)),
  reason text not null default '' check (char_length(reason) <= 500),
  -- No foreign key: a ban outlives the account of the person who made it.
  banned_by uuid default auth.uid(),
  is_by_moderator boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
comment on table chat.room_bans is 'Who is banned from a room. One that has ended refuses nobody.';
comment on column chat.room_bans.until is 'When it ends; null if it does not end by itself.';
comment on column chat.room_bans.is_by_moderator is 'Whether a moderator made it: admins of the room cannot lift it.';

-- The bans of a room, newest first.
create index room_bans_room_id_idx on chat.room_bans (room_id, id desc);
-- The foreign key.
create index room_bans_user_id_idx on chat.room_bans (user_id);

alter table chat.room_bans enable row level security;
revoke all on chat.room_bans from anon, authenticated;
grant select on chat.room_bans to authenticated;
-- No writes: ban_member() and unban_member(). A notice tells the person who is banned, and not who banned them.

create policy "admins and moderators can read who is banned"
  on chat.room_bans for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and (room_id in (select chat_private.my_room_ids('admin')) or (select chat_private.is_moderator()))
  );

create function chat_private.require_unbanned(room_id bigint, user_id uuid)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  ban chat.room_bans;
begin
  select * into ban from chat.room_bans as bans
  where bans.room_id = require_unbanned.room_id and bans.user_id = require_unbanned.user_id
    and (bans.until is null or bans.until > now());
  if not found then
    return;
  elsif ban.user_id is distinct from (select auth.uid()) then
    raise sqlstate 'PT403' using message = 'banned', detail = 'A person whom you add is banned from this room.';
  end if;
  raise sqlstate 'PT403' using message = 'banned',
    detail = 'You are banned from this room' || chat_private.until_sentence(ban.until, ban.reason),
    hint = jsonb_build_object('until', ban.until, 'reason', ban.reason);
end;
$$;
comment on function chat_private.require_unbanned is
  'Raises banned if a person is banned from a room. Only the person who joins learns until when and why, as {until, reason} in the hint.';
-- A backend that inserts a membership calls it.
grant execute on function chat_private.require_unbanned to service_role;

-- For ban_member(), operators and backends. Definer: clients may not lock rooms.
create function chat_private.member_banning()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.take_turn(new.room_id);
  select * into room from chat.rooms where id = new.room_id for no key update;
  perform chat_private.require_group(room);
  return new;
end;
$$;

create trigger member_banning
  before insert or update on chat.room_bans
  for each row execute function chat_private.member_banning();

-- Definer: clients may not write memberships, notices and the log.
create function chat_private.member_banned()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit('room_ban', new.user_id, new.room_id, reason => new.reason, until => new.until);
  if new.until <= now() then
    return null;
  end if;
  -- Whom an admin bans before they were ever here learns it when they try to join: a notice would reach strangers.
  if new.is_by_moderator or exists (
    select from chat.room_members as members where members.room_id = new.room_id and members.user_id = new.user_id
  ) then
    perform chat_private.give_notice(new.user_id, 'room_ban', new.reason, new.until, new.room_id);
  end if;
  delete from chat.invitations as invitations where invitations.room_id = new.room_id and invitations.user_id = new.user_id;
  delete from chat.join_requests as requests where requests.room_id = new.room_id and requests.user_id = new.user_id;
  delete from chat.room_members as members where members.room_id = new.room_id and members.user_id = new.user_id;
  return null;
end;
$$;

create trigger member_banned
  after insert or update on chat.room_bans
  for each row execute function chat_private.member_banned();

-- Definer: as above.
create function chat_private.member_unbanned()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Not when the room or the account is deleted.
  if exists (select from chat.rooms where id = old.room_id and deleted_at is null)
    and exists (select from chat.profiles where id = old.user_id)
  then
    perform chat_private.audit('room_unban', old.user_id, old.room_id);
  end if;
  return null;
end;
$$;

create trigger member_unbanned
  after delete on chat.room_bans
  for each row execute function chat_private.member_unbanned();

-- A moderator need not be in the room.
create function chat_private.lock_room_to_ban(room_id bigint, user_id uuid)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- An admin of the room acts as such, unless this answers a report.
  as_moderator constant boolean := chat_private.is_moderator() and (
    nullif(current_setting('chat.report', true), '') is not null or not exists (
      select from chat.room_members as members
      where members.room_id = lock_room_to_ban.room_id and members.user_id = (select auth.uid()) and members.role >= 'admin'
    )
  );
  room chat.rooms;
begin
  if not as_moderator then
    room := chat_private.lock_room(room_id, 'admin');
  else
    perform chat_private.take_turn(room_id);
    select * into room from chat.rooms as rooms
    where rooms.id = lock_room_to_ban.room_id and rooms.deleted_at is null
    for no key update;
    if not found then
      perform chat_private.refuse_stranger(room_id);
    end if;
    perform chat_private.require_moderator(user_id);
  end if;
  perform chat_private.require_group(room);
  if not as_moderator and exists (
    select from chat.room_bans as bans
    where bans.room_id = room.id and bans.user_id = lock_room_to_ban.user_id and bans.is_by_moderator
      and (bans.until is null or bans.until > now())
  ) then
    perform chat_private.require_moderator();
  end if;
  return as_moderator;
end;
$$;
comment on function chat_private.lock_room_to_ban is
  'Locks a group in which the caller may ban a person, as an admin or a moderator. Returns whether as a moderator. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, moderator_required.';

-- Definer: only functions write bans, and this one checks the role.
create function chat_private.ban_member(room_id bigint, user_id uuid, until timestamptz, reason text)
returns chat.room_bans
language plpgsql volatile security definer set search_path = ''
as $$
declare
  as_moderator constant boolean := chat_private.lock_room_to_ban(room_id, user_id);
  ban chat.room_bans;
begin
  perform chat_private.require_future(until);
  if user_id = (select auth.uid()) then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'You cannot ban yourself.';
  elsif not as_moderator and exists (
    select from chat.room_members as members
    where members.room_id = ban_member.room_id and members.user_id = ban_member.user_id and members.role > 'member'
  ) then
    perform chat_private.require_role(room_id, 'owner');
  end if;
  perform chat_private.require_people(array[user_id]);
  select * into ban from chat.room_bans as bans
  where bans.room_id = ban_member.room_id and bans.user_id = ban_member.user_id;
  if found and (ban.until, ban.reason, ban.is_by_moderator) is not distinct from (
    ban_member.until, coalesce(ban_member.reason, ''), as_moderator
  ) and nullif(current_setting('chat.report', true), '') is null then
    return ban; -- a retry
  end if;
  perform chat_private.take_tokens('ban_member');
  insert into chat.room_bans as bans (room_id, user_id, until, reason, is_by_moderator)
  values (ban_member.room_id, ban_member.user_id, ban_member.until, coalesce(ban_member.reason, ''), as_moderator)
  on conflict on constraint room_bans_pkey do update
  set until = excluded.until, reason = excluded.reason, is_by_moderator = excluded.is_by_moderator,
    banned_by = excluded.banned_by, created_at = now()
  returning bans.* into ban;
  return ban;
end;
$$;
grant execute on function chat_private.ban_member to authenticated;

create function chat.ban_member(room_id bigint, user_id uuid, until timestamptz default null, reason text default '')
returns chat.room_bans
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.ban_member(room_id, user_id, until, reason);
$$;
comment on function chat.ban_member is
  'Removes a person from a group and refuses each way back until a time, or until unban_member(): the owner can ban everyone, an admin '
  'members and people who are not in the group, a moderator everyone in any group. A repeated ban changes the time and the reason. Raises '
  'room_not_found, not_a_member, role_required, moderator_required, direct_room_fixed, invalid_members, invalid_until, '
  'user_not_found, rate_limited.';
grant execute on function chat.ban_member to authenticated;

-- Definer: as above.
create function chat_private.unban_member(room_id bigint, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.lock_room_to_ban(room_id, user_id);
  delete from chat.room_bans as bans where bans.room_id = unban_member.room_id and bans.user_id = unban_member.user_id;
end;
$$;
grant execute on function chat_private.unban_member to authenticated;

create function chat.unban_member(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.unban_member(room_id, user_id);
$$;
comment on function chat.unban_member is
  'Lifts a ban, as the owner or an admin of the group, or as a moderator, who alone lifts what a moderator made. Does nothing for '
  'a person who is not banned. Raises room_not_found, not_a_member, role_required, moderator_required, direct_room_fixed.';
grant execute on function chat.unban_member to authenticated;
