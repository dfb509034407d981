-- search_has, 1 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

-- sql/015_default_grants.sql
-- A project may have default privileges that grant every new object to its clients. They are revoked while Parley is
-- installed or upgraded; 900_grants restores them. Each migration that adds objects repeats both files.
create table chat_private.default_grants as
select
  case defaults.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' else 'functions' end as objects,
  grants.privilege_type as privilege,
  case when grants.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grants.grantee)) end as grantee,
  grants.is_grantable
from pg_default_acl as defaults, aclexplode(defaults.defaclacl) as grants
where defaults.defaclrole = (select oid from pg_roles where rolname = current_user)
  and defaults.defaclnamespace = 0
  and defaults.defaclobjtype in ('r', 'S', 'f')
  and grants.grantee <> defaults.defaclrole;
alter table chat_private.default_grants enable row level security;
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format('alter default privileges revoke %s on %s from %s', given.privilege, given.objects, given.grantee);
  end loop;
end;
$$;
revoke all on chat_private.default_grants from public, anon, authenticated, service_role;

revoke all on function "chat_private"."seq_at"(bigint, timestamp with time zone) from "authenticated";

revoke all on function "chat_private"."seq_at"(bigint, timestamp with time zone) from "service_role";

revoke all on function "chat_private"."within_page_bytes"(chat.messages[], bigint) from "authenticated";

revoke all on function "chat_private"."within_page_bytes"(chat.messages[], bigint) from "service_role";

drop function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone);

drop function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone);

drop function "chat_private"."messages_of"(chat_private.stretch[], bigint, bigint);

alter type "chat_private"."search_filters" add attribute "has" text cascade;

create or replace function chat.search_messages (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text
)
  returns SETOF chat.messages
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
declare
  found integer;
begin
  return query select * from chat_private.search_messages(
    query, room_id, before_id, max_rows, row(sender_id, sent_after, sent_before, has)::chat_private.search_filters
  );
  get diagnostics found = row_count;
  -- These rows cannot show that there are more.
  if found < least(greatest(coalesce(max_rows, 50), 1), 1000) and current_setting('chat.more', true) <> '' then
    raise sqlstate 'PT503' using message = 'search_too_slow',
      detail = 'This search needs several pages: call search_page(), or search for a longer text.';
  end if;
end;
$function$;

create or replace function chat.search_page (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  found jsonb := (
    select coalesce(jsonb_agg(chat_private.message_payload(messages) -> 'message' order by messages.id desc), '[]')
    from chat_private.search_messages(
      query, room_id, before_id, max_rows, row(sender_id, sent_after, sent_before, has)::chat_private.search_filters
    ) as messages
  );
begin
  return jsonb_build_object('messages', found, 'before_id', nullif(current_setting('chat.more', true), '')::bigint);
end;
$function$;

create or replace function chat_private.messages_of (
  parts      chat_private.stretch[],
  after_id   bigint,
  before_id  bigint,
  have_files boolean
)
  returns bigint[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
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
$function$;

create or replace function chat_private.passing (
  ids     bigint[],
  filters chat_private.search_filters
)
  returns bigint[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
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
    order by messages.id desc
  );
end;
$function$;

create or replace function chat_private.search_ids (
  query     text,
  room_id   bigint,
  before_id bigint,
  max_rows  integer,
  filters   chat_private.search_filters,
  OUT       ids bigint[],
  OUT       next_id bigint
)
  returns record
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
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
        chat_private.messages_of(remaining[:step], newest_found, page_end, filters.has in ('file', 'image', 'video', 'audio')),
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
$function$;

create or replace function chat_private.search_messages (
  query     text,
  room_id   bigint,
  before_id bigint,
  max_rows  integer,
  filters   chat_private.search_filters default null::chat_private.search_filters
)
  returns SETOF chat.messages
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
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
$function$;

comment on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text) is 'The messages of the caller''s rooms, or of one room, that contain the words in any form, or the text as a substring; newest first, before an id. "Words in quotes" must be side by side, OR joins alternatives, and a word with - before it must not occur; operators alone are plain text. Case, accents and normal forms are ignored. sender_id, sent_after, sent_before and has (link, file, image, video or audio) narrow the search, or do without a text. Raises invalid_query, room_not_found, not_a_member, search_too_slow, caller_required.';

comment on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text) is 'A page of search_messages() as {messages, before_id}: the messages as in events, and the before_id of the next page, null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, room_not_found, not_a_member, search_too_slow, caller_required.';

revoke all
  on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text)
  from public;

grant execute
  on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text)
  to "authenticated", "service_role";

revoke all
  on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text)
  from public;

grant execute
  on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text)
  to "authenticated", "service_role";

revoke all on function "chat_private"."messages_of"(chat_private.stretch[], bigint, bigint, boolean) from public;

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
grant execute on all functions in schema chat to service_role;
-- The helpers that these functions call as their caller.
do $$
declare
  helper regprocedure;
begin
  for helper in
    select oid from pg_catalog.pg_proc
    where pronamespace = 'chat_private'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute format('grant execute on function %s to service_role', helper);
  end loop;
end;
$$;

-- Restores the project's default privileges, which 015_default_grants has revoked.
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format(
      'alter default privileges grant %s on %s to %s%s',
      given.privilege, given.objects, given.grantee, case when given.is_grantable then ' with grant option' end
    );
  end loop;
  drop table chat_private.default_grants;
end;
$$;
