-- Searches messages from the newest on, in steps of bounded work.

-- What the messages must be beside their text; null where it does not matter. has is what they must have: a link, or a file,
-- which may have to be an image, a video or an audio. mentions_me is true or null.
create type chat_private.search_filters as (sender_id uuid, sent_after timestamptz, sent_before timestamptz, has text, mentions_me boolean);

create function chat_private.filters(sender_id uuid, sent_after timestamptz, sent_before timestamptz, has text, mentions_me boolean)
returns chat_private.search_filters
language sql immutable parallel safe security invoker set search_path = ''
as $$
  select row(sender_id, sent_after, sent_before, has, nullif(mentions_me, false))::chat_private.search_filters;
$$;
comment on function chat_private.filters is 'Filters of a search: null where they let every message pass.';
grant execute on function chat_private.filters to authenticated;

create function chat_private.passing(ids bigint[], filters chat_private.search_filters)
returns bigint[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return array(
    select messages.id from chat.messages as messages
    where messages.id = any (ids)
      and (filters.sender_id is null or messages.sender_id = filters.sender_id)
      and (filters.sent_after is null or messages.created_at >= filters.sent_after)
      and (filters.sent_before is null or messages.created_at < filters.sent_before)
      and case filters.has
        when 'link' then messages.content ~* '\mhttps?://'
        when 'file' then messages.attachments <> '[]'
        when 'image' then messages.attachments @? '$[*].mime_type ? (@ starts with "image/")'
        when 'video' then messages.attachments @? '$[*].mime_type ? (@ starts with "video/")'
        when 'audio' then messages.attachments @? '$[*].mime_type ? (@ starts with "audio/")'
        else true
      end
      and (
        filters.mentions_me is null
        or messages.mentions_all and messages.sender_id is distinct from (select auth.uid()) and exists (
          select from chat.room_members as mine
          where mine.room_id = messages.room_id and mine.user_id = (select auth.uid()) and mine.joined_at <= messages.created_at
        )
        or exists (
          select from chat.mentions as mentions
          where mentions.user_id = (select auth.uid()) and mentions.room_id = messages.room_id and mentions.seq = messages.seq
        )
      )
    order by messages.id desc
  );
end;
$$;
comment on function chat_private.passing is 'Those of the messages with these ids that pass the filters, newest first.';

-- A part of a room: up to 8,192 messages. newest_id is approximately the newest.
create type chat_private.stretch as (room_id bigint, number bigint, newest_id bigint, length bigint);

create function chat_private.stretches(room_ids bigint[], before_id bigint, filters chat_private.search_filters)
returns chat_private.stretch[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return array(
    select row(numbered.room_id, numbered.number, numbered.newest_id, numbered.length)::chat_private.stretch
    from (
      select rooms.id as room_id, number, newest.id as newest_id,
        least(rooms.last_seq, number * 8192 + 8191) - greatest(number * 8192, 1) + 1 as length,
        lag(newest.id, 1, 0::bigint) over (partition by rooms.id order by number) as older_id
      from chat.rooms as rooms
      cross join lateral generate_series(0, rooms.last_seq / 8192) as number
      cross join lateral (
        select rooms.last_message_id as id where number = rooms.last_seq / 8192
        union all
        select messages.id from chat.messages as messages
        where number < rooms.last_seq / 8192 and messages.room_id = rooms.id and messages.seq = number * 8192 + 8191
      ) as newest
      where rooms.id = any (room_ids) and rooms.last_seq > 0
    ) as numbered
    -- Ids follow seq, except for messages sent at the same moment.
    where numbered.older_id < before_id + 1000
      -- Times follow seq as well: imports bring the messages of a room in the order in which they were sent. Not by exists():
      -- Postgres could read all messages of that time into a hash.
      and (filters.sent_after is null or (
        select messages.created_at >= filters.sent_after from chat.messages as messages where messages.id = numbered.newest_id
      ))
      and (filters.sent_before is null or (
        select messages.created_at < filters.sent_before from chat.messages as messages
        where messages.room_id = numbered.room_id and messages.seq = greatest(numbered.number * 8192, 1)
      ))
    order by numbered.newest_id desc
  );
end;
$$;

create function chat_private.candidates(
  parts chat_private.stretch[], wanted chat_private.search, after_id bigint, before_id bigint
)
returns bigint[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return array(
    select found.id
    from unnest(parts) as part
    cross join lateral (
      select matching.message_id as id
      from (select part.room_id * 2048 + part.number % 1024 * 2 as place) as places
      cross join lateral (
        select chat_private.entries(wanted.grams, place) as entries
        union all
        select chat_private.entries(array(select jsonb_array_elements_text(alternative)), place + 1)
        from jsonb_array_elements(wanted.alternatives) as alternative
      ) as looked_up
      cross join lateral (
        select indexed.message_id, indexed.room_id from chat_private.search_entries as indexed
        where indexed.entries @> looked_up.entries
        offset 0 -- keeps the planner from another index for the conditions outside
      ) as matching
      where matching.room_id = part.room_id
      union all
      -- Messages that are not in the index yet.
      select messages.id from chat.messages as messages
      where messages.room_id = part.room_id and messages.deleted_at is null
        and messages.seq <= part.number * 8192 + 8191
        and messages.seq >= greatest(
          part.number * 8192,
          (select progress.indexed_seq + 1 from chat_private.search_progress as progress where progress.room_id = part.room_id)
        )
      union all
      select messages.id from chat_private.messages_to_index as changed
      join chat.messages as messages on messages.id = changed.message_id
      where changed.room_id = part.room_id and messages.seq / 8192 = part.number
    ) as found
    where found.id > after_id and found.id < before_id
    group by found.id
    order by found.id desc
  );
end;
$$;

create function chat_private.messages_of(
  parts chat_private.stretch[], after_id bigint, before_id bigint, have_files boolean, mention_me boolean
)
returns bigint[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if mention_me then
    return array(
      select found.id
      from unnest(parts) as part
      cross join lateral (
        select mentions.message_id as id from chat.mentions as mentions
        where mentions.user_id = (select auth.uid()) and mentions.room_id = part.room_id
          and mentions.seq between part.number * 8192 and part.number * 8192 + 8191
        union all
        select messages.id from chat.messages as messages
        where messages.room_id = part.room_id and messages.seq between part.number * 8192 and part.number * 8192 + 8191
          and messages.mentions_all
      ) as found
      where found.id > after_id and found.id < before_id
      order by found.id desc
    );
  end if;
  if have_files then
    return array(
      select messages.id
      from unnest(parts) as part
      join chat.messages as messages on messages.room_id = part.room_id
        and messages.seq between part.number * 8192 and part.number * 8192 + 8191
        and messages.attachments <> '[]'
      where messages.id > after_id and messages.id < before_id
      order by messages.id desc
    );
  end if;
  return array(
    select messages.id
    from unnest(parts) as part
    cross join lateral (
      select others.id from chat.messages as others
      where others.room_id = part.room_id and others.seq between part.number * 8192 and part.number * 8192 + 8191
        and others.deleted_at is null
      offset 0 -- keeps the planner from another index for the conditions outside
    ) as messages
    where messages.id > after_id and messages.id < before_id
    order by messages.id desc
  );
end;
$$;

-- Definer: the operators of the index are not leakproof, so Postgres would not use it under a policy. This checks
-- membership itself, and the caller reads the messages found under the policies again.
create function chat_private.search_ids(
  query text, room_id bigint, before_id bigint, max_rows integer, filters chat_private.search_filters,
  out ids bigint[], out next_id bigint
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  wanted chat_private.search := chat_private.search_for(query);
  page_end bigint := coalesce(before_id, 9000000000000000000);
  remaining chat_private.stretch[] := chat_private.stretches(
    array(select mine from chat_private.my_room_ids() as mine where room_id is null or mine = search_ids.room_id), page_end,
    filters
  );
  step_length bigint := 8192;
  step integer;
  newest_found bigint;
  candidates bigint[];
  looked_at integer;
  chunk bigint[];
  found bigint[];
  -- Limits the candidates to read that do not match after all, such as words that are not side by side.
  budget bigint := 8000;
  spent bigint;
  -- Limits the messages to pass through where there is no text to look up.
  passed bigint := 0;
  most_passed constant bigint := 60000;
begin
  ids := '{}';
  <<steps>>
  while cardinality(remaining) > 0 loop
    -- A step takes the next stretches, with twice as many messages as the step before.
    step := (
      select count(*) from (
        select sum(length) over (order by place) - length as before
        from unnest(remaining) with ordinality as parts (room_id, number, newest_id, length, place)
      ) as sums
      where before < step_length
    );
    step_length := least(step_length * 2, 65536);
    newest_found := case when cardinality(ids) = max_rows then ids[max_rows] else 0 end;
    if query is not null then
      candidates := chat_private.candidates(remaining[:step], wanted, newest_found, page_end);
    else
      candidates := chat_private.passing(
        chat_private.messages_of(
          remaining[:step], newest_found, page_end, filters.has in ('file', 'image', 'video', 'audio'), filters.mentions_me
        ),
        filters
      );
      passed := passed + (select sum(part.length) from unnest(remaining[:step]) as part);
    end if;
    remaining := remaining[step + 1:];

    -- Reads candidates from the newest on, until there are enough matches.
    looked_at := 0;
    while looked_at < cardinality(candidates)
      and (cardinality(ids) < max_rows or ids[max_rows] < candidates[looked_at + 1])
    loop
      chunk := candidates[looked_at + 1:looked_at + 100];
      spent := cardinality(chunk);
      if query is not null then
        if not (filters is null) then
          chunk := chat_private.passing(chunk, filters);
        end if;
        select array_agg(messages.id) filter (where chat_private.is_found(messages.content, wanted)),
          spent + coalesce(sum(octet_length(messages.content) / 500), 0)
        into chunk, spent
        from chat.messages as messages
        where messages.id = any (chunk);
      end if;
      found := chunk;
      ids := array(select id from unnest(ids || found) as id order by id desc limit max_rows);
      looked_at := looked_at + 100;
      budget := budget - spent;
      if budget <= 0 and looked_at < cardinality(candidates) and cardinality(ids) < max_rows then
        -- Everything newer than this has been searched; the next page continues here.
        next_id := greatest(candidates[looked_at], remaining[1].newest_id + 1000);
        if next_id >= page_end then
          raise sqlstate 'PT503' using message = 'search_too_slow',
            detail = 'Too many messages nearly match: search for a longer text, or in one room.';
        end if;
        ids := array(select id from unnest(ids) as id where id >= next_id order by id desc);
        exit steps;
      end if;
    end loop;
    exit when cardinality(ids) = max_rows and ids[max_rows] > coalesce(remaining[1].newest_id, 0) + 1000;
    if passed >= most_passed and cardinality(remaining) > 0 and remaining[1].newest_id + 1000 < page_end then
      -- Everything newer than this has been passed through; the next page continues here.
      next_id := remaining[1].newest_id + 1000;
      ids := array(select id from unnest(ids) as id where id >= next_id order by id desc);
      exit steps;
    end if;
  end loop;
  next_id := coalesce(next_id, ids[max_rows]);
  -- Long messages make a shorter page.
  found := array(
    select page.id from (
      select messages.id,
        sum(chat_private.message_bytes(messages)) over (order by messages.id desc) - chat_private.message_bytes(messages) as before
      from chat.messages as messages where messages.id = any (ids)
    ) as page
    where page.before < chat_private.page_bytes()
    order by page.id desc
  );
  if cardinality(found) < cardinality(ids) then
    ids := found;
    next_id := ids[cardinality(ids)];
  end if;
end;
$$;
comment on function chat_private.search_ids is
  'The messages found, and the id before which the search continues; null at its end. Raises search_too_slow.';
grant execute on function chat_private.search_ids to authenticated;

create function chat_private.search_messages(
  query text, room_id bigint, before_id bigint, max_rows integer, filters chat_private.search_filters default null
)
returns setof chat.messages
language plpgsql volatile security invoker rows 50 set search_path = ''
as $$
declare
  page record;
begin
  perform chat_private.require_caller();
  -- A filter alone is enough to search for.
  if query is not null or filters is null then
    perform chat_private.require_query(query);
  end if;
  if filters.has not in ('link', 'file', 'image', 'video', 'audio') then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'A message can have a link, a file, an image, a video or an audio.';
  end if;
  if search_messages.room_id is not null then
    perform chat_private.require_role(search_messages.room_id);
  end if;
  perform chat_private.take_tokens('search');
  select * into page
  from chat_private.search_ids(
    query, search_messages.room_id, before_id, least(greatest(coalesce(max_rows, 50), 1), 1000), filters
  );
  perform set_config('chat.more', coalesce(page.next_id::text, ''), true);
  return query
    select messages.*
    from unnest(page.ids) as found (id)
    join chat.messages as messages on messages.id = found.id
    order by messages.id desc;
end;
$$;
grant execute on function chat_private.search_messages to authenticated;

create function chat.search_page(
  query text default null,
  room_id bigint default null,
  before_id bigint default null,
  max_rows integer default 50,
  sender_id uuid default null,
  sent_after timestamptz default null,
  sent_before timestamptz default null,
  has text default null,
  mentions_me boolean default false
)
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  found jsonb := (
    select coalesce(jsonb_agg(chat_private.message_payload(messages) -> 'message' order by messages.id desc), '[]')
    from chat_private.search_messages(
      query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
    ) as messages
  );
begin
  return jsonb_build_object('messages', found, 'before_id', nullif(current_setting('chat.more', true), '')::bigint);
end;
$$;
comment on function chat.search_page is
  'A page of search_messages() as {messages, before_id}: the messages as in events, and the before_id of the next page, '
  'null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, '
  'room_not_found, not_a_member, search_too_slow, rate_limited, caller_required.';
grant execute on function chat.search_page to authenticated;

create function chat.search_messages(
  query text default null,
  room_id bigint default null,
  before_id bigint default null,
  max_rows integer default 50,
  sender_id uuid default null,
  sent_after timestamptz default null,
  sent_before timestamptz default null,
  has text default null,
  mentions_me boolean default false
)
returns setof chat.messages
language plpgsql volatile security invoker rows 50 set search_path = ''
as $$
declare
  found integer;
begin
  return query select * from chat_private.search_messages(
    query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
  );
  get diagnostics found = row_count;
  -- These rows cannot show that there are more.
  if found < least(greatest(coalesce(max_rows, 50), 1), 1000) and current_setting('chat.more', true) <> '' then
    raise sqlstate 'PT503' using message = 'search_too_slow',
      detail = 'This search needs several pages: call search_page(), or search for a longer text.';
  end if;
end;
$$;
comment on function chat.search_messages is
  'The messages of the caller''s rooms, or of one room, that contain the words in any form, or the text as a substring; '
  'newest first, before an id. "Words in quotes" must be side by side, OR joins alternatives, and a word with - before it '
  'must not occur; operators alone are plain text. Case, accents and normal forms are ignored. sender_id, sent_after, '
  'sent_before, has (link, file, image, video or audio) and mentions_me narrow the search, or do without a text. '
  'Raises invalid_query, room_not_found, not_a_member, search_too_slow, rate_limited, caller_required.';
grant execute on function chat.search_messages to authenticated;
