-- moving_in: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create table "chat_private"."exchanged_tokens" (
  "jti"        text                     not null,
  "expires_at" timestamp with time zone not null,
  constraint "exchanged_tokens_jti_check" check ((char_length(jti) <= 255)),
  constraint "exchanged_tokens_pkey" primary key (jti)
);

alter table "chat_private"."exchanged_tokens"
  enable row level security;

create table "chat_private"."imported_rows" (
  "import_id" integer not null,
  "kind"      text    not null,
  "source_id" bigint  not null,
  "target_id" bigint  not null,
  constraint "imported_rows_kind_check"
    check
    ((kind = ANY (ARRAY['person'::text, 'post'::text, 'friend'::text, 'room'::text, 'member'::text, 'message'::text,
    'pin'::text, 'conversation'::text, 'turn'::text]))),
  constraint "imported_rows_pkey" primary key (import_id, kind, source_id)
);

alter table "chat_private"."imported_rows"
  enable row level security;

create table "chat_private"."imports" (
  "id"         integer                  generated always as identity not null,
  "name"       text                     not null,
  "kind"       text                     not null,
  "started_at" timestamp with time zone not null default now(),
  "written_at" timestamp with time zone not null default now(),
  constraint "imports_kind_check" check (((char_length(kind) >= 1) AND (char_length(kind) <= 50))),
  constraint "imports_name_check" check ((name ~ '^[\w.-]{1,100}$'::text)),
  constraint "imports_name_key" unique (name),
  constraint "imports_pkey" primary key (id)
);

alter table "chat_private"."imports"
  enable row level security;

create table "chat_private"."old_passwords" (
  "user_id" uuid not null,
  "hash"    text not null,
  constraint "old_passwords_hash_check" check (((hash ~ '^[a-z0-9_]+\$'::text) AND (char_length(hash) <= 500))),
  constraint "old_passwords_pkey" primary key (user_id)
);

alter table "chat_private"."old_passwords"
  enable row level security;

create or replace function chat_private.adopt_password (
  account  uuid,
  old_hash text,
  new_hash text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Of two first sign-ins at once, and of one beside a new password by mail, only one finds the hash.
  delete from chat_private.old_passwords as passwords where passwords.user_id = account and passwords.hash = old_hash;
  if not found then
    return false;
  end if;
  perform set_config('parley.adopted', account::text, true);
  update auth.users set encrypted_password = new_hash, updated_at = now() where id = account;
  return true;
end;
$function$;

create or replace function chat_private.end_old_ways (
  account uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  delete from chat_private.old_passwords where user_id = account;
  insert into chat_private.exchanged_tokens (jti, expires_at)
  select 'account:' || users.id, 'infinity' from auth.users as users
  where users.id = account and users.raw_app_meta_data ? 'imported_from'
  on conflict do nothing;
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
  delete from chat_private.exchanged_tokens as used where used.jti in (
    select old.jti from chat_private.exchanged_tokens as old where old.expires_at < now() limit 5 for update skip locked
  );
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

create or replace function chat_private.old_password (
  login text
)
  returns table (
    user_id      uuid,
    hash         text,
    other_hash   text,
    has_imported boolean
  )
  language sql
  stable
  set search_path to ''
  AS $function$
  select passwords.user_id, passwords.hash, (select others.hash from chat_private.old_passwords as others limit 1),
    exists (select from chat_private.imports)
  from (select chat_private.login_email(login) as email) as wanted
  -- As begin_login() does for the passwords of Auth: a banned account has none.
  left join auth.users as users on users.email = wanted.email and coalesce(users.banned_until < now(), true)
  left join chat_private.old_passwords as passwords on passwords.user_id = users.id
  limit 1;
$function$;

create or replace function chat_private.password_set()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if current_setting('parley.adopted', true) is distinct from new.id::text then
    perform chat_private.end_old_ways(new.id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.shut_out (
  account uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  kept text;
begin
  delete from auth.sessions where user_id = account;
  -- On the platform user_id is text in this table.
  delete from auth.refresh_tokens where user_id::text = account::text;
  -- Codes that can still be exchanged for a session. The flow of the link just used has no code yet.
  delete from auth.flow_state where user_id = account and auth_code_issued_at is not null;
  perform chat_private.end_old_ways(account);
  -- Tables that not every version of Auth has: mailed links, second factors, passkeys, authorizations of other apps.
  foreach kept in array array[
    'one_time_tokens', 'mfa_factors', 'webauthn_credentials', 'oauth_authorizations', 'oauth_consents'
  ] loop
    if to_regclass('auth.' || kept) is not null then
      execute format('delete from auth.%I where user_id = $1', kept) using account;
    end if;
  end loop;
  update auth.users set encrypted_password = null, phone = null, phone_confirmed_at = null, phone_change = '',
    phone_change_token = '', email_change = '', email_change_token_new = '', email_change_token_current = '',
    email_change_confirm_status = 0, confirmation_token = '', recovery_token = '', reauthentication_token = ''
  where id = account;
end;
$function$;

alter table "chat_private"."imported_rows"
  add constraint "imported_rows_import_id_fkey" foreign key (import_id) references chat_private.imports(id)
    on delete cascade;

alter table "chat_private"."old_passwords"
  add constraint "old_passwords_user_id_fkey" foreign key (user_id) references auth.users(id) on delete cascade;

create index exchanged_tokens_expires_at_idx on chat_private.exchanged_tokens using btree (expires_at);

create trigger parley_password_set
  after update of encrypted_password on auth.users
  for each row
  when (((new.encrypted_password)::text IS DISTINCT FROM (old.encrypted_password)::text))
  execute function chat_private.password_set();

comment on function "chat_private"."adopt_password"(uuid, text, text) is 'Gives Auth the password that has matched an old hash, as a hash of its own, and forgets the old one. Granted to no role.';

comment on function "chat_private"."end_old_ways"(uuid) is 'Ends what an earlier backend has left of ways into an account: its password, and its tokens.';

comment on function "chat_private"."exchange_old_token"(bigint, text, timestamp
  with time zone) is 'A refresh token of Auth for one of an earlier backend, once; null if it was used, or if its person is unknown, banned, or has set a new password. Granted to no role.';

comment on function "chat_private"."old_password"(text) is 'The hash that a sign-in must match, if the account has one; the hash of anybody, to be checked where there is none; and whether people were imported at all. Granted to no role.';

comment on table "chat_private"."exchanged_tokens" is 'Tokens of an earlier backend that have been used, until they expire.';

comment on table "chat_private"."imported_rows" is 'The id that each imported row has had there, and the one that it has here.';

comment on table "chat_private"."imports" is 'The backends from which people and rooms were imported.';

comment on table "chat_private"."old_passwords" is 'The hashes of passwords from an earlier backend, until their first use.';

revoke all on function "chat_private"."adopt_password"(uuid, text, text) from public;

revoke all on function "chat_private"."end_old_ways"(uuid) from public;

revoke all on function "chat_private"."exchange_old_token"(bigint, text, timestamp with time zone) from public;

revoke all on function "chat_private"."old_password"(text) from public;

revoke all on function "chat_private"."password_set"() from public;

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these two. A role without usage of the schema cannot call them by name.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
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
