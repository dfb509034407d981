-- quicker_draws: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "rows_counted_on_insert" on "chat"."messages";

drop trigger "rows_counted_on_update" on "chat"."messages";

create or replace function chat_private.count_from_zero()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform set_config('chat.written', '{0,0}', true), set_config('chat.token_rows', '0', true);
  return null;
end;
$function$;

create or replace function chat_private.draw (
  person_id uuid,
  action    text,
  amount    bigint,
  into_debt boolean default false
)
  returns double precision
  language plpgsql
  set search_path to ''
  AS $function$
declare
  read_at timestamptz;
  rest double precision;
  state text;
begin
  if nullif(current_setting('chat.highest_room', true), '') is not null then
    perform chat_private.wait_for_bucket(person_id, action);
  end if;
  loop
    -- Read once: each moment fills the bucket, also those of a wait for another transaction.
    read_at := clock_timestamp();
    update chat_private.buckets as buckets
    set filled_at = greatest(buckets.filled_at, read_at),
      tokens = -limits.cost * amount + least(
        limits.capacity, buckets.tokens + limits.per_second * greatest(date_part('epoch', read_at - buckets.filled_at), 0)
      )
    from chat_private.limits as limits
    where limits.action = draw.action and limits.cost > 0
      and buckets.person_id = draw.person_id and buckets.action = draw.action
      and (into_debt or limits.cost * amount <= least(
        limits.capacity, buckets.tokens + limits.per_second * greatest(date_part('epoch', read_at - buckets.filled_at), 0)
      ))
    returning buckets.tokens, set_config('chat.drawn', concat_ws(
      ' ', limits.action, limits.capacity / limits.cost, ceil(limits.capacity / limits.per_second), floor(buckets.tokens / limits.cost),
      ceil((limits.capacity - buckets.tokens) / limits.per_second)
    ), true)
    into rest, state;
    if found then
      return rest;
    end if;
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    select draw.person_id, limits.action, limits.capacity, clock_timestamp()
    from chat_private.limits as limits where limits.action = draw.action and limits.cost > 0
    on conflict do nothing;
    if not found then
      select chat_private.filled(buckets, limits, clock_timestamp()) - limits.cost * amount into rest
      from chat_private.buckets as buckets
      join chat_private.limits as limits on limits.action = buckets.action and limits.cost > 0
      where buckets.person_id = draw.person_id and buckets.action = draw.action;
      -- Too few; or there is no limit.
      if not found or rest < 0 then
        return rest;
      end if;
    end if;
  end loop;
end;
$function$;

create or replace function chat_private.rows_counted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.take_tokens(tg_argv[0], current_setting('chat.token_rows')::integer - 1);
  return null;
end;
$function$;

create or replace function chat_private.take_token_of_row (
  action text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if current_setting('chat.token_rows') = '0' then
    perform chat_private.take_tokens(action), set_config('chat.token_rows', '1', true);
  else
    perform set_config('chat.token_rows', (current_setting('chat.token_rows')::integer + 1)::text, true);
  end if;
end;
$function$;

create or replace function chat_private.wait_for_bucket (
  person_id uuid,
  action    text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  for attempt in 1..50 loop
    perform from chat_private.buckets as buckets
    where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    for no key update skip locked;
    if found or not exists (
      select from chat_private.buckets as buckets
      where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    ) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again', detail = 'You are doing the same elsewhere. Try again.';
end;
$function$;

create trigger rows_counted_on_insert
  after insert on chat.messages
  for each STATEMENT
  when (((current_setting('chat.token_rows'::text))::integer > 1))
  execute function chat_private.rows_counted('send_message');

create trigger rows_counted_on_update
  after update on chat.messages
  for each STATEMENT
  when (((current_setting('chat.token_rows'::text))::integer > 1))
  execute function chat_private.rows_counted('edit_message');

comment on function "chat_private"."wait_for_bucket"(uuid, text) is 'Polls for the lock of a bucket. Call it before writing one in a transaction that holds the lock of a room. Raises try_again.';

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
