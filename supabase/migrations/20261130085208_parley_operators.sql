-- operators, 1 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create table "chat"."daily_counts" (
  "day"      date   not null,
  "messages" bigint not null default 0,
  "people"   bigint not null default 0,
  "rooms"    bigint not null default 0,
  "reports"  bigint not null default 0,
  constraint "daily_counts_pkey" primary key (day)
);

alter table "chat"."daily_counts"
  enable row level security;

create table "chat_private"."counted" (
  "subject"    text   not null,
  "source"     text   not null,
  "key"        text   not null,
  "counted_to" bigint not null default 0,
  "known_to"   bigint not null default 0,
  "known_at"   xid8   not null default '0'::xid8,
  constraint "counted_pkey" primary key (subject),
  constraint "counted_subject_check"
    check ((subject = ANY (ARRAY['messages'::text, 'people'::text, 'rooms'::text, 'reports'::text])))
);

alter table "chat_private"."counted"
  enable row level security;

create table "chat_private"."storage_use" (
  "bucket"      text                     not null,
  "files"       bigint                   not null default 0,
  "bytes"       bigint                   not null default 0,
  "measured_at" timestamp with time zone,
  "next_files"  bigint                   not null default 0,
  "next_bytes"  bigint                   not null default 0,
  constraint "storage_use_pkey" primary key (bucket)
);

alter table "chat_private"."storage_use"
  enable row level security;

create table "chat_private"."storage_walk" (
  "is_only" boolean not null default true,
  "after"   uuid,
  constraint "storage_walk_is_only_check" check (is_only),
  constraint "storage_walk_pkey" primary key (is_only)
);

alter table "chat_private"."storage_walk"
  enable row level security;

create type "chat"."bucket_use" as (
  "bucket"      text,
  "files"       bigint,
  "bytes"       bigint,
  "measured_at" timestamp with time zone
);

create type "chat"."connection_state" as (
  "state"           text,
  "connections"     integer,
  "longest_seconds" double precision,
  "max_connections" integer
);

create type "chat"."job" as (
  "name"        text,
  "runner"      text,
  "schedule"    text,
  "next_run_at" timestamp with time zone,
  "last_run_at" timestamp with time zone,
  "failed_at"   timestamp with time zone,
  "last_error"  text,
  "is_failing"  boolean,
  "is_late"     boolean
);

create type "chat"."moderated_membership" as (
  "id"              bigint,
  "kind"            chat.room_kind,
  "name"            text,
  "is_public"       boolean,
  "avatar_url"      text,
  "member_count"    integer,
  "message_count"   bigint,
  "last_message_at" timestamp with time zone,
  "locked_at"       timestamp with time zone,
  "usernames"       text[],
  "role"            chat.member_role,
  "joined_at"       timestamp with time zone
);

create type "chat"."moderated_member" as (
  "user_id"      uuid,
  "number"       bigint,
  "username"     text,
  "first_name"   text,
  "last_name"    text,
  "avatar_url"   text,
  "role"         chat.member_role,
  "joined_at"    timestamp with time zone,
  "is_suspended" boolean,
  "is_muted"     boolean
);

create type "chat"."moderated_message" as (
  "id"                 bigint,
  "seq"                bigint,
  "sender_id"          uuid,
  "username"           text,
  "content"            text,
  "attachments"        jsonb,
  "forwarded_username" text,
  "forwarded_content"  text,
  "reply_to_id"        bigint,
  "created_at"         timestamp with time zone,
  "edited_at"          timestamp with time zone,
  "deleted_at"         timestamp with time zone
);

create type "chat"."moderated_room" as (
  "id"              bigint,
  "kind"            chat.room_kind,
  "name"            text,
  "slug"            text,
  "description"     text,
  "is_public"       boolean,
  "avatar_url"      text,
  "created_at"      timestamp with time zone,
  "created_by"      uuid,
  "member_count"    integer,
  "message_count"   bigint,
  "last_message_at" timestamp with time zone,
  "locked_at"       timestamp with time zone,
  "locked_reason"   text,
  "usernames"       text[],
  "open_reports"    integer
);

create type "chat"."moderation_count" as (
  "open_reports" integer,
  "suspended"    integer,
  "muted"        integer
);

create type "chat"."operator_role" as enum (
  'moderator',
  'administrator'
);

create table "chat_private"."operators" (
  "user_id" uuid                     not null,
  "role"    chat.operator_role       not null,
  "since"   timestamp with time zone not null default now(),
  constraint "operators_pkey" primary key (user_id)
);

alter table "chat_private"."operators"
  enable row level security;

create type "chat"."moderated_person" as (
  "id"                uuid,
  "number"            bigint,
  "username"          text,
  "first_name"        text,
  "last_name"         text,
  "avatar_url"        text,
  "email"             text,
  "created_at"        timestamp with time zone,
  "last_seen_at"      timestamp with time zone,
  "role"              chat.operator_role,
  "is_suspended"      boolean,
  "suspended_until"   timestamp with time zone,
  "suspension_reason" text,
  "is_muted"          boolean,
  "muted_until"       timestamp with time zone,
  "mute_reason"       text,
  "open_reports"      integer,
  "room_count"        integer
);

create type "chat"."operator" as (
  "user_id"  uuid,
  "username" text,
  "email"    text,
  "role"     chat.operator_role,
  "since"    timestamp with time zone
);

create type "chat"."rate_limit" as (
  "action"     text,
  "capacity"   integer,
  "per_second" double precision,
  "cost"       integer
);

create type "chat"."slow_statement" as (
  "statement" text,
  "calls"     bigint,
  "total_ms"  double precision,
  "mean_ms"   double precision,
  "max_ms"    double precision,
  "rows"      bigint
);

create type "chat"."table_size" as (
  "table_name"   text,
  "bytes"        bigint,
  "index_bytes"  bigint,
  "row_estimate" bigint
);

create type "chat"."word_rule" as (
  "id"         bigint,
  "pattern"    text,
  "action"     text,
  "created_at" timestamp with time zone
);

create or replace function chat.add_word_rule (
  pattern text,
  action  text default 'flag'::text
)
  returns chat.word_rule
  language sql
  set search_path to ''
  AS $function$
  select chat_private.add_word_rule(pattern, action);
$function$;

create or replace function chat.connections_by_state()
  returns SETOF chat.connection_state
  language plpgsql
  stable
  rows 5
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.connections_by_state();
end;
$function$;

create or replace function chat.job_list()
  returns SETOF chat.job
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.job_list();
end;
$function$;

create or replace function chat.limit_list()
  returns SETOF chat.rate_limit
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.limit_list();
end;
$function$;

