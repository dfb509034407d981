-- message_windows: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."message_page"(bigint, bigint, bigint, integer);

create or replace function chat.messages_around (
  room_id  bigint,
  seq      bigint                   default null::bigint,
  at       timestamp with time zone default null::timestamp with time zone,
  max_rows integer                  default 50
)
  returns SETOF chat.messages
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  if num_nonnulls(messages_around.seq, at) <> 1 then
    raise sqlstate 'PT400' using message = 'invalid_window', detail = 'Give either a seq or a time.';
  end if;
  return query
    select * from unnest(
      chat_private.message_window(messages_around.room_id, messages_around.seq, at, least(greatest(coalesce(max_rows, 50), 1), 1000))
    );
end;
$function$;

create or replace function chat_private.message_page (
  room_id   bigint,
  before_id bigint,
  after_id  bigint,
  max_rows  integer,
  around_id bigint                   default null::bigint,
  at        timestamp with time zone default null::timestamp with time zone
)
  returns chat.messages[]
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  own chat.room_members;
  page chat.messages[];
begin
  select * into own from chat.room_members as members
  where members.room_id = message_page.room_id and members.user_id = (select auth.uid());
  if not found then
    return '{}';
  elsif at is not null then
    page := chat_private.message_window(message_page.room_id, null, at, max_rows);
  elsif around_id is not null then
    select chat_private.message_window(cursor.room_id, cursor.seq, null, max_rows) into page
    from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = around_id;
    page := coalesce(page, '{}');
  elsif after_id is not null then
    page := array(
      select messages from chat.messages as messages
      where messages.room_id = message_page.room_id and messages.seq > (
        select cursor.seq from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = after_id
      )
      order by messages.seq
      limit max_rows
    );
  else
    page := array(
      select messages from chat.messages as messages
      where messages.room_id = message_page.room_id and messages.seq < case
        when before_id is null then 9223372036854775807
        else (select cursor.seq from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = before_id)
      end
      order by messages.seq desc
      limit max_rows
    );
  end if;
  if around_id is null and at is null then
    page := chat_private.within_page_bytes(page, page[1].seq);
  end if;
  if greatest(page[1].seq, page[cardinality(page)].seq) > own.last_delivered_seq and own.shares_receipts then
    perform chat_private.listed(message_page.room_id, greatest(page[1].seq, page[cardinality(page)].seq));
  end if;
  return page;
end;
$function$;

create or replace function chat_private.message_window (
  room_id  bigint,
  seq      bigint,
  at       timestamp with time zone,
  max_rows integer
)
  returns chat.messages[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  target bigint := coalesce(message_window.seq, chat_private.seq_at(message_window.room_id, at));
  last_seq bigint;
  first_seq bigint;
begin
  perform chat_private.require_role(message_window.room_id);
  select rooms.last_seq into last_seq from chat.rooms as rooms where rooms.id = message_window.room_id;
  target := greatest(least(target, last_seq), 1);
  -- The window is full at both ends of the history too.
  first_seq := greatest(least(target - max_rows / 2, last_seq - max_rows + 1), 1);
  return chat_private.within_page_bytes(
    array(
      select messages from chat.messages as messages
      where messages.room_id = message_window.room_id
        and messages.seq between first_seq and first_seq + max_rows - 1
      order by messages.seq
    ),
    target
  );
end;
$function$;

create or replace function chat_private.seq_at (
  room_id bigint,
  at      timestamp with time zone
)
  returns bigint
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  earlier bigint := 0;
  later bigint;
  middle bigint;
begin
  perform chat_private.require_role(seq_at.room_id);
  select rooms.last_seq + 1 into later from chat.rooms as rooms where rooms.id = seq_at.room_id;
  -- A binary search, as times follow seq, except for messages that were imported out of order.
  while later - earlier > 1 loop
    middle := (earlier + later) / 2;
    if (
      select messages.created_at < seq_at.at from chat.messages as messages
      where messages.room_id = seq_at.room_id and messages.seq = middle
    ) then
      earlier := middle;
    else
      later := middle;
    end if;
  end loop;
  return later;
end;
$function$;

create or replace function chat_private.within_page_bytes (
  page      chat.messages[],
  first_seq bigint
)
  returns chat.messages[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if (select coalesce(sum(octet_length(content)), 0) from unnest(page)) <= chat_private.page_bytes() then
    return page;
  end if;
  return array(
    select sized.message
    from (
      select ordered.message, ordered.place,
        sum(octet_length((ordered.message).content)) over nearest - octet_length((ordered.message).content) as bytes_before
      from (select page[place] as message, place from generate_subscripts(page, 1) as place) as ordered
      window nearest as (order by abs((ordered.message).seq - first_seq), ordered.place)
    ) as sized
    where sized.bytes_before < chat_private.page_bytes()
    order by sized.place
  );
end;
$function$;

comment on function "chat"."messages_around"(bigint, bigint, timestamp
  with time zone, integer) is 'The messages of a room around a seq, or around the first one at or after a time; oldest first, fewer if they are long. Without holes: the pages before and after are those by seq. Raises invalid_window, room_not_found, not_a_member.';

comment on function "chat_private"."message_page"(bigint, bigint, bigint, integer, bigint, timestamp
  with time zone) is 'The newest messages of a room of the caller, or those just before, after or around one, or around a time. They are then delivered to the caller. Fewer than max_rows if they are long, and none of other rooms.';

comment on function "chat_private"."seq_at"(bigint, timestamp with time zone) is 'The seq of the first message of a room at or after a time; the next seq if there is none. Raises room_not_found, not_a_member.';

comment on function "chat_private"."within_page_bytes"(chat.messages[], bigint) is 'As many messages of a page as fit into a response: the one with first_seq, and those nearest to it.';

revoke all on function "chat"."messages_around"(bigint, bigint, timestamp with time zone, integer) from public;

grant execute
  on function "chat"."messages_around"(bigint, bigint, timestamp with time zone, integer)
  to "authenticated", "service_role";

revoke all
  on function "chat_private"."message_page"(bigint, bigint, bigint, integer, bigint, timestamp with time zone)
  from public;

grant execute
  on function "chat_private"."message_page"(bigint, bigint, bigint, integer, bigint, timestamp with time zone)
  to "authenticated", "service_role";

revoke all on function "chat_private"."message_window"(bigint, bigint, timestamp with time zone, integer) from public;

grant execute
  on function "chat_private"."message_window"(bigint, bigint, timestamp with time zone, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."seq_at"(bigint, timestamp with time zone) from public;

grant execute on function "chat_private"."seq_at"(bigint, timestamp with time zone) to "authenticated", "service_role";

revoke all on function "chat_private"."within_page_bytes"(chat.messages[], bigint) from public;

grant execute on function "chat_private"."within_page_bytes"(chat.messages[], bigint) to "authenticated", "service_role";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these two. A role without usage of the schema cannot call them by name.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

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
