-- The refresh tokens of an imported backend that were exchanged for a session here.
create table chat_private.exchanged_tokens (
  jti text primary key check (char_length(jti) <= 255),
  expires_at timestamptz not null
);
comment on table chat_private.exchanged_tokens is 'Tokens of an earlier backend that have been used, until they expire.';
alter table chat_private.exchanged_tokens enable row level security;
revoke all on chat_private.exchanged_tokens from anon, authenticated, service_role;

-- Those that have expired: prune_exchanged_tokens() deletes them.
create index exchanged_tokens_expires_at_idx on chat_private.exchanged_tokens (expires_at);

create function chat_private.exchange_old_token(person bigint, jti text, expires_at timestamptz)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.exchange_old_token is
  'A refresh token of Auth for one of an earlier backend, once; null if it was used, or if its person is unknown, banned, or has '
  'set a new password. Granted to no role.';

create function chat_private.prune_exchanged_tokens()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.prune_exchanged_tokens is 'Deletes tokens that nobody could use any more.';
