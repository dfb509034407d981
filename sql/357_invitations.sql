-- Who does not want to be added to groups by everyone is invited instead, and says yes or no.
create table chat.invitations (
  id bigint generated always as identity primary key,
  -- A room has few open invitations: they are deleted with it at once.
  room_id bigint not null references chat.rooms on delete cascade,
  user_id uuid not null references chat.profiles on delete cascade,
  -- Null when the account was deleted. The invitation is the room's.
  invited_by uuid references chat.profiles on delete set null,
  created_at timestamptz not null default now(),
  state chat.invitation_state not null default 'pending',
  unique (room_id, user_id)
);
comment on table chat.invitations is 'Who is invited to which group, until they join or decline.';
comment on column chat.invitations.state is
  'Whether the user ignores it: then no other one comes from this group. Only the user can know; for the group it stays pending.';

-- The invitations of a user; the foreign key.
create index invitations_user_id_idx on chat.invitations (user_id, id);
-- The invitations of a room, by page.
create index invitations_room_id_idx on chat.invitations (room_id, id);
-- The foreign key.
create index invitations_invited_by_idx on chat.invitations (invited_by);

alter table chat.invitations enable row level security;
revoke all on chat.invitations from anon, authenticated;
grant select on chat.invitations to authenticated;
-- No writes: add_members() and create_group_room() invite, and the functions below answer.

create policy "people can read their own invitations"
  on chat.invitations for select to authenticated
  using ((select chat_private.require_modest_query()) and user_id = (select auth.uid()));

create function chat_private.invitation_payload(invitation chat.invitations)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'id', invitation.id, 'room_id', invitation.room_id, 'room_name', rooms.name, 'invited_by', invitation.invited_by,
    'invited_by_username', people.username, 'created_at', invitation.created_at
  )
  from chat.rooms as rooms
  left join chat.profiles as people on people.id = invitation.invited_by
  where rooms.id = invitation.room_id;
$$;

-- Definer: only the database may send to a user's topic.
create function chat_private.invitation_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce('user:' || new.user_id, 'invitation.added', chat_private.invitation_payload(new));
  return null;
end;
$$;

create trigger invitation_added
  after insert on chat.invitations
  for each row execute function chat_private.invitation_added();

-- Definer: as above. No device of the user shows it any more.
create function chat_private.invitation_ignored()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce('user:' || new.user_id, 'invitation.removed', jsonb_build_object('room_id', new.room_id));
  return null;
end;
$$;

create trigger invitation_ignored
  after update of state on chat.invitations
  for each row when (old.state = 'pending' and new.state <> 'pending')
  execute function chat_private.invitation_ignored();

-- Definer: as above.
create function chat_private.invitation_ended()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce('user:' || old.user_id, 'invitation.removed', jsonb_build_object('room_id', old.room_id));
  return null;
end;
$$;

create trigger invitation_ended
  after delete on chat.invitations
  for each row when (old.state = 'pending')
  execute function chat_private.invitation_ended();

-- Definer: clients may not delete invitations. However somebody joins, they need none any more.
create function chat_private.invited_person_joined()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat.invitations as invitations
  where invitations.room_id = new.room_id and invitations.user_id = new.user_id;
  return null;
end;
$$;

create trigger invited_person_joined
  after insert on chat.room_members
  for each row execute function chat_private.invited_person_joined();

create function chat_private.invite(room_id bigint, user_ids uuid[])
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 1000;
begin
  perform chat_private.require_unbanned(invite.room_id, id) from unnest(user_ids) as id;
  insert into chat.invitations (room_id, user_id, invited_by)
  select distinct invite.room_id, id, auth.uid() from unnest(user_ids) as id
  on conflict do nothing;
  if (select count(*) from chat.invitations as invitations where invitations.room_id = invite.room_id) > most then
    raise sqlstate 'PT409' using message = 'too_many_invitations', detail = format('A group has at most %s open invitations.', most);
  end if;
end;
$$;
comment on function chat_private.invite is
  'Invites users to a room that is locked; who is invited already stays so. Raises banned, too_many_invitations.';

-- Definer, like the functions below: who is invited may not see the room, and only these functions write.
create function chat_private.invitation_list(before bigint, max_rows integer)
returns table (
  id bigint, room_id bigint, name text, description text, avatar_url text, member_count integer,
  invited_by uuid, invited_by_username text, created_at timestamptz
)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  return query
    select invitations.id, rooms.id, rooms.name, rooms.description, rooms.avatar_url, rooms.member_count,
      people.id, people.username, invitations.created_at
    from chat.invitations as invitations
    join chat.rooms as rooms on rooms.id = invitations.room_id
    left join chat.profiles as people on people.id = invitations.invited_by
    where invitations.user_id = auth.uid() and invitations.state = 'pending'
      and (invitation_list.before is null or invitations.id < invitation_list.before)
    order by invitations.id desc
    limit least(greatest(coalesce(max_rows, 100), 1), 1000);
end;
$$;
grant execute on function chat_private.invitation_list to authenticated;

create function chat.invitation_list(before bigint default null, max_rows integer default 100)
returns table (
  id bigint, room_id bigint, name text, description text, avatar_url text, member_count integer,
  invited_by uuid, invited_by_username text, created_at timestamptz
)
language sql stable security invoker rows 20 set search_path = ''
as $$
  select * from chat_private.invitation_list(before, max_rows);
