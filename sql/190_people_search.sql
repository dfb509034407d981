-- Searching for people by a part of their name, in bounded steps however many people there are.
create function chat_private.person_entries(number bigint, username text, first_name text, last_name text)
returns bigint[]
language plpgsql immutable parallel safe cost 1000 security invoker set search_path = ''
as $$
begin
  return chat_private.entries(
    chat_private.grams(chat_private.fold(username)) || chat_private.grams(chat_private.fold(first_name || ' ' || last_name)),
    number / 8192
  );
end;
$$;
grant execute on function chat_private.person_entries to authenticated, service_role;

create index profiles_search_idx on chat.profiles
  using gin (chat_private.person_entries(number, username, first_name, last_name)) with (gin_pending_list_limit = 64);
-- Statistics of the entries are of no use to the planner, and expensive to sample.
alter index chat.profiles_search_idx alter column 1 set statistics 0;

-- Definer: under the policy of profiles Postgres would not use this index; every user may read all profiles.
create function chat_private.people_found(
  query text, names boolean, after_number bigint, max_rows integer
)
returns setof chat.profiles
language plpgsql stable security definer rows 20 set search_path = ''
as $$
declare
  wanted text := chat_private.require_query(query);
  grams text[] := chat_private.wanted_grams(wanted);
  last_number bigint := (select max(number) from chat.profiles);
  missing integer := max_rows;
  added integer;
begin
  -- No name is longer.
  if (wanted <> '') is not true or char_length(query) > 200 then
    return;
  end if;
  -- In steps of 8,192 people, in order of their numbers; the index serves each step.
  for step in greatest(after_number, 0) / 8192 .. last_number / 8192 loop
    return query
      select found.*
      from (
        select profiles.* from chat.profiles as profiles
        where chat_private.person_entries(number, username, first_name, last_name) @> chat_private.entries(grams, step)
        offset 0 -- keeps the planner from another index for the conditions outside
      ) as found
      where found.number > after_number
        and (
          position(wanted in chat_private.fold(found.username)) > 0
          or names and position(wanted in chat_private.fold(found.first_name || ' ' || found.last_name)) > 0
        )
      order by found.number
      limit missing;
    get diagnostics added = row_count;
    missing := missing - added;
    exit when missing <= 0;
  end loop;
end;
$$;
comment on function chat_private.people_found is
  'People whose username, or also whose name, contains a text, ignoring case and accents; in order of their numbers, after '
  'a given number.';
grant execute on function chat_private.people_found to authenticated, service_role;

-- Definer: as above.
create function chat_private.people_beginning(wanted text, max_rows integer)
returns setof chat.profiles
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query
    select profiles.* from chat.profiles as profiles
    where chat_private.fold(username) collate "C" >= wanted
      and chat_private.fold(username) collate "C" < wanted || chr(1114111)
    order by chat_private.fold(username) collate "C"
    limit max_rows;
end;
$$;
comment on function chat_private.people_beginning is 'People whose username begins with a folded text.';
grant execute on function chat_private.people_beginning to authenticated, service_role;

create function chat.search_people(query text, max_rows integer default 20)
returns setof chat.profiles
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
declare
  wanted text := chat_private.require_query(query);
  page_size integer := least(greatest(coalesce(max_rows, 20), 1), 1000);
begin
  -- Usernames that begin with the text come first: they are the likely matches.
  return query
    with beginning as (
      select * from chat_private.people_beginning(wanted, page_size)
    ), found as (
      select * from beginning
      union
      select * from chat_private.people_found(wanted, true, 0, page_size)
    ), page as (
      select found.* from found
      order by not starts_with(chat_private.fold(found.username), wanted), found.number
      limit page_size
    )
    select page.* from page order by page.username collate "C";
end;
$$;
comment on function chat.search_people is
  'People whose username or name contains a text, ignoring case and accents, in order of their usernames; at most '
  '1,000. Raises invalid_query.';
grant execute on function chat.search_people to authenticated, service_role;

-- Usernames by their beginning, for people_beginning().
create index profiles_username_fold_idx on chat.profiles (chat_private.fold(username) collate "C");
