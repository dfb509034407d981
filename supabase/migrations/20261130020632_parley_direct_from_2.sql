-- direct_from, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

-- sql/015_default_grants.sql
-- A project may have default privileges that grant every new object to its clients. They are revoked while Parley is
-- installed or upgraded; 900_grants restores them. Each migration that adds objects repeats both files.
create table chat_private.default_grants as
select
  case defaults.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' else 'functions' end as objects,
  grants.privilege_type as privilege,
  case when grants.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grants.grantee)) end as grantee,
  grants.is_grantable
from pg_default_acl as defaults, aclexplode(defaults.defaclacl) as grants
where defaults.defaclrole = (select oid from pg_roles where rolname = current_user)
  and defaults.defaclnamespace = 0
  and defaults.defaclobjtype in ('r', 'S', 'f')
  and grants.grantee <> defaults.defaclrole;
alter table chat_private.default_grants enable row level security;
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format('alter default privileges revoke %s on %s from %s', given.privilege, given.objects, given.grantee);
  end loop;
end;
$$;
revoke all on chat_private.default_grants from public, anon, authenticated, service_role;

create or replace function chat_private.admits (
  person chat.profiles,
  other  uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if chat_private.is_blocked(chat_private.direct_key(person.id, other)) then
    return false;
  elsif person.direct_from in ('everyone', 'nobody') then
    return person.direct_from = 'everyone';
  end if;
  return exists (
    select from chat.friendships as friendships where friendships.user_id = person.id and friendships.friend_id = other
  ) or person.direct_from = 'shared_rooms' and exists (
    select from chat.room_members as own
    join chat.room_members as theirs on theirs.room_id = own.room_id and theirs.user_id = other
    -- Anybody can join a public group.
    join chat.rooms as rooms on rooms.id = own.room_id and rooms.kind = 'group' and not rooms.is_public
    where own.user_id = person.id
  );
end;
$function$;

create or replace function chat_private.create_direct_room (
  user_id uuid
)
  returns chat.rooms
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
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
$function$;

create or replace function chat_private.insert_members (
  room_id  bigint,
  user_ids uuid[]
)
  returns SETOF chat.room_members
  language plpgsql
  set search_path to ''
  AS $function$
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

  return query
    insert into chat.room_members (room_id, user_id)
    select distinct insert_members.room_id, id from unnest(user_ids) as id
    on conflict do nothing
    returning *;
end;
$function$;

create or replace function chat_private.require_reachable (
  user_ids uuid[]
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if exists (
    select from chat.profiles as people
    where people.id = any (user_ids) and people.id <> auth.uid() and not chat_private.admits(people, auth.uid())
  ) then
    raise sqlstate 'PT403' using message = 'not_reachable', detail = 'You cannot reach one of these people.';
  end if;
end;
$function$;

comment on column "chat"."profiles"."direct_from" is 'Who may open a direct chat with this user, and add them to groups: everyone, people of a private group that both are in and those whom the user calls a friend, only those friends, or nobody.';

comment on function "chat_private"."admits"(chat.profiles, uuid) is 'Whether another user may open a direct chat with a person, and add them to groups.';

comment on function "chat_private"."require_reachable"(uuid[]) is 'Raises not_reachable if one of these users does not admit the caller. A backend reaches everyone.';

revoke all on function "chat_private"."admits"(chat.profiles, uuid) from public;

revoke all ("direct_from") on table "chat"."profiles" from "authenticated";

grant update ("direct_from") on table "chat"."profiles" to "authenticated";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
grant execute on all functions in schema chat to service_role;
-- The helpers that these functions call as their caller.
do $$
declare
  helper regprocedure;
begin
  for helper in
    select oid from pg_catalog.pg_proc
    where pronamespace = 'chat_private'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute format('grant execute on function %s to service_role', helper);
  end loop;
end;
$$;

-- Restores the project's default privileges, which 015_default_grants has revoked.
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format(
      'alter default privileges grant %s on %s to %s%s',
      given.privilege, given.objects, given.grantee, case when given.is_grantable then ' with grant option' end
    );
  end loop;
  drop table chat_private.default_grants;
end;
$$;
