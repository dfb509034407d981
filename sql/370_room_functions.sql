-- Creating, changing and deleting rooms.

-- Definer: a room and its first members are inserted together, which no policy can express.
create function chat_private.create_direct_room(user_id uuid)
returns chat.rooms
language plpgsql volatile security definer set search_path = ''
as $$
declare
  caller uuid := auth.uid();
  key text := chat_private.direct_key(caller, user_id);
  room chat.rooms;
  is_new boolean := false;
begin
  perform chat_private.require_caller();
  if user_id is null or user_id = caller then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'A direct chat needs one other user.';
  end if;
  perform chat_private.require_people(array[caller, user_id]);
  if exists (select from chat.rooms where direct_key = key) then
    perform chat_private.require_unblocked(key);
  else
    perform chat_private.require_reachable(array[user_id]);
    perform chat_private.take_tokens('create_direct_room');
  end if;
  -- Locks the profiles, so that no username changes before the room has its slug.
  perform from chat.profiles where id in (caller, create_direct_room.user_id) order by id for share;

  loop
    select * into room from chat.rooms where direct_key = key;
    exit when found;
    -- If another transaction inserts the room first, the loop finds it; if it takes the slug, the loop tries the next one.
    insert into chat.rooms (kind, created_by, direct_key, slug)
    values ('direct', caller, key, chat_private.direct_slug(caller, create_direct_room.user_id))
    on conflict do nothing
    returning * into room;
    is_new := found;
    if is_new then
      insert into chat.room_members (room_id, user_id) values (room.id, caller), (room.id, create_direct_room.user_id);
      perform chat_private.keep_slug(room.slug, key, array[caller, create_direct_room.user_id]);
    end if;
  end loop;
  perform set_config('chat.repeated', (not is_new)::text, true);
  return room;
end;
$$;
grant execute on function chat_private.create_direct_room to authenticated;

create function chat.create_direct_room(user_id uuid)
returns chat.rooms
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.create_direct_room(user_id);
$$;
comment on function chat.create_direct_room is
  'The direct room of the caller and another user, created if there is none. Raises invalid_members, user_not_found, '
  'not_reachable, rate_limited, caller_required.';
grant execute on function chat.create_direct_room to authenticated;

-- Definer: as above.
create function chat_private.create_group_room(
  name text, member_ids uuid[], is_public boolean, description text, slug text, client_id uuid
)
returns chat.rooms
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- A backend creates it for the first of the members.
  owner_id uuid := case when chat_private.is_backend() then member_ids[1] else auth.uid() end;
  made_id text;
  room chat.rooms;
begin
  perform chat_private.require_access();
  perform chat_private.require_people(array[owner_id]);
  if create_group_room.client_id is not null then
    made_id := chat_private.made_with_key(owner_id, 'room', create_group_room.client_id, jsonb_build_array(
      create_group_room.name, coalesce(create_group_room.is_public, false), coalesce(create_group_room.description, ''),
      create_group_room.slug,
      array(select distinct id from unnest(member_ids) as id where id is distinct from owner_id order by id)
    ));
  end if;
  perform set_config('chat.repeated', (made_id is not null)::text, true);
  if made_id is not null then
    perform chat_private.require_role(made_id::bigint);
    select * into room from chat.rooms where id = made_id::bigint;
    return room;
  end if;

  perform chat_private.take_tokens('create_group');
  perform chat_private.take_tokens('add_member', coalesce(cardinality(member_ids), 0));
  insert into chat.rooms (kind, name, is_public, description, slug, created_by)
  values ('group', name, coalesce(is_public, false), coalesce(description, ''), slug, owner_id)
  returning * into room;
  perform chat_private.claim_group_slug(create_group_room.slug);
  insert into chat.room_members (room_id, user_id, role) values (room.id, owner_id, 'owner');
  perform chat_private.insert_members(room.id, array_remove(member_ids, owner_id));
  if create_group_room.client_id is not null then
    perform chat_private.note_made(owner_id, 'room', create_group_room.client_id, room.id::text);
  end if;
  select * into room from chat.rooms where id = room.id;
  return room;
end;
$$;
grant execute on function chat_private.create_group_room to authenticated;

create function chat.create_group_room(
  name text,
  member_ids uuid[] default '{}',
  is_public boolean default false,
  description text default '',
  slug text default null,
  client_id uuid default null
)
returns chat.rooms
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.create_group_room(name, member_ids, is_public, description, slug, client_id);
$$;
comment on function chat.create_group_room is
  'Creates a group with up to 1,000 first members, of whom those are invited instead whose added_by does not admit the caller. '
  'The caller owns it; if a backend creates it, its first member does. A retry with the same client_id returns the first group. '
  'Raises invalid_members, user_not_found, not_reachable, client_id_reused, rate_limited, and room_not_found if the first group '
  'was deleted.';
grant execute on function chat.create_group_room to authenticated;

create function chat.update_room(
  room_id bigint,
  name text default null,
  description text default null,
  is_public boolean default null,
  avatar_url text default null,
  slow_mode_seconds integer default null,
  posting chat.who_may default null,
  inviting chat.who_may default null,
  pinning chat.who_may default null,
  locked boolean default null,
  locked_reason text default null,
  joining chat.way_to_join default null
)
returns chat.rooms
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms as rooms
  set name = coalesce(update_room.name, rooms.name),
    description = coalesce(update_room.description, rooms.description),
    is_public = coalesce(update_room.is_public, rooms.is_public),
    avatar_url = nullif(coalesce(update_room.avatar_url, rooms.avatar_url), ''),
    slow_mode_seconds = coalesce(update_room.slow_mode_seconds, rooms.slow_mode_seconds),
    posting = coalesce(update_room.posting, rooms.posting),
    inviting = coalesce(update_room.inviting, rooms.inviting),
    pinning = coalesce(update_room.pinning, rooms.pinning),
    joining = coalesce(update_room.joining, rooms.joining),
    locked_at = case when coalesce(locked, rooms.locked_at is not null) then coalesce(rooms.locked_at, now()) end,
    locked_reason = nullif(coalesce(update_room.locked_reason, rooms.locked_reason), '')
  where rooms.id = update_room.room_id
  returning rooms.* into room;
  if not found then
    -- The policy of rooms has refused the update; this raises the reason.
    perform chat_private.require_role(update_room.room_id, 'admin');
  end if;
  return room;
end;
$$;
comment on function chat.update_room is
  'Updates the given columns of a group, as its owner or an admin; an empty avatar_url removes the picture. '
  'slow_mode_seconds, up to 21,600, is how long members wait between two messages. posting, inviting and pinning say who does '
  'that: everyone or admins. While it is locked, only admins write, edit, react and pin; an empty locked_reason removes the reason. '
  'joining says whether everyone joins a public group at once: open or request. '
  'Raises room_not_found, not_a_member, role_required, rate_limited.';
grant execute on function chat.update_room to authenticated;

create function chat.delete_room(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  delete from chat.rooms where id = delete_room.room_id;
  if not found then
    -- As above.
    perform chat_private.require_role(delete_room.room_id, 'owner');
  end if;
end;
$$;
comment on function chat.delete_room is
  'Deletes a group, as its owner, or a direct room, as one of its two members. Raises room_not_found, not_a_member, '
  'role_required.';
grant execute on function chat.delete_room to authenticated;
