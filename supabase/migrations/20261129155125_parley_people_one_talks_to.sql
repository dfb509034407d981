-- people_one_talks_to: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat.search_people (
  query    text,
  max_rows integer default 20
)
  returns SETOF chat.profiles
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
declare
  wanted text := chat_private.require_query(query);
  page_size integer := least(greatest(coalesce(max_rows, 20), 1), 1000);
begin
  -- The likely ones come first: people the caller talks to, then those with a name that begins with the text.
  return query
    with likely as (
      select found.person_id, min(found.distance) as distance
      from (
        select * from chat_private.people_known(wanted)
        union all
        select id, null from chat_private.people_beginning(wanted, page_size)
        union all
        select id, null from chat_private.people_found(wanted, true, 0, page_size)
      ) as found (person_id, distance)
      group by found.person_id
    )
    select profiles.*
    from likely
    join chat.profiles as profiles on profiles.id = likely.person_id
    cross join lateral chat_private.fold(
      profiles.username || ' ' || profiles.first_name || ' ' || profiles.last_name
    ) as names
    order by likely.distance, position(' ' || wanted in ' ' || names) = 0, profiles.username collate "C"
    limit page_size;
end;
$function$;

create or replace function chat_private.people_known (
  wanted text
)
  returns table (
    person_id uuid,
    distance  bigint
  )
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  return query
    with latest as (
      select rooms.id as room_id, rooms.kind, coalesce(rooms.last_message_at, rooms.created_at) as active_at
      from chat.room_members as mine
      join chat.rooms as rooms on rooms.id = mine.room_id
      where mine.user_id = (select auth.uid()) and rooms.member_count <= 50
      order by active_at desc
      limit 100
    ), numbered as (
      select latest.room_id, row_number() over (order by latest.kind <> 'direct', latest.active_at desc) as place
      from latest
    )
    select near.user_id, near.place
    from (
      select others.user_id, min(numbered.place) as place
      from numbered
      join chat.room_members as others on others.room_id = numbered.room_id and others.user_id <> (select auth.uid())
      group by others.user_id
      order by place
      limit 1000
    ) as near
    join chat.profiles as profiles on profiles.id = near.user_id
    where position(wanted in chat_private.fold(profiles.username)) > 0
      or position(wanted in chat_private.fold(profiles.first_name || ' ' || profiles.last_name)) > 0;
end;
$function$;

comment on function "chat"."search_people"(text, integer) is 'People whose username or name contains a text, ignoring case and accents; at most 1,000. First those of the caller''s direct rooms and small groups, then those with a name that begins with it. Raises invalid_query.';

comment on function "chat_private"."people_known"(text) is 'People whose username or name contains a folded text, among the 1,000 nearest of the caller: those of the 100 latest rooms that have up to 50 members. The distance is lower for direct rooms, and for later ones.';

revoke all on function "chat_private"."people_known"(text) from public;

grant execute on function "chat_private"."people_known"(text) to "authenticated", "service_role";

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
