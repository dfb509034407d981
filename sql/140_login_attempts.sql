-- Wrong passwords are counted by the typed login together with the client's IP address, so that an attacker cannot lock a
-- user out: an address without failures always gets its attempt. The typed login counts, not the account: otherwise a 429
-- would reveal which email address belongs to a username. After some wrong passwords, each attempt must wait longer.
create table chat_private.login_limits (
  only_row boolean primary key default true check (only_row),
  per_account integer not null default 10 check (per_account > 0),
  per_address integer not null default 100 check (per_address > 0),
  first_wait interval not null default '5 seconds' check (first_wait > '0'),
  longest_wait interval not null default '1 minute' check (longest_wait > '0'),
  period interval not null default '5 minutes' check (period > '0')
);
comment on table chat_private.login_limits is 'How many wrong passwords are free before a wait; operators may change it.';
comment on column chat_private.login_limits.per_account is 'Wrong passwords for one account from one address before a wait.';
comment on column chat_private.login_limits.per_address is 'Wrong passwords for all accounts from one address before a wait.';
comment on column chat_private.login_limits.first_wait is 'Doubles with each further wrong password.';
comment on column chat_private.login_limits.period is 'Counts begin again this long after the last attempt.';
insert into chat_private.login_limits default values;
alter table chat_private.login_limits enable row level security;
revoke all on chat_private.login_limits from anon, authenticated;

-- Unlogged: a crash may reset the counts.
create unlogged table chat_private.login_attempts (
  subject text primary key,
  attempts integer not null default 0,
  since timestamptz not null default now(),
  wait_until timestamptz
);
comment on table chat_private.login_attempts is
  'Attempts that failed or have not ended yet: for an account from an address, and for all accounts from an address.';
comment on column chat_private.login_attempts.since is 'The time of the last attempt.';
alter table chat_private.login_attempts enable row level security;
revoke all on chat_private.login_attempts from anon, authenticated;

-- Old counts, which prune_login_attempts() deletes.
create index login_attempts_since_idx on chat_private.login_attempts (since);

create function chat_private.login_network(address text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  -- A client with an IPv6 address usually has 2^64 of them.
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
  -- Hashed: users type anything into a login field, even a password.
  select array['account:' || md5(chat_private.fold(left(login, 1000)) || ' ' || coalesce(network, ''))]
    || case when network is not null then array['address:' || md5(network)] end
  from chat_private.login_network(address) as network;
$$;

create function chat_private.login_email(login text)
returns text
language sql stable security invoker set search_path = ''
as $$
  -- An address takes precedence over a username that looks like an address.
  select coalesce(
    (select users.email from auth.users as users where users.email = lower(login) limit 1),
    (
      select users.email
      from chat.profiles as profiles
      join auth.users as users on users.id = profiles.id
      where chat_private.fold(profiles.username) = chat_private.fold(left(login, 300))
    )
  );
$$;
comment on function chat_private.login_email is
  'The address to sign in with, for a username or an address. Granted to no role: only the owner calls it.';

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
$$;
comment on function chat_private.begin_login is
  'Counts a login attempt. Returns the address to sign in with, the seconds to wait first, and whether a password can be right.';

create function chat_private.end_login(login text, address text, succeeded boolean)
returns void
language sql volatile security invoker set search_path = ''
as $$
  -- In the order in which begin_login() locks them.
  with locked as (
    select subject from chat_private.login_attempts
    where subject = any (chat_private.login_subjects(login, address))
    order by subject
    for update
  )
  -- A correct password resets the count for the account. The address keeps its count for other accounts.
  update chat_private.login_attempts as known
  set attempts = case when succeeded and known.subject like 'account:%' then 0 else greatest(attempts - 1, 0) end,
    wait_until = null
  from locked
  where known.subject = locked.subject;
$$;
comment on function chat_private.end_login is
  'Uncounts an attempt that was not a wrong password: a correct password, or one that could not be checked.';

create function chat_private.renew_session(session uuid, account uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update auth.sessions set created_at = now() where id = session and user_id = account;
$$;
comment on function chat_private.renew_session is
  'Resets the age of a session whose user has just given the password.';

create function chat_private.prune_login_attempts()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.prune_login_attempts is 'Deletes old counts of attempts, and none that counts still.';
