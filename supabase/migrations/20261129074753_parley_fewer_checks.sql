-- fewer_checks: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid   default null::uuid,
  reply_to_id       bigint default null::bigint,
  forwarded_from_id bigint default null::bigint,
  metadata          jsonb  default '{}'::jsonb,
  sender_id         uuid   default null::uuid
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return chat_private.send_message(
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, coalesce(sender_id, (select auth.uid()))
  );
end;
$function$;

create or replace function chat_private.message_page (
  room_id   bigint,
  before_id bigint,
  after_id  bigint,
  max_rows  integer
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
  if (select sum(octet_length(content)) from unnest(page)) > chat_private.page_bytes() then
    page := array(
      select sized.message
      from (
        select ordered.message, ordered.place,
          sum(octet_length((ordered.message).content)) over (order by ordered.place)
            - octet_length((ordered.message).content) as bytes_before
        from (select page[place] as message, place from generate_subscripts(page, 1) as place) as ordered
      ) as sized
      where sized.bytes_before < chat_private.page_bytes()
      order by sized.place
    );
  end if;
  if greatest(page[1].seq, page[cardinality(page)].seq) > own.last_delivered_seq and own.shares_receipts then
    perform chat_private.listed(message_page.room_id, greatest(page[1].seq, page[cardinality(page)].seq));
  end if;
  return page;
end;
$function$;

create or replace function chat_private.new_receipts (
  room_id bigint
)
  returns json
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(
      json_agg(
        json_build_object(
          'user', people.number, 'username', people.username,
          'delivered', false, 'read', false, 'delivered_at', null, 'read_at', null
        )
        order by people.number
      ),
      '[]'
    )
    from chat.rooms as rooms
    join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
    join chat.room_members as others on others.room_id = rooms.id and others.user_id <> mine.user_id
    cross join lateral (
      select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = others.user_id offset 0
    ) as people
    where rooms.id = new_receipts.room_id and rooms.member_count <= 20
  );
end;
$function$;

create or replace function chat_private.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid,
  reply_to_id       bigint,
  forwarded_from_id bigint,
  metadata          jsonb,
  sender_id         uuid
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  message chat.messages;
begin
  if sender_id is distinct from (select auth.uid()) and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  insert into chat.messages (room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id)
  values (
    send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
    send_message.forwarded_from_id, coalesce(send_message.metadata, '{}'), send_message.sender_id
  )
  on conflict on constraint messages_client_id_key do nothing
  returning * into message;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.messages as messages
    where messages.sender_id = send_message.sender_id and messages.client_id = send_message.client_id;
  end if;
  return message;
end;
$function$;

create or replace function chat_private.with_receipts (
  in_room bigint,
  page    chat.messages[]
)
  returns table (
    id                 bigint,
    room_id            bigint,
    seq                bigint,
    version            bigint,
    sender             bigint,
    sender_username    text,
    content            text,
    reply_to_id        bigint,
    forwarded_from_id  bigint,
    forwarded_username text,
    client_id          uuid,
    created_at         timestamp with time zone,
    edited_at          timestamp with time zone,
    deleted_at         timestamp with time zone,
    receipts           json,
    delivered_count    integer,
    read_count         integer
  )
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  -- Variables of their own: a field of a record costs more in each row.
  low bigint := least(page[1].seq, page[cardinality(page)].seq);
  high bigint := greatest(page[1].seq, page[cardinality(page)].seq);
  members integer;
  read_all integer;
  received_all integer;
  reads bigint[];
  deliveries bigint[];
begin
  if cardinality(page) = 0 or not chat_private.is_my_room(in_room) then
    return;
  end if;
  select count(*),
    count(*) filter (where read_seq >= high),
    count(*) filter (where delivered_seq >= high),
    coalesce(array_agg(read_seq order by read_seq) filter (where read_seq >= low and read_seq < high), '{}'),
    coalesce(
      array_agg(delivered_seq order by delivered_seq) filter (where delivered_seq >= low and delivered_seq < high), '{}'
    )
  into members, read_all, received_all, reads, deliveries
  from (
    select last_read_seq as read_seq, greatest(last_read_seq, last_delivered_seq) as delivered_seq
    from chat.room_members where room_members.room_id = in_room
  ) as marks;
  return query
  select page.id, page.room_id, page.seq, page.version, senders.number, senders.username, page.content, page.reply_to_id,
    page.forwarded_from_id,
    case when page.forwarded_from_id is not null then
      chat_private.forwarded_name(page.forwarded_from_id, page.forwarded_sender_id, page.forwarded_username)
    end,
    page.client_id, page.created_at, page.edited_at, page.deleted_at,
    case when members <= 20 then (
      select coalesce(
        json_agg(
          json_build_object(
            'user', people.number, 'username', people.username,
            'delivered', greatest(others.last_read_seq, others.last_delivered_seq) >= page.seq,
            'read', others.last_read_seq >= page.seq,
            -- The time is known of what the last movement of a mark passed.
            'delivered_at', case
              when page.seq > others.delivered_after_seq
                and page.seq <= greatest(others.last_read_seq, others.last_delivered_seq)
              then replace(to_char(others.last_delivered_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')
            end,
            'read_at', case
              when page.seq > others.read_after_seq and page.seq <= others.last_read_seq
              then replace(to_char(others.last_read_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')
            end
          )
          order by people.number
        ),
        '[]'
      )
      from chat.room_members as others
      -- The offset keeps this a look-up by id: a join may read all profiles.
      cross join lateral (
        select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = others.user_id offset 0
      ) as people
      where others.room_id = in_room and others.user_id is distinct from page.sender_id
    ) else '[]' end,
    -- Without the sender.
    received_all + cardinality(deliveries) - width_bucket(page.seq - 1, deliveries)
      - (greatest(own.last_read_seq, own.last_delivered_seq) >= page.seq is true)::integer,
    read_all + cardinality(reads) - width_bucket(page.seq - 1, reads)
      - (own.last_read_seq >= page.seq is true)::integer
  from unnest(with_receipts.page) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  left join chat.room_members as own on own.room_id = in_room and own.user_id = page.sender_id
  where page.room_id = in_room;
end;
$function$;

comment on function "chat_private"."message_page"(bigint, bigint, bigint, integer) is 'The newest messages of a room of the caller, or those just before or after one. They are then delivered to the caller. Fewer than max_rows if they are long, and none of other rooms.';

comment on function "chat_private"."new_receipts"(bigint) is 'The receipts of a message that the caller has just sent to a room.';

comment on function "chat_private"."with_receipts"(bigint, chat.messages[]) is 'Messages of a room of the caller, given in the order of seq or its reverse, with their senders, how many others have received and read them, and who in rooms of at most 20 members.';

revoke all on function "chat_private"."message_page"(bigint, bigint, bigint, integer) from public;

grant execute
  on function "chat_private"."message_page"(bigint, bigint, bigint, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."new_receipts"(bigint) from public;

grant execute on function "chat_private"."new_receipts"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid) from public;

grant execute
  on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid)
  to "authenticated", "service_role";

revoke all on function "chat_private"."with_receipts"(bigint, chat.messages[]) from public;

grant execute on function "chat_private"."with_receipts"(bigint, chat.messages[]) to "authenticated", "service_role";

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
