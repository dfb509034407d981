-- metrics: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.metrics()
  returns table (
    name   text,
    labels jsonb,
    value  double precision
  )
  language sql
  stable
  security definer
  rows 60
  set search_path to ''
  AS $function$
  with made as (
    select coalesce(sum(messages), 0) as messages, coalesce(sum(people), 0) as people, coalesce(sum(rooms), 0) as rooms,
      coalesce(sum(reports), 0) as reports
    from chat.daily_counts
  ), moderation as (
    select * from chat_private.moderation_counts()
  ), queues (queue, waiting) as (
    select 'files_to_remove', count(*) from (select from chat_private.files_to_remove limit 10000) as found
    union all
    select 'messages_to_index', count(*) from (select from chat_private.messages_to_index limit 10000) as found
    union all
    select 'departed_senders', count(*) from (select from chat_private.departed_senders limit 10000) as found
    union all
    select 'topics_to_move', count(*) from (select from chat_private.topics_to_move limit 10000) as found
  )
  select 'parley_info', jsonb_build_object('version', chat.version()), 1::double precision
  union all
  select 'parley_messages_total', '{}', made.messages from made
  union all
  select 'parley_accounts_total', '{}', made.people from made
  union all
  select 'parley_rooms_total', '{}', made.rooms from made
  union all
  select 'parley_reports_total', '{}', made.reports from made
  union all
  select 'parley_open_reports', '{}', moderation.open_reports from moderation
  union all
  select 'parley_suspended_people', '{}', moderation.suspended from moderation
  union all
  select 'parley_muted_people', '{}', moderation.muted from moderation
  union all
  select 'parley_queue_rows', jsonb_build_object('queue', queues.queue), queues.waiting from queues
  union all
  select 'parley_job_failing', jsonb_build_object('job', jobs.name), (jobs.last_error is not null)::integer from chat_private.jobs as jobs
  union all
  select 'parley_job_delay_seconds', jsonb_build_object('job', jobs.name),
    greatest(extract(epoch from clock_timestamp() - jobs.next_run_at), 0)
  from chat_private.jobs as jobs
  union all
  select 'parley_database_connections', jsonb_build_object('state', states.state), states.connections
  from chat_private.connections_by_state() as states
  union all
  select 'parley_database_connections_max', '{}', current_setting('max_connections')::integer
  union all
  select 'parley_database_size_bytes', '{}', pg_catalog.pg_database_size(current_database())
  union all
  select 'parley_storage_files', jsonb_build_object('bucket', use.bucket), use.files
  from chat_private.storage_use as use where use.measured_at is not null
  union all
  select 'parley_storage_bytes', jsonb_build_object('bucket', use.bucket), use.bytes
  from chat_private.storage_use as use where use.measured_at is not null;
$function$;

comment on function "chat_private"."metrics"() is 'The samples of the endpoint for Prometheus, for backends. Counts of what waits, and of moderation, end at 10,000. Raises administrator_required.';

revoke all on function "chat_private"."metrics"() from public;

grant execute on function "chat_private"."metrics"() to "service_role";

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
