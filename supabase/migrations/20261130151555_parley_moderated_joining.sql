-- moderated_joining: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."keep_change"(chat.rooms, text, jsonb, chat.system_kind);

drop function "chat_private"."record_change"(bigint, text, jsonb, chat.system_kind);

alter type "chat"."moderated_room" add attribute "joining" chat.way_to_join cascade;

create or replace function chat_private.as_moderated (
  room chat.rooms
)
  returns chat.moderated_room
  language sql
  stable
  security definer
  set search_path to ''
  AS $function$
  select room.id, room.kind, room.name, room.slug, room.description, room.is_public, room.avatar_url, room.created_at,
    room.created_by, room.member_count, room.last_seq, room.last_message_at, room.locked_at, room.locked_reason,
    array(
      select profiles.username from chat.room_members as members
      join chat.profiles as profiles on profiles.id = members.user_id
      where members.room_id = room.id and (room.kind = 'direct' or members.role = 'owner')
      order by profiles.username collate "C"
    ),
    (
      select count(*) filter (where about.state = 'open')::integer
      from (select reports.state from chat.reports as reports where reports.room_id = room.id order by reports.id desc limit 100) as about
    ),
    room.joining;
$function$;

create or replace function chat_private.keep_change (
  room    chat.rooms,
  event   text,
  payload jsonb,
  kind    chat.system_kind default null::chat.system_kind
)
  returns chat.room_changes
  language plpgsql
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
  change chat.room_changes;
begin
  change.room_id := room.id;
  change.version := room.version;
  change.event := event;
  change.payload := payload;
  change.created_at := now();
  if kind is not null and chat_private.shows_system_message(room, kind) then
    change.kind := kind;
    change.after_seq := room.last_seq;
    -- A moderator who is not in the room is not named to it.
    if payload ->> 'user_id' = me::text or chat_private.is_my_room(room.id) then
      change.actor_id := me;
    end if;
  end if;
  insert into chat.room_changes values (change.*);
  perform chat_private.announce(
    room.topic, event,
    payload || jsonb_build_object('room_id', room.id, 'version', room.version) || chat_private.system_payload(change)
  );
  return change;
end;
$function$;

create or replace function chat_private.record_change (
  room_id bigint,
  event   text,
  payload jsonb,
  kind    chat.system_kind default null::chat.system_kind
)
  returns chat.room_changes
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  update chat.rooms set version = version + 1
  where id = record_change.room_id and deleted_at is null
  returning * into room;
  if not found then
    return null; -- the room is being deleted
  end if;
  -- Once in 128 versions, which messages count, too.
  if room.version % 128 = 0 then
    insert into chat_private.rooms_to_prune (room_id) values (room.id) on conflict do nothing;
  end if;
  return chat_private.keep_change(room, event, payload, kind);
end;
$function$;

create or replace function chat_private.require_token (
  action text
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  rate chat_private.limits;
  missing double precision;
begin
  select * into rate from chat_private.limits as limits where limits.action = require_token.action;
  select rate.cost - chat_private.filled(buckets, rate, clock_timestamp()) into missing
  from chat_private.buckets as buckets
  where buckets.person_id = auth.uid() and buckets.action = rate.action;
  if missing > 0 then
    perform chat_private.refuse_haste('rate_limited', 'You have done this too often.', rate, missing);
  end if;
end;
$function$;

create or replace function chat_private.send_system_message (
  room_id   bigint,
  content   text,
  client_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  key constant uuid := coalesce(client_id, gen_random_uuid());
  change chat.room_changes;
begin
  if not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend sends system messages.';
  elsif not coalesce(chat_private.shows(content) and char_length(content) <= 10000, false) then
    raise sqlstate 'PT400' using message = 'invalid_system_message', detail = 'A system message has 1 to 10,000 characters.';
  end if;
  perform chat_private.lock_room(room_id);
  select * into change from chat.room_changes as changes
  where changes.room_id = send_system_message.room_id and changes.kind = 'text' and changes.payload ->> 'client_id' = key::text;
  perform set_config('chat.repeated', (change.version is not null)::text, true);
  if change.version is null then
    change := chat_private.record_change(
      room_id, 'system_message.created', jsonb_build_object('client_id', key, 'content', content), 'text'
    );
  elsif change.payload ->> 'content' <> content then
    perform chat_private.refuse_reused_key();
  end if;
  return change.payload || jsonb_build_object('room_id', change.room_id, 'version', change.version)
    || chat_private.system_payload(change);
end;
$function$;

comment on function "chat_private"."keep_change"(chat.rooms, text, jsonb, chat.system_kind) is 'Logs a change that the version of a room counts, broadcasts and returns it; with a kind, the messages show it.';

comment on function "chat_private"."record_change"(bigint, text, jsonb, chat.system_kind) is 'Counts a change of a room in its version, logs it, broadcasts and returns it.';

comment on function "chat_private"."require_token"(text) is 'Says whether the caller may do something once now, and takes no token: to explain a refusal. Raises rate_limited.';

revoke all on function "chat_private"."keep_change"(chat.rooms, text, jsonb, chat.system_kind) from public;

revoke all on function "chat_private"."record_change"(bigint, text, jsonb, chat.system_kind) from public;

revoke all on function "chat_private"."require_token"(text) from public;

grant execute on function "chat_private"."require_token"(text) to "authenticated", "service_role";

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
