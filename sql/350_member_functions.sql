-- Joining and leaving rooms, adding and removing members, and roles.
create function chat_private.insert_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  invited uuid[];
begin
  if cardinality(user_ids) > 1000 or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'Give at most 1,000 user ids.';
  end if;
  perform chat_private.require_people(user_ids);
  perform chat_private.require_reachable(array(
    select id from unnest(user_ids) as id
    where not exists (
      select from chat.room_members as members where members.room_id = insert_members.room_id and members.user_id = id
    )
  ));
  -- A backend adds everyone.
  invited := array(
    select people.id from chat.profiles as people
    where people.id = any (user_ids) and people.added_by <> 'everyone' and people.id <> auth.uid()
      and not chat_private.is_among(people.added_by, people.id, auth.uid())
      and not exists (
        select from chat.room_members as members where members.room_id = insert_members.room_id and members.user_id = people.id
      )
      and not exists (
        select from chat.join_requests as requests where requests.room_id = insert_members.room_id and requests.user_id = people.id
      )
  );
  if invited <> '{}' then
    perform chat_private.invite(insert_members.room_id, invited);
  end if;

  return query
    insert into chat.room_members (room_id, user_id)
    select distinct insert_members.room_id, id from unnest(user_ids) as id
    where id <> all (invited)
    on conflict do nothing
    returning *;
end;
$$;

-- Each join is broadcast to all members, so joins are limited. Unlogged: a crash may reset the counts.
create unlogged table chat_private.joins (
  room_id bigint not null,
  user_id uuid not null,
  joins integer not null default 1,
  since timestamptz not null default now(),
  primary key (room_id, user_id)
);
comment on table chat_private.joins is 'How often a user has recently joined a room.';
alter table chat_private.joins enable row level security;
revoke all on chat_private.joins from anon, authenticated;

-- Old counts, which prune_joins() deletes.
create index joins_since_idx on chat_private.joins (since);

