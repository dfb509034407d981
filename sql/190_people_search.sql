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

-- Definer: under the policy of profiles Postgres would not use this index. It asks the same of each profile.
create function chat_private.people_found(
  query text, names boolean, after_number bigint, max_rows integer
)
returns setof chat.profiles
language plpgsql volatile security definer rows 20 set search_path = ''
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
  perform chat_private.take_tokens('search');
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
        and (found.found_by = 'everyone' or chat_private.finds(found.id, found.found_by))
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
      and (profiles.found_by = 'everyone' or chat_private.finds(profiles.id, profiles.found_by))
    order by chat_private.fold(username) collate "C"
    limit max_rows;
end;
$$;
comment on function chat_private.people_beginning is 'People whose username begins with a folded text.';
grant execute on function chat_private.people_beginning to authenticated, service_role;

-- Definer: as above. Of the latest rooms only, and not of large groups: their members are hardly known to the caller.
create function chat_private.people_known(wanted text)
returns table (person_id uuid, distance bigint)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query
    with latest as (
      select rooms.id as room_id, rooms.kind, coalesce(rooms.last_message_at, rooms.created_at) as active_at
      from chat.room_members as mine
      join chat.rooms as rooms on rooms.id = mine.room_id
      where mine.user_id = (select auth.uid()) and rooms.member_count <= 50
      order by active_at desc
      limit 100
    ), numbered as (
      select latest.room_id, row_number() over (order by latest.kind <> 'direct', latest.active_at desc) as place
      from latest
    )
    select near.user_id, near.place
    from (
      select others.user_id, min(numbered.place) as place
      from numbered
      join chat.room_members as others on others.room_id = numbered.room_id and others.user_id <> (select auth.uid())
      group by others.user_id
      order by place
      limit 1000
    ) as near
    join chat.profiles as profiles on profiles.id = near.user_id
    where position(wanted in chat_private.fold(profiles.username)) > 0
      or position(wanted in chat_private.fold(profiles.first_name || ' ' || profiles.last_name)) > 0;
end;
$$;
comment on function chat_private.people_known is
  'People whose username or name contains a folded text, among the 1,000 nearest of the caller: those of the 100 latest rooms that '
  'have up to 50 members. The distance is lower for direct rooms, and for later ones.';
grant execute on function chat_private.people_known to authenticated, service_role;

create function chat.search_people(query text, max_rows integer default 20)
returns setof chat.profiles
language plpgsql volatile security invoker rows 20 set search_path = ''
as $$
declare
  wanted text := chat_private.require_query(query);
  page_size integer := least(greatest(coalesce(max_rows, 20), 1), 1000);
begin
  -- The likely ones come first: people the caller talks to, then those with a name that begins with the text.
  return query
    with likely as (
      select found.person_id, min(found.distance) as distance
      from (
        select * from chat_private.people_known(wanted)
        union all
        select id, null from chat_private.people_beginning(wanted, page_size)
        union all
        select id, null from chat_private.people_found(wanted, true, 0, page_size)
      ) as found (person_id, distance)
      group by found.person_id
    )
    select profiles.*
    from likely
    join chat.profiles as profiles on profiles.id = likely.person_id
    cross join lateral chat_private.fold(
      profiles.username || ' ' || profiles.first_name || ' ' || profiles.last_name
    ) as names
    order by likely.distance, position(' ' || wanted in ' ' || names) = 0, profiles.username collate "C"
    limit page_size;
end;
$$;
comment on function chat.search_people is
  'People whose username or name contains a text, ignoring case and accents; at most 1,000, without those whom found_by hides. '
  'First those of the caller''s direct '
  'rooms and small groups, then those with a name that begins with it. Raises invalid_query, rate_limited.';
grant execute on function chat.search_people to authenticated, service_role;

-- Usernames by their beginning, for people_beginning().
create index profiles_username_fold_idx on chat.profiles (chat_private.fold(username) collate "C");