create or replace function chat.moderated_messages (
  room_id   bigint,
  user_id   uuid    default null::uuid,
  around_id bigint  default null::bigint,
  before    bigint  default null::bigint,
  after     bigint  default null::bigint,
  report_id bigint  default null::bigint,
  reason    text    default ''::text,
  max_rows  integer default 50
)
  returns SETOF chat.moderated_message
  language plpgsql
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query
    select * from chat_private.moderated_messages(room_id, user_id, around_id, before, after, report_id, reason, max_rows);
end;
$function$;

create or replace function chat.moderated_people (
  query    text    default ''::text,
  after    bigint  default null::bigint,
  max_rows integer default 50
)
  returns SETOF chat.moderated_person
  language plpgsql
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_people(query, after, max_rows);
end;
$function$;

create or replace function chat.moderated_person_rooms (
  user_id  uuid,
  after    bigint  default null::bigint,
  max_rows integer default 50
)
  returns SETOF chat.moderated_membership
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_person_rooms(user_id, after, max_rows);
end;
$function$;

create or replace function chat.moderated_reports (
  user_id  uuid    default null::uuid,
  room_id  bigint  default null::bigint,
  before   bigint  default null::bigint,
  max_rows integer default 50
)
  returns SETOF chat.reports
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_reports(user_id, room_id, before, max_rows);
end;
$function$;

create or replace function chat.moderated_room_members (
  room_id  bigint,
  after    uuid    default null::uuid,
  max_rows integer default 50
)
  returns SETOF chat.moderated_member
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_room_members(room_id, after, max_rows);
end;
$function$;

create or replace function chat.moderated_rooms (
  query    text    default ''::text,
  after    bigint  default null::bigint,
  max_rows integer default 50
)
  returns SETOF chat.moderated_room
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_rooms(query, after, max_rows);
end;
$function$;

create or replace function chat.moderation_counts()
  returns chat.moderation_count
  language sql
  stable
  set search_path to ''
  AS $function$
  select chat_private.moderation_counts();
$function$;

create or replace function chat.operator_list()
  returns SETOF chat.operator
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  -- A filter of the Data API would run in the same statement, here and below.
  perform chat_private.require_modest_query();
  return query select * from chat_private.operator_list();
end;
$function$;

