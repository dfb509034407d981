-- Whom a person has blocked, and who may write to them first. Of two people of whom one has blocked the other, neither reaches the
-- other, and nobody learns that they are blocked.
create table chat.blocks (
  user_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  blocked_id uuid not null references chat.profiles on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, blocked_id),
  check (user_id <> blocked_id)
);
comment on table chat.blocks is 'Whom each user has blocked.';

create function chat_private.direct_key(one uuid, other uuid)
returns text
language sql immutable parallel safe security invoker set search_path = ''
as $$
  select least(one, other)::text || ':' || greatest(one, other)::text;
$$;
comment on function chat_private.direct_key is 'The unordered pair of two users, as in rooms.direct_key.';
grant execute on function chat_private.direct_key to authenticated;

-- Who has blocked a user; the foreign key.
create index blocks_blocked_id_idx on chat.blocks (blocked_id);
-- Whether one of two people has blocked the other: a send into their direct room asks once.
create index blocks_pair_idx on chat.blocks (chat_private.direct_key(user_id, blocked_id));

alter table chat.blocks enable row level security;
revoke all on chat.blocks from anon, authenticated;
grant select on chat.blocks to authenticated;
-- No writes: block_user() and unblock_user().

create policy "people can read whom they have blocked"
  on chat.blocks for select to authenticated
  using ((select chat_private.require_modest_query()) and user_id = (select auth.uid()));

-- Definer, like the functions below: people may not read whom others have blocked.
create function chat_private.is_blocked(direct_key text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return direct_key is not null and exists (
    select from chat.blocks as blocks
    where chat_private.direct_key(blocks.user_id, blocks.blocked_id) = is_blocked.direct_key
  );
end;
$$;
comment on function chat_private.is_blocked is 'Whether one of two people has blocked the other; false for null, the key of a group.';
grant execute on function chat_private.is_blocked to authenticated;

create function chat_private.require_unblocked(direct_key text)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if chat_private.is_blocked(direct_key) then
    raise sqlstate 'PT403' using message = 'not_reachable', detail = 'You cannot reach this person.';
  end if;
end;
$$;
comment on function chat_private.require_unblocked is 'Raises not_reachable if one of two people has blocked the other.';
grant execute on function chat_private.require_unblocked to authenticated;

create function chat_private.is_among(people chat.who_reaches, person_id uuid, other uuid)
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if people in ('everyone', 'nobody') then
    return people = 'everyone';
  end if;
  return exists (
    select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = other
  ) or people = 'shared_rooms' and exists (
    select from chat.room_members as own
    join chat.room_members as theirs on theirs.room_id = own.room_id and theirs.user_id = other
    -- Anybody can join a public group.
    join chat.rooms as rooms on rooms.id = own.room_id and rooms.kind = 'group' and not rooms.is_public
    where own.user_id = person_id
  );
end;
$$;
comment on function chat_private.is_among is 'Whether another user is among those whom a setting of a person admits.';

create function chat_private.admits(person chat.profiles, other uuid)
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return not chat_private.is_blocked(chat_private.direct_key(person.id, other))
    and chat_private.is_among(person.direct_from, person.id, other);
end;
$$;
comment on function chat_private.admits is
  'Whether another user may open a direct chat with a person, and add them to groups or invite them.';

create function chat_private.require_reachable(user_ids uuid[])
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if exists (
    select from chat.profiles as people
    where people.id = any (user_ids) and people.id <> auth.uid() and not chat_private.admits(people, auth.uid())
  ) then
    raise sqlstate 'PT403' using message = 'not_reachable', detail = 'You cannot reach one of these people.';
  end if;
end;
$$;
comment on function chat_private.require_reachable is
  'Raises not_reachable if one of these users does not admit the caller. A backend reaches everyone.';

-- Definer: as above.
create function chat_private.my_blockers()
returns setof uuid
language plpgsql stable security definer rows 5 set search_path = ''
as $$
begin
  return query select blocks.user_id from chat.blocks as blocks where blocks.blocked_id = (select auth.uid());
end;
$$;
comment on function chat_private.my_blockers is 'Who has blocked the caller, for policies.';
grant execute on function chat_private.my_blockers to authenticated;

-- Definer: as above.
create function chat_private.hides_status(user_id uuid, room_id bigint)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from chat.blocks as blocks
    join chat.room_members as members on members.user_id = blocks.blocked_id
    where blocks.user_id = hides_status.user_id and members.room_id = hides_status.room_id
  );
end;
$$;
comment on function chat_private.hides_status is
  'Whether a user has blocked a member of a room: what is broadcast to the room would reach that member.';
grant execute on function chat_private.hides_status to authenticated;

-- For block_user(), operators and backends. Definer: clients may not send to a user's topic, nor lock rooms.
create function chat_private.blocked()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  direct_id bigint := (select id from chat.rooms where direct_key = chat_private.direct_key(new.user_id, new.blocked_id));
begin
  delete from chat.friendships
  where (user_id, friend_id) in ((new.user_id, new.blocked_id), (new.blocked_id, new.user_id));
  delete from chat.invitations
  where (user_id, invited_by) in ((new.user_id, new.blocked_id), (new.blocked_id, new.user_id));
  if direct_id is not null then
    -- Waits for a message that is being sent; the next one is refused. Both leave the live topic, which they may not join again.
    perform chat_private.take_turn(direct_id);
    perform from chat.rooms where id = direct_id for no key update;
    perform chat_private.move_topic(direct_id);
  end if;
  perform chat_private.announce('user:' || new.user_id, 'block.added', jsonb_build_object('user_id', new.blocked_id));
  return null;
end;
$$;

create trigger blocked
  after insert on chat.blocks
  for each row execute function chat_private.blocked();

-- Definer: as above.
create function chat_private.unblocked()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce('user:' || old.user_id, 'block.removed', jsonb_build_object('user_id', old.blocked_id));
  return null;
end;
$$;

create trigger unblocked
  after delete on chat.blocks
  for each row execute function chat_private.unblocked();

-- Definer: clients may not write blocks.
create function chat_private.block_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid(), block_user.user_id]);
  if user_id = auth.uid() then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'You cannot block yourself.';
  end if;
  perform chat_private.take_tokens('block_person');
  insert into chat.blocks (user_id, blocked_id) values (auth.uid(), block_user.user_id) on conflict do nothing;
end;
$$;
grant execute on function chat_private.block_user to authenticated;

create function chat.block_user(user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.block_user(user_id);
$$;
comment on function chat.block_user is
  'Blocks a user, and ends the friendships of the two: neither can write to the other in a direct chat, nor add the other to a '
  'group, and the blocked user sees no status of the caller. Does nothing for who is blocked already. Raises user_not_found, '
  'invalid_members, rate_limited, caller_required.';
grant execute on function chat.block_user to authenticated;

-- Definer: as above.
create function chat_private.unblock_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  delete from chat.blocks as blocks where blocks.user_id = auth.uid() and blocks.blocked_id = unblock_user.user_id;
end;
$$;
grant execute on function chat_private.unblock_user to authenticated;

create function chat.unblock_user(user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.unblock_user(user_id);
$$;
comment on function chat.unblock_user is
  'Ends a block of the caller; does nothing for who is not blocked. Friendships do not come back. Raises caller_required.';
grant execute on function chat.unblock_user to authenticated;
