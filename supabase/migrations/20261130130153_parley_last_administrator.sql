-- last_administrator: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.delete_account (
  mode      chat.deletion_mode,
  confirmed boolean,
  user_id   uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  account constant uuid := coalesce(delete_account.user_id, auth.uid());
  is_erased constant boolean := coalesce(mode = 'erase', false);
  direct_keys text[];
begin
  if account is null or not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if account is distinct from auth.uid() and not chat_private.is_administrator() then
    raise sqlstate 'PT403' using message = 'administrator_required', detail = 'Only an administrator deletes accounts of others.';
  elsif not coalesce(confirmed, false) and not chat_private.is_backend() then
    raise sqlstate 'PT409' using message = 'confirmation_required',
      detail = 'Nobody can bring the account back: ask again with confirmed.';
  end if;

  if account = auth.uid() and chat_private.operator_role(account) = 'administrator' then
    perform chat_private.lock_administrators(), chat_private.require_other_administrator(account);
  end if;

  if is_erased then
    insert into chat_private.departed_senders (user_id, is_erased) values (account, true)
    on conflict on constraint departed_senders_pkey do update set is_erased = true;
    -- What others have reported of them stays, as evidence.
    update chat.reports set note = '' where reporter_id = account and note <> '';
    direct_keys := array(select distinct kept.direct_key from chat_private.kept_slugs as kept where kept.user_id = account);
  end if;
  -- Sign-ins that were begun: Auth keeps no foreign key there.
  delete from auth.flow_state where flow_state.user_id = account;
  delete from auth.users where users.id = account;
  if not found then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  end if;
  -- The others may have stored the slugs of their direct rooms, so none of them may ever name another room.
  update chat_private.kept_slugs as kept set slug = chat_private.erased_slug(kept.slug)
  where kept.user_id in (
    select person::uuid from unnest(direct_keys) as pair, string_to_table(pair, ':') as person where person <> account::text
  )
    and kept.direct_key = any (direct_keys) and kept.slug ~ '_';
  perform chat_private.audit('account_deleted', account, details => jsonb_build_object('mode', coalesce(mode, 'keep')));
end;
$function$;

create or replace function chat_private.lock_administrators()
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform from chat_private.operators as operators
  where operators.role = 'administrator'
  order by operators.user_id
  for update;
end;
$function$;

create or replace function chat_private.require_other_administrator (
  user_id uuid
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if not exists (
    select from chat_private.operators as operators
    where operators.role = 'administrator' and operators.user_id <> require_other_administrator.user_id
      and chat_private.refusal_of(operators.user_id, null) is null
  ) then
    raise sqlstate 'PT409' using message = 'last_administrator', detail = 'Make somebody else an administrator first.';
  end if;
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
  -- The wait may have taken the role of the caller.
  perform chat_private.lock_administrators();
  perform chat_private.require_administrator();
  perform chat_private.require_people(array[user_id]);
  if user_id = (select auth.uid()) and role is distinct from 'administrator' then
    perform chat_private.require_other_administrator(user_id);
  end if;
  update auth.users as users
  set raw_app_meta_data = case
    when set_operator_role.role is null then users.raw_app_meta_data - 'parley_role'
    else coalesce(users.raw_app_meta_data, '{}') || jsonb_build_object('parley_role', set_operator_role.role)
  end
  where users.id = set_operator_role.user_id;
end;
$function$;

comment on function "chat"."delete_account"(chat.deletion_mode, boolean, uuid) is 'Deletes the account of the caller; a backend or an administrator names the user. With keep, messages stay without a sender; with erase, they become tombstones within minutes. Must be confirmed, except by a backend. Raises confirmation_required, administrator_required, last_administrator, user_not_found, caller_required.';

comment on function "chat_private"."lock_administrators"() is 'Lets administrators resign one after the other, so that two do not leave together.';

comment on function "chat_private"."require_other_administrator"(uuid) is 'Raises last_administrator if nobody but a user is an administrator who may act.';

revoke all on function "chat_private"."lock_administrators"() from public;

revoke all on function "chat_private"."require_other_administrator"(uuid) from public;

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