create or replace function chat.remove_word_rule (
  rule_id bigint
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.remove_word_rule(rule_id);
$function$;

create or replace function chat.set_limit (
  action     text,
  capacity   integer          default null::integer,
  per_second double precision default null::double precision,
  cost       integer          default null::integer
)
  returns chat.rate_limit
  language sql
  set search_path to ''
  AS $function$
  select chat_private.set_limit(action, capacity, per_second, cost);
$function$;

create or replace function chat.set_operator_role (
  user_id uuid,
  role    chat.operator_role default null::chat.operator_role
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.set_operator_role(user_id, role);
$function$;

create or replace function chat.set_room_lock (
  room_id   bigint,
  is_locked boolean,
  reason    text    default ''::text
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.set_room_lock(room_id, is_locked, reason);
$function$;

create or replace function chat.slow_statements (
  max_rows integer default 20
)
  returns SETOF chat.slow_statement
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.slow_statements(max_rows);
end;
$function$;

create or replace function chat.storage_by_bucket()
  returns SETOF chat.bucket_use
  language plpgsql
  stable
  rows 10
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.storage_by_bucket();
end;
$function$;

create or replace function chat.table_sizes (
  max_rows integer default 20
)
  returns SETOF chat.table_size
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.table_sizes(max_rows);
end;
$function$;

create or replace function chat.warn_user (
  user_id uuid,
  reason  text
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.warn_user(user_id, reason);
$function$;

create or replace function chat.word_rule_list()
  returns SETOF chat.word_rule
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.word_rule_list();
end;
$function$;

create or replace function chat_private.add_word_rule (
  pattern text,
  action  text
)
  returns chat.word_rule
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- Every message is tried on every rule.
  most constant integer := 200;
  rule chat_private.word_rules;
begin
  perform chat_private.require_administrator();
  perform chat_private.require_word_rule(pattern, action);
  select * into rule from chat_private.word_rules as rules where rules.pattern = add_word_rule.pattern for update;
  if not found then
    if (select count(*) from chat_private.word_rules) >= most then
      raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = format('There are %s rules. Remove one first.', most);
    end if;
    insert into chat_private.word_rules as rules (pattern, action) values (add_word_rule.pattern, add_word_rule.action)
    on conflict on constraint word_rules_pattern_key do update set action = excluded.action
    returning rules.* into rule;
  elsif rule.action <> add_word_rule.action then
    update chat_private.word_rules as rules set action = add_word_rule.action where rules.id = rule.id
    returning rules.* into rule;
  end if;
  return (rule.id, rule.pattern, rule.action, rule.created_at)::chat.word_rule;
end;
$function$;

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
    );
$function$;

create or replace function chat_private.connections_by_state()
  returns SETOF chat.connection_state
  language plpgsql
  stable
  security definer
  rows 5
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select coalesce(activity.state, 'unknown'), count(*)::integer,
      coalesce(max(extract(epoch from clock_timestamp() - activity.state_change)), 0)::double precision,
      current_setting('max_connections')::integer
    from pg_catalog.pg_stat_activity as activity
    where activity.backend_type = 'client backend'
    group by activity.state
    order by count(*) desc, activity.state;
end;
$function$;

create or replace function chat_private.count_more (
  subject  text,
  max_rows integer
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  place chat_private.counted;
  looked_at integer;
begin
  select * into place from chat_private.counted as counted where counted.subject = count_more.subject for update;
  if place.counted_to >= place.known_to then
    execute format('select coalesce(max(%I), 0) from %s', place.key, place.source) into place.known_to;
    update chat_private.counted as counted
    set known_to = greatest(place.known_to, place.counted_to), known_at = pg_snapshot_xmax(pg_current_snapshot())
    where counted.subject = place.subject;
    return false;
  elsif pg_snapshot_xmin(pg_current_snapshot()) < place.known_at then
    return false;
  end if;
  execute format(
    $count$
      with page as materialized (
        select %1$I as number, (created_at at time zone 'UTC')::date as day from %2$s
        where %1$I > $1 and %1$I <= $2
        order by %1$I
        limit $3
      ), added as (
        insert into chat.daily_counts as counts (day, %3$I)
        select page.day, count(*) from page group by page.day
        on conflict on constraint daily_counts_pkey do update set %3$I = counts.%3$I + excluded.%3$I
      )
      select count(*), max(page.number) from page
    $count$,
    place.key, place.source, place.subject
  ) into looked_at, place.counted_to using place.counted_to, place.known_to, max_rows;
  -- A short page was the last one.
  update chat_private.counted as counted
  set counted_to = case when looked_at = max_rows then place.counted_to else place.known_to end
  where counted.subject = place.subject;
  return looked_at = max_rows;
end;
$function$;

create or replace function chat_private.cron_jobs()
  returns SETOF chat.job
  language plpgsql
  stable
  rows 5
  set search_path to ''
  AS $function$
begin
  -- Where a timer of its own runs the jobs.
  if to_regclass('cron.job') is null then
    return;
  end if;
  -- Of the last runs only: their table grows.
  return query execute $list$
    with runs as materialized (
      select runid, jobid, status, return_message, start_time, end_time from cron.job_run_details order by runid desc limit 1000
    )
    select jobs.jobname::text, 'pg_cron', jobs.schedule::text, null::timestamptz, last.start_time, failed.end_time,
      case when last.status = 'failed' then last.return_message end, coalesce(last.status = 'failed', false), not jobs.active
    from cron.job as jobs
    left join lateral (
      select * from runs where runs.jobid = jobs.jobid and runs.status in ('succeeded', 'failed') order by runs.runid desc limit 1
    ) as last on true
    left join lateral (
      select * from runs where runs.jobid = jobs.jobid and runs.status = 'failed' order by runs.runid desc limit 1
    ) as failed on true
    order by jobs.jobid
    limit 100
  $list$;
end;
$function$;

create or replace function chat_private.is_report_about (
  report_id bigint,
  room_id   bigint,
  user_id   uuid
)
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select exists (
    select from chat.reports as reports
    where reports.id = report_id
      and (reports.state = 'open' or reports.resolved_at > now() - interval '30 days')
      and (
        reports.room_id = is_report_about.room_id
        or reports.kind = 'user' and reports.user_id = is_report_about.user_id and exists (
          select from chat.room_members as members
          where members.room_id = is_report_about.room_id and members.user_id = reports.user_id
        )
      )
  );
$function$;

create or replace function chat_private.job_count_days()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  has_more boolean := false;
  subject text;
begin
  for subject in select counted.subject from chat_private.counted as counted loop
    has_more := chat_private.count_more(subject, 10000) or has_more;
  end loop;
  return has_more;
end;
$function$;

create or replace function chat_private.job_list()
  returns SETOF chat.job
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select jobs.name, 'parley', jobs.every::text, jobs.next_run_at, jobs.last_run_at, jobs.failed_at, jobs.last_error,
      jobs.last_error is not null, jobs.next_run_at < now() - interval '2 minutes'
    from chat_private.jobs as jobs
    order by jobs.name;
  return query select * from chat_private.cron_jobs();
end;
$function$;

create or replace function chat_private.job_measure_storage()
  returns boolean
  language sql
  set search_path to ''
  AS $function$
  select chat_private.measure_more(5000);
$function$;

create or replace function chat_private.limit_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit('limit_changed', null, details => jsonb_build_object(
    'action', new.action, 'before', to_jsonb(old) - 'action', 'after', to_jsonb(new) - 'action'
  ));
  return null;
end;
$function$;

create or replace function chat_private.limit_list()
  returns SETOF chat.rate_limit
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select limits.action, limits.capacity, limits.per_second, limits.cost from chat_private.limits as limits order by limits.action;
end;
$function$;

create or replace function chat_private.measure_more (
  max_rows integer
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  place uuid;
  looked_at integer;
begin
  select walk.after into place from chat_private.storage_walk as walk for update;
  with page as materialized (
    select objects.id, objects.bucket_id, coalesce((objects.metadata ->> 'size')::bigint, 0) as bytes from storage.objects as objects
    where place is null or objects.id > place
    order by objects.id
    limit max_rows
  ), added as (
    insert into chat_private.storage_use as use (bucket, next_files, next_bytes)
    select page.bucket_id, count(*), sum(page.bytes) from page group by page.bucket_id
    on conflict on constraint storage_use_pkey do update
    set next_files = use.next_files + excluded.next_files, next_bytes = use.next_bytes + excluded.next_bytes
  )
  select count(*), (array_agg(page.id order by page.id desc))[1] into looked_at, place from page;
  if looked_at = max_rows then
    update chat_private.storage_walk set after = place where is_only;
    return true;
  end if;
  delete from chat_private.storage_use as use where use.next_files = 0;
  update chat_private.storage_use as use
  set files = use.next_files, bytes = use.next_bytes, measured_at = now(), next_files = 0, next_bytes = 0
  where use.next_files > 0;
  update chat_private.storage_walk set after = null where is_only;
  return false;
end;
$function$;

create or replace function chat_private.moderated_messages (
  room_id   bigint,
  user_id   uuid,
  around_id bigint,
  before    bigint,
  after     bigint,
  report_id bigint,
  reason    text,
  max_rows  integer
)
  returns SETOF chat.moderated_message
  language plpgsql
  security definer
  rows 50
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
  around bigint;
  page chat.messages[];
  nearest bigint;
begin
  perform chat_private.require_moderator();
  select * into room from chat.rooms as rooms where rooms.id = moderated_messages.room_id and rooms.deleted_at is null;
  if not found then
    raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room.';
  elsif around_id is not null then
    select messages.seq into around from chat.messages as messages where messages.id = around_id and messages.room_id = room.id;
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message in this room.';
    end if;
  end if;
  perform chat_private.note_reading(room, user_id, around_id, report_id, reason);
  page := chat_private.moderated_page(room, user_id, around, before, after, chat_private.rows_of_page(max_rows));
  -- Where the caller has ended, if all of it is too long.
  nearest := coalesce(around, after, page[cardinality(page)].seq);
  return query
    select messages.id, messages.seq, messages.sender_id, profiles.username, messages.content, messages.attachments,
      messages.forwarded_username, messages.forwarded_content, messages.reply_to_id, messages.created_at, messages.edited_at,
      messages.deleted_at
    from unnest(chat_private.within_page_bytes(page, nearest)) as messages
    left join chat.profiles as profiles on profiles.id = messages.sender_id
    order by messages.seq;
end;
$function$;

create or replace function chat_private.moderated_page (
  room     chat.rooms,
  user_id  uuid,
  around   bigint,
  before   bigint,
  after    bigint,
  max_rows integer
)
  returns chat.messages[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  -- How many messages one call looks at to find those of a person.
  most constant bigint := 50000;
  -- The window is full at both ends of the history too.
  first_seq constant bigint := greatest(least(around - max_rows / 2, room.last_seq - max_rows + 1), 1);
  low bigint;
  high bigint;
begin
  if around is not null and user_id is null then
    low := first_seq - 1;
    high := first_seq + max_rows;
  else
    low := coalesce(after, 0);
    high := coalesce(around + 1, before, room.last_seq + 1);
    if after is not null then
      high := least(high, low + most);
    else
      low := greatest(low, high - most);
    end if;
  end if;
  return array(
    select found.message from (
      select messages as message, messages.seq from chat.messages as messages
      where messages.room_id = room.id and messages.seq > low and messages.seq < high
        and (moderated_page.user_id is null or messages.sender_id = moderated_page.user_id)
      order by case when after is null then -messages.seq else messages.seq end
      limit max_rows
    ) as found
    order by found.seq
  );
end;
$function$;

create or replace function chat_private.moderated_people (
  query    text,
  after    bigint,
  max_rows integer
)
  returns SETOF chat.moderated_person
  language plpgsql
  security definer
  rows 50
  set search_path to ''
  AS $function$
declare
  shows_email constant boolean := chat_private.is_administrator();
begin
  perform chat_private.require_moderator();
  return query
    select people.id, people.number, people.username, people.first_name, people.last_name, people.avatar_url,
      case when shows_email then users.email::text end,
      people.created_at, greatest(status.last_seen_at, users.last_sign_in_at), operators.role,
      suspensions.user_id is not null, suspensions.until, suspensions.reason,
      mutes.user_id is not null, mutes.until, mutes.reason,
      (
        select count(*) filter (where about.state = 'open')::integer
        from (
          select reports.state from chat.reports as reports where reports.user_id = people.id order by reports.id desc limit 100
        ) as about
      ),
      (
        select count(*)::integer
        from (select from chat.room_members as members where members.user_id = people.id limit 1000) as rooms
      )
    from chat_private.people_asked_for(query, after, chat_private.rows_of_page(max_rows)) with ordinality as people
    join auth.users as users on users.id = people.id
    left join chat.user_status as status on status.user_id = people.id
    left join chat_private.operators as operators on operators.user_id = people.id
    left join chat.suspensions as suspensions
      on suspensions.user_id = people.id and coalesce(suspensions.until > now(), true)
    left join chat.mutes as mutes on mutes.user_id = people.id and coalesce(mutes.until > now(), true)
    order by people.ordinality;
end;
$function$;

create or replace function chat_private.moderated_person_rooms (
  user_id  uuid,
  after    bigint,
  max_rows integer
)
  returns SETOF chat.moderated_membership
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator();
  return query
    select listed.id, listed.kind, listed.name, listed.is_public, listed.avatar_url, listed.member_count, listed.message_count,
      listed.last_message_at, listed.locked_at, listed.usernames, page.role, page.joined_at
    from (
      select members.room_id, members.role, members.joined_at from chat.room_members as members
      where members.user_id = moderated_person_rooms.user_id and (after is null or members.room_id < after)
      order by members.room_id desc
      limit chat_private.rows_of_page(max_rows)
    ) as page
    join chat.rooms as rooms on rooms.id = page.room_id
    cross join lateral chat_private.as_moderated(rooms) as listed
    order by listed.id desc;
end;
$function$;

create or replace function chat_private.moderated_reports (
  user_id  uuid,
  room_id  bigint,
  before   bigint,
  max_rows integer
)
  returns SETOF chat.reports
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator();
  if moderated_reports.user_id is not null then
    return query
      select * from chat.reports as reports
      where reports.user_id = moderated_reports.user_id and (before is null or reports.id < before)
        and (moderated_reports.room_id is null or reports.room_id = moderated_reports.room_id)
      order by reports.id desc
      limit chat_private.rows_of_page(max_rows);
  else
    return query
      select * from chat.reports as reports
      where reports.room_id = moderated_reports.room_id and (before is null or reports.id < before)
      order by reports.id desc
      limit chat_private.rows_of_page(max_rows);
  end if;
end;
$function$;

create or replace function chat_private.moderated_room_members (
  room_id  bigint,
  after    uuid,
  max_rows integer
)
  returns SETOF chat.moderated_member
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator();
  return query
    select members.user_id, profiles.number, profiles.username, profiles.first_name, profiles.last_name, profiles.avatar_url,
      members.role, members.joined_at,
      exists (
        select from chat.suspensions as rows where rows.user_id = members.user_id and coalesce(rows.until > now(), true)
      ),
      exists (select from chat.mutes as rows where rows.user_id = members.user_id and coalesce(rows.until > now(), true))
    from chat.room_members as members
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = moderated_room_members.room_id and (after is null or members.user_id > after)
    order by members.user_id
    limit chat_private.rows_of_page(max_rows);
end;
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
  elsif wanted ~ '^#[0-9]{1,18}$' then
    return query
      select listed.* from chat.rooms as rooms, chat_private.as_moderated(rooms) as listed
      where rooms.id = substr(wanted, 2)::bigint and rooms.deleted_at is null and after is null;
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

create or replace function chat_private.moderation_counts()
  returns chat.moderation_count
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  most constant integer := 10000;
  counts chat.moderation_count;
begin
  perform chat_private.require_moderator();
  counts.open_reports := (select count(*) from (select from chat.reports as reports where reports.state = 'open' limit most) as found);
  counts.suspended := (
    select count(*) from (select from chat.suspensions as rows where coalesce(rows.until > now(), true) limit most) as found
  );
  counts.muted := (select count(*) from (select from chat.mutes as rows where coalesce(rows.until > now(), true) limit most) as found);
  return counts;
end;
$function$;

create or replace function chat_private.note_reading (
  room       chat.rooms,
  user_id    uuid,
  message_id bigint,
  report_id  bigint,
  reason     text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Everyone can join it, and read it.
  if room.is_public and room.joining = 'open' then
    return;
  end if;
  -- Null is no report.
  if not chat_private.is_report_about(report_id, room.id, user_id) then
    if not chat_private.is_administrator() then
      raise sqlstate 'PT403' using message = 'administrator_required',
        detail = 'Only an administrator reads a private room without a report about it.';
    end if;
    perform chat_private.require_reason(reason);
  end if;
  perform set_config('chat.report', coalesce(report_id::text, ''), true);
  perform chat_private.audit('messages_read', user_id, room.id, message_id, reason);
  perform set_config('chat.report', '', true);
end;
$function$;

create or replace function chat_private.operator_appointed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  before constant chat.operator_role := (
    select operators.role from chat_private.operators as operators where operators.user_id = new.id
  );
  given constant text := new.raw_app_meta_data ->> 'parley_role';
  -- Any other word is no role.
  after constant chat.operator_role := case when given in ('moderator', 'administrator') then given end;
begin
  if before is not distinct from after then
    return null;
  elsif after is null then
    delete from chat_private.operators as operators where operators.user_id = new.id;
  else
    insert into chat_private.operators (user_id, role) values (new.id, after)
    on conflict on constraint operators_pkey do update set role = excluded.role, since = now();
  end if;
  perform chat_private.audit('operator_role_changed', new.id, details => jsonb_build_object('before', before, 'after', after));
  return null;
end;
$function$;

create or replace function chat_private.operator_list()
  returns SETOF chat.operator
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select operators.user_id, profiles.username, users.email::text, operators.role, operators.since
    from chat_private.operators as operators
    join auth.users as users on users.id = operators.user_id
    left join chat.profiles as profiles on profiles.id = operators.user_id
    order by operators.role desc, operators.since, operators.user_id
    limit 1000;
end;
$function$;

create or replace function chat_private.people_asked_for (
  query    text,
  after    bigint,
  max_rows integer
)
  returns SETOF chat.profiles
  language plpgsql
  security definer
  rows 50
  set search_path to ''
  AS $function$
declare
  wanted constant text := btrim(coalesce(query, ''));
begin
  if wanted = '' then
    return query
      select * from chat.profiles as profiles where after is null or profiles.number < after order by profiles.number desc limit max_rows;
    return;
  elsif wanted ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    return query select * from chat.profiles as profiles where profiles.id = wanted::uuid and after is null;
    return;
  elsif wanted ~ '^#[0-9]{1,18}$' then
    return query select * from chat.profiles as profiles where profiles.number = substr(wanted, 2)::bigint and after is null;
    return;
  elsif wanted ~ '@' and chat_private.is_administrator() then
    return query
      select profiles.* from auth.users as users
      join chat.profiles as profiles on profiles.id = users.id
      where users.email = lower(wanted) and after is null;
    if found then
      return;
    end if;
  end if;
  return query select * from chat_private.people_found(wanted, true, coalesce(after, 0), max_rows);
end;
$function$;

create or replace function chat_private.remove_word_rule (
  rule_id bigint
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  delete from chat_private.word_rules as rules where rules.id = rule_id;
end;
$function$;

create or replace function chat_private.require_administrator()
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_access();
  if not chat_private.is_administrator() then
    raise sqlstate 'PT403' using message = 'administrator_required', detail = 'Only an administrator may do this.';
  end if;
end;
$function$;

create or replace function chat_private.require_reason (
  reason text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if coalesce(btrim(reason), '') = '' or char_length(reason) > 500 then
    raise sqlstate 'PT400' using message = 'reason_required', detail = 'Give a reason of at most 500 characters.';
  end if;
end;
$function$;

create or replace function chat_private.require_word_rule (
  pattern text,
  action  text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if coalesce(action, '') not in ('flag', 'refuse') then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'A rule flags a message, or refuses it.';
  elsif coalesce(char_length(pattern), 0) not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'Give a pattern of 1 to 500 characters.';
  elsif '' ~* pattern then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'This pattern would be found in every message.';
  end if;
exception when invalid_regular_expression then
  raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = format('This is no regular expression: %s.', sqlerrm);
end;
$function$;

create or replace function chat_private.rows_of_page (
  max_rows integer
)
  returns integer
  language sql
  immutable
  set search_path to ''
  AS $function$
  select least(greatest(coalesce(max_rows, 50), 1), 100);
$function$;

create or replace function chat_private.set_limit (
  action     text,
  capacity   integer,
  per_second double precision,
  cost       integer
)
  returns chat.rate_limit
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  rate chat_private.limits;
begin
  perform chat_private.require_administrator();
  select * into rate from chat_private.limits as limits where limits.action = set_limit.action for update;
  if not found then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'There is no such limit.';
  end if;
  rate.capacity := coalesce(set_limit.capacity, rate.capacity);
  rate.per_second := coalesce(set_limit.per_second, rate.per_second);
  rate.cost := coalesce(set_limit.cost, rate.cost);
  if rate.capacity not between 1 and 1000000000 then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'The capacity is between 1 and 1,000,000,000.';
  elsif not (rate.per_second > 0 and rate.per_second <= 1000000) then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'A second adds more than 0 and at most 1,000,000 tokens.';
  elsif rate.cost not between 0 and rate.capacity then
    raise sqlstate 'PT400' using message = 'invalid_limit', detail = 'The cost is between 0, which is no limit, and the capacity.';
  end if;
  update chat_private.limits as limits set capacity = rate.capacity, per_second = rate.per_second, cost = rate.cost
  where limits.action = set_limit.action;
  return (rate.action, rate.capacity, rate.per_second, rate.cost)::chat.rate_limit;
end;
$function$;

create or replace function chat_private.set_operator_role (
  user_id uuid,
  role    chat.operator_role
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  -- One after the other, so that two administrators do not leave together; and asked again, as the wait may have taken the role.
  lock table chat_private.operators in share row exclusive mode;
  perform chat_private.require_administrator();
  perform chat_private.require_people(array[user_id]);
  if user_id = (select auth.uid()) and role is distinct from 'administrator' and not exists (
    select from chat_private.operators as operators
    where operators.role = 'administrator' and operators.user_id <> set_operator_role.user_id
      and chat_private.refusal_of(operators.user_id, null) is null
  ) then
    raise sqlstate 'PT409' using message = 'last_administrator', detail = 'Make somebody else an administrator first.';
  end if;
  update auth.users as users
  set raw_app_meta_data = case
    when set_operator_role.role is null then users.raw_app_meta_data - 'parley_role'
    else coalesce(users.raw_app_meta_data, '{}') || jsonb_build_object('parley_role', set_operator_role.role)
  end
  where users.id = set_operator_role.user_id
    and (users.raw_app_meta_data ->> 'parley_role') is distinct from set_operator_role.role::text;
end;
$function$;

create or replace function chat_private.set_room_lock (
  room_id   bigint,
  is_locked boolean,
  reason    text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  perform chat_private.require_moderator();
  perform chat_private.take_turn(room_id);
  select * into room from chat.rooms as rooms where rooms.id = set_room_lock.room_id and rooms.deleted_at is null for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room.';
  end if;
  perform chat_private.require_group(room);
  if (room.locked_at is not null, coalesce(room.locked_reason, '')) = (coalesce(is_locked, false), coalesce(reason, '')) then
    return; -- a retry
  elsif is_locked then
    update chat.rooms as rooms set locked_at = now(), locked_reason = nullif(reason, '') where rooms.id = room.id;
    perform chat_private.audit('room_locked', null, room.id, reason => reason);
  elsif room.locked_at is not null then
    update chat.rooms as rooms set locked_at = null where rooms.id = room.id;
    perform chat_private.audit('room_unlocked', null, room.id, reason => reason);
  end if;
end;
$function$;

create or replace function chat_private.slow_statements (
  max_rows integer
)
  returns SETOF chat.slow_statement
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select * from chat_private.statements_in(
      (
        select schemas.nspname::text from pg_catalog.pg_extension as extensions
        join pg_catalog.pg_namespace as schemas on schemas.oid = extensions.extnamespace
        where extensions.extname = 'pg_stat_statements'
      ),
      max_rows
    );
end;
$function$;

create or replace function chat_private.statements_in (
  place    text,
  max_rows integer
)
  returns SETOF chat.slow_statement
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  if place is null then
    raise sqlstate 'PT404' using message = 'statements_not_recorded',
      detail = 'Postgres records no statements. Enable the extension pg_stat_statements.';
  end if;
  -- Of these it keeps no values, as it may of other statements.
  return query execute format(
    $list$
      select left(query, 1000), calls, total_exec_time, mean_exec_time, max_exec_time, rows from %I.pg_stat_statements
      where dbid = (select oid from pg_catalog.pg_database where datname = current_database())
        and query ~* '^\s*(select|insert|update|delete|merge|with)\M'
      order by total_exec_time desc
      limit $1
    $list$,
    place
  ) using chat_private.rows_of_page(max_rows);
end;
$function$;

create or replace function chat_private.storage_by_bucket()
  returns SETOF chat.bucket_use
  language plpgsql
  stable
  security definer
  rows 10
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select use.bucket, use.files, use.bytes, use.measured_at from chat_private.storage_use as use
    where use.measured_at is not null
    order by use.bucket
    limit 1000;
end;
$function$;

create or replace function chat_private.table_sizes (
  max_rows integer
)
  returns SETOF chat.table_size
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select format('%I.%I', schemas.nspname, tables.relname), sizes.bytes, pg_catalog.pg_indexes_size(tables.oid),
      greatest(tables.reltuples, 0)::bigint
    from (
      -- By the statistics of the last vacuum: only these are measured.
      select * from pg_catalog.pg_class as classes where classes.relkind in ('r', 'm') order by classes.relpages desc, classes.oid limit 300
    ) as tables
    join pg_catalog.pg_namespace as schemas on schemas.oid = tables.relnamespace
    cross join lateral (select pg_catalog.pg_total_relation_size(tables.oid) offset 0) as sizes (bytes)
    order by sizes.bytes desc, 1
    limit chat_private.rows_of_page(max_rows);
end;
$function$;

create or replace function chat_private.warn_user (
  user_id uuid,
  reason  text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_reason(reason);
  perform chat_private.require_people(array[user_id]);
  if exists (
    select from chat.audit_log as log
    where log.user_id = warn_user.user_id and log.action = 'warning' and log.reason = warn_user.reason
      and log.report_id is null and log.actor_id = (select auth.uid()) and log.created_at > now() - interval '1 minute'
  ) then
    return; -- a retry
  end if;
  perform chat_private.audit('warning', user_id, reason => reason);
  perform chat_private.give_notice(user_id, 'warning', reason);
end;
$function$;

create or replace function chat_private.word_rule_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  case tg_op
    when 'INSERT' then
      perform chat_private.audit('word_rule_added', null, details => jsonb_build_object('pattern', new.pattern, 'action', new.action));
    when 'DELETE' then
      perform chat_private.audit('word_rule_removed', null, details => jsonb_build_object('pattern', old.pattern, 'action', old.action));
    else
      perform chat_private.audit('word_rule_changed', null, details => jsonb_build_object(
        'before', jsonb_build_object('pattern', old.pattern, 'action', old.action),
        'after', jsonb_build_object('pattern', new.pattern, 'action', new.action)
      ));
  end case;
  return null;
end;
$function$;

create or replace function chat_private.word_rule_list()
  returns SETOF chat.word_rule
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select rules.id, rules.pattern, rules.action, rules.created_at from chat_private.word_rules as rules order by rules.id limit 1000;
end;
$function$;

alter table "chat_private"."operators"
  add constraint "operators_user_id_fkey" foreign key (user_id) references auth.users(id) on delete cascade;

create trigger parley_operator_appointed_on_insert
  after insert on auth.users
  for each row
  when (((new.raw_app_meta_data ->> 'parley_role'::text) IS NOT NULL))
  execute function chat_private.operator_appointed();

create trigger parley_operator_appointed_on_update
  after update of raw_app_meta_data on auth.users
  for each row
  when
    (((new.raw_app_meta_data ->> 'parley_role'::text) IS DISTINCT FROM (old.raw_app_meta_data ->> 'parley_role'::text)))
  execute function chat_private.operator_appointed();

create trigger limit_changed
  after update on chat_private.limits
  for each row
  when ((old.* IS DISTINCT FROM new.*))
  execute function chat_private.limit_changed();

create trigger word_rule_changed
  after insert or delete or update on chat_private.word_rules
  for each row
  execute function chat_private.word_rule_changed();

create policy "administrators can read how much happens in a day" on "chat"."daily_counts"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ( select chat_private.is_administrator()
    as is_administrator)));

comment on column "chat_private"."counted"."known_at" is 'The transactions that began before this one may still write numbers up to known_to.';

comment on function "chat"."add_word_rule"(text, text) is 'Adds a rule of what messages may not say, as an administrator: a regular expression of Postgres, in any case, that flags a message, or refuses it. The same pattern again changes what it does. Raises administrator_required, invalid_word_rule.';

comment on function "chat"."connections_by_state"() is 'How many connections the database has in each state, since when the longest is in it, and how many there may be, for administrators. Raises administrator_required.';

comment on function "chat"."job_list"() is 'The background jobs, and those of pg_cron, with how their last run ended, for administrators. Raises administrator_required.';

comment on function "chat"."limit_list"() is 'How often a person may do something, by action, for administrators. Raises administrator_required.';

comment on function "chat"."moderated_messages"(bigint, uuid, bigint, bigint, bigint, bigint, text, integer) is
  'Messages of a room, or of a person in it, for moderators: the newest, or those around a message, before or after a seq, in the order of seq. Each page of a room that not everyone can join is a row of the audit log, and needs a report about the room or the person, or an administrator who gives a reason. A page without rows is the last. Raises moderator_required, administrator_required, reason_required, room_not_found, message_not_found.';

comment on function "chat"."moderated_people"(text, bigint, integer) is 'People for moderators. Without a query all, the newest first; otherwise those whose username or name contains it, the person with this id, or with #number; for administrators also the person with this e-mail address, which only they see. The next page is after the number of the last row. Raises moderator_required, invalid_query, rate_limited.';

comment on function "chat"."moderated_person_rooms"(uuid, bigint, integer) is 'The rooms of a person, the newest first, for moderators; the next page is after the last id. Raises moderator_required.';

comment on function "chat"."moderated_reports"(uuid, bigint, bigint, integer) is 'The reports about a person, a room, or a person in a room, open and answered, newest first, for moderators; the next page is before the last id. Raises moderator_required.';

comment on function "chat"."moderated_room_members"(bigint, uuid, integer) is 'The members of a room by their ids, for moderators; the next page is after the last user_id. Raises moderator_required.';

comment on function "chat"."moderated_rooms"(text, bigint, integer) is 'Rooms for moderators. Without a query all, the newest first; otherwise groups whose name begins with it, by name, and the room with this slug, or with #id. The next page is after the last id. Raises moderator_required, invalid_query.';

comment on function "chat"."moderation_counts"() is 'How many reports are open, and how many people are suspended and muted, for moderators; each count ends at 10,000. Raises moderator_required.';

comment on function "chat"."operator_list"() is 'The administrators and the moderators, at most 1,000, for administrators. Raises administrator_required.';

comment on function "chat"."remove_word_rule"(bigint) is 'Removes a rule, as an administrator; does nothing for one that is gone. Raises administrator_required.';

comment on function "chat"."set_limit"(text, integer, double precision, integer) is 'Changes how often a person may do something, from the next call on, as an administrator; null leaves a value as it is, and cost 0 is no limit. Raises administrator_required, invalid_limit.';

comment on function "chat"."set_operator_role"(uuid, chat.operator_role) is 'Makes a person a moderator or an administrator, or neither with null, as an administrator. It counts from the next access token of the person on; a role that is taken away ends at once. Raises administrator_required, user_not_found, last_administrator.';

comment on function "chat"."set_room_lock"(bigint, boolean, text) is 'Locks any group with a reason for its members, or unlocks it, as a moderator. Raises moderator_required, room_not_found, direct_room_fixed.';

comment on function "chat"."slow_statements"(integer) is 'The statements that have taken the most time since the statistics were reset, without their values, for administrators. Raises administrator_required, statements_not_recorded.';

comment on function "chat"."storage_by_bucket"() is 'How many files each bucket of Storage holds, and their size, as it was measured within the hour, for administrators. Raises administrator_required.';

comment on function "chat"."table_sizes"(integer) is 'The largest tables with their indexes, for administrators. Raises administrator_required.';

comment on function "chat"."warn_user"(uuid, text) is 'Sends a person a notice with a warning, as a moderator. Repeated within a minute, it sends no second one. Raises moderator_required, reason_required, user_not_found.';

comment on function "chat"."word_rule_list"() is 'The rules of what messages may not say, the oldest first, for administrators. Raises administrator_required.';

comment on function "chat_private"."count_more"(text, integer) is 'Counts up to max_rows new rows of a subject of daily_counts. Returns whether more are waiting. What is imported later with lower numbers is not counted.';

comment on function "chat_private"."cron_jobs"() is 'The jobs of pg_cron, if it is there.';

comment on function "chat_private"."is_report_about"(bigint, bigint, uuid) is 'Whether a report that is open, or was answered within 30 days, is about a room; or about this person, who is in the room.';

comment on function "chat_private"."job_count_days"() is 'Adds what is new to daily_counts.';

comment on function "chat_private"."job_measure_storage"() is 'Measures how much Storage holds, one step at a time.';

comment on function "chat_private"."measure_more"(integer) is 'Adds up to max_rows files to the measure of Storage. Returns whether more are waiting.';

comment on function "chat_private"."operator_appointed"() is 'Notes the role of an account, with a row in the audit log, whatever has written it.';

comment on function "chat_private"."require_administrator"() is 'Raises administrator_required if the caller is neither an administrator nor a backend, and what require_access() raises.';

comment on function "chat_private"."require_word_rule"(text, text) is 'Raises invalid_word_rule for what cannot be a rule.';

comment on function "chat_private"."rows_of_page"(integer) is 'How many rows a page of a list for operators has: 50, if it does not say; at most 100.';

comment on function "chat_private"."statements_in"(text, integer) is 'The slowest statements, by the schema of pg_stat_statements. Raises statements_not_recorded.';

comment on table "chat"."daily_counts" is 'How many messages, accounts, rooms and reports were made on each day of UTC. What was deleted later stays counted.';

comment on table "chat_private"."counted" is 'Up to which number each subject of daily_counts is counted, and up to which all are known.';

comment on table "chat_private"."operators" is 'The accounts with a role in their app_metadata: a trigger writes it.';

comment on table "chat_private"."storage_use" is 'How many files each bucket holds, and their size, as of the last complete walk.';

comment on table "chat_private"."storage_walk" is 'Where the walk through the files of Storage is.';

revoke all on function "chat"."add_word_rule"(text, text) from public;

grant execute on function "chat"."add_word_rule"(text, text) to "authenticated", "service_role";

revoke all on function "chat"."connections_by_state"() from public;

grant execute on function "chat"."connections_by_state"() to "authenticated", "service_role";

revoke all on function "chat"."job_list"() from public;

grant execute on function "chat"."job_list"() to "authenticated", "service_role";

revoke all on function "chat"."limit_list"() from public;

grant execute on function "chat"."limit_list"() to "authenticated", "service_role";

revoke all
  on function "chat"."moderated_messages"(bigint, uuid, bigint, bigint, bigint, bigint, text, integer)
  from public;

grant execute
  on function "chat"."moderated_messages"(bigint, uuid, bigint, bigint, bigint, bigint, text, integer)
  to "authenticated", "service_role";

revoke all on function "chat"."moderated_people"(text, bigint, integer) from public;

grant execute on function "chat"."moderated_people"(text, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."moderated_person_rooms"(uuid, bigint, integer) from public;

grant execute on function "chat"."moderated_person_rooms"(uuid, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."moderated_reports"(uuid, bigint, bigint, integer) from public;

grant execute on function "chat"."moderated_reports"(uuid, bigint, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."moderated_room_members"(bigint, uuid, integer) from public;

grant execute on function "chat"."moderated_room_members"(bigint, uuid, integer) to "authenticated", "service_role";

revoke all on function "chat"."moderated_rooms"(text, bigint, integer) from public;

grant execute on function "chat"."moderated_rooms"(text, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."moderation_counts"() from public;

grant execute on function "chat"."moderation_counts"() to "authenticated", "service_role";

revoke all on function "chat"."operator_list"() from public;

grant execute on function "chat"."operator_list"() to "authenticated", "service_role";

revoke all on function "chat"."remove_word_rule"(bigint) from public;

grant execute on function "chat"."remove_word_rule"(bigint) to "authenticated", "service_role";

revoke all on function "chat"."set_limit"(text, integer, double precision, integer) from public;

grant execute
  on function "chat"."set_limit"(text, integer, double precision, integer)
  to "authenticated", "service_role";

revoke all on function "chat"."set_operator_role"(uuid, chat.operator_role) from public;

grant execute on function "chat"."set_operator_role"(uuid, chat.operator_role) to "authenticated", "service_role";

revoke all on function "chat"."set_room_lock"(bigint, boolean, text) from public;

grant execute on function "chat"."set_room_lock"(bigint, boolean, text) to "authenticated", "service_role";

revoke all on function "chat"."slow_statements"(integer) from public;

grant execute on function "chat"."slow_statements"(integer) to "authenticated", "service_role";

revoke all on function "chat"."storage_by_bucket"() from public;

grant execute on function "chat"."storage_by_bucket"() to "authenticated", "service_role";

revoke all on function "chat"."table_sizes"(integer) from public;

grant execute on function "chat"."table_sizes"(integer) to "authenticated", "service_role";

revoke all on function "chat"."warn_user"(uuid, text) from public;

grant execute on function "chat"."warn_user"(uuid, text) to "authenticated", "service_role";

revoke all on function "chat"."word_rule_list"() from public;

grant execute on function "chat"."word_rule_list"() to "authenticated", "service_role";

revoke all on function "chat_private"."add_word_rule"(text, text) from public;

grant execute on function "chat_private"."add_word_rule"(text, text) to "authenticated", "service_role";

revoke all on function "chat_private"."as_moderated"(chat.rooms) from public;

revoke all on function "chat_private"."connections_by_state"() from public;

grant execute on function "chat_private"."connections_by_state"() to "authenticated", "service_role";

revoke all on function "chat_private"."count_more"(text, integer) from public;

revoke all on function "chat_private"."cron_jobs"() from public;

revoke all on function "chat_private"."is_report_about"(bigint, bigint, uuid) from public;

revoke all on function "chat_private"."job_count_days"() from public;

revoke all on function "chat_private"."job_list"() from public;

grant execute on function "chat_private"."job_list"() to "authenticated", "service_role";

revoke all on function "chat_private"."job_measure_storage"() from public;

revoke all on function "chat_private"."limit_changed"() from public;

revoke all on function "chat_private"."limit_list"() from public;

grant execute on function "chat_private"."limit_list"() to "authenticated", "service_role";

revoke all on function "chat_private"."measure_more"(integer) from public;

revoke all
  on function "chat_private"."moderated_messages"(bigint, uuid, bigint, bigint, bigint, bigint, text, integer)
  from public;

grant execute
  on function "chat_private"."moderated_messages"(bigint, uuid, bigint, bigint, bigint, bigint, text, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."moderated_page"(chat.rooms, uuid, bigint, bigint, bigint, integer) from public;

revoke all on function "chat_private"."moderated_people"(text, bigint, integer) from public;

grant execute on function "chat_private"."moderated_people"(text, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."moderated_person_rooms"(uuid, bigint, integer) from public;

grant execute
  on function "chat_private"."moderated_person_rooms"(uuid, bigint, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."moderated_reports"(uuid, bigint, bigint, integer) from public;

grant execute
  on function "chat_private"."moderated_reports"(uuid, bigint, bigint, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."moderated_room_members"(bigint, uuid, integer) from public;

grant execute
  on function "chat_private"."moderated_room_members"(bigint, uuid, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."moderated_rooms"(text, bigint, integer) from public;

grant execute on function "chat_private"."moderated_rooms"(text, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."moderation_counts"() from public;

grant execute on function "chat_private"."moderation_counts"() to "authenticated", "service_role";

revoke all on function "chat_private"."note_reading"(chat.rooms, uuid, bigint, bigint, text) from public;

revoke all on function "chat_private"."operator_appointed"() from public;

revoke all on function "chat_private"."operator_list"() from public;

grant execute on function "chat_private"."operator_list"() to "authenticated", "service_role";

revoke all on function "chat_private"."people_asked_for"(text, bigint, integer) from public;

revoke all on function "chat_private"."remove_word_rule"(bigint) from public;

grant execute on function "chat_private"."remove_word_rule"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."require_administrator"() from public;

revoke all on function "chat_private"."require_reason"(text) from public;

revoke all on function "chat_private"."require_word_rule"(text, text) from public;

revoke all on function "chat_private"."rows_of_page"(integer) from public;

revoke all on function "chat_private"."set_limit"(text, integer, double precision, integer) from public;

grant execute
  on function "chat_private"."set_limit"(text, integer, double precision, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."set_operator_role"(uuid, chat.operator_role) from public;

grant execute
  on function "chat_private"."set_operator_role"(uuid, chat.operator_role)
  to "authenticated", "service_role";

revoke all on function "chat_private"."set_room_lock"(bigint, boolean, text) from public;

grant execute on function "chat_private"."set_room_lock"(bigint, boolean, text) to "authenticated", "service_role";

revoke all on function "chat_private"."slow_statements"(integer) from public;

grant execute on function "chat_private"."slow_statements"(integer) to "authenticated", "service_role";

revoke all on function "chat_private"."statements_in"(text, integer) from public;

revoke all on function "chat_private"."storage_by_bucket"() from public;

grant execute on function "chat_private"."storage_by_bucket"() to "authenticated", "service_role";

revoke all on function "chat_private"."table_sizes"(integer) from public;

grant execute on function "chat_private"."table_sizes"(integer) to "authenticated", "service_role";

revoke all on function "chat_private"."warn_user"(uuid, text) from public;

grant execute on function "chat_private"."warn_user"(uuid, text) to "authenticated", "service_role";

revoke all on function "chat_private"."word_rule_changed"() from public;

revoke all on function "chat_private"."word_rule_list"() from public;

grant execute on function "chat_private"."word_rule_list"() to "authenticated", "service_role";

grant select on table "chat"."daily_counts" to "authenticated";

grant delete, insert, select, update on table "chat"."daily_counts" to "service_role";

-- Reads all accounts once.
insert into chat_private.operators (user_id, role)
select users.id, (users.raw_app_meta_data ->> 'parley_role')::chat.operator_role
from auth.users as users
where users.raw_app_meta_data ->> 'parley_role' in ('moderator', 'administrator');

insert into chat_private.counted (subject, source, key) values
  ('messages', 'chat.messages', 'id'),
  ('people', 'chat.profiles', 'number'),
  ('rooms', 'chat.rooms', 'id'),
  ('reports', 'chat.reports', 'id');

insert into chat_private.storage_walk default values;

insert into chat_private.jobs (name, every) values
  ('count_days', interval '20 seconds'),
  ('measure_storage', interval '1 hour');

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
