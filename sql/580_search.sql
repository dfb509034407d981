-- Definer: the operators of text search are not leakproof, so under a policy no index could serve them. Membership is
-- checked by hand instead, and the caller reads the messages found under the policies again.
create function chat_private.search_message_ids(query text, room_id bigint, before_id bigint, max_rows integer)
returns setof bigint
language plpgsql stable security definer rows 50 set search_path = ''
-- How rare the words are decides the plan.
set plan_cache_mode = force_custom_plan
as $$
declare
  words tsquery := websearch_to_tsquery('pg_catalog.russian', query);
  part text := '%' || regexp_replace(query, '([\\%_])', '\\\1', 'g') || '%';
  room_ids bigint[] := array(
    select mine from chat_private.my_room_ids() as mine
    where search_message_ids.room_id is null or mine = search_message_ids.room_id
  );
begin
  if char_length(query) < 3 then
    -- Too short for the index of parts: room by room.
    return query
      select messages.id
      from unnest(room_ids) as mine (id)
      cross join lateral (
        select each.id from chat.messages as each
        where each.room_id = mine.id
          and each.deleted_at is null
          and (each.search @@ words or each.content operator(pg_catalog.~~*) part)
          and (before_id is null or each.id < before_id)
        offset 0 -- one room after the other, each by its index
      ) as messages
      order by messages.id desc
      limit max_rows;
    return;
  end if;

  return query
    -- Materialized: otherwise the limit tempts the planner to walk the primary key backward.
    with found as materialized (
      select messages.id
      from chat.messages as messages
      where messages.room_id = any (room_ids)
        and messages.deleted_at is null
        and (messages.search @@ words or messages.content operator(pg_catalog.~~*) part)
        and (before_id is null or messages.id < before_id)
    )
    select found.id from found order by found.id desc limit max_rows;
end;
$$;
grant execute on function chat_private.search_message_ids to authenticated;

create function chat.search_messages(
  query text, room_id bigint default null, before_id bigint default null, max_rows integer default 50
)
returns setof chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  if (query ~ '\S') is not true or char_length(query) > 200 then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'Search for 1 to 200 characters.';
  elsif search_messages.room_id is not null then
    perform chat_private.require_role(search_messages.room_id);
  end if;
  return query
    select messages.*
    from chat_private.search_message_ids(
      btrim(query), search_messages.room_id, before_id, least(greatest(coalesce(max_rows, 50), 1), 1000)
    ) as found (id)
    join chat.messages as messages on messages.id = found.id
    order by messages.id desc;
end;
$$;
comment on function chat.search_messages is
  'The messages of the caller''s rooms, or of one room, that hold the words in any form, or the text as a part; '
  'newest first, before an id. Raises invalid_query, room_not_found, not_a_member, caller_required.';
grant execute on function chat.search_messages to authenticated;
