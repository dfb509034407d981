-- The caller: a signed-in user, an anonymous user, or a backend.

-- A project may allow anonymous sign-ins, as shops do for a cart. Auth gives anonymous users the role of all other users;
-- in chat they have no profile, and few rights, until they have an address.
create function chat_private.is_anonymous()
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select coalesce((select auth.jwt()) ->> 'is_anonymous' = 'true', false);
$$;
comment on function chat_private.is_anonymous is 'Whether the caller has signed in anonymously.';
grant execute on function chat_private.is_anonymous to authenticated;

create function chat_private.is_backend()
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (select auth.uid()) is null and current_setting('role') in ('none', 'service_role', 'postgres', 'supabase_admin');
end;
$$;
comment on function chat_private.is_backend is
  'Whether the caller is a backend with the secret key or an operator, not a signed-in user. They may do everything.';

create function chat_private.require_caller()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT400' using message = 'caller_required',
      detail = 'This needs a signed-in user: call it with their access token.';
  end if;
end;
$$;
comment on function chat_private.require_caller is 'Raises caller_required if the caller is not a signed-in user.';
grant execute on function chat_private.require_caller to authenticated;
