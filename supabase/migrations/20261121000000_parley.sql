-- Generated from sql/*.sql by `npm run db:migration`. Change those files, not this one.
-- Until the first release there is one migration.

-- sql/010_schemas.sql

-- Parley keeps to two schemas, so that it can be added to a project that has tables of its own.
create schema chat;
comment on schema chat is 'What clients reach through the Data API: tables, and functions to call as RPC.';
create schema chat_private;
comment on schema chat_private is 'Helpers of chat: never exposed to the Data API.';

-- A project may grant everything that it creates to its clients (alter default privileges). What is created from here on
-- is granted to nobody by that; 900 puts the project's defaults back.
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

revoke all on schema chat, chat_private from public, anon, authenticated, service_role;
-- Policies and functions of chat run as the caller and call helpers, hence usage of both.
grant usage on schema chat, chat_private to authenticated, service_role;

-- Part-of-word search. The project may have an extension in another schema already. What is named without a schema from
-- here on is an extension's, found by this path.
create extension if not exists pg_trgm with schema extensions;
select set_config('search_path', string_agg(distinct extnamespace::regnamespace::text, ', '), true)
from pg_extension
where extname in ('pg_trgm');

create type chat.room_kind as enum ('direct', 'group');
-- In ascending order of rights, so that `role >= 'admin'` reads as it is meant.
create type chat.member_role as enum ('member', 'admin', 'owner');

-- sql/100_profiles.sql

-- What people show of themselves. A row is made by the trigger in 110 when an account is made.
create table chat.profiles (
  id uuid primary key references auth.users on delete cascade,
  number bigint generated always as identity unique,
  username text not null check (username ~ '^[\w.@+-]{1,150}$'),
  first_name text not null default '' check (char_length(first_name) <= 150),
  last_name text not null default '' check (char_length(last_name) <= 150),
  bio text not null default '' check (char_length(bio) <= 2000),
  avatar_url text check (avatar_url ~ '^(https?://|/)' and char_length(avatar_url) <= 2048),
  show_email boolean not null default true,
  share_receipts boolean not null default true,
  created_at timestamptz not null default now()
);
comment on table chat.profiles is 'A person: one row for each account.';
comment on column chat.profiles.share_receipts is 'Whether others see what was delivered to this person, and what they have read.';
comment on column chat.profiles.number is 'The integer id that REST clients see.';

-- Usernames differ by more than case; login and search by username.
create unique index profiles_username_key on chat.profiles (lower(username));
-- Search by a part of the username.
create index profiles_username_trgm_idx on chat.profiles using gin (lower(username) gin_trgm_ops);
-- Search by a part of the name.
create index profiles_name_trgm_idx on chat.profiles
  using gin (lower(first_name || ' ' || last_name) gin_trgm_ops);

-- A project may let people in without an address: shops do, for a cart. Auth gives them the role of everybody else; here
-- they are nobody, without a profile, until they have an address.
create function chat_private.is_anonymous()
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select coalesce((select auth.jwt()) ->> 'is_anonymous' = 'true', false);
$$;
comment on function chat_private.is_anonymous is 'Whether the caller has signed in anonymously.';
grant execute on function chat_private.is_anonymous to authenticated;

alter table chat.profiles enable row level security;
revoke all on chat.profiles from anon, authenticated;
grant select, update (username, first_name, last_name, bio, avatar_url, show_email, share_receipts) on chat.profiles to authenticated;
-- No insert and no delete: a profile comes and goes with its account.

-- No condition, also of anonymous callers: with one, Postgres would look for names without their indexes.
create policy "people can read profiles"
  on chat.profiles for select to authenticated
  using (true);

create policy "people can update their own profile"
  on chat.profiles for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()));

-- Granted to nobody: addresses stand in auth.users, which clients cannot read.
create view chat_private.shown_addresses as
select users.id, case
    when users.email is null or users.email like '%.invalid' then ''
    when profiles.show_email or profiles.id = (select auth.uid()) then users.email::text
    else ''
  end as email
from auth.users as users
join chat.profiles as profiles on profiles.id = users.id;
comment on view chat_private.shown_addresses is 'The address of everyone as the caller may see it; empty where they may not.';
revoke all on chat_private.shown_addresses from anon, authenticated;

-- Definer: reads what is granted to nobody. plpgsql, which keeps its plan: some ask once for each of a list.
create function chat_private.shown_email(user_id uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select shown.email from chat_private.shown_addresses as shown where shown.id = user_id);
end;
$$;
grant execute on function chat_private.shown_email to authenticated, service_role;

-- Definer: as above.
create function chat_private.shown_emails(user_ids uuid[])
returns table (user_id uuid, email text)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select shown.id, shown.email from chat_private.shown_addresses as shown where shown.id = any (user_ids);
end;
$$;
comment on function chat_private.shown_emails is 'The addresses of many people at once.';

grant execute on function chat_private.shown_emails to authenticated;

create function chat.email(profile chat.profiles)
returns text
language sql stable security invoker set search_path = ''
as $$
  select chat_private.shown_email(profile.id);
$$;
comment on function chat.email is
  'The address that the caller may see: their own, or that of a person who shows it; otherwise empty. A computed column of profiles.';
grant execute on function chat.email to authenticated, service_role;

-- sql/105_usernames.sql

-- Definer: under the policy of profiles no index of usernames is used, as lower() might tell of rows that the caller may
-- not read; every lookup would read all of them. The id alone tells no more than that the username is taken.
create function chat_private.person_named(username text)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select id from chat.profiles as profiles where lower(profiles.username) = lower(person_named.username));
end;
$$;
comment on function chat_private.person_named is 'The id of the person who has a username now; null when nobody has.';
grant execute on function chat_private.person_named to authenticated, service_role;

create function chat.username_available(username text)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select username_available.username ~ '^[\w.@+-]{1,150}$'
    and chat_private.person_named(username_available.username) is null;
$$;
comment on function chat.username_available is 'Whether a username is well formed and free.';
grant execute on function chat.username_available to authenticated, service_role;

-- sql/110_accounts.sql

-- Every account has a profile. Auth shows a failing trigger only as "Database error saving new user",
-- so nothing here raises, whatever the metadata holds.
create function chat_private.free_username(wanted text)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  base text := coalesce(nullif(left(regexp_replace(wanted, '[^\w.@+-]', '', 'g'), 150), ''), 'user');
  candidate text := base;
  attempt integer := 1;
begin
  while exists (select from chat.profiles where lower(username) = lower(candidate)) loop
    attempt := attempt + 1;
    candidate := left(base, 140) || case when attempt <= 20 then attempt else (random() * 1e9)::integer end;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.free_username is 'A username like the one wanted: ann, or ann2 when ann is taken.';

create function chat_private.shown_names(meta jsonb)
returns table (first_name text, last_name text, avatar_url text)
language sql immutable security invoker set search_path = ''
as $$
  select
    left(coalesce(meta ->> 'first_name', meta ->> 'given_name', split_part(full_name, ' ', 1)), 150),
    left(coalesce(meta ->> 'last_name', meta ->> 'family_name', substring(full_name from ' (.*)$'), ''), 150),
    case when avatar ~ '^https?://' and char_length(avatar) <= 2048 then avatar end
  from (
    values (coalesce(meta ->> 'full_name', meta ->> 'name', ''), coalesce(meta ->> 'avatar_url', meta ->> 'picture'))
  ) as given (full_name, avatar);
$$;
comment on function chat_private.shown_names is 'What Auth''s metadata says of a person, as far as a profile can show it.';

create function chat_private.add_profile(account auth.users, meta jsonb)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  wanted text := coalesce(
    nullif(meta ->> 'username', ''), meta ->> 'preferred_username', meta ->> 'user_name',
    nullif(split_part(account.email, '@', 1), ''), meta ->> 'full_name', meta ->> 'name'
  );
begin
  -- Of two that take a name at once, the second tries the next one.
  loop
    insert into chat.profiles (id, username, first_name, last_name, avatar_url)
    select account.id, chat_private.free_username(wanted), first_name, last_name, avatar_url
    from chat_private.shown_names(meta)
    on conflict do nothing;
    exit when found or exists (select from chat.profiles where id = account.id);
  end loop;
end;
$$;

create function chat_private.welcome(account auth.users)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- The account that unknown names are tried with is nobody, and so is who came without an address.
  if account.email is distinct from 'nobody@users.parley.invalid' and not account.is_anonymous then
    perform chat_private.add_profile(account, coalesce(account.raw_user_meta_data, '{}'));
  end if;
exception when others then
  insert into chat.profiles (id, username) values (account.id, 'user-' || account.id) on conflict do nothing;
end;
$$;

-- Definer: Auth's own role inserts into auth.users, and may do nothing in chat.
create function chat_private.account_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.welcome(new);
  return null;
end;
$$;

create trigger parley_account_added
  after insert on auth.users
  for each row execute function chat_private.account_added();

-- Definer: as above.
create function chat_private.account_kept()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.welcome(users) from auth.users as users where users.id = new.id;
  return null;
end;
$$;

-- Whoever was anonymous and has given an address; at the end, when Auth has written all of it.
create constraint trigger parley_account_kept
  after update of is_anonymous on auth.users
  deferrable initially deferred
  for each row when (old.is_anonymous and not new.is_anonymous)
  execute function chat_private.account_kept();

-- The accounts of a project that Parley is added to.
select chat_private.welcome(users) from auth.users as users order by users.created_at, users.id;

create function chat_private.login_email(login text)
returns text
language sql stable security invoker set search_path = ''
as $$
  -- An address wins over a username that looks like one.
  select coalesce(
    (select users.email from auth.users as users where users.email = lower(login) limit 1),
    (
      select users.email
      from chat.profiles as profiles
      join auth.users as users on users.id = profiles.id
      where lower(profiles.username) = lower(login)
    )
  );
$$;
comment on function chat_private.login_email is
  'The address to sign in with, for a username or an address. Granted to nobody: only the owner calls it.';

-- sql/112_proven_addresses.sql

-- An address is proven when its owner has answered a mail to it, or a provider such as Google vouches for it. Auth takes
-- an address for confirmed without that where a project asks for no confirmation: then whoever registers first with the
-- address of another has a password to the account that its owner gets later. So what is proven is noted here, by what
-- Auth writes, and at the first proof everything goes by which somebody else could have come in.
create table chat_private.unproven_addresses (
  user_id uuid primary key references auth.users on delete cascade,
  since timestamptz not null default now()
);
comment on table chat_private.unproven_addresses is 'The accounts whose address nobody has proven yet.';
alter table chat_private.unproven_addresses enable row level security;
revoke all on chat_private.unproven_addresses from anon, authenticated;

create function chat_private.vouches(identity auth.identities, address text)
returns boolean
language sql immutable security invoker set search_path = ''
as $$
  select lower(identity.identity_data ->> 'email') = lower(address)
    and coalesce(identity.identity_data ->> 'email_verified' = 'true', false);
$$;
comment on function chat_private.vouches is 'Whether an identity says that the address is proven.';

-- Definer: Auth's own role writes auth.users, and may do nothing in chat_private.
create function chat_private.address_set()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  mailed boolean := false;
  -- Of somebody anonymous who gives a first address, Auth's own identity says that it is verified, mailed or not.
  own text := case when tg_op = 'UPDATE' and old.email is not null then 'email' end;
begin
  if tg_op = 'INSERT' then
    -- Of an account that is made together with a provider's identity there is nothing to take back.
    perform set_config('parley.new_account', new.id::text, true);
  elsif lower(new.email) is not distinct from lower(old.email) then
    return null;
  else
    -- Auth puts the new address in place when the mail to it was answered, and only then ends the change with it.
    mailed := coalesce(lower(new.email) = lower(old.email_change) and coalesce(new.email_change, '') = '', false);
  end if;
  if new.email is null or new.email like '%.invalid' or mailed or exists (
    select from auth.identities
    where user_id = new.id and (provider <> 'email' or provider = own) and chat_private.vouches(identities, new.email)
  ) then
    delete from chat_private.unproven_addresses where user_id = new.id;
  else
    insert into chat_private.unproven_addresses (user_id) values (new.id) on conflict do nothing;
  end if;
  return null;
end;
$$;

create trigger parley_address_set
  after insert or update of email on auth.users
  for each row execute function chat_private.address_set();

-- The accounts of a project that Parley is added to: a confirmation that was mailed counts.
insert into chat_private.unproven_addresses (user_id)
select id from auth.users
where email is not null and email not like '%.invalid'
  and not coalesce(email_confirmed_at >= confirmation_sent_at, false)
  and not exists (select from auth.identities where user_id = users.id and chat_private.vouches(identities, users.email));

create function chat_private.shut_out(account uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  kept text;
begin
  delete from auth.sessions where user_id = account;
  -- Here a user's id is text on the platform.
  delete from auth.refresh_tokens where user_id::text = account::text;
  -- Codes that wait to be exchanged for a session; one that is asked for with the link just used has none yet.
  delete from auth.flow_state where user_id = account and auth_code_issued_at is not null;
  -- What not every version of Auth keeps: links in the mail, second factors, passkeys, what other apps were allowed.
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
$$;
comment on function chat_private.shut_out is 'Takes away every way into an account but its address: it may be somebody else''s.';

-- Definer: as above.
create function chat_private.address_vouched()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  account auth.users;
  is_new boolean := coalesce(current_setting('parley.new_account', true) = new.user_id::text, false);
begin
  select * into account from auth.users where id = new.user_id;
  if lower(new.identity_data ->> 'email') is distinct from lower(account.email) then
    return null;
  end if;
  if not chat_private.vouches(new, account.email) then
    -- Where a project asks for no confirmation, Auth would link also what the provider itself has not verified.
    if tg_op = 'INSERT' and new.provider not in ('email', 'phone') and not is_new then
      raise sqlstate 'PT403' using message = 'provider_email_needs_verification',
        detail = 'The provider has not verified this address, which is that of an account.';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and new.provider = 'email' and chat_private.vouches(old, old.identity_data ->> 'email') then
    -- It was said of another address, before this one came in its place.
    return null;
  end if;
  delete from chat_private.unproven_addresses where user_id = new.user_id;
  -- The mail that was answered is that of whoever registered, so that the password is theirs.
  if not found or new.provider = 'email' or is_new then
    return null;
  end if;
  perform chat_private.shut_out(new.user_id);
  delete from auth.identities where user_id = new.user_id and id <> new.id and provider <> 'email';
  update auth.identities
  set identity_data = jsonb_build_object('sub', user_id, 'email', account.email, 'email_verified', true)
  where user_id = new.user_id and provider = 'email';
  update chat.profiles as profiles
  set first_name = shown.first_name, last_name = shown.last_name, avatar_url = shown.avatar_url, bio = ''
  from chat_private.shown_names(new.identity_data) as shown
  where profiles.id = new.user_id;
  perform set_config('parley.taken_back', new.user_id::text, true);
  return null;
end;
$$;

create trigger parley_address_vouched
  after insert or update of identity_data on auth.identities
  for each row execute function chat_private.address_vouched();

-- Definer: as above.
create function chat_private.metadata_taken_back()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if current_setting('parley.taken_back', true) = new.user_id::text then
    update auth.users set raw_user_meta_data = new.identity_data where id = new.user_id;
  end if;
  return null;
end;
$$;

-- At the end: Auth adds what the provider says to the metadata that was there, after it has written the identity.
create constraint trigger parley_metadata_taken_back
  after insert or update on auth.identities
  deferrable initially deferred
  for each row when (new.provider <> 'email')
  execute function chat_private.metadata_taken_back();

-- Definer: as above.
create function chat_private.link_answered()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat_private.unproven_addresses where user_id = new.id;
  if found then
    perform chat_private.shut_out(new.id);
  end if;
  return null;
end;
$$;

-- A link or a code for signing in was mailed, and used: a new password would have ended it, too, but is no proof.
create trigger parley_link_answered
  after update of recovery_token on auth.users
  for each row
  when (
    old.recovery_token <> '' and coalesce(new.recovery_token, '') = ''
    and new.encrypted_password is not distinct from old.encrypted_password and new.email is not distinct from old.email
  )
  execute function chat_private.link_answered();

-- sql/115_login_attempts.sql

-- Wrong passwords are counted by what was typed together with the address of the client, so that nobody can shut another
-- out: an address that has not failed always gets its attempt. What was typed, and not whose account it is: else a 429
-- would tell which address belongs to a username. After some wrong passwords the next must wait, longer each time.
create table chat_private.login_limits (
  only_row boolean primary key default true check (only_row),
  per_account integer not null default 10 check (per_account > 0),
  per_address integer not null default 100 check (per_address > 0),
  first_wait interval not null default '5 seconds' check (first_wait > '0'),
  longest_wait interval not null default '1 minute' check (longest_wait > '0'),
  period interval not null default '5 minutes' check (period > '0')
);
comment on table chat_private.login_limits is 'How many wrong passwords slow down those who try; operators may change it.';
comment on column chat_private.login_limits.per_account is 'Wrong passwords for one account from one address before a wait.';
comment on column chat_private.login_limits.per_address is 'Wrong passwords from one address, for whatever accounts.';
comment on column chat_private.login_limits.first_wait is 'It doubles with each further wrong password.';
comment on column chat_private.login_limits.period is 'Without an attempt for so long, what was counted is forgotten.';
insert into chat_private.login_limits default values;
alter table chat_private.login_limits enable row level security;
revoke all on chat_private.login_limits from anon, authenticated;

-- Unlogged: after a crash everyone may try again.
create unlogged table chat_private.login_attempts (
  subject text primary key,
  attempts integer not null default 0,
  since timestamptz not null default now(),
  wait_until timestamptz
);
comment on table chat_private.login_attempts is
  'Attempts that did not succeed, or not yet: for an account from an address, and from an address for any.';
comment on column chat_private.login_attempts.since is 'When the last attempt was.';
alter table chat_private.login_attempts enable row level security;
revoke all on chat_private.login_attempts from anon, authenticated;

-- Those to be forgotten.
create index login_attempts_since_idx on chat_private.login_attempts (since);

create function chat_private.login_network(address text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  -- Whoever has an IPv6 address has 2^64 of them.
  select case
    when pg_input_is_valid(address, 'inet') and family(address::inet) = 6
      then host(network(set_masklen(address::inet, 64)))
    else address
  end;
$$;

create function chat_private.login_subjects(login text, address text)
returns text[]
language sql immutable security invoker set search_path = ''
as $$
  -- Hashed: what was typed into a login may be anything, also a password.
  select array['account:' || md5(lower(login) || ' ' || coalesce(network, ''))]
    || case when network is not null then array['address:' || md5(network)] end
  from chat_private.login_network(address) as network;
$$;

create function chat_private.begin_login(login text, address text)
returns table (email text, wait_seconds integer, has_password boolean)
language plpgsql volatile security invoker set search_path = ''
as $$
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
  -- Counted before the password is looked at, so that many at once do not slip through; those that must wait are not.
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
  delete from chat_private.login_attempts as known
  where known.subject in (
    select old.subject from chat_private.login_attempts as old
    where old.since < now() - limits.period
    order by old.since
    limit 5
    for update skip locked
  );
  return next;
end;
$$;
comment on function chat_private.begin_login is
  'Counts an attempt to sign in. The address to sign in with, the seconds to wait first, and whether any password can be right.';

create function chat_private.end_login(login text, address text, succeeded boolean)
returns void
language sql volatile security invoker set search_path = ''
as $$
  -- In the order in which begin_login locks them.
  with locked as (
    select subject from chat_private.login_attempts
    where subject = any (chat_private.login_subjects(login, address))
    order by subject
    for update
  )
  -- A right password clears the account for this address. The address keeps what it did to others.
  update chat_private.login_attempts as known
  set attempts = case when succeeded and known.subject like 'account:%' then 0 else greatest(attempts - 1, 0) end,
    wait_until = null
  from locked
  where known.subject = locked.subject;
$$;
comment on function chat_private.end_login is
  'Takes an attempt back that was no wrong password: the right one, or none that could be looked at.';

create function chat_private.renew_session(session uuid, account uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update auth.sessions set created_at = now() where id = session and user_id = account;
$$;
comment on function chat_private.renew_session is
  'Makes a session as young as a new one, for somebody who has just given the password in it.';

-- sql/118_access_tokens.sql

-- What the old backends had in their access tokens, for clients that decode them: Auth calls this for each token that it
-- issues, also for a refreshed one (`[auth.hook.custom_access_token]` in config.toml).
-- Definer: Auth's own role may do nothing in chat.
create function chat_private.access_token(event jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  account uuid;
begin
  account := event ->> 'user_id';
  return jsonb_build_object('claims', (event -> 'claims') || jsonb_strip_nulls(jsonb_build_object(
    'user_id', (select number from chat.profiles where id = account),
    'token_type', 'access',
    'jti', gen_random_uuid(),
    -- Of an account that its owner has just got back (112), Auth still has in mind what somebody else wrote there.
    'user_metadata', case when current_setting('parley.taken_back', true) = account::text then (
      select identity_data from auth.identities
      where user_id = account and provider <> 'email'
      order by created_at desc
      limit 1
    ) end
  )));
exception when others then
  -- A token without them is better than none.
  return jsonb_build_object('claims', event -> 'claims');
end;
$$;
comment on function chat_private.access_token is
  'Adds to the claims of an access token the person''s number as user_id, token_type and jti.';

grant usage on schema chat_private to supabase_auth_admin;
grant execute on function chat_private.access_token to supabase_auth_admin;

-- sql/120_user_status.sql

-- Who is online: seen in the last 60 seconds and not signed out since.
create table chat.user_status (
  user_id uuid primary key references chat.profiles on delete cascade,
  last_seen_at timestamptz not null default now(),
  signed_out_at timestamptz,
  -- What their rooms were sent last: whoever begins to be online also ends it, however they went.
  announced_online boolean not null default false
)
with (fillfactor = 70);
comment on table chat.user_status is 'When a person was last seen.';

-- Who was seen lately, to whom a list of those online narrows itself down.
create index user_status_last_seen_at_idx on chat.user_status (last_seen_at desc);
-- Who was announced as online, the longest unseen first: job_end_status().
create index user_status_announced_idx on chat.user_status (last_seen_at) where announced_online;

alter table chat.user_status enable row level security;
revoke all on chat.user_status from anon, authenticated;
grant select on chat.user_status to authenticated;
-- No writes: touch_status() throttles them.

create policy "people can read who is online"
  on chat.user_status for select to authenticated
  using (not (select chat_private.is_anonymous()));

create function chat.is_online(status chat.user_status)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select coalesce(
    status.last_seen_at > now() - interval '60 seconds'
    and (status.signed_out_at is null or status.signed_out_at < status.last_seen_at),
    false
  );
$$;
comment on function chat.is_online is 'Whether the person is online. A computed column of user_status.';
grant execute on function chat.is_online to authenticated, service_role;

-- Definer: clients may not write their status but through here. At most one write in 20 seconds, but for a change of mind.
create function chat_private.touch_status(signed_out boolean)
returns chat.user_status
language plpgsql volatile security definer set search_path = ''
as $$
declare
  status chat.user_status;
begin
  perform chat_private.require_caller();
  select * into status from chat.user_status where user_id = (select auth.uid());
  if found and (status.signed_out_at is not null) = signed_out
    and (signed_out or status.last_seen_at > now() - interval '20 seconds')
  then
    return status;
  end if;

  insert into chat.user_status (user_id, signed_out_at)
  values ((select auth.uid()), case when signed_out then now() end)
  on conflict (user_id) do update set last_seen_at = now(), signed_out_at = excluded.signed_out_at
  returning * into status;
  return status;
end;
$$;
grant execute on function chat_private.touch_status to authenticated;

create function chat.touch_status(signed_out boolean default false)
returns chat.user_status
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.touch_status(signed_out);
$$;
comment on function chat.touch_status is 'Says that the caller is here, or has signed out. Raises caller_required.';
grant execute on function chat.touch_status to authenticated;

-- sql/130_friendships.sql

-- Friends are one-directional: I may call you a friend without your doing the same.
create table chat.friendships (
  user_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  friend_id uuid not null references chat.profiles on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, friend_id),
  check (user_id <> friend_id)
);
comment on table chat.friendships is 'Whom a person calls a friend.';

-- The foreign key.
create index friendships_friend_id_idx on chat.friendships (friend_id);

alter table chat.friendships enable row level security;
revoke all on chat.friendships from anon, authenticated;
grant select, insert (friend_id), delete on chat.friendships to authenticated;
-- No update: there is nothing to change.

create policy "people can read friendships"
  on chat.friendships for select to authenticated
  using (not (select chat_private.is_anonymous()));

create policy "people can add friends of their own"
  on chat.friendships for insert to authenticated
  with check (user_id = (select auth.uid()));

create policy "people can remove friends of their own"
  on chat.friendships for delete to authenticated
  using (user_id = (select auth.uid()));

-- sql/140_posts.sql

-- Short public texts of a person.
create table chat.posts (
  id bigint generated always as identity primary key,
  author_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  title text not null check (title ~ '\S' and char_length(title) <= 255),
  content text not null check (content ~ '\S' and char_length(content) <= 10000),
  client_id uuid,
  created_at timestamptz not null default now(),
  -- A post that is published again is found.
  unique (author_id, client_id)
);
comment on table chat.posts is 'A post on a profile, readable by everyone signed in.';
comment on column chat.posts.client_id is 'Given by the author, so that publishing can be repeated without harm.';

-- The posts of a person, newest first; the foreign key.
create index posts_author_id_idx on chat.posts (author_id, id desc);

alter table chat.posts enable row level security;
revoke all on chat.posts from anon, authenticated;
grant select, insert (title, content, client_id), update (title, content), delete on chat.posts to authenticated;

create policy "people can read posts"
  on chat.posts for select to authenticated
  using (not (select chat_private.is_anonymous()));

create policy "people can write posts of their own"
  on chat.posts for insert to authenticated
  with check (author_id = (select auth.uid()));

create policy "authors can change their posts"
  on chat.posts for update to authenticated
  using (author_id = (select auth.uid()))
  with check (author_id = (select auth.uid()));

create policy "authors can delete their posts"
  on chat.posts for delete to authenticated
  using (author_id = (select auth.uid()));

-- sql/200_conversations.sql

-- A person's talks with an assistant. Nobody else takes part.
create table chat.conversations (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid default auth.uid() references chat.profiles on delete cascade,
  title text not null default 'New Chat' check (title ~ '\S' and char_length(title) <= 255),
  -- Whether somebody gave the title, or a first message did: it is not made from a message then.
  titled boolean not null default false,
  archived boolean not null default false,
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint conversations_owner_id_check check ((owner_id is null) = (deleted_at is not null))
);
comment on table chat.conversations is 'A conversation of its owner with an assistant.';
comment on column chat.conversations.deleted_at is
  'Set while the many messages of a deleted conversation are removed in the background; it is nobody''s by then.';

-- The owner's list, newest first; the foreign key.
create index conversations_owner_id_idx on chat.conversations (owner_id, created_at desc, id desc);
-- Those whose messages are still to be removed.
create index conversations_deleted_at_idx on chat.conversations (deleted_at) where deleted_at is not null;

alter table chat.conversations enable row level security;
revoke all on chat.conversations from anon, authenticated;
grant select, insert (title, metadata), update (title, archived, metadata), delete on chat.conversations to authenticated;

create policy "owners can read their conversations"
  on chat.conversations for select to authenticated
  using (owner_id = (select auth.uid()));

create policy "people can start conversations of their own"
  on chat.conversations for insert to authenticated
  with check (owner_id = (select auth.uid()));

create policy "owners can change their conversations"
  on chat.conversations for update to authenticated
  using (owner_id = (select auth.uid()))
  with check (owner_id = (select auth.uid()));

create policy "owners can delete their conversations"
  on chat.conversations for delete to authenticated
  using (owner_id = (select auth.uid()));

create function chat_private.conversation_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create trigger conversation_changing
  before update of title, archived, metadata on chat.conversations
  for each row execute function chat_private.conversation_changing();

create function chat_private.conversation_titled()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Clients that send the default title mean no title.
  new.titled := tg_op = 'UPDATE' or new.title <> 'New Chat';
  return new;
end;
$$;

create trigger conversation_titled
  before insert or update of title on chat.conversations
  for each row execute function chat_private.conversation_titled();

-- Definer: policies of conversation_messages need no policy of another table evaluated for each row.
create function chat_private.my_conversation_ids()
returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select id from chat.conversations where owner_id = (select auth.uid());
$$;
grant execute on function chat_private.my_conversation_ids to authenticated;

-- sql/210_conversation_messages.sql

-- The log of a conversation: what was said, by whom in the sense of a role.
create table chat.conversation_messages (
  id bigint generated always as identity primary key,
  -- No action: conversation_deleted() decides what goes at once.
  conversation_id uuid not null references chat.conversations on delete no action,
  role text not null check (char_length(role) between 1 and 20),
  content text not null check (char_length(content) <= 100000),
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  reply_to_id bigint,
  client_id uuid,
  created_at timestamptz not null default now(),
  -- Serves the log in order, and lets a reply stay within its conversation.
  unique (conversation_id, id),
  unique (conversation_id, client_id),
  foreign key (conversation_id, reply_to_id)
    references chat.conversation_messages (conversation_id, id) on delete set null (reply_to_id)
);
comment on table chat.conversation_messages is 'A message of a conversation; an answer refers to its question by reply_to_id.';

-- The answer to a question; the foreign key.
create index conversation_messages_reply_to_id_idx
  on chat.conversation_messages (conversation_id, reply_to_id) where reply_to_id is not null;

alter table chat.conversation_messages enable row level security;
revoke all on chat.conversation_messages from anon, authenticated;
grant select, insert (conversation_id, role, content, metadata, reply_to_id, client_id)
  on chat.conversation_messages to authenticated;
-- No update and no delete: a log is kept until its conversation goes.

create policy "owners can read the messages of their conversations"
  on chat.conversation_messages for select to authenticated
  using (conversation_id in (select chat_private.my_conversation_ids()));

create policy "owners can add messages to their conversations"
  on chat.conversation_messages for insert to authenticated
  with check (conversation_id in (select chat_private.my_conversation_ids()));

create function chat_private.title_from(content text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case when char_length(line) > 60 then rtrim(left(line, 59)) || '…' else nullif(line, '') end
  from (select btrim(regexp_replace(left(content, 500), '\s+', ' ', 'g')) as line) as lines;
$$;
comment on function chat_private.title_from is 'A title of up to 60 characters from the beginning of a message, or null.';

-- Definer: a message moves its conversation's updated_at, a column that clients may not write, and announces itself.
create function chat_private.conversation_message_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  untitled boolean;
begin
  update chat.conversations set updated_at = now() where id = new.conversation_id returning not titled into untitled;
  if untitled and new.role = 'user' then
    update chat.conversations set title = chat_private.title_from(new.content)
    where id = new.conversation_id and chat_private.title_from(new.content) is not null;
  end if;
  perform realtime.send(
    jsonb_build_object('conversation_id', new.conversation_id, 'message', to_jsonb(new)),
    'message.created', 'conversation:' || new.conversation_id, true
  );
  return null;
end;
$$;

create trigger conversation_message_added
  after insert on chat.conversation_messages
  for each row execute function chat_private.conversation_message_added();

create function chat.add_conversation_message(
  conversation_id uuid,
  role text,
  content text,
  metadata jsonb default '{}',
  reply_to_id bigint default null,
  client_id uuid default null
)
returns chat.conversation_messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.conversation_messages;
begin
  -- Locked, as the trigger would do later: it cannot go meanwhile, and its log is numbered in the order of commits.
  perform from chat.conversations where id = add_conversation_message.conversation_id for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  insert into chat.conversation_messages (conversation_id, role, content, metadata, reply_to_id, client_id)
  values (
    add_conversation_message.conversation_id, add_conversation_message.role, add_conversation_message.content,
    coalesce(add_conversation_message.metadata, '{}'), add_conversation_message.reply_to_id,
    add_conversation_message.client_id
  )
  on conflict on constraint conversation_messages_conversation_id_client_id_key do nothing
  returning * into message;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.conversation_messages as messages
    where messages.conversation_id = add_conversation_message.conversation_id
      and messages.client_id = add_conversation_message.client_id;
    if (message.role, message.content, message.metadata, message.reply_to_id) is distinct from (
      add_conversation_message.role, add_conversation_message.content, coalesce(add_conversation_message.metadata, '{}'),
      add_conversation_message.reply_to_id
    ) then
      perform chat_private.refuse_reused_key();
    end if;
  end if;
  return message;
exception when foreign_key_violation then
  raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message in this conversation.';
end;
$$;
comment on function chat.add_conversation_message is
  'Adds a message to a conversation of the caller. Repeated with the same client_id it returns the first message. Raises '
  'conversation_not_found, message_not_found, client_id_reused.';
grant execute on function chat.add_conversation_message to authenticated;

-- sql/220_replies.sql

-- Replies of an assistant: which is being written, and how the others ended. A reply outlives the request that asked for
-- it, so its text is stored in chunks while it is written, and as a message of the conversation when it has ended.
create table chat.replies (
  id bigint generated always as identity primary key,
  conversation_id uuid not null references chat.conversations on delete cascade,
  owner_id uuid not null references chat.profiles on delete cascade,
  question_id bigint not null,
  -- The message that holds the text; null while it is written, and when nothing came.
  message_id bigint,
  client_id uuid,
  state text not null default 'running' check (state in ('running', 'complete', 'partial', 'failed')),
  -- Why it is not complete.
  reason text check (
    reason in ('cancelled', 'responder_failed', 'worker_ended', 'worker_lost', 'length', 'content_filter')
  ),
  responder text check (char_length(responder) <= 200),
  -- How many characters it has taken over from the reply that it continues.
  base integer not null default 0 check (base between 0 and 100000),
  usage jsonb check (jsonb_typeof(usage) = 'object' and octet_length(usage::text) <= 4096),
  -- Until when its worker counts as alive; the worker extends it.
  lease_until timestamptz not null default now() + interval '10 seconds',
  stop_requested_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((state = 'running') = (ended_at is null)),
  unique (conversation_id, client_id),
  foreign key (conversation_id, question_id)
    references chat.conversation_messages (conversation_id, id) on delete cascade,
  foreign key (conversation_id, message_id)
    references chat.conversation_messages (conversation_id, id) on delete cascade
);
comment on table chat.replies is 'A reply of the assistant to a question: being written, or how it ended.';

-- One at a time in a conversation.
create unique index replies_running_key on chat.replies (conversation_id) where state = 'running';
-- The newest reply to a question; the foreign keys.
create index replies_question_id_idx on chat.replies (conversation_id, question_id, id);
create index replies_message_id_idx on chat.replies (conversation_id, message_id) where message_id is not null;
-- Those that a person waits for; the foreign key.
create index replies_owner_id_idx on chat.replies (owner_id, ended_at);

alter table chat.replies enable row level security;
revoke all on chat.replies from anon, authenticated;
grant select on chat.replies to authenticated;
-- No insert, update and delete: functions of chat_private begin, write and end replies.

create policy "owners can read the replies in their conversations"
  on chat.replies for select to authenticated
  using (owner_id = (select auth.uid()));

-- The text of a running reply, which all devices of its owner read; deleted when the reply ends.
create table chat.reply_chunks (
  reply_id bigint not null references chat.replies on delete cascade,
  index integer not null check (index >= 0),
  owner_id uuid not null references chat.profiles on delete cascade,
  chars_before integer not null check (chars_before between 0 and 100000),
  -- Realtime refuses large payloads.
  text text not null check (char_length(text) between 1 and 30000),
  primary key (reply_id, index)
);
comment on table chat.reply_chunks is 'A part of a reply that is being written, in the order of index.';

-- The foreign key.
create index reply_chunks_owner_id_idx on chat.reply_chunks (owner_id);

alter table chat.reply_chunks enable row level security;
revoke all on chat.reply_chunks from anon, authenticated;
grant select on chat.reply_chunks to authenticated;

create policy "owners can read the text of their running replies"
  on chat.reply_chunks for select to authenticated
  using (owner_id = (select auth.uid()));

-- The text of a running reply so far.
create function chat_private.reply_text(reply_id bigint)
returns text
language sql stable security invoker set search_path = ''
as $$
  select coalesce(string_agg(chunks.text, '' order by chunks.index), '')
  from chat.reply_chunks as chunks
  where chunks.reply_id = reply_text.reply_id;
$$;
grant execute on function chat_private.reply_text to authenticated;

-- Ends a running reply, whose conversation is locked: its text becomes a message, and the conversation is notified.
create function chat_private.end_reply(reply chat.replies, content text, state text, reason text, usage jsonb default null)
returns chat.replies
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  ended chat.replies;
  kept_id bigint;
  error text := case
    when reason = 'cancelled' then 'cancelled'
    when reason in ('responder_failed', 'worker_ended', 'worker_lost') then 'responder_failed'
  end;
begin
  if content ~ '\S' and char_length(content) > reply.base then
    insert into chat.conversation_messages (conversation_id, role, content, metadata, reply_to_id)
    values (
      reply.conversation_id, 'assistant', end_reply.content,
      jsonb_strip_nulls(jsonb_build_object(
        'responder', reply.responder, 'partial', case when end_reply.state <> 'complete' then true end
      )),
      reply.question_id
    )
    returning id into kept_id;
  end if;
  update chat.replies as replies
  set state = case when kept_id is null then 'failed' else end_reply.state end,
    reason = end_reply.reason, message_id = kept_id, usage = end_reply.usage, ended_at = now()
  where replies.id = reply.id
  returning * into ended;
  delete from chat.reply_chunks where reply_id = reply.id;
  perform realtime.send(
    jsonb_build_object(
      'conversation_id', reply.conversation_id, 'reply_to_id', reply.question_id, 'message_id', kept_id
    ) || jsonb_strip_nulls(jsonb_build_object(
      'error', coalesce(error, case when kept_id is null then 'responder_failed' end)
    )),
    'reply.done', 'conversation:' || reply.conversation_id, true
  );
  return ended;
end;
$$;

-- Ends replies whose worker is gone, or does not follow the wish to stop: at most so many, of one person or of all.
create function chat_private.end_lapsed_replies(owner_id uuid, most integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  candidate record;
  reply chat.replies;
  ended integer := 0;
begin
  for candidate in
    select id, conversation_id from chat.replies as replies
    where replies.state = 'running' and replies.lease_until < now()
      and (end_lapsed_replies.owner_id is null or replies.owner_id = end_lapsed_replies.owner_id)
    limit most
  loop
    -- Whoever holds the lock ends the reply, or will read it later.
    perform from chat.conversations where id = candidate.conversation_id for no key update skip locked;
    continue when not found;
    select * into reply from chat.replies as replies
    where replies.id = candidate.id and replies.state = 'running' and replies.lease_until < now()
    for no key update;
    continue when not found;
    perform chat_private.end_lapsed_reply(reply);
    ended := ended + 1;
  end loop;
  return ended;
end;
$$;

create function chat_private.end_lapsed_reply(reply chat.replies)
returns chat.replies
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.end_reply(
    reply, chat_private.reply_text(reply.id), 'partial',
    case when reply.stop_requested_at is null then 'worker_lost' else 'cancelled' end
  );
$$;

-- Definer: writes replies and the log, which clients may not. Readers call it first, so that they see no reply that
-- nobody writes any more.
create function chat_private.settle_replies()
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is not null then
    perform chat_private.end_lapsed_replies((select auth.uid()), 100);
  end if;
end;
$$;
comment on function chat_private.settle_replies is 'Ends the replies of the caller whose workers are gone.';
grant execute on function chat_private.settle_replies to authenticated;

-- sql/230_reply_functions.sql

-- How a worker begins, writes and ends a reply on behalf of its owner.

-- Definer: clients may not write replies.
create function chat_private.begin_reply(
  conversation_id uuid,
  question_id bigint,
  responder text,
  client_id uuid default null,
  base integer default 0
)
returns table (id bigint, is_begun boolean)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  caller uuid := auth.uid();
  reply chat.replies;
  most constant integer := 5;
begin
  perform from chat.conversations as conversations
  where conversations.id = begin_reply.conversation_id and conversations.owner_id = caller
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  perform from chat.conversation_messages as messages
  where messages.conversation_id = begin_reply.conversation_id and messages.id = begin_reply.question_id
    and messages.role = 'user';
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.client_id = begin_reply.client_id;
  if found then
    if reply.question_id <> begin_reply.question_id then
      raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for another question.';
    end if;
    return query select reply.id, false;
    return;
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.state = 'running'
  for no key update;
  if found then
    if reply.lease_until >= now() then
      raise sqlstate 'PT409' using message = 'reply_running',
        detail = 'A reply is being written in this conversation. Wait until it ends, or stop it.';
    end if;
    perform chat_private.end_lapsed_reply(reply);
  end if;

  -- Counted one after the other.
  perform pg_advisory_xact_lock(hashtextextended('chat.replies:' || caller, 0));
  if (
    select count(*) from chat.replies as replies
    where replies.owner_id = caller and replies.ended_at is null and replies.lease_until >= now()
  ) >= most then
    raise sqlstate 'PT429' using message = 'too_many_replies',
      detail = format('At most %s replies are written at once. Wait until one ends, or stop it.', most);
  end if;
  insert into chat.replies (conversation_id, owner_id, question_id, client_id, responder, base)
  values (
    begin_reply.conversation_id, caller, begin_reply.question_id, begin_reply.client_id,
    left(begin_reply.responder, 200), begin_reply.base
  )
  returning * into reply;
  return query select reply.id, true;
end;
$$;
comment on function chat_private.begin_reply is
  'Begins a reply, or returns the one that was begun with the same client_id. Raises conversation_not_found, '
  'message_not_found, client_id_reused, reply_running, too_many_replies.';
grant execute on function chat_private.begin_reply to authenticated;

create function chat_private.ask(conversation_id uuid, content text, client_id uuid, responder text)
returns table (question_id bigint, asked_at timestamptz, is_new boolean, reply_id bigint, is_begun boolean)
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  question chat.conversation_messages;
  reply chat.replies;
begin
  question := chat.add_conversation_message(ask.conversation_id, 'user', ask.content, client_id => ask.client_id);
  question_id := question.id;
  asked_at := question.created_at;
  is_new := current_setting('chat.repeated', true) is distinct from 'true';
  if not is_new then
    select * into reply from chat.replies as replies
    where replies.conversation_id = ask.conversation_id and replies.question_id = question.id
    order by replies.id desc
    limit 1;
    is_begun := false;
    if reply.state = 'running' and reply.lease_until >= now() then
      reply_id := reply.id;
      return next;
      return;
    elsif reply.state = 'complete' or reply.reason in ('cancelled', 'length', 'content_filter')
      -- Through another API, an answer may have been added without a reply.
      or reply.id is null and exists (
        select from chat.conversation_messages as answers
        where answers.conversation_id = ask.conversation_id and answers.reply_to_id = question.id
      ) then
      return next;
      return;
    end if;
  end if;
  select begun.id, begun.is_begun into reply_id, is_begun
  from chat_private.begin_reply(ask.conversation_id, question.id, ask.responder) as begun;
  return next;
end;
$$;
comment on function chat_private.ask is
  'Adds a question and begins the reply. Repeated with the same client_id it returns the first question, with its reply '
  'while that is running; one that failed or was lost is begun again. Raises conversation_not_found, client_id_reused, reply_running, '
  'too_many_replies.';
grant execute on function chat_private.ask to authenticated;

-- Definer: clients may neither write replies nor send to the topic of a conversation.
create function chat_private.write_reply(reply_id bigint, index integer, chars_before integer, content text)
returns text
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  select * into reply from chat.replies as replies
  where replies.id = write_reply.reply_id and replies.owner_id = (select auth.uid())
  for no key update;
  if not found then
    return 'gone';
  elsif reply.state <> 'running' then
    return case reply.reason when 'worker_lost' then 'lost' else 'stopped' end;
  end if;
  if content <> '' then
    insert into chat.reply_chunks (reply_id, index, owner_id, chars_before, text)
    values (reply.id, write_reply.index, reply.owner_id, write_reply.chars_before, content)
    on conflict do nothing;
    if found then
      perform realtime.send(
        jsonb_build_object(
          'conversation_id', reply.conversation_id, 'reply_to_id', reply.question_id, 'reply_id', reply.id,
          'index', write_reply.index, 'position', write_reply.chars_before, 'delta', content
        ),
        'reply.delta', 'conversation:' || reply.conversation_id, true
      );
    end if;
  end if;
  if reply.stop_requested_at is not null then
    return 'stopped';
  end if;
  update chat.replies as replies set lease_until = now() + interval '10 seconds'
  where replies.id = reply.id and replies.lease_until < now() + interval '8 seconds';
  return 'running';
end;
$$;
comment on function chat_private.write_reply is
  'Stores and sends the next part of a reply, or none, and extends its lease. Returns running, stopped (end it), lost '
  '(others count the worker as gone), gone (there is no such reply any more).';
grant execute on function chat_private.write_reply to authenticated;

-- Definer: clients may not write replies.
create function chat_private.finish_reply(reply_id bigint, content text, state text, reason text, usage jsonb default null)
returns chat.replies
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  perform from chat.conversations as conversations
  where conversations.id = (
    select replies.conversation_id from chat.replies as replies
    where replies.id = finish_reply.reply_id and replies.owner_id = (select auth.uid())
  )
  for no key update;
  select * into reply from chat.replies as replies
  where replies.id = finish_reply.reply_id and replies.owner_id = (select auth.uid())
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  -- A worker that was only counted as gone brings the rest, unless another reply was begun since.
  if reply.state = 'running' or reply.reason = 'worker_lost' and not exists (
    select from chat.replies as later
    where later.conversation_id = reply.conversation_id and later.id > reply.id
  ) then
    return chat_private.end_reply(
      reply, finish_reply.content, finish_reply.state, finish_reply.reason, finish_reply.usage
    );
  end if;
  return reply;
end;
$$;
comment on function chat_private.finish_reply is
  'Ends a reply, and keeps its text as a message; one that has ended stays as it is. Raises conversation_not_found.';
grant execute on function chat_private.finish_reply to authenticated;

-- Definer: clients may not write replies.
create function chat_private.request_stop(reply_id bigint)
returns chat.replies
language plpgsql volatile security definer set search_path = ''
as $$
declare
  reply chat.replies;
begin
  -- Its worker has a second to end it as it is.
  update chat.replies as replies
  set stop_requested_at = coalesce(replies.stop_requested_at, now()),
    lease_until = least(replies.lease_until, now() + interval '1 second')
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid()) and replies.state = 'running'
    and replies.stop_requested_at is null;
  select * into reply from chat.replies as replies
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid());
  if not found then
    raise sqlstate 'PT404' using message = 'reply_not_found', detail = 'No such reply.';
  end if;
  return reply;
end;
$$;
grant execute on function chat_private.request_stop to authenticated;

create function chat.stop_reply(reply_id bigint)
returns chat.replies
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.settle_replies();
  return chat_private.request_stop(stop_reply.reply_id);
end;
$$;
comment on function chat.stop_reply is
  'Stops a reply of the assistant, whoever writes it: within a second it ends as it is then. One that has ended stays as '
  'it is. Raises reply_not_found.';
grant execute on function chat.stop_reply to authenticated;

create function chat.running_reply(conversation_id uuid)
returns table (id bigint, question_id bigint, text text, parts integer, created_at timestamptz)
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.settle_replies();
  return query
    select replies.id, replies.question_id, chunks.text, chunks.parts, replies.created_at
    from chat.replies as replies
    cross join lateral (
      select coalesce(string_agg(each.text, '' order by each.index), '') as text, count(*)::integer as parts
      from chat.reply_chunks as each
      where each.reply_id = replies.id
    ) as chunks
    where replies.conversation_id = running_reply.conversation_id and replies.state = 'running';
end;
$$;
comment on function chat.running_reply is
  'The reply that is being written in a conversation, with its text so far and the number of its parts: the next '
  'reply.delta has that index. No row when there is none.';
grant execute on function chat.running_reply to authenticated;

-- sql/240_find_conversations.sql

-- The caller's conversations by their titles: all of them, not only those that a page has loaded. The index of the
-- owner's list serves it, newest first; nobody else's rows are read.
create function chat.find_conversations(
  query text,
  archived boolean default null,
  before_id uuid default null,
  max_rows integer default 50
)
returns setof chat.conversations
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
declare
  wanted text := lower(normalize(btrim(query), nfkc));
begin
  perform chat_private.require_caller();
  if (query ~ '\S') is not true or char_length(query) > 200 then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'Search for 1 to 200 characters.';
  end if;
  return query
  select conversations.*
  from chat.conversations as conversations
  where conversations.owner_id = (select auth.uid())
    and (find_conversations.archived is null or conversations.archived = find_conversations.archived)
    and (
      before_id is null or (conversations.created_at, conversations.id) < (
        select earlier.created_at, earlier.id from chat.conversations as earlier where earlier.id = before_id
      )
    )
    and position(wanted in lower(normalize(conversations.title, nfkc))) > 0
  order by conversations.created_at desc, conversations.id desc
  limit least(greatest(coalesce(max_rows, 50), 1), 1000);
end;
$$;
comment on function chat.find_conversations is
  'The conversations of the caller whose title holds a text, the newest first; those after before_id in that order. '
  'Raises invalid_query, caller_required.';
grant execute on function chat.find_conversations to authenticated;

-- sql/300_rooms.sql

-- A room of people. It counts its messages (last_seq) and its changes (version): that order is the truth, not time.
create table chat.rooms (
  id bigint generated always as identity primary key,
  kind chat.room_kind not null,
  slug text unique check (slug ~ '^[\w.@+-]+$' and char_length(slug) <= 310),
  name text not null default '',
  description text not null default '' check (char_length(description) <= 2000),
  is_public boolean not null default false,
  created_by uuid references chat.profiles on delete set null,
  -- The unordered pair of members: two that write to each other at once get one room.
  direct_key text unique,
  last_seq bigint not null default 0 check (last_seq >= 0),
  version bigint not null default 0 check (version >= 0),
  -- No foreign key: it is set before its message stands, and messages go only with their room.
  last_message_id bigint,
  last_message_at timestamptz,
  member_count integer not null default 0 check (member_count >= 0),
  members_version bigint not null default 0,
  epoch integer not null default 1,
  topic text not null generated always as ('room:' || id::text || ':' || epoch::text) stored,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((kind = 'direct' and deleted_at is null) = (direct_key is not null)),
  check (kind = 'group' or not is_public),
  -- Clients know the room of two people by their names, such as ann_bob: no group may pass for it.
  constraint rooms_group_slug_check check (kind = 'direct' or slug !~ '_'),
  constraint rooms_name_check
    check (char_length(name) <= 255 and (kind = 'direct' or deleted_at is not null or name ~ '\S')),
  -- Nobody sees it: see room_deleted().
  constraint rooms_deleted_check check (deleted_at is null or (slug is null and not is_public and member_count = 0))
)
-- Every message changes its room in place.
with (fillfactor = 50);
comment on table chat.rooms is 'A direct chat of two people, or a group.';
comment on column chat.rooms.members_version is 'Counts what changes the list of members; what is kept of that list carries it.';
comment on column chat.rooms.topic is
  'Where its events are sent. It changes when someone is removed, so that they hear nothing more.';
comment on column chat.rooms.deleted_at is
  'Set while the many rows of a deleted room are removed in the background; only operators and the secret key see such a room.';

-- The foreign key.
create index rooms_created_by_idx on chat.rooms (created_by);
-- The groups that anyone can join, newest first.
create index rooms_public_idx on chat.rooms (id desc) where is_public;
-- Those whose rows are still to be removed.
create index rooms_deleted_at_idx on chat.rooms (deleted_at) where deleted_at is not null;

create function chat_private.free_slug(room_id bigint)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  candidate text := 'room-' || room_id;
begin
  while exists (select from chat.rooms where slug = candidate and id <> room_id) loop
    candidate := 'room-' || room_id || '-' || (random() * 1e9)::integer;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.free_slug is 'room-7 for room 7, or the like when another room has that.';

-- From its name, a slug would tell that somebody else has a room of that name.
create function chat_private.group_slug()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.slug := chat_private.free_slug(new.id);
  return new;
end;
$$;

create trigger group_slug
  before insert on chat.rooms
  for each row when (new.kind = 'group' and new.slug is null and new.deleted_at is null)
  execute function chat_private.group_slug();

create table chat.room_members (
  -- No action, here and below: room_deleted() decides what goes at once.
  room_id bigint not null references chat.rooms on delete no action,
  user_id uuid not null references chat.profiles on delete cascade,
  role chat.member_role not null default 'member',
  joined_at timestamptz not null default now(),
  last_read_seq bigint not null default 0 check (last_read_seq >= 0),
  last_delivered_seq bigint not null default 0 check (last_delivered_seq >= 0),
  own_after_read integer not null default 0 check (own_after_read >= 0),
  last_read_at timestamptz,
  last_delivered_at timestamptz,
  read_after_seq bigint not null default 0,
  delivered_after_seq bigint not null default 0,
  shares_receipts boolean not null default true,
  archived_at timestamptz,
  muted_until timestamptz,
  primary key (room_id, user_id)
)
with (fillfactor = 70);
comment on table chat.room_members is 'Who is in a room, in what role, and how far they have read.';
comment on column chat.room_members.own_after_read is
  'How many messages of their own, tombstones aside, stand after last_read_seq: they are not unread.';
comment on column chat.room_members.shares_receipts is
  'Whether the marks are those of now, as the profile says; otherwise they stand where sharing ended.';
comment on column chat.room_members.last_read_at is 'When the messages after read_after_seq, up to last_read_seq, were read.';
comment on column chat.room_members.last_delivered_at is
  'When the messages after delivered_after_seq, up to last_delivered_seq, were delivered.';

-- The rooms of a person; the foreign key.
create index room_members_user_id_idx on chat.room_members (user_id, room_id) include (role);
-- A room has one owner at the most.
create unique index room_members_owner_key on chat.room_members (room_id) where role = 'owner';

-- Definer: reads the membership as owner, so that no policy reads its own table.
-- Here and on the way of a message: plpgsql, which keeps its plans, where Postgres 17 plans an sql function at each call.
create function chat_private.my_room_ids(minimum chat.member_role default 'member')
returns setof bigint
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select room_id from chat.room_members where user_id = (select auth.uid()) and role >= minimum;
end;
$$;
grant execute on function chat_private.my_room_ids to authenticated;

-- Whoever changes a room takes its lock first, so that no two wait for each other. Policies ask for it where a plain
-- write would hold a row already; at such a cost they ask for it last. Definer: members may lock a room that they may
-- not change.
create function chat_private.lock_my_room(room_id bigint)
returns boolean
language plpgsql volatile security definer cost 10000 set search_path = ''
as $$
begin
  if room_id not in (select chat_private.my_room_ids()) and not chat_private.is_backend() then
    return false;
  end if;
  perform chat_private.take_turn(room_id);
  perform from chat.rooms as rooms where rooms.id = lock_my_room.room_id for no key update;
  -- Once more: the membership may have gone while waiting.
  return room_id in (select chat_private.my_room_ids()) or chat_private.is_backend();
end;
$$;
grant execute on function chat_private.lock_my_room to authenticated;

alter table chat.rooms enable row level security;
revoke all on chat.rooms from anon, authenticated;
grant select, update (name, description, is_public), delete on chat.rooms to authenticated;
-- No insert: create_direct_room() and create_group_room() make a room together with its members.

create policy "members can read their rooms, and everyone the public ones"
  on chat.rooms for select to authenticated
  using ((is_public and not (select chat_private.is_anonymous())) or id in (select chat_private.my_room_ids()));

create policy "admins can change their rooms"
  on chat.rooms for update to authenticated
  using (id in (select chat_private.my_room_ids('admin')) and (select chat_private.lock_my_room(id)))
  with check (id in (select chat_private.my_room_ids('admin')));

create policy "owners can delete rooms, and both people a direct room"
  on chat.rooms for delete to authenticated
  using (
    (
      id in (select chat_private.my_room_ids('owner'))
      or (kind = 'direct' and id in (select chat_private.my_room_ids()))
    )
    and (select chat_private.lock_my_room(id))
  );

alter table chat.room_members enable row level security;
revoke all on chat.room_members from anon, authenticated;
grant select, update (last_read_seq, last_delivered_seq, archived_at, muted_until) on chat.room_members to authenticated;
-- No insert and no delete: join_room(), leave_room(), add_members() and remove_member() know the roles.

create policy "members can read who is in their rooms"
  on chat.room_members for select to authenticated
  using (room_id in (select chat_private.my_room_ids()));

create policy "members can set their own marks"
  on chat.room_members for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

-- sql/310_messages.sql

-- What people say in a room. A deletion leaves a tombstone: the content goes, the row and its seq stay.
create table chat.messages (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete no action,
  -- Zero asks for the next number; it never stays.
  seq bigint not null default 0 check (seq >= 1),
  version bigint not null default 0 check (version >= 1),
  -- No foreign key: an account is deleted at once, however many messages it has sent (650).
  sender_id uuid default auth.uid(),
  content text not null,
  metadata jsonb not null default '{}'
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
  reply_to_id bigint references chat.messages on delete set null,
  -- No foreign key: where it came from stays, as what it said then does.
  forwarded_from_id bigint,
  forwarded_sender_id uuid,
  forwarded_username text,
  forwarded_content text,
  client_id uuid,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  -- The Russian configuration stems words in Latin letters as English.
  search tsvector not null generated always as (to_tsvector('pg_catalog.russian', content)) stored,
  -- History, a page of it, and what lies above a read mark.
  unique (room_id, seq),
  -- A send that is repeated finds the first one; also the messages of a deleted account.
  constraint messages_client_id_key unique (sender_id, client_id),
  constraint messages_content_check check (
    case when deleted_at is null then content ~ '\S' and char_length(content) <= 10000 else content = '' end
  )
);
comment on table chat.messages is 'A message in a room, numbered by seq; version is that of its last change.';
comment on column chat.messages.client_id is 'Given by the sender, so that a send can be repeated without harm.';
comment on column chat.messages.forwarded_username is
  'What the sender of the forwarded message was called then; forwarded_name() says what they are called now.';
comment on column chat.messages.forwarded_content is 'What the forwarded message said when it was forwarded.';

-- What changed in a room since a version: sync().
create unique index messages_version_key on chat.messages (room_id, version);
-- The foreign key.
create index messages_reply_to_id_idx on chat.messages (reply_to_id) where reply_to_id is not null;
-- search_messages(): word forms, and parts of words.
create index messages_search_idx on chat.messages using gin (search);
create index messages_content_idx on chat.messages using gin (content gin_trgm_ops);

alter table chat.messages enable row level security;
revoke all on chat.messages from anon, authenticated;
grant select, insert (room_id, content, metadata, reply_to_id, forwarded_from_id, client_id), update (content)
  on chat.messages to authenticated;
-- No delete: delete_message() leaves a tombstone.

create policy "members can read messages"
  on chat.messages for select to authenticated
  using (room_id in (select chat_private.my_room_ids()));

create policy "members can send messages as themselves"
  on chat.messages for insert to authenticated
  with check (
    sender_id = (select auth.uid())
    and room_id in (select chat_private.my_room_ids())
  );

create policy "senders can edit their messages"
  on chat.messages for update to authenticated
  using (
    sender_id = (select auth.uid())
    and deleted_at is null
    and room_id in (select chat_private.my_room_ids())
    and (select chat_private.lock_my_room(room_id))
  )
  with check (sender_id = (select auth.uid()));

create function chat_private.forwarded_name(message_id bigint, sender_id uuid, username text)
returns text
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if message_id is null then
    return null;
  end if;
  return coalesce(
    (select profiles.username from chat.profiles as profiles where profiles.id = sender_id),
    -- Of an account that is gone, the last name, unless somebody else has it now.
    (
      select forwarded_name.username where chat_private.person_named(forwarded_name.username) is null
    ),
    ''
  );
end;
$$;
comment on function chat_private.forwarded_name is
  'What the sender of a forwarded message is called now, given its id, its sender and what they were called then.';
grant execute on function chat_private.forwarded_name to authenticated, service_role;

create function chat.forwarded_name(message chat.messages)
returns text
language sql stable security invoker set search_path = ''
as $$
  select chat_private.forwarded_name(message.forwarded_from_id, message.forwarded_sender_id, message.forwarded_username);
$$;
comment on function chat.forwarded_name is
  'The username of the person whose message was forwarded, as it is now; empty when unknown. A computed column of messages.';
grant execute on function chat.forwarded_name to authenticated, service_role;

create function chat.profiles(message chat.messages)
returns setof chat.profiles
language sql stable security invoker rows 1 set search_path = ''
as $$
  select * from chat.profiles where id = message.sender_id;
$$;
comment on function chat.profiles is
  'The sender of a message, to embed in a query of the Data API: messages?select=content,profiles(username).';
grant execute on function chat.profiles to authenticated, service_role;

-- sql/320_pins.sql

-- Messages that members have pinned for everyone in the room.
create table chat.pins (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete no action,
  message_id bigint not null unique references chat.messages on delete cascade,
  pinned_by uuid default auth.uid() references chat.profiles on delete set null,
  pinned_at timestamptz not null default now()
);
comment on table chat.pins is 'A pinned message.';

-- The pins of a room; the foreign key.
create index pins_room_id_idx on chat.pins (room_id, id);
-- The foreign key.
create index pins_pinned_by_idx on chat.pins (pinned_by);

alter table chat.pins enable row level security;
revoke all on chat.pins from anon, authenticated;
grant select, insert (message_id), delete on chat.pins to authenticated;
-- No update: there is nothing to change.

create policy "members can read pins"
  on chat.pins for select to authenticated
  using (room_id in (select chat_private.my_room_ids()));

create policy "members can pin messages"
  on chat.pins for insert to authenticated
  with check (
    pinned_by = (select auth.uid())
    and room_id in (select chat_private.my_room_ids())
  );

create policy "members can unpin messages"
  on chat.pins for delete to authenticated
  using (
    room_id in (select chat_private.my_room_ids())
    and (select chat_private.lock_my_room(room_id))
  );

-- sql/330_room_changes.sql

-- The rarer changes of a room (members, pins, the room itself), kept so that sync() can tell them.
create table chat.room_changes (
  room_id bigint not null references chat.rooms on delete no action,
  version bigint not null,
  event text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  primary key (room_id, version)
);
comment on table chat.room_changes is
  'What happened in a room besides its messages; never changed. What a later change supersedes is removed in time.';

alter table chat.room_changes enable row level security;
revoke all on chat.room_changes from anon, authenticated;
grant select on chat.room_changes to authenticated;
-- No writes: triggers add to it.

create policy "members can read what happened in their rooms"
  on chat.room_changes for select to authenticated
  using (room_id in (select chat_private.my_room_ids()));

create function chat_private.announce(topic text, event text, payload jsonb)
returns void
-- In UTC: Realtime notes the time without a zone, and a request may ask for another one.
language plpgsql volatile security invoker set search_path = '' set timezone = 'UTC'
as $$
begin
  perform realtime.send(payload, event, topic, true);
end;
$$;
comment on function chat_private.announce is 'Sends an event to a private topic, when and if the transaction commits.';

create function chat_private.record_change(room_id bigint, event text, payload jsonb)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms set version = version + 1
  where id = record_change.room_id and deleted_at is null
  returning * into room;
  if not found then
    return; -- the room itself is going
  end if;
  insert into chat.room_changes (room_id, version, event, payload)
  values (room.id, room.version, record_change.event, record_change.payload);
  perform chat_private.announce(
    room.topic, event, payload || jsonb_build_object('room_id', room.id, 'version', room.version)
  );
  -- Now and then, whatever else counts in the version.
  if room.version % 128 = 0 then
    insert into chat_private.rooms_to_prune (room_id) values (room.id) on conflict do nothing;
  end if;
end;
$$;
comment on function chat_private.record_change is 'Counts a change of a room, keeps it and announces it.';

-- sql/340_roles.sql

-- One place that says who may do what in a room, and how it is refused.
create function chat_private.refuse_stranger(room_id bigint)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if exists (select from chat.rooms where id = refuse_stranger.room_id and is_public) then
    raise sqlstate 'PT403' using message = 'not_a_member', detail = 'Join the room first.';
  end if;
  raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room, or you are not a member of it.';
end;
$$;
comment on function chat_private.refuse_stranger is 'Raises not_a_member for a public room, room_not_found for any other.';

create function chat_private.is_backend()
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (select auth.uid()) is null and current_setting('role') in ('none', 'service_role', 'postgres', 'supabase_admin');
end;
$$;
comment on function chat_private.is_backend is
  'Whether the caller is nobody who signed in, but a backend with the secret key, or an operator: they may do everything.';

create function chat_private.require_caller()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT400' using message = 'caller_required',
      detail = 'This is about the signed-in user: call it with their access token.';
  end if;
end;
$$;
comment on function chat_private.require_caller is 'Raises caller_required for a caller who has not signed in, such as a backend.';
grant execute on function chat_private.is_backend, chat_private.require_caller to authenticated;

-- Definer: asked on behalf of people who cannot see the room.
create function chat_private.require_role(room_id bigint, minimum chat.member_role default 'member')
returns chat.member_role
language plpgsql stable security definer set search_path = ''
as $$
declare
  own_role chat.member_role;
begin
  select role into own_role
  from chat.room_members as members
  where members.room_id = require_role.room_id and members.user_id = (select auth.uid());

  if found and own_role >= minimum then
    return own_role;
  elsif found then
    raise sqlstate 'PT403' using message = 'role_required',
      detail = format('Only %s may do this.', case minimum when 'owner' then 'the owner' else 'an admin' end);
  elsif chat_private.is_backend()
    and exists (select from chat.rooms where id = require_role.room_id and deleted_at is null)
  then
    return 'owner';
  end if;
  perform chat_private.refuse_stranger(room_id);
  return null;
end;
$$;
comment on function chat_private.require_role is
  'The role of the caller in a room, when it is at least the minimum; a backend has the rights of an owner everywhere. '
  'Raises room_not_found, not_a_member, role_required.';
grant execute on function chat_private.require_role to authenticated;

-- Changes of membership take the room's lock first, as a send does, so that the two never wait for each other.
create function chat_private.lock_room(room_id bigint, minimum chat.member_role default 'member')
returns chat.rooms
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.require_role(lock_room.room_id, minimum);
  perform chat_private.take_turn(lock_room.room_id);
  select * into room from chat.rooms where id = lock_room.room_id for no key update;
  -- Once more: the role may have gone while waiting.
  perform chat_private.require_role(lock_room.room_id, minimum);
  return room;
end;
$$;

-- Definer: reads which room it is under the policies of nobody.
create function chat_private.lock_room_of(message_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.lock_my_room(messages.room_id)
  from chat.messages as messages
  where messages.id = lock_room_of.message_id;
end;
$$;
grant execute on function chat_private.lock_room_of to authenticated;

create function chat_private.require_group(room chat.rooms)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if room.kind = 'direct' then
    raise sqlstate 'PT400' using message = 'direct_room_fixed', detail = 'A direct chat has exactly two members.';
  end if;
end;
$$;

create function chat_private.require_people(user_ids uuid[])
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Locked, so that no account goes before its room stands.
  perform from chat.profiles where id = any (user_ids) for key share;
  if exists (
    select from unnest(user_ids) as wanted (id)
    where not exists (select from chat.profiles where profiles.id = wanted.id)
  ) then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  end if;
end;
$$;
comment on function chat_private.require_people is 'Raises user_not_found when not all of these people have an account.';

-- sql/345_turns.sql

-- What keeps writers from waiting for each other: rooms are locked in ascending order, and no statement writes too much.

create function chat_private.count_from_zero()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform set_config('chat.rows_written', '0', true), set_config('chat.text_written', '0', true);
  return null;
end;
$$;
comment on function chat_private.count_from_zero is 'A trigger before a statement whose rows count_row() counts.';

create function chat_private.count_row(content text default '')
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Less than a second or so: the time that a text takes grows with its length.
  most_rows constant integer := 2500;
  most_text constant integer := 250000;
  rows integer := coalesce(nullif(current_setting('chat.rows_written', true), ''), '0')::integer + 1;
  text integer := coalesce(nullif(current_setting('chat.text_written', true), ''), '0')::integer + char_length(content);
begin
  if current_setting('role') <> 'authenticated' then
    return;
  elsif rows > most_rows or text > most_text then
    raise sqlstate 'PT400' using message = 'too_many_rows',
      detail = format('Write at most %s rows, and %s characters, at once.', most_rows, most_text);
  end if;
  perform set_config('chat.rows_written', rows::text, true), set_config('chat.text_written', text::text, true);
end;
$$;
comment on function chat_private.count_row is
  'Counts a row that a signed-in user writes: others wait for the locks of its statement. Raises too_many_rows.';

-- It does not wait for the lock, but looks again: who waits for a lock while others wait for theirs is a deadlock.
create function chat_private.lock_out_of_turn(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  for attempt in 1..50 loop
    perform from chat.rooms where id = lock_out_of_turn.room_id for no key update skip locked;
    if found or not exists (select from chat.rooms where id = lock_out_of_turn.room_id) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again',
    detail = 'Somebody else is writing to these rooms. Try again, and write to several rooms in ascending order of their ids.';
end;
$$;

create function chat_private.take_turn(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  highest bigint := nullif(current_setting('chat.highest_room', true), '')::bigint;
begin
  if highest is null or highest < room_id then
    perform set_config('chat.highest_room', room_id::text, true);
  elsif highest > room_id then
    perform chat_private.lock_out_of_turn(room_id);
  end if;
end;
$$;
comment on function chat_private.take_turn is
  'To be called before a room is locked. One that comes after a room with a higher id in the same transaction is waited '
  'for briefly. Raises try_again.';

-- sql/346_client_keys.sql

-- A key (client_id) makes a write safe to repeat. Used again for something else it is refused.
create table chat_private.client_keys (
  owner_id uuid not null references chat.profiles on delete cascade,
  kind text not null check (kind in ('message', 'room', 'post')),
  client_id uuid not null,
  digest bytea not null,
  -- Of what was made; a message is found by its own columns.
  made_id text,
  primary key (owner_id, kind, client_id)
);
comment on table chat_private.client_keys is
  'Digests of what keys were first used for: of messages, only where the message does not tell any more.';
alter table chat_private.client_keys enable row level security;
revoke all on chat_private.client_keys from anon, authenticated;

create function chat_private.digest(content jsonb)
returns bytea
language sql immutable security invoker set search_path = ''
as $$
  select sha256(convert_to(content::text, 'UTF8'));
$$;

create function chat_private.refuse_reused_key()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for something else.';
end;
$$;

-- One at a time, so that the second finds what the first has made.
create function chat_private.lock_key(owner_id uuid, client_id uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  key bigint := hashtextextended(owner_id::text || client_id::text, 0);
begin
  -- What a backend sends in nobody's name has no owner, and its key is not looked up.
  if key is null then
    return;
  elsif nullif(current_setting('chat.highest_room', true), '') is null then
    perform pg_advisory_xact_lock(key);
    return;
  end if;
  -- Who holds a room looks again, as lock_out_of_turn() does.
  for attempt in 1..50 loop
    if pg_try_advisory_xact_lock(key) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again', detail = 'The same is being sent at this moment. Try again.';
end;
$$;
grant execute on function chat_private.lock_key, chat_private.refuse_reused_key to authenticated;

create function chat_private.message_digest(message chat.messages)
returns bytea
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return chat_private.digest(
    jsonb_build_array(message.content, message.metadata, message.reply_to_id, message.forwarded_from_id)
  );
end;
$$;

create function chat_private.keep_digest(message chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if message.client_id is not null and message.edited_at is null then
    insert into chat_private.client_keys (owner_id, kind, client_id, digest)
    select profiles.id, 'message', message.client_id, chat_private.message_digest(message)
    from chat.profiles where profiles.id = message.sender_id
    on conflict do nothing;
  end if;
end;
$$;
comment on function chat_private.keep_digest is 'To be called before a message changes for the first time.';

create function chat_private.require_same_message(earlier chat.messages, repeated chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  digest bytea;
begin
  if earlier.edited_at is null and earlier.deleted_at is null then
    digest := chat_private.message_digest(earlier);
  else
    select keys.digest into digest from chat_private.client_keys as keys
    where (keys.owner_id, keys.kind, keys.client_id) = (earlier.sender_id, 'message', earlier.client_id);
  end if;
  if earlier.room_id <> repeated.room_id or digest <> chat_private.message_digest(repeated) then
    perform chat_private.refuse_reused_key();
  end if;
end;
$$;
comment on function chat_private.require_same_message is
  'Raises client_id_reused when a message is not the one that its client_id was first used for.';

-- What a key has made, other than a message; null when it is new, and then it is the key of what is made next.
create function chat_private.made_with_key(owner_id uuid, kind text, client_id uuid, content jsonb)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  used chat_private.client_keys;
begin
  perform chat_private.lock_key(made_with_key.owner_id, made_with_key.client_id);
  insert into chat_private.client_keys (owner_id, kind, client_id, digest)
  values (made_with_key.owner_id, made_with_key.kind, made_with_key.client_id, chat_private.digest(content))
  on conflict do nothing;
  if found then
    return null;
  end if;
  select * into used from chat_private.client_keys as keys
  where (keys.owner_id, keys.kind, keys.client_id)
    = (made_with_key.owner_id, made_with_key.kind, made_with_key.client_id);
  if used.digest <> chat_private.digest(content) then
    perform chat_private.refuse_reused_key();
  end if;
  return used.made_id;
end;
$$;
comment on function chat_private.made_with_key is
  'The id of what a client_id has made before; null for a new one. Raises client_id_reused when it was for something else.';

create function chat_private.note_made(owner_id uuid, kind text, client_id uuid, made_id text)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update chat_private.client_keys as keys set made_id = note_made.made_id
  where (keys.owner_id, keys.kind, keys.client_id) = (note_made.owner_id, note_made.kind, note_made.client_id);
$$;

-- sql/350_rosters.sql

-- A list of rooms shows the members of each. They are kept as the text to send, and made anew after a change.
create table chat_private.rosters (
  -- No foreign key: a list of rooms must not fail because one of them is going.
  room_id bigint primary key,
  members_version bigint not null,
  members json not null
);
comment on table chat_private.rosters is 'The members of a room as [{id, username}], as of its members_version.';

alter table chat_private.rosters enable row level security;
revoke all on chat_private.rosters from anon, authenticated;

-- Definer: keeps what it reads, in a table that is nobody's.
create function chat_private.roster(room_id bigint, members_version bigint)
returns json
language plpgsql volatile security definer set search_path = ''
as $$
declare
  kept chat_private.rosters;
begin
  if not exists (
    select from chat.room_members as members
    where members.room_id = roster.room_id and members.user_id = (select auth.uid())
  ) then
    return '[]'::json;
  end if;

  select * into kept from chat_private.rosters as rosters
  where rosters.room_id = roster.room_id and rosters.members_version = roster.members_version;
  if found then
    return kept.members;
  end if;

  -- One statement: the members and their version are of the same moment.
  insert into chat_private.rosters as older (room_id, members_version, members)
  select rooms.id, rooms.members_version, coalesce(
    (
      select json_agg(
        json_build_object('id', profiles.number, 'username', profiles.username) order by profiles.number
      )
      from chat.room_members as members
      join chat.profiles as profiles on profiles.id = members.user_id
      where members.room_id = rooms.id
    ),
    '[]'
  )
  from chat.rooms as rooms
  where rooms.id = roster.room_id
  on conflict on constraint rosters_pkey do update
    set members_version = excluded.members_version, members = excluded.members
    where older.members_version <= excluded.members_version
  returning * into kept;
  if not found then
    -- Someone else was quicker with a later one.
    select * into kept from chat_private.rosters as rosters where rosters.room_id = roster.room_id;
  end if;
  return coalesce(kept.members, '[]'::json);
end;
$$;
comment on function chat_private.roster is 'The members of a room of the caller as [{id, username}].';
grant execute on function chat_private.roster to authenticated;

-- Definer: as above. Many rooms at once: what is kept, fresh or not.
create function chat_private.my_rosters(only_room_id bigint default null)
returns setof chat_private.rosters
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query
    select rosters.*
    from chat.room_members as members
    join chat_private.rosters as rosters using (room_id)
    where members.user_id = (select auth.uid())
      and (only_room_id is null or members.room_id = only_room_id);
end;
$$;
comment on function chat_private.my_rosters is 'The kept rosters of the rooms of the caller, or of one room.';
grant execute on function chat_private.my_rosters to authenticated;

-- sql/360_slugs.sql

-- The slug of a direct room is made of the usernames that its two people have now. Clients keep slugs, and usernames
-- pass from one person to another: a slug that once meant other people to somebody never means somebody else to them.
create table chat_private.kept_slugs (
  -- Who may have kept it.
  user_id uuid references chat.profiles on delete cascade,
  slug text,
  direct_key text not null,
  primary key (user_id, slug)
);
comment on table chat_private.kept_slugs is 'Which direct room each slug has meant to a person; never changed, only added to.';

alter table chat_private.kept_slugs enable row level security;
revoke all on chat_private.kept_slugs from anon, authenticated;

create table chat_private.group_slugs (
  slug text primary key
);
comment on table chat_private.group_slugs is 'Every slug that was chosen for a group, also of groups that are gone.';

alter table chat_private.group_slugs enable row level security;
revoke all on chat_private.group_slugs from anon, authenticated;

create function chat_private.direct_slug(one uuid, other uuid)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  key text := least(one, other) || ':' || greatest(one, other);
  -- In the order of code points, so that it does not depend on the database's language.
  base text := (
    select string_agg(username, '_' order by username collate "C") from chat.profiles where id in (one, other)
  );
  candidate text := base;
  attempt integer := 1;
begin
  while exists (select from chat.rooms where slug = candidate and direct_key is distinct from key)
    or exists (
      select from chat_private.kept_slugs
      where slug = candidate and user_id in (one, other) and direct_key <> key
    )
  loop
    attempt := attempt + 1;
    candidate := base || '_' || case when attempt <= 20 then attempt else (random() * 1e9)::integer end;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.direct_slug is
  'ann_bob for Ann and Bob, or ann_bob_2 when that is, or was to one of them, the slug of other people.';

create function chat_private.keep_slug(slug text, direct_key text, user_ids uuid[])
returns void
language sql volatile security invoker set search_path = ''
as $$
  insert into chat_private.kept_slugs (user_id, slug, direct_key)
  select user_id, keep_slug.slug, keep_slug.direct_key from unnest(user_ids) as user_id
  on conflict do nothing;
$$;

create function chat_private.claim_group_slug(slug text)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if slug is null then
    return;
  end if;
  insert into chat_private.group_slugs (slug) values (claim_group_slug.slug) on conflict do nothing;
  if not found then
    raise unique_violation using message = format('The slug %s is, or was, that of another room.', slug),
      schema = 'chat', table = 'rooms', constraint = 'rooms_slug_key';
  end if;
end;
$$;
comment on function chat_private.claim_group_slug is
  'Takes a slug for a new group. One that any group has had is refused as taken, even when that group is gone.';

create function chat_private.name_direct_room(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  people uuid[] := array(
    select user_id from chat.room_members as members where members.room_id = name_direct_room.room_id order by user_id
  );
  before chat.rooms;
  named chat.rooms;
begin
  select * into before from chat.rooms where id = name_direct_room.room_id;
  if not found then
    return; -- the room itself is going
  end if;
  for attempt in 1..10 loop
    begin
      update chat.rooms
      set slug = case cardinality(people)
        when 2 then chat_private.direct_slug(people[1], people[2])
        else chat_private.free_slug(id)
      end
      where id = before.id
      returning * into named;
      exit;
    exception when unique_violation then
      -- Others took it at this moment.
      if attempt = 10 then
        raise;
      end if;
    end;
  end loop;
  perform chat_private.keep_slug(before.slug, before.direct_key, people) where before.slug is not null;
  perform chat_private.keep_slug(named.slug, named.direct_key, people);
end;
$$;
comment on function chat_private.name_direct_room is
  'Gives a direct room the slug that its people have now; room-7 when one of the two is gone.';

-- Definer: a new username shows in rooms that clients may not write.
create function chat_private.username_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- In one order for everyone, so that two never wait for each other; with the lock that a new slug needs.
  perform from chat.rooms
  where id in (select room_id from chat.room_members where user_id = new.id)
  order by id
  for update;
  update chat.rooms set members_version = members_version + 1
  where id in (select room_id from chat.room_members where user_id = new.id);
  perform chat_private.record_change(
    members.room_id, 'member.updated', chat_private.member_payload(members)
  )
  from chat.room_members as members
  where members.user_id = new.id;
  perform chat_private.name_direct_room(named.id)
  from (
    select rooms.id
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = new.id and rooms.kind = 'direct'
    order by rooms.id
  ) as named;
  return null;
end;
$$;

create trigger username_changed
  after update of username on chat.profiles
  for each row when (new.username is distinct from old.username)
  execute function chat_private.username_changed();

-- Definer: as above. The username of an account that is gone is free for others.
create function chat_private.direct_member_gone()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.name_direct_room(id) from chat.rooms where id = old.room_id and kind = 'direct';
  return null;
end;
$$;

-- After member_left, which may delete the room.
create trigger member_left_direct_room
  after delete on chat.room_members
  for each row execute function chat_private.direct_member_gone();

-- sql/400_message_numbers.sql

-- seq and version: taken under the row lock of the room, so that they follow the order of commits and leave no hole.

-- Definer: clients may not write a room's counters or read marks directly.
create function chat_private.message_sending()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  sender chat.room_members;
  earlier chat.messages;
begin
  perform chat_private.count_row(new.content);
  -- A stranger takes no lock.
  if new.sender_id is not null and not exists (
    select from chat.room_members where room_id = new.room_id and user_id = new.sender_id
  ) then
    perform chat_private.refuse_stranger(new.room_id);
  end if;

  if new.client_id is not null then
    -- A repeated send must take no number: its row will meet messages_client_id_key, also under "on conflict do nothing".
    perform chat_private.lock_key(new.sender_id, new.client_id);
    -- Locked: going at this moment, with its room, it would leave its place to this row.
    select * into earlier from chat.messages
    where sender_id = new.sender_id and client_id = new.client_id for key share;
    if found then
      perform chat_private.require_same_message(earlier, new);
      new.seq := 1;
      new.version := 1;
      return new;
    end if;
  end if;

  perform chat_private.take_turn(new.room_id);
  -- The time is taken under the lock as well, and never lies before that of the message before.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(
      last_message_at, new.created_at, case when new.created_at = now() then clock_timestamp() end
    )
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at into new.seq, new.version, new.created_at;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif new.created_at < now() then
    perform set_config('chat.numbered', new.id::text, true);
  end if;

  -- The marks of the sender move along if nothing was left unread. They may have been removed while waiting.
  update chat.room_members as members
  set (last_read_seq, own_after_read, last_delivered_seq) = (
    select case when caught_up then new.seq else members.last_read_seq end,
      case when caught_up then 0 else members.own_after_read + 1 end,
      case when caught_up or members.last_delivered_seq = new.seq - 1 then new.seq else members.last_delivered_seq end
    from (
      select members.last_read_seq + members.own_after_read = new.seq - 1
        or chat_private.unread_of(members, new.seq - 1) = 0
    ) as state (caught_up)
  )
  where members.room_id = new.room_id and members.user_id = new.sender_id
  returning members.* into sender;
  if not found and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  elsif not sender.shares_receipts then
    perform chat_private.hidden_member_sent(sender, new.seq);
  end if;

  if new.reply_to_id is not null or new.forwarded_from_id is not null then
    new := chat_private.refer(new);
  end if;
  return new;
end;
$$;

create function chat_private.refer(message chat.messages)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if message.reply_to_id is not null and not exists (
    select from chat.messages where id = message.reply_to_id and room_id = message.room_id
  ) then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message replied to is not in this room.';
  end if;

  if message.forwarded_from_id is not null then
    select originals.sender_id, coalesce(profiles.username, ''), originals.content
    into message.forwarded_sender_id, message.forwarded_username, message.forwarded_content
    from chat.messages as originals
    join chat.room_members as members using (room_id)
    left join chat.profiles as profiles on profiles.id = originals.sender_id
    where originals.id = message.forwarded_from_id
      and originals.deleted_at is null
      and members.user_id = message.sender_id;
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The forwarded message does not exist.';
    end if;
  end if;
  return message;
end;
$$;
comment on function chat_private.refer is
  'A message with what it forwards, when it refers to what its sender can see. Raises message_not_found.';

create trigger messages_sending
  before insert on chat.messages
  for each statement execute function chat_private.count_from_zero();

-- Imported history brings its own numbers and times.
create trigger message_sending
  before insert on chat.messages
  for each row when (new.seq = 0)
  execute function chat_private.message_sending();

-- Definer: as above. Whoever changes a message, by whatever means: its place stays, and so does a tombstone.
create function chat_private.message_changing()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if old.deleted_at is not null then
    return old;
  end if;
  perform chat_private.count_row(new.content);
  perform chat_private.keep_digest(old);
  new.room_id := old.room_id;
  new.seq := old.seq;
  if new.deleted_at is null then
    new.edited_at := greatest(now(), new.created_at);
  else
    new.content := '';
    new.metadata := '{}';
    new.forwarded_sender_id := null;
    new.forwarded_username := null;
    new.forwarded_content := null;
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id returning version into new.version;
  return new;
end;
$$;

create trigger messages_changing
  before update on chat.messages
  for each statement execute function chat_private.count_from_zero();

create trigger message_changing
  before update on chat.messages
  for each row when (
    (
      new.room_id, new.seq, new.version, new.content, new.metadata, new.forwarded_from_id, new.forwarded_username,
      new.forwarded_content, new.deleted_at
    ) is distinct from (
      old.room_id, old.seq, old.version, old.content, old.metadata, old.forwarded_from_id, old.forwarded_username,
      old.forwarded_content, old.deleted_at
    )
  )
  execute function chat_private.message_changing();

-- Definer: as above. A row goes with its room only: deleted alone it leaves its tombstone, and no hole.
create function chat_private.message_removing()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if not exists (select from chat.rooms where id = old.room_id and deleted_at is null) then
    return old;
  end if;
  update chat.messages set deleted_at = now() where id = old.id and deleted_at is null;
  return null;
end;
$$;

create trigger message_removing
  before delete on chat.messages
  for each row execute function chat_private.message_removing();

-- sql/403_hidden_marks.sql

-- People who share no receipts: their marks in room_members, which other members can read, stand still. Up to where they
-- have really read, and what is unread for them, is kept here.
create table chat_private.hidden_marks (
  room_id bigint not null,
  user_id uuid not null,
  last_read_seq bigint not null,
  own_after_read integer not null check (own_after_read >= 0),
  primary key (room_id, user_id),
  foreign key (room_id, user_id) references chat.room_members on delete cascade
)
with (fillfactor = 70);
comment on table chat_private.hidden_marks is 'How far a member who shares no receipts has read, once they have read on.';
alter table chat_private.hidden_marks enable row level security;
revoke all on chat_private.hidden_marks from anon, authenticated;

create function chat_private.true_marks(member chat.room_members)
returns chat.room_members
language plpgsql stable security invoker set search_path = ''
as $$
declare
  hidden chat_private.hidden_marks;
begin
  if not member.shares_receipts then
    select * into hidden from chat_private.hidden_marks as marks
    where marks.room_id = member.room_id and marks.user_id = member.user_id;
    if found then
      member.last_read_seq := hidden.last_read_seq;
      member.own_after_read := hidden.own_after_read;
      member.last_delivered_seq := greatest(member.last_delivered_seq, hidden.last_read_seq);
    end if;
  end if;
  return member;
end;
$$;
comment on function chat_private.true_marks is 'A membership with the marks that it really has.';

-- Definer: reads what is granted to nobody, of the caller alone. Where many memberships are read, it is asked for those
-- that share no receipts only.
create function chat_private.my_marks(member chat.room_members)
returns chat.room_members
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case when member.user_id = (select auth.uid()) then chat_private.true_marks(member) else member end;
end;
$$;
comment on function chat_private.my_marks is 'A membership, if it is the caller''s own with the marks that it really has.';
grant execute on function chat_private.my_marks to authenticated;

create function chat_private.move_hidden_mark(member chat.room_members, read_seq bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  last_seq bigint := (select rooms.last_seq from chat.rooms as rooms where rooms.id = member.room_id);
  before chat.room_members := chat_private.true_marks(member);
  after chat.room_members := before;
begin
  after.last_read_seq := greatest(before.last_read_seq, least(read_seq, last_seq));
  if after.last_read_seq = before.last_read_seq then
    return;
  end if;
  insert into chat_private.hidden_marks as marks (room_id, user_id, last_read_seq, own_after_read)
  values (
    member.room_id, member.user_id, after.last_read_seq, chat_private.own_after(after, before, last_seq)
  )
  on conflict on constraint hidden_marks_pkey do update
  set last_read_seq = excluded.last_read_seq, own_after_read = excluded.own_after_read;
  -- Their other devices count anew what is unread.
  perform chat_private.announce(
    'user:' || member.user_id, 'room.read',
    jsonb_build_object('room_id', member.room_id, 'last_read_seq', after.last_read_seq)
  );
end;
$$;
comment on function chat_private.move_hidden_mark is 'Moves the mark of a member who shares no receipts, and tells nobody else.';

create function chat_private.hidden_member_sent(member chat.room_members, sent_seq bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  marked chat.room_members := chat_private.true_marks(member);
  caught_up boolean;
begin
  caught_up := chat_private.unread_of(marked, sent_seq - 1) = 0;
  update chat_private.hidden_marks as marks
  set last_read_seq = case when caught_up then sent_seq else marks.last_read_seq end,
    own_after_read = case when caught_up then 0 else marks.own_after_read + 1 end
  where marks.room_id = member.room_id and marks.user_id = member.user_id;
end;
$$;
comment on function chat_private.hidden_member_sent is 'Counts a message of a member who shares no receipts as their own.';

-- Definer: clients may write neither memberships nor hidden marks.
create function chat_private.sharing_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- In one order for everyone, so that two never wait for each other.
  perform from chat.room_members where user_id = new.id order by room_id for no key update;
  -- Who shares again shows how far they have read by now.
  update chat.room_members as members
  set last_read_seq = marks.last_read_seq, own_after_read = marks.own_after_read,
    last_delivered_seq = greatest(members.last_delivered_seq, marks.last_read_seq)
  from chat_private.hidden_marks as marks
  where members.user_id = new.id and marks.user_id = new.id and marks.room_id = members.room_id;
  delete from chat_private.hidden_marks where user_id = new.id;
  update chat.room_members set shares_receipts = new.share_receipts where user_id = new.id;
  return null;
end;
$$;

create trigger sharing_changed
  after update of share_receipts on chat.profiles
  for each row when (new.share_receipts is distinct from old.share_receipts)
  execute function chat_private.sharing_changed();

-- sql/405_unread.sql

-- What is unread: the messages after the mark of a member that are not their own and not deleted. It is exact and costs
-- little however many there are: own messages are counted with the mark, tombstones by the thousand.
create table chat_private.tombstones (
  room_id bigint not null references chat.rooms on delete cascade,
  -- Messages 1,000 n to 1,000 n + 999.
  thousand bigint not null,
  count integer not null,
  primary key (room_id, thousand)
);
comment on table chat_private.tombstones is 'How many of the messages of a room are deleted.';
alter table chat_private.tombstones enable row level security;
revoke all on chat_private.tombstones from anon, authenticated;

-- The tombstones within a thousand.
create index messages_tombstones_idx on chat.messages (room_id, seq) where deleted_at is not null;

create function chat_private.tombstones_after(room_id bigint, seq bigint)
returns bigint
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return coalesce(
    (
      select sum(counted.count) from chat_private.tombstones as counted
      where counted.room_id = tombstones_after.room_id and counted.thousand > tombstones_after.seq / 1000
    ),
    0
  ) + (
    select count(*) from chat.messages as messages
    where messages.room_id = tombstones_after.room_id and messages.deleted_at is not null
      and messages.seq > tombstones_after.seq and messages.seq < (tombstones_after.seq / 1000 + 1) * 1000
  );
end;
$$;

create function chat_private.unread_of(member chat.room_members, last_seq bigint)
returns bigint
language plpgsql stable security invoker set search_path = ''
as $$
declare
  others bigint := last_seq - member.last_read_seq - member.own_after_read;
begin
  return case when others > 0 then others - chat_private.tombstones_after(member.room_id, member.last_read_seq) else 0 end;
end;
$$;
comment on function chat_private.unread_of is 'How many messages a member has not read, when the last of the room is last_seq.';

-- Definer: counts past the policies, for the caller alone.
create function chat_private.my_unread(own chat.room_members, last_seq bigint)
returns bigint
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not own.shares_receipts then
    own := chat_private.my_marks(own);
  end if;
  return case
    when own.last_read_seq + own.own_after_read >= last_seq then 0
    when exists (
      select from chat.room_members as members
      where members.room_id = own.room_id and members.user_id = own.user_id and members.user_id = (select auth.uid())
    ) then chat_private.unread_of(own, last_seq)
  end;
end;
$$;
comment on function chat_private.my_unread is
  'How many messages the caller has not read, by their membership; null for the membership of another.';
grant execute on function chat_private.my_unread to authenticated;

create function chat_private.own_after(marked chat.room_members, before chat.room_members, last_seq bigint)
returns integer
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if before.own_after_read = 0 or marked.last_read_seq >= last_seq then
    return 0;
  end if;
  -- Each message is passed once by a mark.
  return before.own_after_read - (
    select count(*) from chat.messages as messages
    where messages.room_id = marked.room_id
      and messages.seq > before.last_read_seq and messages.seq <= marked.last_read_seq
      and messages.sender_id = marked.user_id and messages.deleted_at is null
  );
end;
$$;
comment on function chat_private.own_after is 'How many of their own messages stand after the mark of a member that has moved.';

-- Definer: clients may not count.
create function chat_private.message_vanished()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into chat_private.tombstones as counted (room_id, thousand, count) values (new.room_id, new.seq / 1000, 1)
  on conflict on constraint tombstones_pkey do update set count = counted.count + 1;
  update chat.room_members as members
  set own_after_read = members.own_after_read - 1
  where members.room_id = new.room_id and members.user_id = new.sender_id
    and members.last_read_seq < new.seq and members.own_after_read > 0 and tg_op = 'UPDATE';
  update chat_private.hidden_marks as marks
  set own_after_read = marks.own_after_read - 1
  where marks.room_id = new.room_id and marks.user_id = new.sender_id
    and marks.last_read_seq < new.seq and marks.own_after_read > 0 and tg_op = 'UPDATE';
  return null;
end;
$$;

create trigger message_vanished
  after update of deleted_at on chat.messages
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function chat_private.message_vanished();

create trigger tombstone_added
  after insert on chat.messages
  for each row when (new.deleted_at is not null)
  execute function chat_private.message_vanished();

-- sql/410_message_events.sql

-- What members are told about messages. An event, and a change in sync(), are the same object.
create function chat_private.message_event(message chat.messages)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return case
    when message.deleted_at is not null then 'message.deleted'
    when message.edited_at is not null then 'message.updated'
    else 'message.created'
  end;
end;
$$;
grant execute on function chat_private.message_event to authenticated;

create function chat_private.message_payload(message chat.messages)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  sender chat.profiles;
begin
  select * into sender from chat.profiles where id = message.sender_id;
  return jsonb_build_object(
    'room_id', message.room_id,
    'version', message.version,
    'message', jsonb_build_object(
      'id', message.id,
      'room_id', message.room_id,
      'seq', message.seq,
      'version', message.version,
      -- Not that of the message, which outlives the account for a while.
      'sender_id', sender.id,
      'sender_number', sender.number,
      'sender_username', sender.username,
      'content', message.content,
      'metadata', message.metadata,
      'reply_to_id', message.reply_to_id,
      'forwarded_from_id', message.forwarded_from_id,
      'forwarded_sender_id', message.forwarded_sender_id,
      'forwarded_username', chat_private.forwarded_name(
        message.forwarded_from_id, message.forwarded_sender_id, message.forwarded_username
      ),
      'forwarded_content', message.forwarded_content,
      'client_id', message.client_id,
      'created_at', message.created_at,
      'edited_at', message.edited_at,
      'deleted_at', message.deleted_at
    )
  );
end;
$$;
grant execute on function chat_private.message_payload to authenticated;

create function chat_private.sender_marks(message chat.messages)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('read_marks', coalesce(jsonb_agg(jsonb_build_object(
      'user_id', members.user_id,
      'last_read_seq', members.last_read_seq,
      'last_delivered_seq', members.last_delivered_seq
    )), '[]'))
    from chat.room_members as members
    where members.room_id = message.room_id and members.user_id = message.sender_id
  );
end;
$$;
comment on function chat_private.sender_marks is
  'How far the sender of a new message has read, in the shape of sync(): the message has moved the mark, or has not.';

-- Realtime keeps what it has sent for some days, and sends it again to those who join with broadcast.replay. So an event
-- loses its text when a later one comes: what a message says is in its last event only. Events are found by their time,
-- which is that of the transaction: a little before that of the message.
create table chat_private.event_times (
  message_id bigint primary key references chat.messages on delete cascade,
  sent_at timestamptz not null
);
comment on table chat_private.event_times is
  'When the last event of a message was sent, where its own time does not tell: a backend may give it another.';
alter table chat_private.event_times enable row level security;
revoke all on chat_private.event_times from anon, authenticated;

create function chat_private.note_event_time(message_id bigint, told_at timestamptz)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if told_at between now() and now() + interval '10 seconds' then
    delete from chat_private.event_times as times where times.message_id = note_event_time.message_id;
  else
    insert into chat_private.event_times (message_id, sent_at) values (note_event_time.message_id, now())
    on conflict on constraint event_times_pkey do update set sent_at = now();
  end if;
end;
$$;

create function chat_private.empty_last_event(message chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  told_at timestamptz := coalesce(message.edited_at, message.created_at);
  sent_at timestamptz := (select times.sent_at from chat_private.event_times as times where message_id = message.id);
begin
  update realtime.messages as events
  set payload = jsonb_set(
    events.payload, '{message}',
    events.payload -> 'message' || jsonb_build_object(
      'content', '', 'metadata', '{}'::jsonb,
      'forwarded_sender_id', null, 'forwarded_username', null, 'forwarded_content', null
    )
  )
  where events.inserted_at >= coalesce(sent_at, told_at - interval '10 seconds') at time zone 'UTC'
    and events.inserted_at <= coalesce(sent_at, told_at) at time zone 'UTC'
    and events.inserted_at < now() at time zone 'UTC' -- those of this transaction are not sent yet
    and events.topic like 'room:' || message.room_id || ':%'
    and events.extension = 'broadcast'
    and events.private
    and events.payload -> 'message' -> 'id' = to_jsonb(message.id);
exception when others then
  raise warning 'the last event of message % keeps what it said: %', message.id, sqlerrm;
end;
$$;
comment on function chat_private.empty_last_event is 'Removes the text of a message from the last event that was sent of it.';

-- Definer: nobody but the database may send to a room's topic.
create function chat_private.message_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    perform chat_private.empty_last_event(old);
    if new.deleted_at is null then
      perform chat_private.note_event_time(new.id, new.edited_at);
    end if;
  elsif new.created_at not between now() and now() + interval '10 seconds' then
    perform chat_private.note_event_time(new.id, new.created_at);
  end if;
  perform chat_private.announce(
    (select topic from chat.rooms where id = new.room_id),
    chat_private.message_event(new),
    chat_private.message_payload(new) || case when tg_op = 'INSERT' then chat_private.sender_marks(new) else '{}' end
  );
  if new.deleted_at is not null then
    delete from chat.pins where message_id = new.id;
  end if;
  return null;
end;
$$;

-- Imported history is no news.
create trigger message_created
  after insert on chat.messages
  for each row when (new.created_at >= now() or current_setting('chat.numbered', true) = new.id::text)
  execute function chat_private.message_changed();

create trigger message_changed
  after update on chat.messages
  for each row when (new.version is distinct from old.version)
  execute function chat_private.message_changed();

-- sql/420_room_events.sql

-- Changes of the room itself.
create function chat_private.room_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.version := old.version + 1;
  return new;
end;
$$;

create trigger room_changing
  before update of name, description, is_public, slug on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug)
      is distinct from (old.name, old.description, old.is_public, old.slug)
  )
  execute function chat_private.room_changing();

-- Definer: clients may not write room_changes, nor send to a room's topic.
create function chat_private.room_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  payload jsonb := jsonb_build_object(
    'name', new.name, 'description', new.description, 'is_public', new.is_public
  ) || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end;
begin
  insert into chat.room_changes (room_id, version, event, payload)
  values (new.id, new.version, 'room.updated', payload);
  perform chat_private.announce(
    new.topic, 'room.updated', payload || jsonb_build_object('room_id', new.id, 'version', new.version)
  );
  -- Those who left the public group by themselves may still hear its topic.
  if old.is_public and not new.is_public then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$$;

create trigger room_changed
  after update of name, description, is_public, slug on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug)
      is distinct from (old.name, old.description, old.is_public, old.slug)
  )
  execute function chat_private.room_changed();

-- Whether so many rows more may be deleted at once by this transaction, however many rooms and conversations it deletes.
create function chat_private.may_remove_now(more bigint)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant bigint := 1000;
  removed bigint := coalesce(nullif(current_setting('chat.removed_rows', true), ''), '0')::bigint + more;
begin
  if removed > most then
    return false;
  end if;
  perform set_config('chat.removed_rows', removed::text, true);
  return true;
end;
$$;

-- Definer: as above. A deleted room is gone for everyone at once. What it had goes too, if it is not much: else a bare
-- row takes the place of the room, to which the foreign keys hold on until job_remove_rooms() has removed the rest.
create function chat_private.room_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  much constant integer := 1000;
  user_ids uuid[];
begin
  if old.deleted_at is not null then
    return null; -- the bare row itself
  end if;
  delete from chat_private.rosters where room_id = old.id;
  perform chat_private.announce(
    old.topic, 'room.deleted', jsonb_build_object('room_id', old.id, 'version', old.version + 1)
  );
  with gone as (delete from chat.room_members where room_id = old.id returning user_id)
  select coalesce(array_agg(user_id), '{}') into user_ids from gone;
  perform chat_private.announce('user:' || user_id, 'room.removed', jsonb_build_object('room_id', old.id))
  from unnest(user_ids[:much]) as user_id;

  if cardinality(user_ids) > much or not chat_private.may_remove_now(old.version) then
    insert into chat.rooms (id, kind, created_at, deleted_at) overriding system value
    values (old.id, 'group', old.created_at, now());
    insert into chat_private.removed_members (room_id, user_id)
    select old.id, user_id from unnest(user_ids[much + 1:]) as user_id;
  else
    delete from chat.pins where room_id = old.id;
    delete from chat.room_changes where room_id = old.id;
    delete from chat.messages where room_id = old.id;
  end if;
  return null;
end;
$$;

-- Its name comes before those of the triggers that check the foreign keys: triggers run in the order of their names.
create trigger "1_room_deleted"
  after delete on chat.rooms
  for each row execute function chat_private.room_deleted();

-- sql/430_member_events.sql

-- Changes of membership, whatever brings them: a function, or an account that leaves.
create function chat_private.member_payload(member chat.room_members)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'user_id', member.user_id,
    'user_number', profiles.number,
    'username', profiles.username,
    'role', member.role,
    'joined_at', member.joined_at
  )
  from (select) as nobody
  left join chat.profiles as profiles on profiles.id = member.user_id;
$$;

create function chat_private.member_joining()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id and deleted_at is null;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif room.kind = 'direct' and position(new.user_id::text in room.direct_key) = 0 then
    perform chat_private.require_group(room);
  end if;
  new.shares_receipts := coalesce((select share_receipts from chat.profiles where id = new.user_id), true);
  -- Who joins starts with everything read.
  new.last_read_seq := room.last_seq;
  new.last_delivered_seq := room.last_seq;
  return new;
end;
$$;

create trigger member_joining
  before insert on chat.room_members
  for each row execute function chat_private.member_joining();

-- Definer: counts and announces, which clients may not.
create function chat_private.member_joined()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  members integer;
begin
  update chat.rooms
  set member_count = member_count + 1, members_version = members_version + 1
  where id = new.room_id
  returning member_count into members;
  perform chat_private.record_change(
    new.room_id, 'member.joined',
    chat_private.member_payload(new) || jsonb_build_object('member_count', members)
  );
  perform chat_private.announce(
    'user:' || new.user_id, 'room.added', jsonb_build_object('room_id', new.room_id)
  );
  return null;
end;
$$;

create trigger member_joined
  after insert on chat.room_members
  for each row execute function chat_private.member_joined();

-- Definer: as above.
create function chat_private.member_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms
  set member_count = member_count - 1, members_version = members_version + 1
  where id = old.room_id and deleted_at is null
  returning * into room;
  if not found then
    return null; -- with the room itself, which tells so
  end if;

  perform chat_private.announce('user:' || old.user_id, 'room.removed', jsonb_build_object('room_id', old.room_id));
  perform chat_private.record_change(
    room.id, 'member.left', jsonb_build_object('user_id', old.user_id, 'member_count', room.member_count)
  );
  -- Who leaves a public group by themselves could join again at any time: a loop of that is not to move everyone.
  if not room.is_public or old.user_id is distinct from (select auth.uid()) then
    perform chat_private.move_topic(room.id);
  end if;
  if old.role = 'owner' then
    perform chat_private.pass_ownership(room.id);
  end if;
  -- Nobody could ever reach it again.
  delete from chat.rooms where id = room.id and member_count = 0 and not is_public;
  return null;
end;
$$;

-- A membership is of one person in one room.
create function chat_private.member_moving()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using message = 'membership_fixed',
    detail = 'A membership keeps its room and its person: delete it, and insert another.';
end;
$$;

create trigger member_moving
  after update on chat.room_members
  for each row when ((new.room_id, new.user_id) is distinct from (old.room_id, old.user_id))
  execute function chat_private.member_moving();

create trigger member_left
  after delete on chat.room_members
  for each row execute function chat_private.member_left();

-- Definer: Auth's own role deletes from auth.users, and may do nothing in chat. Also of profiles, which an operator may
-- delete alone.
create function chat_private.account_leaving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- All that a room's lock guards, in one order for everyone, before the deletion takes it row by row.
  perform from chat.profiles where id = old.id for no key update;
  perform from chat.rooms
  where id in (
    select room_id from chat.room_members where user_id = old.id union select id from chat.rooms where created_by = old.id
  )
  order by id
  for no key update;
  return old;
end;
$$;

create trigger parley_account_leaving
  before delete on auth.users
  for each row execute function chat_private.account_leaving();

create trigger profile_leaving
  before delete on chat.profiles
  for each row execute function chat_private.account_leaving();

create function chat_private.pass_ownership(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update chat.room_members
  set role = 'owner'
  where (room_id, user_id) = (
    select members.room_id, members.user_id
    from chat.room_members as members
    where members.room_id = pass_ownership.room_id
    order by members.role desc, members.joined_at, members.user_id
    limit 1
  );
$$;
comment on function chat_private.pass_ownership is 'Makes the longest-standing admin, or else member, the owner.';

create function chat_private.move_topic(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  old_topic text := (select topic from chat.rooms where id = move_topic.room_id);
  room chat.rooms;
begin
  update chat.rooms set epoch = epoch + 1 where id = move_topic.room_id returning * into room;
  perform chat_private.announce(
    old_topic, 'room.moved', jsonb_build_object('room_id', room.id, 'version', room.version, 'topic', room.topic)
  );
end;
$$;
comment on function chat_private.move_topic is
  'Moves the events of a room to a new topic, so that a channel left open by a former member falls silent.';

-- sql/440_mark_events.sql

-- Roles and read marks.

-- Definer: reads last_seq under the policies of nobody.
create function chat_private.marks_moving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  last_seq bigint := (select rooms.last_seq from chat.rooms as rooms where rooms.id = new.room_id);
begin
  if not new.shares_receipts then
    perform chat_private.move_hidden_mark(old, new.last_read_seq);
    new.last_read_seq := old.last_read_seq;
    new.last_delivered_seq := old.last_delivered_seq;
    return new;
  end if;
  -- Marks only move forward, and not past the last message.
  new.last_read_seq := greatest(old.last_read_seq, least(new.last_read_seq, last_seq));
  new.last_delivered_seq := greatest(old.last_delivered_seq, least(new.last_delivered_seq, last_seq), new.last_read_seq);
  if new.last_read_seq > old.last_read_seq then
    new.own_after_read := chat_private.own_after(new, old, last_seq);
    new.last_read_at := now();
    new.read_after_seq := old.last_read_seq;
  end if;
  if new.last_delivered_seq > old.last_delivered_seq then
    new.last_delivered_at := now();
    new.delivered_after_seq := old.last_delivered_seq;
  end if;
  return new;
end;
$$;

-- A send moves its sender's marks itself.
create trigger marks_moving
  before update of last_read_seq, last_delivered_seq on chat.room_members
  for each row when (pg_trigger_depth() = 0)
  execute function chat_private.marks_moving();

-- Definer: only the database may send to a room's topic.
create function chat_private.marks_moved()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id;
  -- In large rooms a mark is not announced: each would be heard by everyone.
  if room.member_count > 50 then
    return null;
  end if;
  perform chat_private.announce(
    room.topic, 'member.read',
    jsonb_build_object(
      'room_id', new.room_id, 'version', room.version, 'user_id', new.user_id,
      'user_number', (select number from chat.profiles where id = new.user_id),
      'moved', case when new.last_read_seq > old.last_read_seq then 'read' else 'delivered' end,
      'last_read_seq', new.last_read_seq, 'last_delivered_seq', new.last_delivered_seq,
      'last_read_message_id', (
        select id from chat.messages as messages
        where messages.room_id = new.room_id and messages.seq = new.last_read_seq
      )
    )
  );
  return null;
end;
$$;

create trigger marks_moved
  after update of last_read_seq, last_delivered_seq on chat.room_members
  for each row when (
    pg_trigger_depth() = 0
    and (new.last_read_seq > old.last_read_seq or new.last_delivered_seq > old.last_delivered_seq)
  )
  execute function chat_private.marks_moved();

-- Definer: clients may not write room_changes.
create function chat_private.role_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'member.updated', chat_private.member_payload(new));
  return null;
end;
$$;

create trigger role_changed
  after update of role on chat.room_members
  for each row when (new.role is distinct from old.role)
  execute function chat_private.role_changed();

-- sql/450_pin_events.sql

-- Definer: reads past the policies, so that a stranger's message and none at all answer alike.
create function chat_private.pin_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.count_row();
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id into new.room_id
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and (
      exists (select from chat.room_members where room_id = messages.room_id and user_id = new.pinned_by)
      or new.pinned_by is null and chat_private.is_backend()
    );
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return new;
end;
$$;

create trigger pins_adding
  before insert on chat.pins
  for each statement execute function chat_private.count_from_zero();

create trigger pin_adding
  before insert on chat.pins
  for each row execute function chat_private.pin_adding();

-- Definer: clients may not write room_changes.
create function chat_private.pin_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'message.pinned', jsonb_build_object('pin', to_jsonb(new)));
  return null;
end;
$$;

create trigger pin_added
  after insert on chat.pins
  for each row execute function chat_private.pin_added();

-- Definer: as above.
create function chat_private.pin_removed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(
    old.room_id, 'message.unpinned', jsonb_build_object('id', old.id, 'message_id', old.message_id)
  );
  return null;
end;
$$;

create trigger pin_removed
  after delete on chat.pins
  for each row execute function chat_private.pin_removed();

-- sql/460_person_events.sql

-- Definer: only the database may send to a person's topic.
create function chat_private.friend_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(
    'user:' || new.friend_id, 'friend.added',
    jsonb_build_object('user_id', new.user_id, 'username', profiles.username)
  )
  from chat.profiles as profiles
  where profiles.id = new.user_id;
  return null;
end;
$$;

create trigger friend_added
  after insert on chat.friendships
  for each row execute function chat_private.friend_added();

-- Only rooms of at most 50 members are sent who comes and goes: in larger ones each would reach everyone.
create function chat_private.shows_status(room chat.rooms)
returns boolean
language sql immutable security invoker set search_path = ''
as $$
  select room.member_count <= 50;
$$;
grant execute on function chat_private.shows_status to authenticated;

create function chat_private.status_payload(room chat.rooms, status chat.user_status, person chat.profiles)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'room_id', room.id, 'version', room.version, 'user_id', status.user_id, 'user_number', person.number,
    'username', person.username, 'is_online', chat.is_online(status), 'last_seen_at', status.last_seen_at
  );
$$;
grant execute on function chat_private.status_payload to authenticated;

create function chat_private.status_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.announced_online := chat.is_online(new);
  return new;
end;
$$;

create trigger status_changing
  before insert or update on chat.user_status
  for each row execute function chat_private.status_changing();

-- Definer: as above.
create function chat_private.status_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(rooms.topic, 'user.status', chat_private.status_payload(rooms, new, profiles))
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  join chat.profiles as profiles on profiles.id = members.user_id
  where members.user_id = new.user_id and chat_private.shows_status(rooms);
  return null;
end;
$$;

create trigger status_begun
  after insert on chat.user_status
  for each row when (new.announced_online)
  execute function chat_private.status_changed();

create trigger status_changed
  after update on chat.user_status
  for each row when (new.announced_online is distinct from old.announced_online)
  execute function chat_private.status_changed();

create function chat_private.who_is_online(room_id bigint)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(chat_private.status_payload(rooms, status, profiles)), '[]')
    from chat.room_members as members
    join chat.user_status as status on status.user_id = members.user_id
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = rooms.id and chat.is_online(status)
  )
  from chat.rooms as rooms
  where rooms.id = who_is_online.room_id and chat_private.shows_status(rooms);
end;
$$;
comment on function chat_private.who_is_online is
  'What was announced of the members of a room of the caller who are online; null in rooms of more than 50.';
grant execute on function chat_private.who_is_online to authenticated;

-- Definer: Auth's own role deletes accounts, and may do nothing in chat.
create function chat_private.person_leaving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.user_status set signed_out_at = now() where user_id = old.id and announced_online;
  return old;
end;
$$;

create trigger person_leaving
  before delete on chat.profiles
  for each row execute function chat_private.person_leaving();

-- sql/500_room_functions.sql

-- Making, changing and deleting rooms.

-- Definer: a room and its first members are made together, which no policy can express.
create function chat_private.create_direct_room(user_id uuid)
returns chat.rooms
language plpgsql volatile security definer set search_path = ''
as $$
declare
  caller uuid := auth.uid();
  key text := least(caller, user_id) || ':' || greatest(caller, user_id);
  room chat.rooms;
  is_new boolean := false;
begin
  perform chat_private.require_caller();
  if user_id is null or user_id = caller then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'A direct chat is with one other person.';
  end if;
  perform chat_private.require_people(array[caller, user_id]);
  -- Nobody takes another username before the room has its slug.
  perform from chat.profiles where id in (caller, create_direct_room.user_id) order by id for share;

  loop
    select * into room from chat.rooms where direct_key = key;
    exit when found;
    -- Of two that create it at once, the second finds it made; of two that take a slug, the second takes the next.
    insert into chat.rooms (kind, created_by, direct_key, slug)
    values ('direct', caller, key, chat_private.direct_slug(caller, create_direct_room.user_id))
    on conflict do nothing
    returning * into room;
    is_new := found;
    if is_new then
      insert into chat.room_members (room_id, user_id) values (room.id, caller), (room.id, create_direct_room.user_id);
      perform chat_private.keep_slug(room.slug, key, array[caller, create_direct_room.user_id]);
    end if;
  end loop;
  perform set_config('chat.repeated', (not is_new)::text, true);
  return room;
end;
$$;
grant execute on function chat_private.create_direct_room to authenticated;

create function chat.create_direct_room(user_id uuid)
returns chat.rooms
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.create_direct_room(user_id);
$$;
comment on function chat.create_direct_room is
  'The direct room of the caller and another person, made if there is none. Raises invalid_members, user_not_found, caller_required.';
grant execute on function chat.create_direct_room to authenticated;

-- Definer: as above.
create function chat_private.create_group_room(
  name text, member_ids uuid[], is_public boolean, description text, slug text, client_id uuid
)
returns chat.rooms
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- A backend makes it for the first of the members.
  owner_id uuid := case when chat_private.is_backend() then member_ids[1] else auth.uid() end;
  made_id text;
  room chat.rooms;
begin
  perform chat_private.require_people(array[owner_id]);
  if create_group_room.client_id is not null then
    made_id := chat_private.made_with_key(owner_id, 'room', create_group_room.client_id, jsonb_build_array(
      create_group_room.name, coalesce(create_group_room.is_public, false), coalesce(create_group_room.description, ''),
      create_group_room.slug,
      array(select distinct id from unnest(member_ids) as id where id is distinct from owner_id order by id)
    ));
  end if;
  perform set_config('chat.repeated', (made_id is not null)::text, true);
  if made_id is not null then
    perform chat_private.require_role(made_id::bigint);
    select * into room from chat.rooms where id = made_id::bigint;
    return room;
  end if;

  insert into chat.rooms (kind, name, is_public, description, slug, created_by)
  values ('group', name, coalesce(is_public, false), coalesce(description, ''), slug, owner_id)
  returning * into room;
  perform chat_private.claim_group_slug(create_group_room.slug);
  insert into chat.room_members (room_id, user_id, role) values (room.id, owner_id, 'owner');
  perform chat_private.insert_members(room.id, array_remove(member_ids, owner_id));
  if create_group_room.client_id is not null then
    perform chat_private.note_made(owner_id, 'room', create_group_room.client_id, room.id::text);
  end if;
  select * into room from chat.rooms where id = room.id;
  return room;
end;
$$;
grant execute on function chat_private.create_group_room to authenticated;

create function chat.create_group_room(
  name text,
  member_ids uuid[] default '{}',
  is_public boolean default false,
  description text default '',
  slug text default null,
  client_id uuid default null
)
returns chat.rooms
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.create_group_room(name, member_ids, is_public, description, slug, client_id);
$$;
comment on function chat.create_group_room is
  'Makes a group that the caller owns, with up to 1,000 first members; made by a backend, its first member owns it. '
  'Repeated with the same client_id it returns the first group. Raises invalid_members, user_not_found, '
  'client_id_reused, and room_not_found when the first group is gone.';
grant execute on function chat.create_group_room to authenticated;

create function chat.update_room(
  room_id bigint, name text default null, description text default null, is_public boolean default null
)
returns chat.rooms
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms as rooms
  set name = coalesce(update_room.name, rooms.name),
    description = coalesce(update_room.description, rooms.description),
    is_public = coalesce(update_room.is_public, rooms.is_public)
  where rooms.id = update_room.room_id
  returning rooms.* into room;
  if not found then
    -- The policy of rooms has decided; this only says why.
    perform chat_private.require_role(update_room.room_id, 'admin');
  end if;
  return room;
end;
$$;
comment on function chat.update_room is
  'Changes what is given of a group, as its owner or an admin. Raises room_not_found, not_a_member, role_required.';
grant execute on function chat.update_room to authenticated;

create function chat.delete_room(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  delete from chat.rooms where id = delete_room.room_id;
  if not found then
    -- As above.
    perform chat_private.require_role(delete_room.room_id, 'owner');
  end if;
end;
$$;
comment on function chat.delete_room is
  'Deletes a group as its owner, or a direct room as one of its two. Raises room_not_found, not_a_member, role_required.';
grant execute on function chat.delete_room to authenticated;

-- sql/510_member_functions.sql

-- Coming, going, and roles.
create function chat_private.insert_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if cardinality(user_ids) > 1000 or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'Give at most 1,000 user ids.';
  end if;
  perform chat_private.require_people(user_ids);

  return query
    insert into chat.room_members (room_id, user_id)
    select distinct insert_members.room_id, id from unnest(user_ids) as id
    on conflict do nothing
    returning *;
end;
$$;

-- Each coming and going is announced to everyone in the room. Unlogged: after a crash everyone may try again.
create unlogged table chat_private.joins (
  room_id bigint not null,
  user_id uuid not null,
  joins integer not null default 1,
  since timestamptz not null default now(),
  primary key (room_id, user_id)
);
comment on table chat_private.joins is 'How often people have joined a room lately.';
alter table chat_private.joins enable row level security;
revoke all on chat_private.joins from anon, authenticated;

-- Those to be forgotten.
create index joins_since_idx on chat_private.joins (since);

create function chat_private.count_join(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 10;
  period constant interval := '10 minutes';
  counted chat_private.joins;
begin
  delete from chat_private.joins as known where (known.room_id, known.user_id) in (
    select old.room_id, old.user_id from chat_private.joins as old
    where old.since < now() - period order by old.since limit 5 for update skip locked
  );
  insert into chat_private.joins as known (room_id, user_id) values (count_join.room_id, auth.uid())
  on conflict on constraint joins_pkey do update
  set joins = case when known.since < now() - period then 1 else known.joins + 1 end,
    since = case when known.since < now() - period then now() else known.since end
  returning known.* into counted;
  if counted.joins > most then
    raise sqlstate 'PT429' using message = 'too_many_joins',
      detail = format('You have joined this room %s times. Try again in some minutes.', most);
  end if;
end;
$$;
comment on function chat_private.count_join is
  'Counts how often the caller joins a room: 10 times in 10 minutes at the most. Raises too_many_joins.';

-- Definer, as all that follow: membership is written here only, and each function checks the role itself.
create function chat_private.join_room(room_id bigint)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  member chat.room_members;
  room chat.rooms;
begin
  perform chat_private.require_caller();
  select * into room from chat.rooms as rooms where rooms.id = join_room.room_id and rooms.is_public for no key update;
  select * into member from chat.room_members as members
  where members.room_id = join_room.room_id and members.user_id = auth.uid();
  if found then
    return member;
  elsif room.id is null then
    perform chat_private.refuse_stranger(join_room.room_id);
  end if;
  perform chat_private.require_people(array[auth.uid()]);
  perform chat_private.count_join(room.id);

  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else 'member' end::chat.member_role)
  returning * into member;
  return member;
end;
$$;

create function chat_private.leave_room(room_id bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.require_group(chat_private.lock_room(leave_room.room_id));
  delete from chat.room_members as members
  where members.room_id = leave_room.room_id and members.user_id = auth.uid();
end;
$$;

create function chat_private.add_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms := chat_private.lock_room(room_id);
begin
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, 'admin');
  return query select * from chat_private.insert_members(room.id, user_ids);
end;
$$;

create function chat_private.remove_member(room_id bigint, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms := chat_private.lock_room(room_id);
  target chat.member_role;
begin
  perform chat_private.require_group(room);
  select role into target from chat.room_members as members
  where members.room_id = room.id and members.user_id = remove_member.user_id;

  if user_id = auth.uid() then
    null; -- leaving
  elsif chat_private.require_role(room.id, 'admin') = 'admin' and target > 'member' then
    perform chat_private.require_role(room.id, 'owner');
  elsif target is null then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'This user is not a member of the room.';
  end if;
  delete from chat.room_members as members
  where members.room_id = room.id and members.user_id = remove_member.user_id;
end;
$$;

create function chat_private.set_member_role(room_id bigint, user_id uuid, role chat.member_role)
returns chat.room_members
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms := chat_private.lock_room(room_id);
  member chat.room_members;
begin
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, 'owner');
  select * into member from chat.room_members as members
  where members.room_id = room.id and members.user_id = set_member_role.user_id;

  if not found then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'This user is not a member of the room.';
  elsif set_member_role.role is null then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A role is member, admin or owner.';
  elsif member.role = 'owner' and set_member_role.role <> 'owner' then
    raise sqlstate 'PT400' using message = 'owner_required', detail = 'Make someone else the owner first.';
  elsif set_member_role.role = 'owner' and member.role <> 'owner' then
    update chat.room_members as members set role = 'admin' where members.room_id = room.id and members.role = 'owner';
  end if;
  update chat.room_members as members
  set role = set_member_role.role
  where members.room_id = room.id and members.user_id = set_member_role.user_id
  returning * into member;
  return member;
end;
$$;

grant execute on function
  chat_private.join_room, chat_private.leave_room, chat_private.add_members,
  chat_private.remove_member, chat_private.set_member_role
  to authenticated;

-- sql/520_member_rpc.sql

-- The functions of 510 as clients call them.
create function chat.join_room(room_id bigint)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.join_room(room_id);
$$;
comment on function chat.join_room is
  'Joins a public group; for a member, nothing changes. Raises room_not_found, user_not_found, too_many_joins, '
  'caller_required.';

create function chat.leave_room(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.leave_room(room_id);
$$;
comment on function chat.leave_room is
  'Leaves a group. An owner is followed by the longest-standing admin or member; a private group goes with its '
  'last member. Raises room_not_found, not_a_member, direct_room_fixed, caller_required.';

create function chat.add_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.add_members(room_id, user_ids);
$$;
comment on function chat.add_members is
  'Adds people to a group, as its owner or an admin, and returns those that were new. Raises room_not_found, '
  'not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found.';

create function chat.remove_member(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.remove_member(room_id, user_id);
$$;
comment on function chat.remove_member is
  'Removes someone from a group: the owner anyone, an admin members, everyone themselves. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found.';

create function chat.set_member_role(room_id bigint, user_id uuid, role chat.member_role)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_member_role(room_id, user_id, role);
$$;
comment on function chat.set_member_role is
  'Sets a role, as the owner; a new owner takes the place of the caller, who becomes an admin. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found, invalid_role, owner_required.';

grant execute on function
  chat.join_room, chat.leave_room, chat.add_members, chat.remove_member, chat.set_member_role
  to authenticated;

-- sql/530_message_functions.sql

-- Sending, changing and deleting messages.
create function chat.send_message(
  room_id bigint,
  content text,
  client_id uuid default null,
  reply_to_id bigint default null,
  forwarded_from_id bigint default null,
  metadata jsonb default '{}',
  sender_id uuid default null
)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.messages;
begin
  if send_message.sender_id is null or send_message.sender_id = (select auth.uid()) then
    insert into chat.messages (room_id, content, client_id, reply_to_id, forwarded_from_id, metadata)
    values (
      send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
      send_message.forwarded_from_id, coalesce(send_message.metadata, '{}')
    )
    on conflict on constraint messages_client_id_key do nothing
    returning * into message;
  elsif chat_private.is_backend() then
    insert into chat.messages (room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id)
    values (
      send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
      send_message.forwarded_from_id, coalesce(send_message.metadata, '{}'), send_message.sender_id
    )
    on conflict on constraint messages_client_id_key do nothing
    returning * into message;
  else
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend sends for someone else.';
  end if;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.messages as messages
    where messages.sender_id = coalesce(send_message.sender_id, (select auth.uid()))
      and messages.client_id = send_message.client_id;
  end if;
  return message;
end;
$$;
comment on function chat.send_message is
  'Sends a message as the caller; a backend names the sender, or none. Repeated with the same client_id it returns the '
  'first message. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required.';

create function chat.forward_message(
  message_id bigint, target_room_id bigint, client_id uuid default null, reply_to_id bigint default null
)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  original text;
  message chat.messages;
begin
  perform chat_private.require_caller();
  -- What was forwarded before stays so, whatever has become of the original.
  if forward_message.client_id is not null then
    perform chat_private.lock_key(auth.uid(), forward_message.client_id);
    select * into message from chat.messages as messages
    where messages.sender_id = (select auth.uid()) and messages.client_id = forward_message.client_id;
    if found and (message.room_id, message.forwarded_from_id)
      is distinct from (target_room_id, forward_message.message_id)
    then
      perform chat_private.refuse_reused_key();
    elsif found then
      perform set_config('chat.repeated', 'true', true);
      return message;
    end if;
  end if;
  select content into original from chat.messages as messages
  where messages.id = message_id and messages.deleted_at is null;
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return chat.send_message(
    target_room_id, original, forward_message.client_id, forward_message.reply_to_id, forward_message.message_id
  );
end;
$$;
comment on function chat.forward_message is
  'Sends what a message says to another room, as a message of the caller''s own: it stays when the original is changed '
  'or deleted. Raises message_not_found, room_not_found, not_a_member, client_id_reused, caller_required.';

create function chat_private.require_message(message_id bigint)
returns chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
declare
  message chat.messages;
begin
  select * into message from chat.messages as messages where messages.id = require_message.message_id;
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return message;
end;
$$;
comment on function chat_private.require_message is 'A message that the caller can see. Raises message_not_found.';

create function chat.edit_message(message_id bigint, content text)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.messages;
begin
  perform chat_private.lock_room_of(message_id);
  message := chat_private.require_message(message_id);
  if message.deleted_at is not null then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message has been deleted.';
  end if;
  update chat.messages as messages
  set content = edit_message.content
  where messages.id = message.id
  returning messages.* into message;
  if not found then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only the sender may edit a message.';
  end if;
  return message;
end;
$$;
comment on function chat.edit_message is 'Changes one''s own message. Raises message_not_found, sender_required.';

-- Definer: clients may not set deleted_at, and admins delete what they did not write.
create function chat_private.delete_message(message_id bigint)
returns chat.messages
language plpgsql volatile security definer set search_path = ''
as $$
declare
  message chat.messages := chat_private.require_message(message_id);
begin
  perform chat_private.require_role(
    message.room_id,
    case when message.sender_id = auth.uid() then 'member' else 'admin' end::chat.member_role
  );
  update chat.messages as messages set deleted_at = now() where messages.id = message.id and messages.deleted_at is null;
  select * into message from chat.messages as messages where messages.id = message.id;
  return message;
end;
$$;

create function chat.delete_message(message_id bigint)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.delete_message(message_id);
end;
$$;
comment on function chat.delete_message is
  'Leaves a tombstone in place of one''s own message, or, as owner or admin, of any. Again, nothing changes. '
  'Raises message_not_found, role_required.';

grant execute on function
  chat_private.require_message, chat_private.delete_message,
  chat.send_message, chat.forward_message, chat.edit_message, chat.delete_message
  to authenticated;

-- sql/540_pin_functions.sql

create function chat.pin_message(message_id bigint)
returns chat.pins
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  pin chat.pins;
begin
  -- Before the insert begins, so that its policy and its trigger see the same members.
  perform chat_private.lock_room_of(pin_message.message_id);
  insert into chat.pins (message_id) values (pin_message.message_id)
  on conflict on constraint pins_message_id_key do nothing
  returning * into pin;
  perform set_config('chat.repeated', (pin.id is null)::text, true);
  if pin.id is null then
    select * into pin from chat.pins as pins where pins.message_id = pin_message.message_id;
  end if;
  return pin;
end;
$$;
comment on function chat.pin_message is
  'Pins a message for everyone in its room; pinned again, the first pin is returned. Raises message_not_found.';

create function chat.unpin_message(message_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  delete from chat.pins as pins where pins.message_id = unpin_message.message_id;
end;
$$;
comment on function chat.unpin_message is 'Unpins a message; if it was not pinned, nothing changes. Raises message_not_found.';

grant execute on function chat.pin_message, chat.unpin_message to authenticated;

-- sql/550_mark_functions.sql

-- A mark that is given as null goes to the last message; one that is behind stays where it is.
create function chat_private.move_marks(room_id bigint, read_seq bigint, delivered_seq bigint)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  member chat.room_members;
begin
  perform chat_private.require_caller();
  update chat.room_members as members
  set last_read_seq = read_seq, last_delivered_seq = delivered_seq
  where members.room_id = move_marks.room_id and members.user_id = (select auth.uid())
  returning members.* into member;
  if not found then
    perform chat_private.require_role(move_marks.room_id);
  end if;
  return chat_private.my_marks(member);
end;
$$;
grant execute on function chat_private.move_marks to authenticated;

create function chat.mark_read(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.move_marks(room_id, seq, 0);
end;
$$;
comment on function chat.mark_read is
  'Marks the messages up to seq, or all of them, as read by the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member, caller_required.';

create function chat.mark_delivered(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.move_marks(room_id, 0, seq);
end;
$$;
comment on function chat.mark_delivered is
  'Marks the messages up to seq, or all of them, as delivered to the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member, caller_required.';

grant execute on function chat.mark_read, chat.mark_delivered to authenticated;

-- Definer: marks for others, too. Whose membership is written at this moment, by a send or by another mark, is passed
-- over: nobody waits, and no two wait for each other.
create function chat_private.deliver(room_ids bigint[], user_ids uuid[], seqs bigint[])
returns table (room_id bigint, user_id uuid)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  update chat.room_members as members
  set last_delivered_seq = behind.seq
  from (
    select locked.room_id, locked.user_id, wanted.seq
    from unnest(room_ids, user_ids, seqs) as wanted (room_id, user_id, seq)
    -- Each is looked up: a join may read the members of all rooms.
    cross join lateral (
      select own.room_id, own.user_id from chat.room_members as own
      where own.room_id = wanted.room_id and own.user_id = wanted.user_id
        and own.last_delivered_seq < wanted.seq and own.shares_receipts
      for no key update skip locked
    ) as locked
  ) as behind
  where members.room_id = behind.room_id and members.user_id = behind.user_id;

  return query
  select missed.room_id, missed.user_id
  from unnest(room_ids, user_ids, seqs) as wanted (room_id, user_id, seq)
  cross join lateral (
    select own.room_id, own.user_id, own.last_delivered_seq from chat.room_members as own
    where own.room_id = wanted.room_id and own.user_id = wanted.user_id
      and own.last_delivered_seq < wanted.seq and own.shares_receipts
    offset 0
  ) as missed
  join chat.rooms as rooms on rooms.id = missed.room_id
  where missed.last_delivered_seq < rooms.last_seq;
end;
$$;
comment on function chat_private.deliver is
  'Marks for many people at once what was delivered to them. Returns whose marks could not be moved at this moment.';

-- Definer: a page of messages asks this each time, past the policies. Nothing is written where nothing moves.
create function chat_private.listed(room_id bigint, seq bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.room_members as members
  set last_delivered_seq = listed.seq
  where members.room_id = listed.room_id and members.user_id = (select auth.uid())
    and members.last_delivered_seq < listed.seq and members.shares_receipts;
end;
$$;
comment on function chat_private.listed is 'Marks the messages up to seq as delivered to the caller, who has just read them.';
grant execute on function chat_private.listed to authenticated;

-- Definer: calls deliver(), which nobody else may.
create function chat_private.mark_delivered_many(room_ids bigint[], seqs bigint[])
returns bigint[]
language plpgsql volatile security definer set search_path = ''
as $$
declare
  marks constant integer := coalesce(cardinality(room_ids), 0);
begin
  perform chat_private.require_caller();
  if marks <> coalesce(cardinality(seqs), 0) or marks > 1000 then
    raise sqlstate 'PT400' using message = 'invalid_marks', detail = 'Give one seq for each of at most 1,000 rooms.';
  end if;
  return array(
    select delivered.room_id
    from chat_private.deliver(room_ids, array_fill(auth.uid(), array[marks]), seqs) as delivered
  );
end;
$$;
grant execute on function chat_private.mark_delivered_many to authenticated;

create function chat.mark_delivered_many(room_ids bigint[], seqs bigint[])
returns bigint[]
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.mark_delivered_many(room_ids, seqs);
$$;
comment on function chat.mark_delivered_many is
  'Marks the messages of each room up to its seq as delivered to the caller; rooms of others are passed over. Returns '
  'the rooms that are written at this moment: ask again for those. Raises invalid_marks, caller_required.';
grant execute on function chat.mark_delivered_many to authenticated;

-- sql/560_sync.sql

-- What happened in a room since a version: an event is a hint, this is the truth.
create function chat_private.changes(room_id bigint, since_version bigint, max_rows integer)
returns table (version bigint, event text, payload jsonb)
language plpgsql stable security invoker set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select changed.version, changed.event, changed.payload
  from (
    (
      select messages.version, chat_private.message_event(messages), chat_private.message_payload(messages)
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.version > since_version
      order by messages.version
      limit max_rows
    )
    union all
    (
      select others.version, others.event,
        others.payload || jsonb_build_object('room_id', others.room_id, 'version', others.version)
          -- The name that the person has now: the one they had then may be somebody else's.
          || case when others.payload ? 'username'
            then jsonb_build_object('username', (
              select username from chat.profiles where id = (others.payload ->> 'user_id')::uuid
            ))
            else '{}'
          end
      from chat.room_changes as others
      where others.room_id = changes.room_id and others.version > since_version
      order by others.version
      limit max_rows
    )
  ) as changed (version, event, payload)
  order by changed.version
  limit max_rows;
end;
$$;
grant execute on function chat_private.changes to authenticated;

create function chat_private.read_marks(room_id bigint)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  -- Of a room too large for announcing marks, the caller's own.
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'user_id', members.user_id,
          'last_read_seq',
          case when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq end,
          'last_delivered_seq', members.last_delivered_seq
        )
        order by members.user_id
      ),
      '[]'
    )
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.room_id = read_marks.room_id
      and (rooms.member_count <= 50 or members.user_id = (select auth.uid()))
  );
end;
$$;
grant execute on function chat_private.read_marks to authenticated;

create function chat.sync(room_id bigint, since_version bigint default 0, max_rows integer default 500)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  page_size integer := least(greatest(coalesce(max_rows, 500), 1), 1000);
  room chat.rooms;
  rows jsonb;
  has_more boolean;
begin
  perform chat_private.require_role(sync.room_id);
  select * into room from chat.rooms where id = sync.room_id;

  -- One row more than asked for tells whether there is more.
  select coalesce(jsonb_agg(page.payload || jsonb_build_object('event', page.event) order by page.version), '[]')
  into rows
  from chat_private.changes(sync.room_id, coalesce(since_version, 0), page_size + 1) as page;
  has_more := jsonb_array_length(rows) > page_size;
  if has_more then
    rows := rows - page_size;
  end if;

  return jsonb_build_object(
    'room_id', room.id,
    'topic', room.topic,
    'version', case when has_more then (rows -> -1 ->> 'version')::bigint else room.version end,
    'last_seq', room.last_seq,
    'has_more', has_more,
    'changes', rows,
    'read_marks', chat_private.read_marks(room.id),
    'unread_count', (
      select chat_private.my_unread(own, room.last_seq) from chat.room_members as own
      where own.room_id = room.id and own.user_id = (select auth.uid())
    )
  );
end;
$$;
comment on function chat.sync is
  'What changed in a room after a version, at most 1,000 changes in order of version: a message as it is now, '
  'at its last change. Raises room_not_found, not_a_member.';
grant execute on function chat.sync to authenticated;

-- sql/570_room_list.sql

-- The inbox: one query, however many rooms.
create function chat.room_list(
  archived boolean default null,
  before_room_id bigint default null,
  max_rows integer default 100,
  only_room_id bigint default null
)
returns table (
  id bigint,
  kind chat.room_kind,
  slug text,
  name text,
  description text,
  is_public boolean,
  created_by uuid,
  last_seq bigint,
  version bigint,
  topic text,
  member_count integer,
  members_version bigint,
  created_at timestamptz,
  active_at timestamptz,
  role chat.member_role,
  last_read_seq bigint,
  archived_at timestamptz,
  muted_until timestamptz,
  unread_count bigint,
  last_message jsonb,
  other_member jsonb
)
language plpgsql stable security invoker rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  -- Whoever has left the room where a page ended must not take that for the end of the list.
  if before_room_id is not null then
    perform chat_private.require_role(before_room_id);
  end if;
  return query
  with mine as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at,
      members as own, members.role, members.archived_at, members.muted_until,
      case
        when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq
      end as last_read_seq
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid())
      and (room_list.archived is null or room_list.archived = (members.archived_at is not null))
      and (only_room_id is null or rooms.id = only_room_id)
  ),
  page as (
    select mine.*
    from mine
    where before_room_id is null
      or (mine.active_at, mine.id) < (
        select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where cursor.id = before_room_id
      )
    order by mine.active_at desc, mine.id desc
    limit least(greatest(coalesce(max_rows, 100), 1), 1000)
  )
  select
    page.id, page.kind, page.slug, page.name, page.description, page.is_public, page.created_by,
    page.last_seq, page.version, page.topic, page.member_count, page.members_version, page.created_at, page.active_at,
    page.role, page.last_read_seq, page.archived_at, page.muted_until,
    chat_private.my_unread(page.own, page.last_seq),
    case when messages.id is not null then chat_private.message_payload(messages) -> 'message' end,
    (
      select jsonb_build_object('user_id', profiles.id, 'number', profiles.number, 'username', profiles.username)
      from chat.room_members as others
      join chat.profiles as profiles on profiles.id = others.user_id
      where page.kind = 'direct' and others.room_id = page.id and others.user_id <> (select auth.uid())
    )
  from page
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$$;
comment on function chat.room_list is
  'The rooms of the caller, the most recently active first, with unread count, last message and, of a direct '
  'room, the other member. Pages go on before a room id; at most 1,000 rows. Raises room_not_found, not_a_member, caller_required.';
grant execute on function chat.room_list to authenticated;

-- sql/575_find_rooms.sql

-- The caller's rooms by what they are called: all of them, not only those that a page has loaded.
create function chat.find_rooms(query text, max_rows integer default 20)
returns table (
  id bigint, kind chat.room_kind, title text, description text, member_count integer, other_member jsonb
)
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
#variable_conflict use_column
declare
  wanted text := lower(btrim(query));
begin
  perform chat_private.require_caller();
  if (query ~ '\S') is not true or char_length(query) > 200 then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'Search for 1 to 200 characters.';
  end if;
  return query
  select rooms.id, rooms.kind, coalesce(nullif(rooms.name, ''), others.username, ''), rooms.description,
    rooms.member_count,
    case when others.id is not null then
      jsonb_build_object('user_id', others.id, 'number', others.number, 'username', others.username)
    end
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  left join lateral (
    select profiles.*
    from chat.room_members as both_members
    join chat.profiles as profiles on profiles.id = both_members.user_id
    where rooms.kind = 'direct' and both_members.room_id = rooms.id and both_members.user_id <> (select auth.uid())
  ) as others on true
  where members.user_id = (select auth.uid())
    and (
      position(wanted in lower(rooms.name)) > 0
      or position(wanted in lower(others.username)) > 0
      or position(wanted in lower(others.first_name || ' ' || others.last_name)) > 0
    )
  order by coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc
  limit least(greatest(coalesce(max_rows, 20), 1), 100);
end;
$$;
comment on function chat.find_rooms is
  'The rooms of the caller whose name, or whose other member''s name, holds a text; the most recently active first, at most '
  '100. Raises invalid_query, caller_required.';
grant execute on function chat.find_rooms to authenticated;

-- sql/580_search.sql

-- Definer: the operators of text search are not leakproof, so under a policy no index could serve them. Membership is
-- checked by hand instead, and the caller reads the messages found under the policies again.
create function chat_private.search_message_ids(query text, room_id bigint, before_id bigint, max_rows integer)
returns setof bigint
language plpgsql stable security definer rows 50 set search_path = ''
-- How rare the words are decides the plan.
set plan_cache_mode = force_custom_plan
as $$
declare
  words tsquery := websearch_to_tsquery('pg_catalog.russian', query);
  part text := '%' || regexp_replace(query, '([\\%_])', '\\\1', 'g') || '%';
  room_ids bigint[] := array(
    select mine from chat_private.my_room_ids() as mine
    where search_message_ids.room_id is null or mine = search_message_ids.room_id
  );
begin
  if char_length(query) < 3 then
    -- Too short for the index of parts: room by room.
    return query
      select messages.id
      from unnest(room_ids) as mine (id)
      cross join lateral (
        select each.id from chat.messages as each
        where each.room_id = mine.id
          and each.deleted_at is null
          and (each.search @@ words or each.content operator(pg_catalog.~~*) part)
          and (before_id is null or each.id < before_id)
        offset 0 -- one room after the other, each by its index
      ) as messages
      order by messages.id desc
      limit max_rows;
    return;
  end if;

  return query
    -- Materialized: otherwise the limit tempts the planner to walk the primary key backward.
    with found as materialized (
      select messages.id
      from chat.messages as messages
      where messages.room_id = any (room_ids)
        and messages.deleted_at is null
        and (messages.search @@ words or messages.content operator(pg_catalog.~~*) part)
        and (before_id is null or messages.id < before_id)
    )
    select found.id from found order by found.id desc limit max_rows;
end;
$$;
grant execute on function chat_private.search_message_ids to authenticated;

create function chat.search_messages(
  query text, room_id bigint default null, before_id bigint default null, max_rows integer default 50
)
returns setof chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  if (query ~ '\S') is not true or char_length(query) > 200 then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'Search for 1 to 200 characters.';
  elsif search_messages.room_id is not null then
    perform chat_private.require_role(search_messages.room_id);
  end if;
  return query
    select messages.*
    from chat_private.search_message_ids(
      btrim(query), search_messages.room_id, before_id, least(greatest(coalesce(max_rows, 50), 1), 1000)
    ) as found (id)
    join chat.messages as messages on messages.id = found.id
    order by messages.id desc;
end;
$$;
comment on function chat.search_messages is
  'The messages of the caller''s rooms, or of one room, that hold the words in any form, or the text as a part; '
  'newest first, before an id. Raises invalid_query, room_not_found, not_a_member, caller_required.';
grant execute on function chat.search_messages to authenticated;

-- sql/585_post_functions.sql

-- Publishing posts, once for each key.

-- Definer: keeps the key, which stands in a table of nobody.
create function chat_private.post_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.made_with_key(
    new.author_id, 'post', new.client_id, jsonb_build_array(new.title, new.content)
  );
  return new;
end;
$$;

create trigger post_adding
  before insert on chat.posts
  for each row when (new.client_id is not null)
  execute function chat_private.post_adding();

create function chat.create_post(title text, content text, client_id uuid default null)
returns chat.posts
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  post chat.posts;
begin
  perform chat_private.require_caller();
  insert into chat.posts (title, content, client_id)
  values (create_post.title, create_post.content, create_post.client_id)
  on conflict on constraint posts_author_id_client_id_key do nothing
  returning * into post;

  perform set_config('chat.repeated', (post.id is null)::text, true);
  if post.id is null then
    select * into post from chat.posts as posts
    where posts.author_id = (select auth.uid()) and posts.client_id = create_post.client_id;
  end if;
  return post;
end;
$$;
comment on function chat.create_post is
  'Publishes a post of the caller. Repeated with the same client_id it returns the first post, as it is now. Raises '
  'client_id_reused, caller_required.';
grant execute on function chat.create_post to authenticated;

-- sql/600_realtime.sql

-- Who may join which topic. Realtime asks these policies at a join, with nothing but the topic and the extension.

-- The shapes of Parley's topics, and of nobody else's.
create function chat_private.is_chat_topic(topic text)
returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select topic ~ (
    '^(room:[0-9]+:[0-9]+(:live)?'
    '|(user|conversation):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$'
  );
$$;

-- Definer: reads rooms and members past their policies, once a join.
create function chat_private.is_my_topic(topic text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if topic ~ '^room:[0-9]{1,18}:[0-9]{1,9}(:live)?$' then
    return exists (
      select from chat.rooms as rooms
      join chat.room_members as members on members.room_id = rooms.id
      where rooms.id = split_part(is_my_topic.topic, ':', 2)::bigint
        and rooms.topic = regexp_replace(is_my_topic.topic, ':live$', '')
        and members.user_id = (select auth.uid())
    );
  elsif topic like 'conversation:%' then
    return exists (
      select from chat.conversations as conversations
      where conversations.owner_id = (select auth.uid()) and is_my_topic.topic = 'conversation:' || conversations.id
    );
  end if;
  return coalesce(topic = 'user:' || (select auth.uid()), false);
end;
$$;

create policy "people can receive from topics of theirs"
  on realtime.messages for select to authenticated
  using (
    extension in ('broadcast', 'presence')
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "members can send to the live topics of their rooms"
  on realtime.messages for insert to authenticated
  with check (
    extension in ('broadcast', 'presence')
    and (select realtime.topic()) like 'room:%:live'
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

-- A project may have policies of its own, such as those of Realtime's quick start, which open every topic to everyone
-- who is signed in. Restrictive policies keep Parley's topics closed whatever else permits, and to every role; on the
-- project's own topics they restrict nothing.
create policy "topics of chat are received only by the people they are for"
  on realtime.messages as restrictive for select
  using (
    not chat_private.is_chat_topic(topic)
    or topic = (select realtime.topic())
    and extension in ('broadcast', 'presence')
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "topics of chat are sent to only by members, and only live"
  on realtime.messages as restrictive for insert
  with check (
    not chat_private.is_chat_topic(topic)
    or topic = (select realtime.topic())
    and extension in ('broadcast', 'presence')
    and topic like 'room:%:live'
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "events of chat are changed by nobody"
  on realtime.messages as restrictive for update
  using (not chat_private.is_chat_topic(topic))
  with check (not chat_private.is_chat_topic(topic));

-- sql/620_jobs.sql

-- What is done later, in small steps: pg_cron runs it on the platform, a timer in local/.
-- A job is a function chat_private.job_<name>() that does a bounded piece of work, of half a second at most, and
-- returns whether there is more to do right away.
create table chat_private.jobs (
  name text primary key check (name ~ '^[a-z_]{1,50}$'),
  every interval not null check (every > '0'),
  next_run_at timestamptz not null default now(),
  last_run_at timestamptz,
  last_error text,
  failed_at timestamptz
);
comment on table chat_private.jobs is 'What is done in the background, how often, and how it last went.';
comment on column chat_private.jobs.every is 'How long after a run that left nothing to do the next one comes; operators may change it.';
alter table chat_private.jobs enable row level security;
revoke all on chat_private.jobs from anon, authenticated;

create function chat_private.run_next_job()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  job chat_private.jobs;
  has_more boolean := false;
  failure text;
begin
  -- Two runners at once take two jobs.
  select * into job from chat_private.jobs as jobs
  where jobs.next_run_at <= clock_timestamp()
  order by jobs.next_run_at
  limit 1
  for update skip locked;
  if not found then
    return false;
  end if;

  begin
    execute format('select chat_private.%I()', 'job_' || job.name) into has_more;
  exception when others then
    failure := sqlerrm;
    raise warning 'the job % failed: %', job.name, failure;
  end;
  update chat_private.jobs as jobs
  set next_run_at = clock_timestamp() + case when has_more and failure is null then interval '0' else jobs.every end,
    last_run_at = clock_timestamp(),
    last_error = failure,
    failed_at = case when failure is null then jobs.failed_at else clock_timestamp() end
  where jobs.name = job.name;
  return true;
end;
$$;
comment on function chat_private.run_next_job is
  'Runs the job that has been due for the longest time. Returns false when none is due.';

create function chat_private.run_jobs(max_runs integer default 1000)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  runs integer := 0;
begin
  while runs < max_runs and chat_private.run_next_job() loop
    runs := runs + 1;
  end loop;
  return runs;
end;
$$;
comment on function chat_private.run_jobs is
  'Runs what is due until nothing is, in one transaction: for tests and operators. Returns the number of runs.';

-- Each job commits by itself, and a run ends before the next one begins.
do $schedule$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('parley-jobs', '10 seconds', $command$
      do $$
      declare
        until timestamptz := clock_timestamp() + interval '9 seconds';
      begin
        while clock_timestamp() < until and chat_private.run_next_job() loop
          commit;
        end loop;
      end $$
    $command$);
  end if;
exception when others then
  raise warning 'pg_cron cannot run Parley''s jobs: %', sqlerrm;
end
$schedule$;

-- sql/630_status_job.sql

-- Whoever goes without a word, as a page that is closed or a worker that dies, is announced as offline once they no
-- longer count as online.
create function chat_private.job_end_status()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  enough constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  ended integer;
begin
  loop
    -- Who is seen at this very moment has their row locked, and stays online.
    update chat.user_status as status
    set announced_online = false
    where status.user_id in (
      select gone.user_id from chat.user_status as gone
      where gone.announced_online and gone.last_seen_at <= now() - interval '60 seconds'
      order by gone.last_seen_at
      limit 50
      for update skip locked
    );
    get diagnostics ended = row_count;
    if ended < 50 then
      return false;
    elsif clock_timestamp() > enough then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_end_status is 'Announces that those are offline who were not seen for 60 seconds.';

-- Looked at with every run of the jobs: 10 seconds more would be too late.
insert into chat_private.jobs (name, every) values ('end_status', interval '5 seconds');

-- sql/640_reply_job.sql

-- Replies of workers that are gone end, and everybody who waits is notified.
create function chat_private.job_end_replies()
returns boolean
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.end_lapsed_replies(null, 200) = 200;
$$;

insert into chat_private.jobs (name, every) values ('end_replies', interval '10 seconds');

-- sql/650_removal.sql

-- What is deleted is hidden at once. What there is much of is removed here, in batches.
create table chat_private.removed_members (
  room_id bigint not null,
  user_id uuid not null,
  primary key (room_id, user_id)
);
comment on table chat_private.removed_members is 'Members of deleted rooms who are still to be notified.';
alter table chat_private.removed_members enable row level security;
revoke all on chat_private.removed_members from anon, authenticated;

create table chat_private.departed_senders (
  user_id uuid primary key,
  departed_at timestamptz not null default now()
);
comment on table chat_private.departed_senders is 'Deleted accounts whose id is still to be removed from their messages.';
alter table chat_private.departed_senders enable row level security;
revoke all on chat_private.departed_senders from anon, authenticated;

create function chat_private.notify_removed_members(room_id bigint, max_rows integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  user_ids uuid[];
begin
  with gone as (
    delete from chat_private.removed_members as members
    where members.room_id = notify_removed_members.room_id and members.user_id in (
      select page.user_id from chat_private.removed_members as page
      where page.room_id = notify_removed_members.room_id order by page.user_id limit max_rows
    )
    returning members.user_id
  )
  select coalesce(array_agg(gone.user_id), '{}') into user_ids from gone;
  perform chat_private.announce(
    'user:' || user_id, 'room.removed', jsonb_build_object('room_id', notify_removed_members.room_id)
  )
  from unnest(user_ids) as user_id;
  return cardinality(user_ids);
end;
$$;

create function chat_private.remove_room_rows(room_id bigint, max_rows integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  removed integer := chat_private.notify_removed_members(remove_room_rows.room_id, max_rows);
  more integer;
begin
  delete from chat.pins where id in (
    select pins.id from chat.pins as pins where pins.room_id = remove_room_rows.room_id order by pins.id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.room_changes as changes
  where changes.room_id = remove_room_rows.room_id and changes.version in (
    select page.version from chat.room_changes as page
    where page.room_id = remove_room_rows.room_id order by page.version limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  -- The newest first: what replies to a message goes before it.
  delete from chat.messages where id in (
    select messages.id from chat.messages as messages
    where messages.room_id = remove_room_rows.room_id order by messages.seq desc limit max_rows
  );
  get diagnostics more = row_count;
  return removed + more;
end;
$$;
comment on function chat_private.remove_room_rows is
  'Removes up to max_rows of each kind of row of a deleted room. Returns how many it removed.';

create function chat_private.job_remove_rooms()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  room_id bigint;
begin
  loop
    select id into room_id from chat.rooms where deleted_at is not null order by deleted_at, id limit 1;
    if not found then
      return false;
    elsif chat_private.remove_room_rows(room_id, 500) = 0 then
      delete from chat.rooms where id = room_id;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_remove_rooms is 'Removes what deleted rooms have left.';

-- Definer: clients may not delete messages. As room_deleted() does.
create function chat_private.conversation_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  messages bigint;
begin
  if old.deleted_at is not null then
    return null; -- the bare row itself
  end if;
  select count(*) into messages
  from (select from chat.conversation_messages where conversation_id = old.id limit 1001) as some_messages;
  if chat_private.may_remove_now(messages) then
    delete from chat.conversation_messages where conversation_id = old.id;
  else
    insert into chat.conversations (id, owner_id, created_at, deleted_at) values (old.id, null, old.created_at, now());
  end if;
  return null;
end;
$$;

create trigger "1_conversation_deleted"
  after delete on chat.conversations
  for each row execute function chat_private.conversation_deleted();

create function chat_private.job_remove_conversations()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  removed uuid;
begin
  loop
    select id into removed from chat.conversations where deleted_at is not null order by deleted_at, id limit 1;
    if not found then
      return false;
    end if;
    -- The newest first, as of rooms.
    delete from chat.conversation_messages where id in (
      select messages.id from chat.conversation_messages as messages
      where messages.conversation_id = removed order by messages.id desc limit 500
    );
    if not found then
      delete from chat.conversations where id = removed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_remove_conversations is 'Removes what deleted conversations have left.';

-- Definer: Auth's own role deletes accounts.
create function chat_private.profile_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Few at once, many in the background.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  insert into chat_private.departed_senders (user_id)
  select old.id where exists (select from chat.messages where sender_id = old.id)
  on conflict do nothing;
  return null;
end;
$$;

create trigger profile_left
  after delete on chat.profiles
  for each row execute function chat_private.profile_left();

create function chat_private.job_forget_senders()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
begin
  loop
    select user_id into departed from chat_private.departed_senders order by departed_at, user_id limit 1;
    if not found then
      return false;
    end if;
    -- Skipped: a message that is being edited or deleted at this moment is not waited for, with its room.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not exists (select from chat.messages where sender_id = departed) then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_forget_senders is 'Removes the ids of deleted accounts from their messages.';

create table chat_private.rooms_to_prune (
  room_id bigint primary key
);
comment on table chat_private.rooms_to_prune is 'Rooms in which much has changed besides the messages.';
alter table chat_private.rooms_to_prune enable row level security;
revoke all on chat_private.rooms_to_prune from anon, authenticated;

-- What a change is about: of each subject, sync() needs the last change only.
create function chat_private.change_subject(event text, payload jsonb)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case
    when event in ('member.joined', 'member.left') then 'membership of ' || (payload ->> 'user_id')
    when event = 'member.updated' then 'member ' || (payload ->> 'user_id')
    when event = 'message.pinned' then 'pin of ' || (payload #>> '{pin,message_id}')
    when event = 'message.unpinned' then 'pin of ' || (payload ->> 'message_id')
    -- The slug is told only where it changes.
    else event || case when payload ? 'slug' then ' with its slug' else '' end
  end;
$$;

create function chat_private.job_prune_changes()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  kept constant integer := 100;
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
  where changes.room_id = pruned and changes.version = ranked.version and ranked.place > 1 and ranked.age > kept;
  return true;
end;
$$;
comment on function chat_private.job_prune_changes is
  'Removes changes of a room that later ones supersede, but for the last 100, so that a loop of them does not fill the table.';

insert into chat_private.jobs (name, every) values
  ('remove_rooms', interval '10 seconds'), ('remove_conversations', interval '10 seconds'),
  ('forget_senders', interval '10 seconds'), ('prune_changes', interval '1 minute');

-- sql/900_grants.sql

-- Postgres lets everyone execute a new function: not here. What clients may call is granted beside each function.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- But policies for every role call these; by name nobody reaches them without the use of the schema.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

-- For a backend of one's own, with the secret key. Functions that are about a signed-in user refuse it by name.
grant select, insert, update, delete on all tables in schema chat to service_role;
grant execute on all functions in schema chat to service_role;
-- What these call as their caller.
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

-- The project's default grants, which 010 has put aside.
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
