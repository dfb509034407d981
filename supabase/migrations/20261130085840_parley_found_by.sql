-- found_by: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop policy "people can read profiles" on "chat"."profiles";

create type "chat"."who_finds" as enum (
  'everyone',
  'contacts',
  'nobody'
);

alter table "chat"."profiles"
  add column "found_by" chat.who_finds not null default 'everyone'::chat.who_finds;

create or replace function chat_private.finds (
  person_id uuid,
  found_by  chat.who_finds
)
  returns boolean
  language plpgsql
  stable
  security definer
  cost 1000
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
begin
  return person_id = me
    or exists (
      select from chat.room_members as mine
      join chat.room_members as theirs on theirs.room_id = mine.room_id and theirs.user_id = person_id
      where mine.user_id = me
    )
    or found_by = 'contacts' and exists (
      select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = me
    )
    -- Whom the caller has dealings with, and must be able to name.
    or exists (select from chat.blocks as blocks where blocks.user_id = me and blocks.blocked_id = person_id)
    or exists (select from chat.invitations as invitations where invitations.user_id = me and invitations.invited_by = person_id)
    or exists (
      select from (
        select requests.room_id from chat.join_requests as requests where requests.user_id = person_id
        union all
        select bans.room_id from chat.room_bans as bans where bans.user_id = person_id
      ) as dealings
      join chat.room_members as mine on mine.room_id = dealings.room_id and mine.user_id = me and mine.role >= 'admin'
    )
    or chat_private.is_moderator();
end;
$function$;

create or replace function chat_private.people_beginning (
  wanted   text,
  max_rows integer
)
  returns SETOF chat.profiles
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  return query
    select profiles.* from chat.profiles as profiles
    where chat_private.fold(username) collate "C" >= wanted
      and chat_private.fold(username) collate "C" < wanted || chr(1114111)
      and (profiles.found_by = 'everyone' or chat_private.finds(profiles.id, profiles.found_by))
    order by chat_private.fold(username) collate "C"
    limit max_rows;
end;
$function$;

create or replace function chat_private.people_found (
  query        text,
  names        boolean,
  after_number bigint,
  max_rows     integer
)
  returns SETOF chat.profiles
  language plpgsql
  security definer
  rows 20
  set search_path to ''
  AS $function$
declare
  wanted text := chat_private.require_query(query);
  grams text[] := chat_private.wanted_grams(wanted);
  last_number bigint := (select max(number) from chat.profiles);
  missing integer := max_rows;
  added integer;
begin
  -- No name is longer.
  if (wanted <> '') is not true or char_length(query) > 200 then
    return;
  end if;
  perform chat_private.take_tokens('search');
  -- In steps of 8,192 people, in order of their numbers; the index serves each step.
  for step in greatest(after_number, 0) / 8192 .. last_number / 8192 loop
    return query
      select found.*
      from (
        select profiles.* from chat.profiles as profiles
        where chat_private.person_entries(number, username, first_name, last_name) @> chat_private.entries(grams, step)
        offset 0 -- keeps the planner from another index for the conditions outside
      ) as found
      where found.number > after_number
        and (
          position(wanted in chat_private.fold(found.username)) > 0
          or names and position(wanted in chat_private.fold(found.first_name || ' ' || found.last_name)) > 0
        )
        and (found.found_by = 'everyone' or chat_private.finds(found.id, found.found_by))
      order by found.number
      limit missing;
    get diagnostics added = row_count;
    missing := missing - added;
    exit when missing <= 0;
  end loop;
end;
$function$;

create policy "people can read profiles that they find" on "chat"."profiles"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ((found_by = 'everyone'::chat.who_finds)
    or chat_private.finds(id, found_by))));

comment on column "chat"."profiles"."found_by" is 'Who finds and reads this profile: everyone, contacts, or nobody. People of a room that both are in always read it.';

comment on function "chat"."search_people"(text, integer) is 'People whose username or name contains a text, ignoring case and accents; at most 1,000, without those whom found_by hides. First those of the caller''s direct rooms and small groups, then those with a name that begins with it. Raises invalid_query, rate_limited.';

comment on function "chat_private"."finds"(uuid, chat.who_finds) is 'Whether the caller finds and reads a profile that not everyone finds: their own, that of a contact, or of somebody in a room of theirs. Moderators find everyone.';

revoke all on function "chat_private"."finds"(uuid, chat.who_finds) from public;

grant execute on function "chat_private"."finds"(uuid, chat.who_finds) to "authenticated", "service_role";

revoke all ("found_by") on table "chat"."profiles" from "authenticated";

grant update ("found_by") on table "chat"."profiles" to "authenticated";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
-- The audit log only grows.
revoke insert, update, delete, truncate on chat.audit_log from service_role;
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
