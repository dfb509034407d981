-- retention, 1 of 4: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."job_forget_buckets"();

drop function "chat_private"."job_forget_held"();

drop function "chat_private"."job_forget_uploads"();

drop function "chat_private"."job_prune_changes"();

create table "chat_private"."retention" (
  "name"        text     not null,
  "age"         interval,
  "at_least"    interval,
  "at_most"     interval,
  "newest"      integer,
  "description" text     not null,
  constraint "retention_age_check" check (
CASE
    WHEN (newest IS NOT NULL) THEN (num_nonnulls(age, at_least, at_most) = 0)
    WHEN (age IS NULL) THEN (at_most IS NULL)
    ELSE COALESCE(((age >= at_least) AND (age <= COALESCE(at_most, '100 years'::interval))), false)
END),
  constraint "retention_description_check" check ((description <> ''::text)),
  constraint "retention_name_check" check ((name ~ '^[a-z_]{1,50}$'::text)),
  constraint "retention_newest_check" check (((newest >= 1) AND (newest <= 100000))),
  constraint "retention_pkey" primary key (name)
);

alter table "chat_private"."retention"
  enable row level security;

alter table "chat_private"."client_keys"
  add column "created_at" timestamp with time zone not null default now();

create type "chat"."retention" as (
  "name"        text,
  "age"         interval,
  "newest"      integer,
  "at_least"    interval,
  "at_most"     interval,
  "description" text
);

create or replace function chat.retention_list()
  returns SETOF chat.retention
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.retention_list();
end;
$function$;

create or replace function chat.set_retention (
  name   text,
  age    interval default null::interval,
  newest integer  default null::integer
)
  returns chat.retention
  language sql
  set search_path to ''
  AS $function$
  select chat_private.set_retention(name, age, newest);
$function$;

create or replace function chat_private.begin_login (
  login   text,
  address text
)
  returns table (
    email        text,
    wait_seconds integer,
    has_password boolean
  )
  language plpgsql
  set search_path to ''
  AS $function$
declare
  limits chat_private.login_limits;
  subjects text[] := chat_private.login_subjects(login, address);
  tried chat_private.login_attempts;
begin
  select * into limits from chat_private.login_limits;
  email := chat_private.login_email(login);
  has_password := exists (
    select from auth.users as users
    where users.email = begin_login.email and users.encrypted_password <> ''
      and coalesce(users.banned_until < now(), true)
  );
  wait_seconds := 0;
  insert into chat_private.login_attempts (subject) select unnest(subjects) on conflict do nothing;
  -- Counted before the password is checked, so that concurrent attempts cannot pass the limit. Attempts that must wait are
  -- not counted.
  for tried in
    select * from chat_private.login_attempts where subject = any (subjects) order by subject for update
  loop
    if tried.since < clock_timestamp() - limits.period then
      update chat_private.login_attempts set attempts = 0, wait_until = null where subject = tried.subject;
    elsif tried.wait_until > clock_timestamp() then
      wait_seconds := greatest(wait_seconds, ceil(extract(epoch from tried.wait_until - clock_timestamp())), 1);
    end if;
  end loop;
  if wait_seconds = 0 then
    update chat_private.login_attempts set attempts = attempts + 1, since = clock_timestamp()
    where subject = any (subjects);
    update chat_private.login_attempts
    set wait_until = clock_timestamp()
      + least(limits.longest_wait, limits.first_wait * 2 ^ least(attempts - allowance, 30))
    from (values (subjects[1], limits.per_account), (subjects[2], limits.per_address)) as waits (waiting, allowance)
    where subject = waiting and attempts >= allowance;
  end if;
  return next;
end;
$function$;

