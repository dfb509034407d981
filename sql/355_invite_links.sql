-- Links that let people join a group by themselves. A link has a secret token, which is shown once.
create table chat.invite_links (
  id bigint generated always as identity primary key,
  -- A room has few links: they are deleted with it at once.
  room_id bigint not null references chat.rooms on delete cascade,
  role chat.member_role not null default 'member',
  expires_at timestamptz,
  max_uses integer,
  uses integer not null default 0,
  -- Null for a backend. A link admits nobody when its user is gone.
  created_by uuid references chat.profiles on delete cascade,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  constraint invite_links_role_check check (role < 'owner'),
  constraint invite_links_expires_at_check check (expires_at > created_at),
  constraint invite_links_max_uses_check check (max_uses between 1 and 100000),
  constraint invite_links_uses_check check (uses >= 0 and uses <= max_uses)
);
comment on table chat.invite_links is 'The links by which people can join a group.';
comment on column chat.invite_links.role is 'What they become who join by it: members, or admins.';
comment on column chat.invite_links.expires_at is 'Until when it admits people; null if there is no end.';
comment on column chat.invite_links.max_uses is 'How many people it admits; null if there is no limit.';
comment on column chat.invite_links.uses is 'How many people have joined by it.';

-- The links of a room; the foreign key.
create index invite_links_room_id_idx on chat.invite_links (room_id, id);
-- The foreign key.
create index invite_links_created_by_idx on chat.invite_links (created_by);

create table chat_private.invite_tokens (
  hash bytea primary key,
  link_id bigint not null unique references chat.invite_links on delete cascade
);
comment on table chat_private.invite_tokens is 'The hash of the token of each invite link: the token itself is stored nowhere.';
alter table chat_private.invite_tokens enable row level security;
revoke all on chat_private.invite_tokens from anon, authenticated;

-- The rights that a room asks of those who invite: what add_members() asks, and only the owner makes admins.
create function chat_private.inviting_role(room chat.rooms, role chat.member_role default 'member')
returns chat.member_role
language sql immutable security invoker set search_path = ''
as $$
  select case when role = 'member' then case room.inviting when 'admins' then 'admin' else 'member' end else 'owner' end::chat.member_role;
$$;

-- Definer: reads rooms and memberships without row-level security, so that a policy reads no table.
create function chat_private.my_inviting_room_ids()
returns setof bigint
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query
    select rooms.id from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid()) and rooms.kind = 'group' and members.role >= chat_private.inviting_role(rooms);
end;
$$;
comment on function chat_private.my_inviting_room_ids is 'The groups to which the caller may add people.';
grant execute on function chat_private.my_inviting_room_ids to authenticated;

alter table chat.invite_links enable row level security;
revoke all on chat.invite_links from anon, authenticated;
grant select on chat.invite_links to authenticated;
-- No writes: create_invite_link(), revoke_invite_link() and join_by_link().

create policy "people can read the links of groups to which they may add people"
  on chat.invite_links for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_inviting_room_ids()));

create function chat_private.invite_hash(token text)
returns bytea
language sql immutable security invoker set search_path = ''
as $$
  select sha256(convert_to(token, 'UTF8'));
$$;

create function chat_private.refuse_invite()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using message = 'invite_not_found', detail = 'There is no such invite, or it no longer works.';
end;
$$;
comment on function chat_private.refuse_invite is
  'Raises invite_not_found: one that never was, is revoked, used up or over is the same to a stranger.';

create function chat_private.is_open(link chat.invite_links)
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return link.revoked_at is null
    and (link.expires_at is null or link.expires_at > now())
    and (link.max_uses is null or link.uses < link.max_uses)
    and exists (
      select from chat.rooms as rooms
      left join chat.room_members as members on members.room_id = rooms.id and members.user_id = link.created_by
      where rooms.id = link.room_id and rooms.deleted_at is null
        and (link.created_by is null or members.role >= chat_private.inviting_role(rooms, link.role))
    );
end;
$$;
comment on function chat_private.is_open is
  'Whether a link admits people: its user must be able to make the same link now. So nobody comes back by a link of their own.';

-- Definer, like the functions below: only they read tokens, and write links and memberships.
create function chat_private.create_invite_link(room_id bigint, role chat.member_role, expires_at timestamptz, max_uses integer)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 100;
  -- 122 random bits, which a URL holds as they are.
  token constant text := translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_');
  room chat.rooms;
  link chat.invite_links;
begin
  if role is null or role = 'owner' then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A link makes members or admins.';
  end if;
  perform chat_private.take_tokens('create_invite_link');
  room := chat_private.lock_room(create_invite_link.room_id);
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, chat_private.inviting_role(room, create_invite_link.role));
  if (select count(*) from chat.invite_links as links where links.room_id = room.id) >= most then
    delete from chat.invite_links as links where links.id = (
      select old.id from chat.invite_links as old where old.room_id = room.id and not chat_private.is_open(old) order by old.id limit 1
    );
    if not found then
      raise sqlstate 'PT409' using message = 'too_many_invite_links', detail = format('A group has at most %s links: revoke one.', most);
    end if;
  end if;

  insert into chat.invite_links (room_id, role, expires_at, max_uses, created_by)
  values (room.id, create_invite_link.role, create_invite_link.expires_at, create_invite_link.max_uses, auth.uid())
  returning * into link;
  insert into chat_private.invite_tokens (hash, link_id) values (chat_private.invite_hash(token), link.id);
  return to_jsonb(link) || jsonb_build_object('token', token);