create function chat_private.count_join(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 10;
  period constant interval := '10 minutes';
  counted chat_private.joins;
begin
  insert into chat_private.joins as known (room_id, user_id) values (count_join.room_id, auth.uid())
  on conflict on constraint joins_pkey do update
  set joins = case when known.since < now() - period then 1 else known.joins + 1 end,
    since = case when known.since < now() - period then now() else known.since end
  returning known.* into counted;
  if counted.joins > most then
    raise sqlstate 'PT429' using message = 'too_many_joins',
      detail = format('You have joined this room %s times. Try again in a few minutes.', most);
  end if;
end;
$$;
comment on function chat_private.count_join is
  'Counts how often the caller joins a room: at most 10 times in 10 minutes. Raises too_many_joins.';

create function chat_private.prune_joins()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.joins as known where (known.room_id, known.user_id) in (
    select old.room_id, old.user_id from chat_private.joins as old
    where old.since < chat_private.kept_since('joins')
    order by old.since
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_joins is 'Deletes old counts of joins.';

-- Definer, like the private functions below: only these functions write memberships, and each checks the role itself.
create function chat_private.join_room(room_id bigint)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  member chat.room_members;
  room chat.rooms;
begin
  perform chat_private.require_caller();
  select * into room from chat.rooms as rooms where rooms.id = join_room.room_id and rooms.is_public for no key update;
  select * into member from chat.room_members as members
  where members.room_id = join_room.room_id and members.user_id = auth.uid();
  if found then
    return member;
  elsif room.id is null then
    perform chat_private.refuse_stranger(join_room.room_id);
  elsif room.joining = 'request' and room.member_count <> 0 then
    perform chat_private.require_unbanned(room.id, auth.uid());
    raise sqlstate 'PT403' using message = 'request_required', detail = 'Ask the admins of this group to let you in.';
  end if;
  perform chat_private.require_people(array[auth.uid()]);
  perform chat_private.count_join(room.id);

  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else 'member' end::chat.member_role)
  returning * into member;
  return member;
end;
$$;
grant execute on function chat_private.join_room to authenticated;

-- The functions of 510 as clients call them.
create function chat.join_room(room_id bigint)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.join_room(room_id);
$$;
comment on function chat.join_room is
  'Joins a public group; does nothing for a member. Raises room_not_found, request_required, banned, user_not_found, '
  'too_many_joins, caller_required.';
grant execute on function chat.join_room to authenticated;

create function chat_private.leave_room(room_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.require_group(chat_private.lock_room(leave_room.room_id));
  delete from chat.room_members as members
  where members.room_id = leave_room.room_id and members.user_id = auth.uid();
end;
$$;
grant execute on function chat_private.leave_room to authenticated;

create function chat.leave_room(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.leave_room(room_id);
$$;
comment on function chat.leave_room is
  'Leaves a group. If the owner leaves, the longest-standing admin or member becomes the owner; a private group is deleted '
  'with its last member. Raises room_not_found, not_a_member, direct_room_fixed, caller_required.';
grant execute on function chat.leave_room to authenticated;

create function chat_private.add_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.take_tokens('add_member', coalesce(cardinality(user_ids), 0));
  room := chat_private.lock_room(room_id);
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, chat_private.inviting_role(room));
  return query select * from chat_private.insert_members(room.id, user_ids);
end;
$$;
grant execute on function chat_private.add_members to authenticated;

create function chat.add_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.add_members(room_id, user_ids);
$$;
comment on function chat.add_members is
  'Adds users to a group, as its owner or an admin, or as a member where inviting is for everyone; returns the new members. '
  'Users whose added_by does not admit the caller are invited instead. Raises room_not_found, not_a_member, role_required, '
  'direct_room_fixed, invalid_members, user_not_found, not_reachable, banned, too_many_invitations, rate_limited.';
grant execute on function chat.add_members to authenticated;

create function chat_private.remove_member(room_id bigint, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms := chat_private.lock_room(room_id);
  target chat.member_role;
begin
  perform chat_private.require_group(room);
  select role into target from chat.room_members as members
  where members.room_id = room.id and members.user_id = remove_member.user_id;

  if user_id = auth.uid() then
    null; -- the caller leaves
  elsif chat_private.require_role(room.id, 'admin') = 'admin' and target > 'member' then
    perform chat_private.require_role(room.id, 'owner');
  elsif target is null then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'This user is not a member of the room.';
  end if;
  delete from chat.room_members as members
  where members.room_id = room.id and members.user_id = remove_member.user_id;
end;
$$;
grant execute on function chat_private.remove_member to authenticated;

create function chat.remove_member(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.remove_member(room_id, user_id);
$$;
comment on function chat.remove_member is
  'Removes a member from a group: the owner can remove everyone, an admin members, and each member themselves. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found.';
grant execute on function chat.remove_member to authenticated;

create function chat_private.set_member_role(room_id bigint, user_id uuid, role chat.member_role, confirmed boolean)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms := chat_private.lock_room(room_id);
  member chat.room_members;
begin
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, 'owner');
  select * into member from chat.room_members as members
  where members.room_id = room.id and members.user_id = set_member_role.user_id;

  if not found then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'This user is not a member of the room.';
  elsif set_member_role.role is null then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A role is member, admin or owner.';
  elsif member.role = 'owner' and set_member_role.role <> 'owner' then
    raise sqlstate 'PT400' using message = 'owner_required', detail = 'Make someone else the owner first.';
  elsif set_member_role.role = 'owner' and member.role <> 'owner' then
    if not coalesce(confirmed, false) and not chat_private.is_backend() then
      raise sqlstate 'PT409' using message = 'confirmation_required',
        detail = 'Only the new owner could give the group back: ask again with confirmed.';
    end if;
    update chat.room_members as members set role = 'admin' where members.room_id = room.id and members.role = 'owner';
  end if;
  update chat.room_members as members
  set role = set_member_role.role
  where members.room_id = room.id and members.user_id = set_member_role.user_id
  returning * into member;
  return member;
end;
$$;
grant execute on function chat_private.set_member_role to authenticated;

create function chat.set_member_role(room_id bigint, user_id uuid, role chat.member_role, confirmed boolean default false)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_member_role(room_id, user_id, role, confirmed);
$$;
comment on function chat.set_member_role is
  'Sets the role of a member, as the owner. A new owner replaces the caller, who becomes an admin; only that '
  'must be confirmed, except by a backend. Raises room_not_found, not_a_member, role_required, direct_room_fixed, '
  'member_not_found, invalid_role, owner_required, confirmation_required.';
grant execute on function chat.set_member_role to authenticated;
