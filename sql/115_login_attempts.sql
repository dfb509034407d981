-- Wrong passwords are counted by what was typed and by address of the client: Auth may see one address for all. Not by
-- account: whoever has used up a username's attempts would see by a 429 which address belongs to it, also a hidden one.
create table chat_private.login_limits (
  only_row boolean primary key default true check (only_row),
  per_account integer not null default 10 check (per_account > 0),
  per_address integer not null default 100 check (per_address > 0),
  period interval not null default '5 minutes' check (period > '0')
);
comment on table chat_private.login_limits is 'How many wrong passwords in a period are too many; operators may change it.';
insert into chat_private.login_limits default values;
alter table chat_private.login_limits enable row level security;
revoke all on chat_private.login_limits from anon, authenticated;

-- Unlogged: after a crash everyone may try again.
create unlogged table chat_private.login_attempts (
  subject text primary key,
  attempts integer not null,
  since timestamptz not null default now()
);
comment on table chat_private.login_attempts is 'Attempts that did not succeed, or not yet, of an account or an address.';
alter table chat_private.login_attempts enable row level security;
revoke all on chat_private.login_attempts from anon, authenticated;

-- Those to be forgotten.
create index login_attempts_since_idx on chat_private.login_attempts (since);

create function chat_private.login_subjects(login text, address text)
returns text[]
language sql immutable security invoker set search_path = ''
as $$
  -- Hashed: what was typed into a login may be anything, also a password.
  select array['account:' || md5(lower(login))]
    || case when address is not null then array['address:' || md5(address)] end;
$$;

create function chat_private.begin_login(login text, address text)
returns table (email text, wait_seconds integer)
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  limits chat_private.login_limits;
  subject text;
  tried chat_private.login_attempts;
begin
  select * into limits from chat_private.login_limits;
  email := chat_private.login_email(login);
  wait_seconds := 0;
  -- Counted before the password is looked at, so that many at once do not slip through.
  foreach subject in array chat_private.login_subjects(login, address) loop
    insert into chat_private.login_attempts as known (subject, attempts) values (subject, 1)
    on conflict on constraint login_attempts_pkey do update
    set attempts = case when known.since < now() - limits.period then 1 else known.attempts + 1 end,
      since = case when known.since < now() - limits.period then now() else known.since end
    returning known.* into tried;
    if tried.attempts > (case when subject like 'account:%' then limits.per_account else limits.per_address end) then
      wait_seconds := greatest(wait_seconds, ceil(extract(epoch from tried.since + limits.period - now())), 1);
    end if;
  end loop;
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
  'Counts an attempt to sign in. The address to sign in with, and the seconds to wait first: 0 when it may go on.';

create function chat_private.end_login(login text, address text, succeeded boolean)
returns void
language sql volatile security invoker set search_path = ''
as $$
  -- A right password clears the account. The address keeps what it did to others.
  update chat_private.login_attempts
  set attempts = case when succeeded and subject like 'account:%' then 0 else greatest(attempts - 1, 0) end
  where subject = any (chat_private.login_subjects(login, address));
$$;
comment on function chat_private.end_login is
  'Takes an attempt back that was no wrong password: the right one, or none that could be looked at.';
