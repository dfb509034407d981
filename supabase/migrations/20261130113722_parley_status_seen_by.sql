-- status_seen_by: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop policy "people can read who is online" on "chat"."user_status";

drop policy "topics of chat are sent to only by members, and only live" on "realtime"."messages";

alter table "chat"."profiles"
  add column "status_seen_by" chat.who_finds not null default 'everyone'::chat.who_finds;

alter table "chat"."user_status"
  add column "seen_by" chat.who_finds not null default 'everyone'::chat.who_finds;

create or replace function chat_private.sees_status (
  person_id uuid,
  seen_by   chat.who_finds
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
    or seen_by = 'contacts' and (
      exists (
        select from chat.room_members as mine
        join chat.room_members as theirs on theirs.room_id = mine.room_id and theirs.user_id = person_id
        where mine.user_id = me
      )
      or exists (select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = me)
    )
    or chat_private.is_moderator();
end;
$function$;

create or replace function chat_private.shows_presence()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (select from chat.profiles where id = (select auth.uid()) and status_seen_by <> 'nobody');
end;
$function$;

create or replace function chat_private.status_changing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Without a profile the foreign key refuses the row.
  new.seen_by := coalesce((select status_seen_by from chat.profiles where id = new.user_id), new.seen_by);
  new.announced_online := chat.is_online(new) and new.seen_by <> 'nobody';
  return new;
end;
$function$;

create or replace function chat_private.status_payload (
  room   chat.rooms,
  status chat.user_status,
  person chat.profiles
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'room_id', room.id, 'version', room.version, 'user_id', status.user_id, 'user_number', person.number,
    'username', person.username, 'is_online', status.announced_online, 'last_seen_at', status.last_seen_at
  );
$function$;

create or replace function chat_private.status_setting_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  update chat.user_status set seen_by = new.status_seen_by where user_id = new.id;
  if new.status_seen_by = 'nobody' then
    -- A job moves each room once, however often the setting changes.
    insert into chat_private.topics_to_move (room_id)
    select members.room_id from chat.room_members as members where members.user_id = new.id
    on conflict do nothing;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.unseen_members (
  room_id bigint
)
  returns uuid[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return array(
    select members.user_id
    from chat.room_members as members
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = unseen_members.room_id
      and (profiles.status_seen_by = 'nobody' or chat_private.hides_status(members.user_id, members.room_id))
  );
end;
$function$;

create or replace function chat_private.who_is_online (
  room_id bigint
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(chat_private.status_payload(rooms, status, profiles)), '[]')
    from chat.room_members as members
    join chat.user_status as status on status.user_id = members.user_id
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = rooms.id and chat.is_online(status) and status.announced_online
      and not chat_private.hides_status(members.user_id, rooms.id)
  )
  from chat.rooms as rooms
  where rooms.id = who_is_online.room_id and not chat_private.is_large(rooms)
    and not chat_private.is_blocked(rooms.direct_key);
end;
$function$;

create trigger status_setting_changed
  after update on chat.profiles
  for each row
  when ((old.status_seen_by <> new.status_seen_by))
  execute function chat_private.status_setting_changed();

create policy "people can read who is online" on "chat"."user_status"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (not ( select
    chat_private.is_anonymous() as is_anonymous)) AND
    (not (user_id in ( select chat_private.my_blockers() as my_blockers))) AND
    ((seen_by = 'everyone'::chat.who_finds) or chat_private.sees_status(user_id, seen_by))));

create policy "topics of chat are sent to only by members, and only live" on "realtime"."messages"
  as restrictive
  for insert
  to PUBLIC
  with
    check
    (((NOT chat_private.is_chat_topic(topic)) OR ((topic = ( SELECT realtime.topic() AS topic)) AND ((extension =
    'broadcast'::text) OR
    ((extension = 'presence'::text) AND ( SELECT chat_private.shows_presence() AS shows_presence))) AND
    (topic ~~ 'room:%:live'::text) AND
    ( SELECT chat_private.is_my_topic(( SELECT realtime.topic() AS topic)) AS is_my_topic))));

comment on column "chat"."profiles"."status_seen_by" is 'Who sees whether this user is online, and when they were last seen: everyone, contacts and people of common rooms, or nobody.';

comment on function "chat_private"."job_move_topics"() is 'Moves the topic of a room, once for all the channels that must not go on.';

comment on function "chat_private"."sees_status"(uuid, chat.who_finds) is 'Whether the caller sees a status that not everyone sees: their own, that of a contact, or of somebody in a room of theirs. Moderators see every status.';

comment on function "chat_private"."shows_presence"() is 'Whether the caller may show on live topics that they are there.';

comment on function "chat_private"."unseen_members"(bigint) is 'The members of a room of the caller whose status the room is not sent.';

comment on table "chat_private"."topics_to_move" is 'Rooms whose topic a job moves, once for all the channels that must not go on.';

revoke all on function "chat_private"."sees_status"(uuid, chat.who_finds) from public;

grant execute on function "chat_private"."sees_status"(uuid, chat.who_finds) to "authenticated", "service_role";

grant execute on function "chat_private"."shows_presence"() to "service_role";

revoke all on function "chat_private"."status_setting_changed"() from public;

revoke all on function "chat_private"."unseen_members"(bigint) from public;

grant execute on function "chat_private"."unseen_members"(bigint) to "authenticated", "service_role";

revoke all ("status_seen_by") on table "chat"."profiles" from "authenticated";

grant update ("status_seen_by") on table "chat"."profiles" to "authenticated";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access, chat_private.shows_presence
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
