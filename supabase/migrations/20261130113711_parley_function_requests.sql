-- function_requests: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create unlogged table "chat_private"."function_requests" (
  "function_name" text             not null,
  "status"        text             not null,
  "up_to"         double precision not null,
  "requests"      bigint           not null,
  "seconds"       double precision not null,
  constraint "function_requests_function_name_check" check ((function_name ~ '^[a-z-]{1,50}$'::text)),
  constraint "function_requests_pkey" primary key (function_name, status, up_to),
  constraint "function_requests_status_check" check ((status ~ '^[1-5]xx$'::text)),
  constraint "function_requests_up_to_check" check ((up_to > (0)::double precision))
);

alter table "chat_private"."function_requests"
  enable row level security;

create or replace function chat_private.count_requests (
  counted jsonb
)
  returns void
  language sql
  security definer
  set search_path to ''
  AS $function$
  insert into chat_private.function_requests as counts (function_name, status, up_to, requests, seconds)
  select added.function_name, added.status, added.up_to, added.requests, added.seconds
  from jsonb_to_recordset(counted) as added (
    function_name text, status text, up_to double precision, requests bigint, seconds double precision
  )
  -- In one order: workers add at the same time.
  order by added.function_name, added.status, added.up_to
  on conflict on constraint function_requests_pkey do update
  set requests = counts.requests + excluded.requests, seconds = counts.seconds + excluded.seconds;
$function$;

create or replace function chat_private.metrics()
  returns table (
    name   text,
    labels jsonb,
    value  double precision
  )
  language sql
  stable
  security definer
  rows 200
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
  ), steps (up_to) as (
    select unnest(array[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 'Infinity']::double precision[])
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
  from chat_private.storage_use as use where use.measured_at is not null
  union all
  select 'parley_function_requests_total', jsonb_build_object('function', counts.function_name, 'status', counts.status),
    sum(counts.requests)
  from chat_private.function_requests as counts
  group by counts.function_name, counts.status
  union all
  (
    select 'parley_function_duration_seconds_bucket',
      jsonb_build_object('function', counts.function_name, 'le', case when steps.up_to < 'Infinity' then steps.up_to::text else '+Inf' end),
      coalesce(sum(counts.requests) filter (where counts.up_to <= steps.up_to), 0)
    from chat_private.function_requests as counts, steps
    group by counts.function_name, steps.up_to
    order by counts.function_name, steps.up_to
  )
  union all
  select 'parley_function_duration_seconds_sum', jsonb_build_object('function', counts.function_name), sum(counts.seconds)
  from chat_private.function_requests as counts
  group by counts.function_name
  union all
  select 'parley_function_duration_seconds_count', jsonb_build_object('function', counts.function_name), sum(counts.requests)
  from chat_private.function_requests as counts
  group by counts.function_name;
$function$;

create or replace function chat_private.moderated_rooms (
  query    text,
  after    bigint,
  max_rows integer
)
  returns SETOF chat.moderated_room
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
declare
  wanted constant text := btrim(coalesce(query, ''));
  folded text;
begin
  perform chat_private.require_moderator();
  if wanted = '' then
    return query
      select listed.* from (
        select rooms from chat.rooms as rooms
        where rooms.deleted_at is null and (after is null or rooms.id < after)
        order by rooms.id desc
        limit chat_private.rows_of_page(max_rows)
      ) as page (room), chat_private.as_moderated(page.room) as listed
      order by listed.id desc;
    return;
  -- As many as a page may have.
  elsif wanted ~ '^#[0-9]{1,18}( #[0-9]{1,18}){0,99}$' then
    return query
      select listed.* from chat.rooms as rooms, chat_private.as_moderated(rooms) as listed
      where rooms.id = any (string_to_array(replace(wanted, '#', ''), ' ')::bigint[]) and rooms.deleted_at is null and after is null
      order by rooms.id desc;
    return;
  end if;
  folded := chat_private.require_query(wanted);
  return query
    select listed.* from chat.rooms as rooms, chat_private.as_moderated(rooms) as listed
    where rooms.slug = wanted and rooms.deleted_at is null and after is null;
  return query
    select listed.* from (
      select rooms from chat.rooms as rooms
      where rooms.kind = 'group' and rooms.deleted_at is null and rooms.slug is distinct from wanted
        and chat_private.fold(rooms.name) collate "C" >= folded
        and chat_private.fold(rooms.name) collate "C" < folded || chr(1114111)
        and (
          after is null or (chat_private.fold(rooms.name) collate "C", rooms.id) > (
            select chat_private.fold(last.name) collate "C", last.id from chat.rooms as last where last.id = after
          )
        )
      order by chat_private.fold(rooms.name) collate "C", rooms.id
      limit chat_private.rows_of_page(max_rows)
    ) as page (room), chat_private.as_moderated(page.room) as listed
    order by chat_private.fold(listed.name) collate "C", listed.id;
end;
$function$;

comment on column "chat_private"."function_requests"."seconds" is 'How long these requests took together.';

comment on function "chat"."moderated_rooms"(text, bigint, integer) is 'Rooms for moderators. Without a query all, the newest first; otherwise groups whose name begins with it, by name, and the room with this slug; or the rooms with these ids, as #1 #2, at most 100. The next page is after the last id. Raises moderator_required, invalid_query.';

comment on function "chat_private"."count_requests"(jsonb) is 'Adds the requests that a worker of the functions has counted: an array of {function_name, status, up_to, requests, seconds}.';

comment on table "chat_private"."function_requests" is 'How many requests the functions have answered, by status and duration.';

revoke all on function "chat_private"."count_requests"(jsonb) from public;

grant execute on function "chat_private"."count_requests"(jsonb) to "service_role";

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
