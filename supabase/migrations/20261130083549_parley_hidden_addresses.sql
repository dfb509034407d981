-- hidden_addresses: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

alter table "chat"."profiles"
  alter column "show_email" set default false;

create or replace function chat_private.add_profile (
  account auth.users,
  meta    jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  wanted text := coalesce(
    nullif(meta ->> 'username', ''), meta ->> 'preferred_username', meta ->> 'user_name',
    nullif(split_part(account.email, '@', 1), ''), meta ->> 'full_name', meta ->> 'name'
  );
begin
  -- If another transaction takes the name first, try the next one.
  loop
    insert into chat.profiles (id, username, first_name, last_name, avatar_url, show_email)
    select account.id, chat_private.free_username(wanted), first_name, last_name, avatar_url,
      -- An API whose clients expect to see addresses says so, and tells who registers.
      coalesce(meta -> 'show_email' = 'true', false)
    from chat_private.shown_names(meta)
    on conflict do nothing;
    exit when found or exists (select from chat.profiles where id = account.id);
  end loop;
end;
$function$;

create or replace function chat_private.address_vouched()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  account auth.users;
  is_new boolean := coalesce(current_setting('parley.new_account', true) = new.user_id::text, false);
begin
  select * into account from auth.users where id = new.user_id;
  if lower(new.identity_data ->> 'email') is distinct from lower(account.email) then
    return null;
  end if;
  if not chat_private.vouches(new, account.email) then
    -- In a project without email confirmation, Auth would also link an address that the provider has not verified.
    if tg_op = 'INSERT' and new.provider not in ('email', 'phone') and not is_new then
      raise sqlstate 'PT403' using message = 'provider_email_needs_verification',
        detail = 'An account has this address, and the provider has not verified it.';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and new.provider = 'email' and chat_private.vouches(old, old.identity_data ->> 'email') then
    -- The identity has confirmed the previous address, not this one.
    return null;
  end if;
  delete from chat_private.unproven_addresses where user_id = new.user_id;
  -- The person who registered has confirmed the address by mail, so the password is theirs.
  if not found or new.provider = 'email' or is_new then
    return null;
  end if;
  perform chat_private.shut_out(new.user_id);
  delete from auth.identities where user_id = new.user_id and id <> new.id and provider <> 'email';
  update auth.identities
  set identity_data = jsonb_build_object('sub', user_id, 'email', account.email, 'email_verified', true)
  where user_id = new.user_id and provider = 'email';
  update chat.profiles as profiles
  set first_name = shown.first_name, last_name = shown.last_name, avatar_url = shown.avatar_url, bio = '', show_email = false
  from chat_private.shown_names(new.identity_data) as shown
  where profiles.id = new.user_id;
  perform set_config('parley.taken_back', new.user_id::text, true);
  return null;
end;
$function$;

comment on column "chat"."profiles"."show_email" is 'Whether others see the address: on for accounts of an API whose clients expect it, off for others until their user switches it on.';

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
