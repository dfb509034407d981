-- A public group may want to be asked: rooms.joining. Its admins accept or decline.
create table chat.join_requests (
  id bigint generated always as identity primary key,
  -- A room has few open requests: they are deleted with it at once.
  room_id bigint not null references chat.rooms on delete cascade,
  user_id uuid not null references chat.profiles on delete cascade,
  note text not null default '',
  created_at timestamptz not null default now(),
  unique (room_id, user_id),
  constraint join_requests_note_check check (char_length(note) <= 500)
);
comment on table chat.join_requests is 'Who asks to join which public group, until they are in it, are declined or withdraw.';

-- The requests of a room, by page; the foreign key.
create index join_requests_room_id_idx on chat.join_requests (room_id, id);
-- The requests of a user; the foreign key.
create index join_requests_user_id_idx on chat.join_requests (user_id, id);

alter table chat.join_requests enable row level security;
revoke all on chat.join_requests from anon, authenticated;
grant select on chat.join_requests to authenticated;
-- No writes: the functions below.

create policy "people can read their own requests, and admins those of their groups"
  on chat.join_requests for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and (user_id = (select auth.uid()) or room_id in (select chat_private.my_room_ids('admin')))
  );

-- To the person and to the admins, and not on the topic of the room, where all members would receive it. Definer: only the database
-- may send.
create function chat_private.join_requested()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce('user:' || concerned.user_id, 'join_request.added', jsonb_build_object(
    'id', new.id, 'room_id', new.room_id, 'user_id', new.user_id, 'username', people.username, 'note', new.note,
    'created_at', new.created_at
  ))
  from (
    select new.user_id
    union
    (
      select members.user_id from chat.room_members as members
      where members.room_id = new.room_id and members.role >= 'admin'
      order by members.role desc, members.joined_at
      limit 50
    )
  ) as concerned
  join chat.profiles as people on people.id = new.user_id;
  return null;
end;
$$;

create trigger join_requested
  after insert on chat.join_requests
  for each row execute function chat_private.join_requested();

-- Definer: as above. The same to the person and to the admins, whatever the answer was; who is accepted receives room.added too.
create function chat_private.join_request_ended()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(
    'user:' || concerned.user_id, 'join_request.removed', jsonb_build_object('room_id', old.room_id, 'user_id', old.user_id)
  )
  from (
    select old.user_id
    union
    (
      select members.user_id from chat.room_members as members
      where members.room_id = old.room_id and members.role >= 'admin'
      order by members.role desc, members.joined_at
      limit 50
    )
  ) as concerned;
  return null;
end;
$$;

create trigger join_request_ended
  after delete on chat.join_requests
  for each row execute function chat_private.join_request_ended();

-- Definer: clients may not delete requests. However somebody joins, they need not ask any more.
create function chat_private.asking_person_joined()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat.join_requests as requests where requests.room_id = new.room_id and requests.user_id = new.user_id;
  return null;
end;
$$;

create trigger asking_person_joined
  after insert on chat.room_members
  for each row execute function chat_private.asking_person_joined();

-- Definer, like the functions below: only they write requests and memberships.
create function chat_private.request_to_join(room_id bigint, note text)
returns chat.join_requests
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 1000;
  room chat.rooms;
  request chat.join_requests;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  select * into room from chat.rooms as rooms where rooms.id = request_to_join.room_id and rooms.is_public for no key update;
  if not found then
    perform chat_private.refuse_stranger(request_to_join.room_id);
  end if;
  select * into request from chat.join_requests as requests where requests.room_id = room.id and requests.user_id = auth.uid();
  if found then
    return request;
  elsif room.joining = 'open' or exists (
    select from chat.room_members as members where members.room_id = room.id and members.user_id = auth.uid()
  ) then
    raise sqlstate 'PT409' using message = 'request_not_needed', detail = 'You are in this group, or can join it without asking.';
  end if;
  perform chat_private.require_unbanned(room.id, auth.uid());
  perform chat_private.take_tokens('request_to_join');
  if (select count(*) from chat.join_requests as requests where requests.room_id = room.id) >= most then
    raise sqlstate 'PT409' using message = 'too_many_requests', detail = format('A group has at most %s open requests.', most);
  end if;
  insert into chat.join_requests (room_id, user_id, note)
  values (room.id, auth.uid(), coalesce(request_to_join.note, ''))
  returning * into request;
  return request;
end;
$$;
grant execute on function chat_private.request_to_join to authenticated;

create function chat.request_to_join(room_id bigint, note text default '')
returns chat.join_requests
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.request_to_join(room_id, note);
$$;
comment on function chat.request_to_join is
  'Asks the admins of a public group to let the caller in; returns the request, or the one that is open. Raises room_not_found, '
  'request_not_needed, banned, too_many_requests, user_not_found, rate_limited, caller_required.';
grant execute on function chat.request_to_join to authenticated;

-- Definer: as above.
create function chat_private.withdraw_join_request(room_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  delete from chat.join_requests as requests
  where requests.room_id = withdraw_join_request.room_id and requests.user_id = auth.uid();
end;
$$;
grant execute on function chat_private.withdraw_join_request to authenticated;

create function chat.withdraw_join_request(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.withdraw_join_request(room_id);
$$;
comment on function chat.withdraw_join_request is
  'Takes back a request of the caller; does nothing where there is none. Raises caller_required.';
grant execute on function chat.withdraw_join_request to authenticated;

-- Definer: as above.
create function chat_private.accept_join_request(room_id bigint, user_id uuid)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room constant chat.rooms := chat_private.lock_room(accept_join_request.room_id, 'admin');
  member chat.room_members;
begin
  select * into member from chat.room_members as members
  where members.room_id = room.id and members.user_id = accept_join_request.user_id;
  if found then
    return member;
  elsif not exists (
    select from chat.join_requests as requests where requests.room_id = room.id and requests.user_id = accept_join_request.user_id
  ) then
    raise sqlstate 'PT404' using message = 'request_not_found', detail = 'This user does not ask to join, or does not any more.';
  end if;
  perform chat_private.require_people(array[accept_join_request.user_id]);
  insert into chat.room_members (room_id, user_id) values (room.id, accept_join_request.user_id) returning * into member;
  return member;
end;
$$;
grant execute on function chat_private.accept_join_request to authenticated;

create function chat.accept_join_request(room_id bigint, user_id uuid)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.accept_join_request(room_id, user_id);
$$;
comment on function chat.accept_join_request is
  'Lets a user in who asks to join, as the owner or an admin; does nothing for a member. Raises room_not_found, not_a_member, '
  'role_required, request_not_found, user_not_found, banned.';
grant execute on function chat.accept_join_request to authenticated;

-- Definer: as above.
create function chat_private.decline_join_request(room_id bigint, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_role(decline_join_request.room_id, 'admin');
  delete from chat.join_requests as requests
  where requests.room_id = decline_join_request.room_id and requests.user_id = decline_join_request.user_id;
end;
$$;
grant execute on function chat_private.decline_join_request to authenticated;

create function chat.decline_join_request(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.decline_join_request(room_id, user_id);
$$;
comment on function chat.decline_join_request is
  'Removes a request, as the owner or an admin; the user may ask again. Does nothing where there is none. Raises room_not_found, '
  'not_a_member, role_required.';
grant execute on function chat.decline_join_request to authenticated;