$$;
comment on function chat.invitation_list is
  'The invitations that the caller has neither answered nor ignored, newest first, with what may be known of their groups. '
  'Raises caller_required.';
grant execute on function chat.invitation_list to authenticated;

-- Definer: as above.
create function chat_private.accept_invitation(room_id bigint)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
  member chat.room_members;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  if exists (
    select from chat.invitations as invitations
    where invitations.room_id = accept_invitation.room_id and invitations.user_id = auth.uid()
  ) then
    perform chat_private.take_turn(accept_invitation.room_id);
    select * into room from chat.rooms as rooms where rooms.id = accept_invitation.room_id for no key update;
  end if;
  select * into member from chat.room_members as members
  where members.room_id = accept_invitation.room_id and members.user_id = auth.uid();
  if found then
    return member;
  elsif not exists (
    -- Looks again: it may have been withdrawn during the wait.
    select from chat.invitations as invitations where invitations.room_id = room.id and invitations.user_id = auth.uid()
  ) then
    perform chat_private.refuse_invite();
  end if;
  perform chat_private.count_join(room.id);
  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else 'member' end::chat.member_role)
  returning * into member;
  return member;
end;
$$;
grant execute on function chat_private.accept_invitation to authenticated;

create function chat.accept_invitation(room_id bigint)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.accept_invitation(room_id);
$$;
comment on function chat.accept_invitation is
  'Joins a group to which the caller is invited, also if they have ignored it; does nothing for a member. Raises '
  'invite_not_found, banned, user_not_found, too_many_joins, caller_required.';
grant execute on function chat.accept_invitation to authenticated;

-- Definer: as above.
create function chat_private.decline_invitation(room_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  delete from chat.invitations as invitations
  where invitations.room_id = decline_invitation.room_id and invitations.user_id = auth.uid();
end;
$$;
grant execute on function chat_private.decline_invitation to authenticated;

create function chat.decline_invitation(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.decline_invitation(room_id);
$$;
comment on function chat.decline_invitation is
  'Removes an invitation of the caller, who may be invited again; does nothing where there is none. Raises caller_required.';
grant execute on function chat.decline_invitation to authenticated;

-- Definer: as above.
create function chat_private.ignore_invitation(room_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  update chat.invitations as invitations set state = 'ignored'
  where invitations.room_id = ignore_invitation.room_id and invitations.user_id = auth.uid() and invitations.state = 'pending';
end;
$$;
grant execute on function chat_private.ignore_invitation to authenticated;

create function chat.ignore_invitation(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.ignore_invitation(room_id);
$$;
comment on function chat.ignore_invitation is
  'Hides an invitation of the caller, and every further one of this group; nobody learns of it. Raises caller_required.';
grant execute on function chat.ignore_invitation to authenticated;

-- Definer: as above. The state of an invitation is left out.
create function chat_private.room_invitations(room_id bigint, before bigint, max_rows integer)
returns table (id bigint, user_id uuid, username text, invited_by uuid, created_at timestamptz)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
#variable_conflict use_column
declare
  room chat.rooms;
begin
  perform chat_private.require_role(room_invitations.room_id);
  select * into room from chat.rooms as rooms where rooms.id = room_invitations.room_id;
  perform chat_private.require_role(room.id, chat_private.inviting_role(room));
  return query
    select invitations.id, people.id, people.username, invitations.invited_by, invitations.created_at
    from chat.invitations as invitations
    join chat.profiles as people on people.id = invitations.user_id
    where invitations.room_id = room.id and (room_invitations.before is null or invitations.id < room_invitations.before)
    order by invitations.id desc
    limit least(greatest(coalesce(max_rows, 100), 1), 1000);
end;
$$;
grant execute on function chat_private.room_invitations to authenticated;

create function chat.room_invitations(room_id bigint, before bigint default null, max_rows integer default 100)
returns table (id bigint, user_id uuid, username text, invited_by uuid, created_at timestamptz)
language sql stable security invoker rows 20 set search_path = ''
as $$
  select * from chat_private.room_invitations(room_id, before, max_rows);
$$;
comment on function chat.room_invitations is
  'Who is invited to a group and has not joined, newest first, for those who may add people. Raises room_not_found, not_a_member, '
  'role_required.';
grant execute on function chat.room_invitations to authenticated;

-- Definer: as above.
create function chat_private.withdraw_invitation(room_id bigint, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  own_role constant chat.member_role := chat_private.require_role(withdraw_invitation.room_id);
  invitation chat.invitations;
begin
  select * into invitation from chat.invitations as invitations
  where invitations.room_id = withdraw_invitation.room_id and invitations.user_id = withdraw_invitation.user_id;
  if own_role < 'admin' and (invitation.invited_by is distinct from auth.uid()) then
    raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may withdraw an invitation by somebody else.';
  end if;
  delete from chat.invitations as invitations where invitations.id = invitation.id;
end;
$$;
grant execute on function chat_private.withdraw_invitation to authenticated;

create function chat.withdraw_invitation(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.withdraw_invitation(room_id, user_id);
$$;
comment on function chat.withdraw_invitation is
  'Removes an invitation, as an admin or as the member who made it; does nothing for an admin where there is none. Raises '
  'room_not_found, not_a_member, role_required.';
grant execute on function chat.withdraw_invitation to authenticated;
