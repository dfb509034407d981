-- Whether the caller may still act. An access token stays valid until it expires, for an hour as a rule: also after its user was
-- suspended or banned, after its session has ended, and after the account was deleted. So each statement asks once.

-- Definer, as below: clients can read neither Auth's tables nor the suspensions of others.
create function chat_private.refusal_of(account uuid, session uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- Of nearly everyone: by three keys.
  if exists (
    select from auth.users as users
    where users.id = account and users.deleted_at is null and coalesce(users.banned_until <= now(), true)
      and (session is null or exists (select from auth.sessions as sessions where sessions.id = session and sessions.user_id = account))
      and not exists (
        select from chat.suspensions as suspensions
        where suspensions.user_id = account and coalesce(suspensions.until > now(), true)
      )
  ) then
    return null;
  elsif not exists (select from auth.users as users where users.id = account and users.deleted_at is null) then
    return 'no_account';
  elsif session is not null
    and not exists (select from auth.sessions as sessions where sessions.id = session and sessions.user_id = account)
  then
    return 'session_ended';
  end if;
  return 'suspended';
end;
$$;
comment on function chat_private.refusal_of is
  'Why a user may not act with a session, as the name of an error: no_account, session_ended or suspended; null if they may. '
  'A token that names no session ends with its time.';

create function chat_private.has_access()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
begin
  return me is null or chat_private.refusal_of(me, nullif(auth.jwt() ->> 'session_id', '')::uuid) is null;
end;
$$;
comment on function chat_private.has_access is
  'Whether the caller is not suspended or banned, and whether the account and the session of the token exist. True for a backend.';
grant execute on function chat_private.has_access to authenticated;

create function chat_private.require_access()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  me constant uuid := auth.uid();
  refusal text;
  ends timestamptz;
  reason text;
begin
  -- Several statements of one request ask: the first answer holds until the end of the transaction.
  if claims <> '' and current_setting('chat.access', true) = claims then
    return true;
  end if;
  if me is not null then
    refusal := chat_private.refusal_of(me, nullif(auth.jwt() ->> 'session_id', '')::uuid);
  end if;
  if refusal is null then
    perform set_config('chat.access', claims, true);
    return true;
  elsif refusal = 'no_account' then
    raise sqlstate 'PT401' using message = 'no_account', detail = 'The account was deleted.';
  elsif refusal = 'session_ended' then
    raise sqlstate 'PT401' using message = 'session_ended', detail = 'The session has ended: sign in again.';
  end if;
  select suspensions.until, suspensions.reason into ends, reason from chat.suspensions as suspensions
  where suspensions.user_id = me and coalesce(suspensions.until > now(), true);
  if not found then
    ends := (select nullif(users.banned_until, 'infinity') from auth.users as users where users.id = me);
  end if;
  raise sqlstate 'PT403' using message = 'suspended',
    detail = 'Your account is suspended' || chat_private.until_sentence(ends, reason),
    hint = json_build_object('until', ends, 'reason', reason);
end;
$$;
comment on function chat_private.require_access is
  'Raises no_account, session_ended or suspended if the caller may not act any more: with {until, reason} in the hint of suspended.';
grant execute on function chat_private.require_access to authenticated;
