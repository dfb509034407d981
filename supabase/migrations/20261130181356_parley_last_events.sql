-- last_events: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.empty_last_event (
  message chat.messages
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  changed_at constant timestamptz := coalesce(message.edited_at, message.created_at);
  sent_at constant timestamptz := (select times.sent_at from chat_private.event_times as times where message_id = message.id);
  longest interval;
begin
  -- The event is mostly some milliseconds older than the message, and seconds older where its transaction has waited for the room.
  -- The longer time comes second, as all rooms together have thousands of events in ten seconds.
  -- The index of Realtime is for `private is true`: with `private` alone, Postgres would read all events of the day.
  foreach longest in array array[interval '100 milliseconds', interval '10 seconds'] loop
    update realtime.messages as events
    set payload = jsonb_set(
      events.payload, '{message}', events.payload -> 'message' || chat_private.without_text()
    )
    where events.inserted_at >= coalesce(sent_at, changed_at - longest) at time zone 'UTC'
      and events.inserted_at <= coalesce(sent_at, changed_at) at time zone 'UTC'
      and events.inserted_at <> now() at time zone 'UTC' -- not the events of this transaction, which are not sent yet
      and events.topic like 'room:' || message.room_id || ':%'
      and events.extension = 'broadcast'
      and events.private is true
      and events.payload -> 'message' -> 'id' = to_jsonb(message.id)
      and events.payload -> 'message' <> events.payload -> 'message' || chat_private.without_text();
    exit when found or sent_at is not null;
  end loop;
exception when others then
  raise warning 'the last event of message % keeps its text: %', message.id, sqlerrm;
end;
$function$;

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
