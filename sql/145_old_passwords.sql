-- The passwords of imported people whose hashes Auth cannot check. The first right password becomes
-- the one of Auth, and the hash is gone.
create table chat_private.old_passwords (
  user_id uuid primary key references auth.users on delete cascade,
  hash text not null check (hash ~ '^[a-z0-9_]+\$' and char_length(hash) <= 500)
);
comment on table chat_private.old_passwords is 'The hashes of passwords from an earlier backend, until their first use.';
alter table chat_private.old_passwords enable row level security;
revoke all on chat_private.old_passwords from anon, authenticated, service_role;

create function chat_private.old_password(login text)
returns table (user_id uuid, hash text, other_hash text, has_imported boolean)
language sql stable security invoker set search_path = ''
as $$
  -- Materialized: otherwise the name is looked up once for each account.
  with wanted as materialized (select chat_private.login_email(login) as email)
  select passwords.user_id, passwords.hash, (select others.hash from chat_private.old_passwords as others limit 1),
    exists (select from chat_private.imports)
  from wanted
  -- As begin_login() does for the passwords of Auth: a banned account has none.
  left join auth.users as users on users.email = wanted.email and coalesce(users.banned_until < now(), true)
  left join chat_private.old_passwords as passwords on passwords.user_id = users.id
  limit 1;
$$;
comment on function chat_private.old_password is
  'The hash that a sign-in must match, if the account has one; the hash of anybody, to be checked where there is none; and whether '
  'people were imported at all. Granted to no role.';

create function chat_private.adopt_password(account uuid, old_hash text, new_hash text)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.adopt_password is
  'Gives Auth the password that has matched an old hash, as a hash of its own, and forgets the old one. Granted to no role.';

create function chat_private.end_old_ways(account uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  delete from chat_private.old_passwords where user_id = account;
  insert into chat_private.exchanged_tokens (jti, expires_at)
  select 'account:' || users.id, 'infinity' from auth.users as users
  where users.id = account and users.raw_app_meta_data ? 'imported_from'
  on conflict do nothing;
end;
$$;
comment on function chat_private.end_old_ways is
  'Ends what an earlier backend has left of ways into an account: its password, and its tokens.';

-- Definer: Auth's role writes auth.users, and has no rights in chat_private. A person who sets a new password
-- does not want the old one to work.
create function chat_private.password_set()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if current_setting('parley.adopted', true) is distinct from new.id::text then
    perform chat_private.end_old_ways(new.id);
  end if;
  return null;
end;
$$;

create trigger parley_password_set
  after update of encrypted_password on auth.users
  for each row when (new.encrypted_password is distinct from old.encrypted_password)
  execute function chat_private.password_set();
