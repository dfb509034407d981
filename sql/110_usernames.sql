create function chat_private.username_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.username := normalize(new.username, nfkc);
  return new;
end;
$$;

create trigger username_changing
  before insert or update of username on chat.profiles
  for each row execute function chat_private.username_changing();

-- Definer: under the policy of profiles Postgres would not use the index of usernames, because fold() is not leakproof, and
-- each lookup would read all rows. The id reveals no more than that the username is taken.
create function chat_private.person_named(username text)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select id from chat.profiles as profiles
    where chat_private.fold(profiles.username) = chat_private.fold(left(person_named.username, 300))
  );
end;
$$;
comment on function chat_private.person_named is
  'The id of the user who has a username now, ignoring case and accents; null if there is none.';
grant execute on function chat_private.person_named to authenticated, service_role;

-- Definer: as above.
create function chat_private.is_taken(username text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return chat_private.person_named(username) is not null or exists (
    select from chat.profiles as profiles
    where chat_private.look(profiles.username) = chat_private.look(left(is_taken.username, 300))
  );
end;
$$;
comment on function chat_private.is_taken is 'Whether a user has this username, or one that looks the same.';
grant execute on function chat_private.is_taken to authenticated, service_role;

create function chat.username_available(username text)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select chat_private.is_username(normalize(left(username, 300), nfkc)) and not chat_private.is_taken(username);
$$;
comment on function chat.username_available is
  'Whether a username is valid and free: no user has it in any case or normal form, or has one that looks the same.';
grant execute on function chat.username_available to authenticated, service_role;
