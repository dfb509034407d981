-- Every account has a profile. Auth reports a failing trigger only as "Database error saving new user",
-- so nothing here may raise, whatever the metadata contains.
create function chat_private.free_username(wanted text)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Other characters are removed first, before a normal form turns them into letters.
  base text := regexp_replace(chat_private.visible(normalize(left(wanted, 1000), nfc)), '[^\w.@+-]', '', 'g');
  candidate text;
  attempt integer := 1;
begin
  base := left(regexp_replace(chat_private.visible(normalize(base, nfkc)), '[^\w.@+-]', '', 'g'), 150);
  base := case when chat_private.is_username(base) then base else 'user' end;
  candidate := base;
  while chat_private.is_taken(candidate) loop
    attempt := attempt + 1;
    candidate := left(base, 140) || case when attempt <= 20 then attempt else (random() * 1e9)::integer end;
  end loop;
  return candidate;
end;
$$;
comment on function chat_private.free_username is 'A free username like the requested one: ann, or ann2 if ann is taken.';

create function chat_private.name_of(given text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case when chat_private.shows(left(given, 150)) then left(given, 150) else '' end;
$$;
comment on function chat_private.name_of is 'A first or last name that fits into a profile.';

create function chat_private.shown_names(meta jsonb)
returns table (first_name text, last_name text, avatar_url text)
language sql immutable security invoker set search_path = ''
as $$
  select
    chat_private.name_of(coalesce(meta ->> 'first_name', meta ->> 'given_name', split_part(full_name, ' ', 1))),
    chat_private.name_of(coalesce(meta ->> 'last_name', meta ->> 'family_name', substring(full_name from ' (.*)$'))),
    case when avatar ~ '^https?://' and char_length(avatar) <= 2048 then avatar end
  from (
    values (coalesce(meta ->> 'full_name', meta ->> 'name', ''), coalesce(meta ->> 'avatar_url', meta ->> 'picture'))
  ) as given (full_name, avatar);
$$;
comment on function chat_private.shown_names is 'The names and the picture in Auth''s metadata that fit into a profile.';

create function chat_private.add_profile(account auth.users, meta jsonb)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  wanted text := coalesce(
    nullif(meta ->> 'username', ''), meta ->> 'preferred_username', meta ->> 'user_name',
    nullif(split_part(account.email, '@', 1), ''), meta ->> 'full_name', meta ->> 'name'
  );
begin
  -- If another transaction takes the name first, try the next one.
  loop
    insert into chat.profiles (id, username, first_name, last_name, avatar_url, show_email)
    select account.id, chat_private.free_username(wanted), first_name, last_name, avatar_url,
      -- An API whose clients expect to see addresses says so, and tells who registers.
      coalesce(meta -> 'show_email' = 'true', false)
    from chat_private.shown_names(meta)
    on conflict do nothing;
    exit when found or exists (select from chat.profiles where id = account.id);
  end loop;
end;
$$;

create function chat_private.welcome(account auth.users)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- No profile for the account that logins with unknown names use, nor for anonymous users.
  if account.email is distinct from 'nobody@users.parley.invalid' and not account.is_anonymous then
    perform chat_private.add_profile(account, coalesce(account.raw_user_meta_data, '{}'));
  end if;
exception when others then
  insert into chat.profiles (id, username) values (account.id, 'user-' || account.id) on conflict do nothing;
end;
$$;

-- Definer: Auth's role inserts into auth.users, and has no rights in chat.
create function chat_private.account_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.welcome(new);
  return null;
end;
$$;

create trigger parley_account_added
  after insert on auth.users
  for each row execute function chat_private.account_added();

-- Definer: as above.
create function chat_private.account_kept()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.welcome(users) from auth.users as users where users.id = new.id;
  return null;
end;
$$;

-- An anonymous user has given an address. Deferred until Auth has written the whole account.
create constraint trigger parley_account_kept
  after update of is_anonymous on auth.users
  deferrable initially deferred
  for each row when (old.is_anonymous and not new.is_anonymous)
  execute function chat_private.account_kept();

-- The existing accounts of a project that adds Parley.
select chat_private.welcome(users) from auth.users as users order by users.created_at, users.id;
