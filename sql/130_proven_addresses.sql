-- An address is proven when its owner has used a mailed link, or when a provider such as Google vouches for it. In a
-- project without email confirmation Auth takes every address as confirmed: an attacker who registers with the address of
-- another person has a password to the account that this person gets later. So Parley tracks unproven addresses by what
-- Auth writes, and the first proof removes every way in that an attacker could have set up.
create table chat_private.unproven_addresses (
  user_id uuid primary key references auth.users on delete cascade,
  since timestamptz not null default now()
);
comment on table chat_private.unproven_addresses is 'The accounts whose address is not proven yet.';
alter table chat_private.unproven_addresses enable row level security;
revoke all on chat_private.unproven_addresses from anon, authenticated;

create function chat_private.vouches(identity auth.identities, address text)
returns boolean
language sql immutable security invoker set search_path = ''
as $$
  select lower(identity.identity_data ->> 'email') = lower(address)
    and coalesce(identity.identity_data ->> 'email_verified' = 'true', false);
$$;
comment on function chat_private.vouches is 'Whether an identity confirms the address.';

-- Definer: Auth's role writes auth.users, and has no rights in chat_private.
create function chat_private.address_set()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  mailed boolean := false;
  -- When an anonymous user gives a first address, Auth's own identity says that it is verified, mailed or not.
  own text := case when tg_op = 'UPDATE' and old.email is not null then 'email' end;
begin
  if tg_op = 'INSERT' then
    -- An account that is created together with a provider's identity has no earlier way in.
    perform set_config('parley.new_account', new.id::text, true);
  elsif lower(new.email) is not distinct from lower(old.email) then
    return null;
  else
    -- Auth sets the new address, and clears email_change with it, only after the mailed link was used.
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

-- The existing accounts of a project that adds Parley: a mailed confirmation counts as proof.
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
$$;
comment on function chat_private.shut_out is 'Removes every way into an account except its address: an attacker may have set it up.';

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

-- Deferred: after writing the identity, Auth merges the provider's metadata into the existing metadata.
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

-- A mailed link or code for signing in was used. A new password also clears the token, but proves nothing.
create trigger parley_link_answered
  after update of recovery_token on auth.users
  for each row
  when (
    old.recovery_token <> '' and coalesce(new.recovery_token, '') = ''
    and new.encrypted_password is not distinct from old.encrypted_password and new.email is not distinct from old.email
  )
  execute function chat_private.link_answered();