create or replace function chat_private.count_join (
  room_id bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 10;
  period constant interval := '10 minutes';
  counted chat_private.joins;
begin
  insert into chat_private.joins as known (room_id, user_id) values (count_join.room_id, auth.uid())
  on conflict on constraint joins_pkey do update
  set joins = case when known.since < now() - period then 1 else known.joins + 1 end,
    since = case when known.since < now() - period then now() else known.since end
  returning known.* into counted;
  if counted.joins > most then
    raise sqlstate 'PT429' using message = 'too_many_joins',
      detail = format('You have joined this room %s times. Try again in a few minutes.', most);
  end if;
end;
$function$;

create or replace function chat_private.exchange_old_token (
  person     bigint,
  jti        text,
  expires_at timestamp with time zone
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  accounts uuid[];
  -- As Auth wrote them before it signed them: 12 small letters or digits.
  token constant text := (
    select string_agg(substr('abcdefghijklmnopqrstuvwxyz234567', get_byte(random.bytes, place) % 32 + 1, 1), '')
    from sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) as random (bytes), generate_series(0, 11) as place
  );
  session constant uuid := gen_random_uuid();
begin
  -- A token does not say which backend signed it: of two people with one id, it is nobody's.
  accounts := array(
    select users.id
    from chat_private.imported_rows as imported
    join chat.profiles as profiles on profiles.number = imported.target_id
    join auth.users as users on users.id = profiles.id
    where imported.kind = 'person' and imported.source_id = person
      and coalesce(users.banned_until < now(), true)
      and not exists (select from chat_private.exchanged_tokens as ended where ended.jti = 'account:' || users.id)
  );
  if cardinality(accounts) <> 1 then
    return null;
  end if;
  insert into chat_private.exchanged_tokens (jti, expires_at)
  values (exchange_old_token.jti, exchange_old_token.expires_at)
  on conflict do nothing;
  if not found then
    return null;
  end if;
  insert into auth.sessions (id, user_id, aal, created_at, updated_at) values (session, accounts[1], 'aal1', now(), now());
  -- On the platform the id is a number with a default; in local/ it is a uuid without one.
  insert into auth.refresh_tokens
  select row.* from jsonb_populate_record(null::auth.refresh_tokens, jsonb_build_object(
    'id', case when pg_get_serial_sequence('auth.refresh_tokens', 'id') is null then to_jsonb(gen_random_uuid())
      else to_jsonb(nextval(pg_get_serial_sequence('auth.refresh_tokens', 'id'))) end,
    'instance_id', '00000000-0000-0000-0000-000000000000', 'token', token, 'user_id', accounts[1], 'session_id', session,
    'revoked', false, 'created_at', now(), 'updated_at', now()
  )) as row;
  return token;
end;
$function$;

create or replace function chat_private.job_prune()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  kind text;
  has_more boolean;
  is_unfinished boolean := false;
begin
  for kind in select retention.name from chat_private.retention as retention order by retention.name loop
    loop
      execute format('select chat_private.%I()', 'prune_' || kind) into has_more;
      exit when not has_more or clock_timestamp() > until;
    end loop;
    is_unfinished := is_unfinished or has_more;
  end loop;
  return is_unfinished;
end;
$function$;

create or replace function chat_private.kept_since (
  name text
)
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return now() - (select retention.age from chat_private.retention as retention where retention.name = kept_since.name);
end;
$function$;

create or replace function chat_private.prune_audit_log()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
  pruned integer;
begin
  -- The ids are in the order of time, as only this database gives them.
  delete from chat.audit_log as log where log.id in (
    select oldest.id from (select old.id, old.created_at from chat.audit_log as old order by old.id limit most) as oldest
    where oldest.created_at < chat_private.kept_since('audit_log')
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_buckets()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  -- A bucket that is full again is one without a row.
  delete from chat_private.buckets as buckets
  where (buckets.person_id, buckets.action) in (
    select old.person_id, old.action
    from chat_private.buckets as old
    left join chat_private.limits as limits on limits.action = old.action
    where old.filled_at < chat_private.kept_since('buckets')
      and (limits.action is null or old.tokens + limits.per_second * extract(epoch from now() - old.filled_at) >= limits.capacity)
    limit most
    for update of old skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_client_keys()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.client_keys as keys where (keys.owner_id, keys.kind, keys.client_id) in (
    select old.owner_id, old.kind, old.client_id from chat_private.client_keys as old
    where old.created_at < chat_private.kept_since('client_keys')
    order by old.created_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_event_times()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.event_times as times where times.message_id in (
    select old.message_id from chat_private.event_times as old
    where old.sent_at < chat_private.kept_since('event_times')
    order by old.sent_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_exchanged_tokens()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.exchanged_tokens as used where used.jti in (
    select old.jti from chat_private.exchanged_tokens as old
    where old.expires_at < chat_private.kept_since('exchanged_tokens')
    order by old.expires_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_held_messages()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
  pruned integer;
begin
  delete from chat.held_messages as held where held.id in (
    select old.id from chat.held_messages as old
    where old.rejected_at < chat_private.kept_since('held_messages')
    order by old.rejected_at
    limit most
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_joins()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.joins as known where (known.room_id, known.user_id) in (
    select old.room_id, old.user_id from chat_private.joins as old
    where old.since < chat_private.kept_since('joins')
    order by old.since
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_login_attempts()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.login_attempts as known
  where known.subject in (
    select old.subject from chat_private.login_attempts as old, chat_private.login_limits as limits
    where old.since < least(chat_private.kept_since('login_attempts'), now() - limits.period)
    order by old.since
    limit most
    for update of old skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_reports()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
  pruned integer;
begin
  delete from chat.reports as reports where reports.id in (
    select old.id from chat.reports as old
    where old.resolved_at < chat_private.kept_since('reports')
    order by old.resolved_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$function$;

create or replace function chat_private.prune_room_changes()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  kept constant integer := (select retention.newest from chat_private.retention as retention where retention.name = 'room_changes');
  pruned bigint;
begin
  delete from chat_private.rooms_to_prune
  where room_id = (select rooms.room_id from chat_private.rooms_to_prune as rooms order by rooms.room_id limit 1)
  returning room_id into pruned;
  if not found then
    return false;
  end if;
  delete from chat.room_changes as changes
  using (
    select each.version,
      row_number() over (
        partition by chat_private.change_subject(each.event, each.payload) order by each.version desc
      ) as place,
      row_number() over (order by each.version desc) as age
    from chat.room_changes as each
    where each.room_id = pruned
  ) as ranked
  where changes.room_id = pruned and changes.version = ranked.version and ranked.place > 1
    and ranked.age > case when changes.kind is null then kept else 10 * kept end;
  return true;
end;
$function$;

create or replace function chat_private.prune_uploads()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 200;
  removed integer;
begin
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments
    where attachments.message_id is null and attachments.created_at < chat_private.kept_since('uploads')
      and not exists (
        select from chat.held_messages as held
        where held.attachments <> '[]' and held.rejected_at is null
          and held.attachments @> jsonb_build_array(jsonb_build_object('id', attachments.id))
      )
    order by attachments.created_at
    limit most
    for update skip locked
  );
  get diagnostics removed = row_count;
  return removed = most;
end;
$function$;

create or replace function chat_private.retention_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit('retention_changed', null, details => jsonb_build_object(
    'name', new.name,
    'before', jsonb_build_object('age', old.age, 'newest', old.newest), 'after', jsonb_build_object('age', new.age, 'newest', new.newest)
  ));
  return null;
end;
$function$;

create or replace function chat_private.retention_list()
  returns SETOF chat.retention
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_administrator();
  return query
    select kept.name, kept.age, kept.newest, kept.at_least, kept.at_most, kept.description
    from chat_private.retention as kept order by kept.name;
end;
$function$;

create or replace function chat_private.set_retention (
  name   text,
  age    interval,
  newest integer
)
  returns chat.retention
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  kept chat_private.retention;
begin
  perform chat_private.require_administrator();
  update chat_private.retention as retention set age = set_retention.age, newest = set_retention.newest
  where retention.name = set_retention.name and num_nulls(retention.newest, set_retention.newest) <> 1
  returning * into kept;
  if not found then
    raise sqlstate 'PT400' using message = 'invalid_retention', detail = 'Give a name of retention_list(), and what it is pruned by.';
  end if;
  return (kept.name, kept.age, kept.newest, kept.at_least, kept.at_most, kept.description)::chat.retention;
exception when check_violation then
  raise sqlstate 'PT400' using message = 'invalid_retention',
    detail = 'An age is between at_least and at_most, or none where there is no at_most; a number is between 1 and 100,000.';
end;
$function$;

create trigger retention_changed
  after update on chat_private.retention
  for each row
  when ((old.* IS DISTINCT FROM new.*))
  execute function chat_private.retention_changed();

comment on column "chat_private"."login_limits"."period" is 'Counts begin again this long after the last attempt.';

comment on column "chat_private"."retention"."age" is 'Rows that are older are removed; null keeps them forever.';

comment on column "chat_private"."retention"."at_least" is 'The shortest age that it may have.';

comment on column "chat_private"."retention"."at_most" is 'The longest age that it may have; null if rows may be kept forever.';

comment on column "chat_private"."retention"."newest" is 'Of what is pruned by number: how many of the newest stay.';

comment on function "chat"."retention_list"() is 'How long rows are kept that nobody needs forever, by name, for administrators. Raises administrator_required.';

comment on function "chat"."set_retention"(text, interval, integer) is 'Changes how long rows are kept, from the next run of the job on, as an administrator: by their age, where null is forever, or by their number. Raises administrator_required, invalid_retention.';

comment on function "chat_private"."job_prune"() is 'Removes what is older than retention says, of each kind at least one batch.';

comment on function "chat_private"."kept_since"(text) is 'Rows of this kind that are older are removed; null if they are kept forever.';

comment on function "chat_private"."prune_audit_log"() is 'Deletes old rows of the audit log, if they are not kept forever.';

comment on function "chat_private"."prune_buckets"() is 'Deletes the buckets that nobody has used for a while and that are full.';

comment on function "chat_private"."prune_client_keys"() is 'Deletes keys that no client repeats any more.';

comment on function "chat_private"."prune_event_times"() is 'Forgets the times of events that Realtime keeps no more.';

comment on function "chat_private"."prune_exchanged_tokens"() is 'Deletes tokens that nobody could use any more.';

comment on function "chat_private"."prune_held_messages"() is 'Forgets what moderators have rejected.';

comment on function "chat_private"."prune_joins"() is 'Deletes old counts of joins.';

comment on function "chat_private"."prune_login_attempts"() is 'Deletes old counts of attempts, and none that counts still.';

comment on function "chat_private"."prune_reports"() is 'Deletes reports that were answered long ago, if they are not kept forever.';

comment on function "chat_private"."prune_room_changes"() is 'Deletes superseded changes of a room, except the newest, and of those that the messages show ten times as many, so that repeated changes do not fill the table.';

comment on function "chat_private"."prune_uploads"() is 'Gives up files that were not sent in time, and do not wait with their message for a moderator.';

comment on table "chat_private"."retention" is 'How long what grows is kept; operators may change it.';

revoke all on function "chat"."retention_list"() from public;

grant execute on function "chat"."retention_list"() to "authenticated", "service_role";

revoke all on function "chat"."set_retention"(text, interval, integer) from public;

grant execute on function "chat"."set_retention"(text, interval, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."job_prune"() from public;

revoke all on function "chat_private"."kept_since"(text) from public;

revoke all on function "chat_private"."prune_audit_log"() from public;

revoke all on function "chat_private"."prune_buckets"() from public;

revoke all on function "chat_private"."prune_client_keys"() from public;

revoke all on function "chat_private"."prune_event_times"() from public;

revoke all on function "chat_private"."prune_exchanged_tokens"() from public;

revoke all on function "chat_private"."prune_held_messages"() from public;

revoke all on function "chat_private"."prune_joins"() from public;

revoke all on function "chat_private"."prune_login_attempts"() from public;

revoke all on function "chat_private"."prune_reports"() from public;

revoke all on function "chat_private"."prune_room_changes"() from public;

revoke all on function "chat_private"."prune_uploads"() from public;

revoke all on function "chat_private"."retention_changed"() from public;

revoke all on function "chat_private"."retention_list"() from public;

grant execute on function "chat_private"."retention_list"() to "authenticated", "service_role";

revoke all on function "chat_private"."set_retention"(text, interval, integer) from public;

grant execute on function "chat_private"."set_retention"(text, interval, integer) to "authenticated", "service_role";

insert into chat_private.retention (name, age, at_least, at_most, newest, description) values
  ('audit_log', null, '90 days', null, null, 'Rows of the audit log.'),
  ('buckets', '1 day', '1 hour', '30 days', null, 'Buckets of limits that are full again, since their last use.'),
  ('client_keys', '90 days', '7 days', null, null, 'Keys of groups, posts and changed messages.'),
  ('event_times', '7 days', '4 days', '1 year', null, 'When an event of a message was sent, which Realtime keeps for four days at most.'),
  ('exchanged_tokens', '1 day', '0 days', '1 year', null, 'Tokens of an earlier backend that were used, since they expired.'),
  ('held_messages', '30 days', '1 day', '1 year', null, 'Held messages that a moderator has rejected: until then a retry is refused.'),
  ('joins', '1 hour', '10 minutes', '30 days', null, 'How often a person has joined a room.'),
  ('login_attempts', '1 hour', '5 minutes', '30 days', null, 'Failed attempts to sign in, since the last one.'),
  ('reports', null, '30 days', null, null, 'Reports with what they are about, since they were answered.'),
  ('room_changes', null, null, null, 100, 'Superseded changes of a room, and ten times as many of those that its messages show.'),
  ('uploads', '1 day', '1 hour', '30 days', null, 'Files that were announced and not sent.');

-- The job prune does what these did. It is next due when the one was that it grew from.
delete from chat_private.jobs where name in ('forget_buckets', 'forget_held', 'forget_uploads');
update chat_private.jobs set name = 'prune', every = interval '10 minutes' where name = 'prune_changes';

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