end;
$$;
grant execute on function chat_private.create_invite_link to authenticated;

create function chat.create_invite_link(
  room_id bigint, role chat.member_role default 'member', expires_at timestamptz default null, max_uses integer default null
)
returns jsonb
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.create_invite_link(room_id, role, expires_at, max_uses);
$$;
comment on function chat.create_invite_link is
  'Makes a link by which people join a group, as somebody who may add people; only the owner makes one for admins. It admits '
  'up to max_uses people until expires_at, and as long as its user could make it. Returns its row and the token, which is '
  'shown once. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_role, too_many_invite_links, rate_limited.';
grant execute on function chat.create_invite_link to authenticated;

-- Definer: as above.
create function chat_private.revoke_invite_link(link_id bigint)
returns chat.invite_links
language plpgsql volatile security definer set search_path = ''
as $$
declare
  link chat.invite_links;
begin
  perform chat_private.require_access();
  update chat.invite_links as links
  set revoked_at = coalesce(links.revoked_at, now())
  where links.id = revoke_invite_link.link_id and (
    links.room_id in (select chat_private.my_room_ids('admin'))
    or links.created_by = auth.uid() and links.room_id in (select chat_private.my_inviting_room_ids())
    or chat_private.is_backend()
  )
  returning * into link;
  if not found then
    if exists (
      select from chat.invite_links as links
      where links.id = revoke_invite_link.link_id and links.room_id in (select chat_private.my_inviting_room_ids())
    ) then
      raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may revoke a link of somebody else.';
    end if;
    perform chat_private.refuse_invite();
  end if;
  return link;
end;
$$;
grant execute on function chat_private.revoke_invite_link to authenticated;

create function chat.revoke_invite_link(link_id bigint)
returns chat.invite_links
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.revoke_invite_link(link_id);
$$;
comment on function chat.revoke_invite_link is
  'Ends an invite link, as its user or an admin of the group; does nothing for one that is revoked. Raises invite_not_found, '
  'role_required.';
grant execute on function chat.revoke_invite_link to authenticated;

-- Definer: as above.
create function chat_private.find_invite_link(token text)
returns chat.invite_links
language plpgsql stable security definer set search_path = ''
as $$
declare
  link chat.invite_links;
begin
  select links.* into link from chat_private.invite_tokens as tokens
  join chat.invite_links as links on links.id = tokens.link_id
  where tokens.hash = chat_private.invite_hash(find_invite_link.token);
  return link;
end;
$$;
comment on function chat_private.find_invite_link is 'The link of a token, whether it admits people or not; null if there is none.';

-- Definer: as above.
create function chat_private.invite_link_preview(token text)
returns table (name text, avatar_url text, member_count integer)
language plpgsql stable security definer rows 1 set search_path = ''
as $$
declare
  link constant chat.invite_links := chat_private.find_invite_link(token);
begin
  perform chat_private.require_access();
  if link.id is null or not chat_private.is_open(link) then
    perform chat_private.refuse_invite();
  end if;
  return query select rooms.name, rooms.avatar_url, rooms.member_count from chat.rooms as rooms where rooms.id = link.room_id;
end;
$$;
grant execute on function chat_private.invite_link_preview to authenticated;

create function chat.invite_link_preview(token text)
returns table (name text, avatar_url text, member_count integer)
language sql stable security invoker rows 1 set search_path = ''
as $$
  select * from chat_private.invite_link_preview(token);
$$;
comment on function chat.invite_link_preview is
  'What who has a link may know of its group before joining: the name, the picture and the number of members. Raises invite_not_found.';
grant execute on function chat.invite_link_preview to authenticated;

-- Definer: as above. The lock of the room lets one after the other in, so that no use is counted twice or forgotten.
create function chat_private.join_by_link(token text)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  link chat.invite_links := chat_private.find_invite_link(token);
  room chat.rooms;
  member chat.room_members;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  if link.id is null then
    perform chat_private.refuse_invite();
  end if;
  perform chat_private.take_turn(link.room_id);
  select * into room from chat.rooms as rooms where rooms.id = link.room_id and rooms.deleted_at is null for no key update;
  select * into member from chat.room_members as members where members.room_id = room.id and members.user_id = auth.uid();
  if found then
    return member;
  end if;
  -- Reads it again: others may have joined during the wait.
  select * into link from chat.invite_links as links where links.id = link.id;
  if not coalesce(chat_private.is_open(link), false) then
    perform chat_private.refuse_invite();
  elsif link.created_by is not null then
    perform chat_private.require_unblocked(chat_private.direct_key(link.created_by, auth.uid()));
  end if;
  perform chat_private.count_join(room.id);

  update chat.invite_links as links set uses = links.uses + 1 where links.id = link.id;
  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else link.role end)
  returning * into member;
  return member;
end;
$$;
grant execute on function chat_private.join_by_link to authenticated;

create function chat.join_by_link(token text)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.join_by_link(token);
$$;
comment on function chat.join_by_link is
  'Joins a group by an invite link; for a member it does nothing, and takes no use. Raises invite_not_found, not_reachable, '
  'banned, user_not_found, too_many_joins, caller_required.';
grant execute on function chat.join_by_link to authenticated;
