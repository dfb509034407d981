-- Every account has a profile. Auth shows a failing trigger only as "Database error saving new user",
-- so nothing here raises, whatever the metadata holds.
create function chat_private.free_username(wanted text)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- What is no letter is left out, before one normal form or the other makes letters of it.
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
comment on function chat_private.free_username is 'A username like the one wanted: ann, or ann2 when ann is taken.';

create function chat_private.name_of(given text)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case when chat_private.shows(left(given, 150)) then left(given, 150) else '' end;
$$;
comment on function chat_private.name_of is 'A first or last name as a profile can hold it.';

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
comment on function chat_private.shown_names is 'What Auth''s metadata says of a person, as far as a profile can show it.';

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
  -- Of two that take a name at once, the second tries the next one.
  loop
    insert into chat.profiles (id, username, first_name, last_name, avatar_url)
    select account.id, chat_private.free_username(wanted), first_name, last_name, avatar_url
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
  -- The account that unknown names are tried with is nobody, and so is who came without an address.
  if account.email is distinct from 'nobody@users.parley.invalid' and not account.is_anonymous then
    perform chat_private.add_profile(account, coalesce(account.raw_user_meta_data, '{}'));
  end if;
exception when others then
  insert into chat.profiles (id, username) values (account.id, 'user-' || account.id) on conflict do nothing;
end;
$$;

-- Definer: Auth's own role inserts into auth.users, and may do nothing in chat.
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

-- Whoever was anonymous and has given an address; at the end, when Auth has written all of it.
create constraint trigger parley_account_kept
  after update of is_anonymous on auth.users
  deferrable initially deferred
  for each row when (old.is_anonymous and not new.is_anonymous)
  execute function chat_private.account_kept();

-- The accounts of a project that Parley is added to.
select chat_private.welcome(users) from auth.users as users order by users.created_at, users.id;
