-- quicker_receipts_and_draws: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.filled (
  bucket chat_private.buckets,
  rate   chat_private.limits,
  at     timestamp with time zone
)
  returns double precision
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  -- A clock that goes back fills no bucket twice. extract() would be a numeric: its conversion took half of the time of a draw.
  return least(rate.capacity, bucket.tokens + rate.per_second * greatest(date_part('epoch', at - bucket.filled_at), 0));
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
    read_count         integer,
    reactions          jsonb,
    own_reactions      text[],
    attachments        jsonb,
    mentions           jsonb,
    mentions_all       boolean
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
  -- The marks are sorted afterwards: an aggregate with an order would sort those of all members.
  select count(*),
    count(*) filter (where read_seq >= high),
    count(*) filter (where delivered_seq >= high),
    array_agg(read_seq) filter (where read_seq >= low and read_seq < high),
    array_agg(delivered_seq) filter (where delivered_seq >= low and delivered_seq < high)
  into members, read_all, received_all, reads, deliveries
  from (
    select last_read_seq as read_seq, greatest(last_read_seq, last_delivered_seq) as delivered_seq
    from chat.room_members where room_members.room_id = in_room
  ) as marks;
  reads := array(select mark from unnest(reads) as mark order by mark);
  deliveries := array(select mark from unnest(deliveries) as mark order by mark);
  return query
  -- Read once, and not for each message.
  with others as materialized (
    select members.user_id, people.number, people.username, members.last_read_seq, members.read_after_seq, members.delivered_after_seq,
      greatest(members.last_read_seq, members.last_delivered_seq) as delivered_seq,
      replace(to_char(members.last_delivered_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') as delivered_at,
      replace(to_char(members.last_read_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') as read_at
    from chat.room_members as members
    -- The offset keeps this a look-up by id: a join may read all profiles.
    cross join lateral (
      select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = members.user_id offset 0
    ) as people
    where members.room_id = in_room
  )
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
            'user', others.number, 'username', others.username,
            'delivered', others.delivered_seq >= page.seq,
            'read', others.last_read_seq >= page.seq,
            -- The time is known of what the last movement of a mark passed.
            'delivered_at', case
              when page.seq > others.delivered_after_seq and page.seq <= others.delivered_seq then others.delivered_at
            end,
            'read_at', case when page.seq > others.read_after_seq and page.seq <= others.last_read_seq then others.read_at end
          )
          order by others.number
        ),
        '[]'
      )
      from others where others.user_id is distinct from page.sender_id
    ) else '[]' end,
    -- Without the sender.
    received_all + cardinality(deliveries) - width_bucket(page.seq - 1, deliveries)
      - (greatest(own.last_read_seq, own.last_delivered_seq) >= page.seq is true)::integer,
    read_all + cardinality(reads) - width_bucket(page.seq - 1, reads)
      - (own.last_read_seq >= page.seq is true)::integer,
    page.reactions,
    case when page.reactions = '{}' then '{}' else chat_private.own_reactions(page.id) end,
    page.attachments,
    page.mentions,
    page.mentions_all
  from unnest(with_receipts.page) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  left join chat.room_members as own on own.room_id = in_room and own.user_id = page.sender_id
  where page.room_id = in_room;
end;
$function$;

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access, chat_private.shows_presence
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
-- The audit log only grows.
revoke insert, update, delete, truncate on chat.audit_log from service_role;
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
