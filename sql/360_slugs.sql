-- The slug of a direct room consists of the current usernames of its two members. Clients store slugs, and a username can
-- pass to another user: a slug that has named a direct room for a user never names another room for this user.
create table chat_private.kept_slugs (
  -- The user who may have stored it.
  user_id uuid references chat.profiles on delete cascade,
  slug text,
  direct_key text not null,
  primary key (user_id, slug)
);
comment on table chat_private.kept_slugs is 'The direct room that each slug has named for a user. Rows are only added.';

alter table chat_private.kept_slugs enable row level security;
revoke all on chat_private.kept_slugs from anon, authenticated;

create table chat_private.group_slugs (
  slug text primary key
);
comment on table chat_private.group_slugs is 'Every slug that was ever chosen for a group, including deleted groups.';

alter table chat_private.group_slugs enable row level security;
revoke all on chat_private.group_slugs from anon, authenticated;

create function chat_private.erased_slug(slug text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  -- No slug has such a character.
  select '#' || md5(slug);
$$;
comment on function chat_private.erased_slug is 'What stays of a kept slug when a person whom it names is erased: enough to refuse it.';

create function chat_private.direct_slug(one uuid, other uuid)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  key text := least(one, other) || ':' || greatest(one, other);
  -- In the order of code points, independent of the locale of the database.
  base text := (
    select string_agg(username, '_' order by username collate "C") from chat.profiles where id in (one, other)
  );
  candidate text := base;
  attempt integer := 1;
begin
  while exists (select from chat.rooms where slug = candidate and direct_key is distinct from key)
    or exists (
      select from chat_private.kept_slugs
      where slug in (candidate, chat_private.erased_slug(candidate)) and user_id in (one, other) and direct_key <> key
    )
  loop
    attempt := attempt + 1;
    candidate := base || '_' || case when attempt <= 20 then attempt else (random() * 1e9)::integer end;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.direct_slug is
  'ann_bob for Ann and Bob, or ann_bob_2 if ann_bob names another room, or has named one for Ann or Bob.';

create function chat_private.keep_slug(slug text, direct_key text, user_ids uuid[])
returns void
language sql volatile security invoker set search_path = ''
as $$
  insert into chat_private.kept_slugs (user_id, slug, direct_key)
  select user_id, keep_slug.slug, keep_slug.direct_key from unnest(user_ids) as user_id
  on conflict do nothing;
$$;

create function chat_private.claim_group_slug(slug text)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if slug is null then
    return;
  end if;
  insert into chat_private.group_slugs (slug) values (claim_group_slug.slug) on conflict do nothing;
  if not found then
    raise unique_violation using message = format('The slug %s belongs, or has belonged, to another room.', slug),
      schema = 'chat', table = 'rooms', constraint = 'rooms_slug_key';
  end if;
end;
$$;
comment on function chat_private.claim_group_slug is
  'Claims a slug for a new group. A slug that any group has had is refused as taken, even if that group was deleted.';

create function chat_private.name_direct_room(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  people uuid[] := array(
    select user_id from chat.room_members as members where members.room_id = name_direct_room.room_id order by user_id
  );
  before chat.rooms;
  named chat.rooms;
begin
  select * into before from chat.rooms where id = name_direct_room.room_id;
  if not found then
    return; -- the room is being deleted
  end if;
  for attempt in 1..10 loop
    begin
      update chat.rooms
      set slug = case cardinality(people)
        when 2 then chat_private.direct_slug(people[1], people[2])
        else chat_private.free_slug(id)
      end
      where id = before.id
      returning * into named;
      exit;
    exception when unique_violation then
      -- Another transaction took the slug at this moment.
      if attempt = 10 then
        raise;
      end if;
    end;
  end loop;
  perform chat_private.keep_slug(before.slug, before.direct_key, people) where before.slug is not null;
  perform chat_private.keep_slug(named.slug, named.direct_key, people);
end;
$$;
comment on function chat_private.name_direct_room is
  'Gives a direct room the slug of its members'' current usernames; room-7 if one of the two accounts was deleted.';

-- Definer: a new username changes rooms, which clients may not write.
create function chat_private.username_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- In ascending order, to avoid deadlocks, and with the lock that a new slug needs.
  perform from chat.rooms
  where id in (select room_id from chat.room_members where user_id = new.id)
  order by id
  for update;
  update chat.rooms set members_version = members_version + 1
  where id in (select room_id from chat.room_members where user_id = new.id);
  perform chat_private.record_change(
    members.room_id, 'member.updated', chat_private.member_payload(members)
  )
  from chat.room_members as members
  where members.user_id = new.id;
  perform chat_private.name_direct_room(named.id)
  from (
    select rooms.id
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = new.id and rooms.kind = 'direct'
    order by rooms.id
  ) as named;
  return null;
end;
$$;

create trigger username_changed
  after update of username on chat.profiles
  for each row when (new.username is distinct from old.username)
  execute function chat_private.username_changed();

-- Definer: as above. The username of a deleted account is free for other users.
create function chat_private.member_left_direct_room()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.name_direct_room(id) from chat.rooms where id = old.room_id and kind = 'direct';
  return null;
end;
$$;

-- By its name it runs after member_left, which may delete the room.
create trigger member_left_direct_room
  after delete on chat.room_members
  for each row execute function chat_private.member_left_direct_room();

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
comment on function chat_private.free_slug is 'room-7 for room 7, or a similar slug if another room has that one.';

-- A slug made from the name would reveal that another group has the same name.
create function chat_private.group_adding()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.slug := chat_private.free_slug(new.id);
  return new;
end;
$$;

create trigger group_adding
  before insert on chat.rooms
  for each row when (new.kind = 'group' and new.slug is null and new.deleted_at is null)
  execute function chat_private.group_adding();
