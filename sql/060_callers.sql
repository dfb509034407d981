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
  perform chat_private.require_access();
end;
$$;
comment on function chat_private.require_caller is
  'Raises caller_required if the caller is not a signed-in user, and what require_access() raises.';
grant execute on function chat_private.require_caller to authenticated;

-- The people who run a project: moderators, and administrators, who are moderators too. An operator writes the role into the
-- app_metadata of an account, which its owner cannot change.
-- Definer: clients may not read auth.users.
create function chat_private.operator_role(user_id uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select users.raw_app_meta_data ->> 'parley_role' from auth.users as users where users.id = operator_role.user_id);
end;
$$;
comment on function chat_private.operator_role is 'moderator, administrator, or null: the role that an account has now.';

-- Definer: as above. A token that claims no role costs nothing. One that does was true when it was signed: the account says
-- whether it still is.
create function chat_private.is_moderator()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.jwt()) -> 'app_metadata' ->> 'parley_role' is null then
    return chat_private.is_backend();
  end if;
  return coalesce(chat_private.operator_role((select auth.uid())) in ('moderator', 'administrator'), false) and chat_private.has_access();
end;
$$;
comment on function chat_private.is_moderator is 'Whether the caller is a moderator, an administrator or a backend.';

-- Definer: as above.
create function chat_private.is_administrator()
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.jwt()) -> 'app_metadata' ->> 'parley_role' is null then
    return chat_private.is_backend();
  end if;
  return coalesce(chat_private.operator_role((select auth.uid())) = 'administrator', false) and chat_private.has_access();
end;
$$;
comment on function chat_private.is_administrator is 'Whether the caller is an administrator or a backend.';
grant execute on function chat_private.is_moderator, chat_private.is_administrator to authenticated;

create function chat_private.require_moderator(against uuid default null)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform chat_private.require_access();
  if not chat_private.is_moderator() then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only a moderator may do this.';
  elsif against = (select auth.uid()) then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Another moderator must do this.';
  elsif not chat_private.is_administrator() and chat_private.operator_role(against) is not null then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only an administrator acts against a moderator.';
  end if;
end;
$$;
comment on function chat_private.require_moderator is
  'Raises moderator_required if the caller is no moderator, or may not act against this person: nobody does against themselves, and '
  'only an administrator against a moderator. Also what require_access() raises.';

create function chat_private.require_administrator()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform chat_private.require_access();
  if not chat_private.is_administrator() then
    raise sqlstate 'PT403' using message = 'administrator_required', detail = 'Only an administrator may do this.';
  end if;
end;
$$;
comment on function chat_private.require_administrator is
  'Raises administrator_required if the caller is neither an administrator nor a backend, and what require_access() raises.';
