-- Rooms and their messages, as moderators see them.

-- Groups by the beginning of their name. Partial: direct rooms have none.
create index rooms_name_fold_idx on chat.rooms (chat_private.fold(name) collate "C", id) where kind = 'group';

create type chat.moderated_room as (
  id bigint, kind chat.room_kind, name text, slug text, description text, is_public boolean, avatar_url text, created_at timestamptz,
  created_by uuid, member_count integer, message_count bigint, last_message_at timestamptz, locked_at timestamptz, locked_reason text,
  usernames text[], open_reports integer, joining chat.way_to_join
);

-- Definer, like the functions below: a moderator reads what others may not.
create function chat_private.as_moderated(room chat.rooms)
returns chat.moderated_room
language sql stable security definer set search_path = ''
as $$
  select room.id, room.kind, room.name, room.slug, room.description, room.is_public, room.avatar_url, room.created_at,
    room.created_by, room.member_count, room.last_seq, room.last_message_at, room.locked_at, room.locked_reason,
    array(
      select profiles.username from chat.room_members as members
      join chat.profiles as profiles on profiles.id = members.user_id
      where members.room_id = room.id and (room.kind = 'direct' or members.role = 'owner')
      order by profiles.username collate "C"
    ),
    (
      select count(*) filter (where about.state = 'open')::integer
      from (select reports.state from chat.reports as reports where reports.room_id = room.id order by reports.id desc limit 100) as about
    ),
    room.joining;
$$;

create function chat_private.moderated_rooms(query text, after bigint, max_rows integer)
returns setof chat.moderated_room
language plpgsql stable security definer rows 50 set search_path = ''
as $$
declare
  wanted constant text := btrim(coalesce(query, ''));
  folded text;
begin
  perform chat_private.require_moderator();
  if wanted = '' then
    return query
      select listed.* from (
        select rooms from chat.rooms as rooms
        where rooms.deleted_at is null and (after is null or rooms.id < after)
        order by rooms.id desc
        limit chat_private.rows_of_page(max_rows)
      ) as page (room), chat_private.as_moderated(page.room) as listed
      order by listed.id desc;
    return;
  -- As many as a page may have.
  elsif wanted ~ '^#[0-9]{1,18}( #[0-9]{1,18}){0,99}$' then
    return query
      select listed.* from chat.rooms as rooms, chat_private.as_moderated(rooms) as listed
      where rooms.id = any (string_to_array(replace(wanted, '#', ''), ' ')::bigint[]) and rooms.deleted_at is null and after is null
      order by rooms.id desc;
    return;
  end if;
  folded := chat_private.require_query(wanted);
  return query
    select listed.* from chat.rooms as rooms, chat_private.as_moderated(rooms) as listed
    where rooms.slug = wanted and rooms.deleted_at is null and after is null;
  return query
    select listed.* from (
      select rooms from chat.rooms as rooms
      where rooms.kind = 'group' and rooms.deleted_at is null and rooms.slug is distinct from wanted
        and chat_private.fold(rooms.name) collate "C" >= folded
        and chat_private.fold(rooms.name) collate "C" < folded || chr(1114111)
        and (
          after is null or (chat_private.fold(rooms.name) collate "C", rooms.id) > (
            select chat_private.fold(last.name) collate "C", last.id from chat.rooms as last where last.id = after
          )
        )
      order by chat_private.fold(rooms.name) collate "C", rooms.id
      limit chat_private.rows_of_page(max_rows)
    ) as page (room), chat_private.as_moderated(page.room) as listed
    order by chat_private.fold(listed.name) collate "C", listed.id;
end;
$$;
grant execute on function chat_private.moderated_rooms to authenticated;

create function chat.moderated_rooms(query text default '', after bigint default null, max_rows integer default 50)
returns setof chat.moderated_room
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_rooms(query, after, max_rows);
end;
$$;
comment on function chat.moderated_rooms is
  'Rooms for moderators. Without a query all, the newest first; otherwise groups whose name begins with it, by name, and the room with '
  'this slug; or the rooms with these ids, as #1 #2, at most 100. The next page is after the last id. Raises moderator_required, '
  'invalid_query.';
grant execute on function chat.moderated_rooms to authenticated;

