-- Who calls: someone signed in, someone anonymous, or a backend.

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