create type chat.moderated_membership as (
  id bigint, kind chat.room_kind, name text, is_public boolean, avatar_url text, member_count integer, message_count bigint,
  last_message_at timestamptz, locked_at timestamptz, usernames text[], role chat.member_role, joined_at timestamptz
);

create function chat_private.moderated_person_rooms(user_id uuid, after bigint, max_rows integer)
returns setof chat.moderated_membership
language plpgsql stable security definer rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_moderator();
  return query
    select listed.id, listed.kind, listed.name, listed.is_public, listed.avatar_url, listed.member_count, listed.message_count,
      listed.last_message_at, listed.locked_at, listed.usernames, page.role, page.joined_at
    from (
      select members.room_id, members.role, members.joined_at from chat.room_members as members
      where members.user_id = moderated_person_rooms.user_id and (after is null or members.room_id < after)
      order by members.room_id desc
      limit chat_private.rows_of_page(max_rows)
    ) as page
    join chat.rooms as rooms on rooms.id = page.room_id
    cross join lateral chat_private.as_moderated(rooms) as listed
    order by listed.id desc;
end;
$$;
grant execute on function chat_private.moderated_person_rooms to authenticated;

create function chat.moderated_person_rooms(user_id uuid, after bigint default null, max_rows integer default 50)
returns setof chat.moderated_membership
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_person_rooms(user_id, after, max_rows);
end;
$$;
comment on function chat.moderated_person_rooms is
  'The rooms of a person, the newest first, for moderators; the next page is after the last id. Raises moderator_required.';
grant execute on function chat.moderated_person_rooms to authenticated;

create type chat.moderated_member as (
  user_id uuid, number bigint, username text, first_name text, last_name text, avatar_url text, role chat.member_role,
  joined_at timestamptz, is_suspended boolean, is_muted boolean
);

create function chat_private.moderated_room_members(room_id bigint, after uuid, max_rows integer)
returns setof chat.moderated_member
language plpgsql stable security definer rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_moderator();
  return query
    select members.user_id, profiles.number, profiles.username, profiles.first_name, profiles.last_name, profiles.avatar_url,
      members.role, members.joined_at,
      exists (
        select from chat.suspensions as rows where rows.user_id = members.user_id and coalesce(rows.until > now(), true)
      ),
      exists (select from chat.mutes as rows where rows.user_id = members.user_id and coalesce(rows.until > now(), true))
    from chat.room_members as members
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = moderated_room_members.room_id and (after is null or members.user_id > after)
    order by members.user_id
    limit chat_private.rows_of_page(max_rows);
end;
$$;
grant execute on function chat_private.moderated_room_members to authenticated;

create function chat.moderated_room_members(room_id bigint, after uuid default null, max_rows integer default 50)
returns setof chat.moderated_member
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_room_members(room_id, after, max_rows);
end;
$$;
comment on function chat.moderated_room_members is
  'The members of a room by their ids, for moderators; the next page is after the last user_id. Raises moderator_required.';
grant execute on function chat.moderated_room_members to authenticated;

create function chat_private.set_room_lock(room_id bigint, is_locked boolean, reason text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.require_moderator();
  perform chat_private.take_turn(room_id);
  select * into room from chat.rooms as rooms where rooms.id = set_room_lock.room_id and rooms.deleted_at is null for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room.';
  end if;
  perform chat_private.require_group(room);
  if (room.locked_at is not null, coalesce(room.locked_reason, '')) = (coalesce(is_locked, false), coalesce(reason, '')) then
    return; -- a retry
  elsif is_locked then
    update chat.rooms as rooms set locked_at = now(), locked_reason = nullif(reason, '') where rooms.id = room.id;
    perform chat_private.audit('room_locked', null, room.id, reason => reason);
  elsif room.locked_at is not null then
    update chat.rooms as rooms set locked_at = null where rooms.id = room.id;
    perform chat_private.audit('room_unlocked', null, room.id, reason => reason);
  end if;
end;
$$;
grant execute on function chat_private.set_room_lock to authenticated;

create function chat.set_room_lock(room_id bigint, is_locked boolean, reason text default '')
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_room_lock(room_id, is_locked, reason);
$$;
comment on function chat.set_room_lock is
  'Locks any group with a reason for its members, or unlocks it, as a moderator. Raises moderator_required, room_not_found, '
  'direct_room_fixed.';
grant execute on function chat.set_room_lock to authenticated;
