-- dormant_rooms: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat"."room_list"(boolean, bigint, integer, bigint);

create or replace function chat.room_list (
  archived       boolean default null::boolean,
  before_room_id bigint  default null::bigint,
  max_rows       integer default 100,
  only_room_id   bigint  default null::bigint
)
  returns table (
    id                bigint,
    kind              chat.room_kind,
    slug              text,
    name              text,
    description       text,
    is_public         boolean,
    avatar_url        text,
    created_by        uuid,
    last_seq          bigint,
    version           bigint,
    topic             text,
    member_count      integer,
    members_version   bigint,
    created_at        timestamp with time zone,
    active_at         timestamp with time zone,
    role              chat.member_role,
    last_read_seq     bigint,
    archived_at       timestamp with time zone,
    muted_until       timestamp with time zone,
    unread_count      bigint,
    last_message      jsonb,
    other_member      jsonb,
    has_more          boolean,
    mention_count     bigint,
    slow_mode_seconds integer,
    posting           chat.who_may,
    inviting          chat.who_may,
    pinning           chat.who_may,
    locked_at         timestamp with time zone,
    locked_reason     text,
    joining           chat.way_to_join,
    is_dormant        boolean
  )
  language plpgsql
  stable
  rows 100
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  -- For a caller who has left the room where the last page ended, an empty page would look like the end of the list.
  if before_room_id is not null then
    perform chat_private.require_role(before_room_id);
  end if;
  return query
  with mine as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at,
      members.role, members.archived_at, members.muted_until,
      case
        when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq
      end as last_read_seq
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid())
      and (room_list.archived is null or room_list.archived = (members.archived_at is not null))
      and (only_room_id is null or rooms.id = only_room_id)
  ),
  wanted as (
    select mine.*, least(greatest(coalesce(max_rows, 100), 1), 1000) as page_size
    from mine
    where before_room_id is null
      or (mine.active_at, mine.id) < (
        select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where cursor.id = before_room_id
      )
    order by mine.active_at desc, mine.id desc
    -- One extra row shows whether there are more.
    limit least(greatest(coalesce(max_rows, 100), 1), 1000) + 1
  ),
  sized as (
    select wanted.*, row_number() over page_order as place, count(*) over () as found,
      sum(500 + octet_length(wanted.description) + coalesce(chat_private.message_bytes(messages), 0)) over page_order
        - coalesce(chat_private.message_bytes(messages), 0) as bytes_before
    from wanted
    left join chat.messages as messages on messages.id = wanted.last_message_id
    window page_order as (order by wanted.active_at desc, wanted.id desc)
  ),
  page as materialized (
    select sized.*, count(*) over () < sized.found as has_more
    from sized
    where sized.place <= sized.page_size and (sized.place = 1 or sized.bytes_before < chat_private.page_bytes())
  )
  select
    page.id, page.kind, page.slug, page.name, page.description, page.is_public, page.avatar_url, page.created_by,
    page.last_seq, page.version, page.topic, page.member_count, page.members_version, page.created_at, page.active_at,
    page.role, page.last_read_seq, page.archived_at, page.muted_until,
    unread.unread_count,
    case when messages.id is not null then chat_private.message_payload(messages) -> 'message' end,
    (
      select jsonb_build_object('user_id', profiles.id, 'number', profiles.number, 'username', profiles.username)
      from chat.room_members as others
      join chat.profiles as profiles on profiles.id = others.user_id
      where page.kind = 'direct' and others.room_id = page.id and others.user_id <> (select auth.uid())
    ),
    page.has_more, unread.mention_count, page.slow_mode_seconds, page.posting, page.inviting, page.pinning, page.locked_at,
    page.locked_reason, page.joining,
    -- With a margin: a change that began before this reads the clock may not count it as dormant yet.
    page.member_count <= 50 and chat_private.is_dormant(page.active_at, '1 minute')
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$function$;

create or replace function chat_private.announce_change (
  room_id bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- One statement for all, where announce() would need one for each.
  insert into realtime.messages (id, payload, event, topic, private, extension, inserted_at, updated_at)
  select hints.id, jsonb_build_object('id', hints.id, 'room_id', announce_change.room_id), 'room.changed', hints.topic, true, 'broadcast',
    now() at time zone 'UTC', now() at time zone 'UTC'
  from (
    select gen_random_uuid() as id, 'user:' || members.user_id as topic
    from chat.room_members as members
    where members.room_id = announce_change.room_id
  ) as hints
  where chat_private.is_heard(hints.topic);
exception when others then
  -- As announce() does: a hint may get lost, a message may not.
  raise warning 'the members of room % were not notified of a change: %', announce_change.room_id, sqlerrm;
end;
$function$;

create or replace function chat_private.announce_read (
  room_id  bigint,
  user_id  uuid,
  read_seq bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce(
    'user:' || user_id, 'room.read', jsonb_build_object('room_id', room_id, 'last_read_seq', read_seq)
  );
end;
$function$;

create or replace function chat_private.count_reaction (
  reaction chat.reactions,
  added    boolean
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  message chat.messages;
  room chat.rooms;
begin
  -- The reactions of a deleted message, or of a deleted room, go without an event.
  if not exists (select from chat.messages where id = reaction.message_id and deleted_at is null) then
    return;
  end if;
  update chat.rooms set version = version + 1
  where id = reaction.room_id and deleted_at is null
  returning * into room;
  if not found then
    return;
  end if;
  update chat.messages as messages
  set reactions_version = room.version,
    reactions = case
      when added or (messages.reactions ->> reaction.emoji)::integer > 1 then jsonb_set(
        messages.reactions, array[reaction.emoji],
        to_jsonb(coalesce((messages.reactions ->> reaction.emoji)::integer, 0) + case when added then 1 else -1 end)
      )
      else messages.reactions - reaction.emoji
    end
  where messages.id = reaction.message_id
  returning * into message;
  perform chat_private.announce(
    room.topic, 'message.reactions',
    chat_private.reactions_payload(message)
      || jsonb_build_object('user_id', reaction.user_id, 'emoji', reaction.emoji, 'added', added)
  );
  perform chat_private.wake(room.id, room.member_count, coalesce(room.last_message_at, room.created_at));
end;
$function$;

create or replace function chat_private.is_dormant (
  active_at timestamp with time zone,
  margin    interval                 default '00:00:00'::interval
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Not now(): a transaction may have waited for the room.
  return active_at < clock_timestamp() - interval '10 minutes' - margin;
end;
$function$;

create or replace function chat_private.keep_change (
  room    chat.rooms,
  event   text,
  payload jsonb,
  kind    chat.system_kind default null::chat.system_kind
)
  returns chat.room_changes
  language plpgsql
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
  change chat.room_changes;
begin
  change.room_id := room.id;
  change.version := room.version;
  change.event := event;
  change.payload := payload;
  change.created_at := now();
  if kind is not null and chat_private.shows_system_message(room, kind) then
    change.kind := kind;
    change.after_seq := room.last_seq;
    -- A moderator who is not in the room is not named to it.
    if payload ->> 'user_id' = me::text or chat_private.is_my_room(room.id) then
      change.actor_id := me;
    end if;
  end if;
  insert into chat.room_changes values (change.*);
  perform chat_private.announce(
    room.topic, event,
    payload || jsonb_build_object('room_id', room.id, 'version', room.version) || chat_private.system_payload(change)
  );
  perform chat_private.wake(room.id, room.member_count, coalesce(room.last_message_at, room.created_at));
  return change;
end;
$function$;

create or replace function chat_private.marks_moved()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id;
  -- For the member's other devices: they have not joined the topic of a dormant room, and that of a large one has no marks.
  if new.last_read_seq > old.last_read_seq
    and (chat_private.is_large(room) or chat_private.is_dormant(coalesce(room.last_message_at, room.created_at)))
  then
    perform chat_private.announce_read(new.room_id, new.user_id, new.last_read_seq);
  end if;
  if chat_private.is_large(room) then
    return null;
  end if;
  perform chat_private.announce(
    room.topic, 'member.read',
    jsonb_build_object(
      'room_id', new.room_id, 'version', room.version, 'user_id', new.user_id,
      'user_number', (select number from chat.profiles where id = new.user_id),
      'moved', case when new.last_read_seq > old.last_read_seq then 'read' else 'delivered' end,
      'last_read_seq', new.last_read_seq, 'last_delivered_seq', new.last_delivered_seq,
      'last_read_message_id', (
        select id from chat.messages as messages
        where messages.room_id = new.room_id and messages.seq = new.last_read_seq
      )
    )
  );
  return null;
end;
$function$;

create or replace function chat_private.message_written()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  topic text;
  members integer;
  active_at timestamptz;
  marks jsonb;
begin
  if tg_op = 'UPDATE' then
    perform chat_private.empty_last_event(old);
    if new.deleted_at is null then
      perform chat_private.note_event_time(new.id, new.edited_at);
    end if;
  elsif new.created_at not between now() and now() + interval '10 seconds' then
    perform chat_private.note_event_time(new.id, new.created_at);
  end if;
  select rooms.topic, rooms.member_count,
    coalesce(case when tg_op = 'UPDATE' then rooms.last_message_at else before.created_at end, rooms.created_at),
    case
    when tg_op = 'UPDATE' then '{}'
    when sender.user_id is null then '{"read_marks": []}'
    -- A send may have moved the marks of its sender. As in sync().
    else jsonb_build_object('read_marks', jsonb_build_array(jsonb_build_object(
      'user_id', sender.user_id,
      'last_read_seq', sender.last_read_seq,
      'last_delivered_seq', sender.last_delivered_seq
    )))
  end
  into topic, members, active_at, marks
  from chat.rooms as rooms
  left join chat.messages as before on before.room_id = rooms.id and before.seq = new.seq - 1
  left join chat.room_members as sender on sender.room_id = rooms.id and sender.user_id = new.sender_id
  where rooms.id = new.room_id;
  perform chat_private.announce(
    topic, chat_private.message_event(new), chat_private.message_payload(new) || marks
  );
  perform chat_private.wake(new.room_id, members, active_at);
  if new.deleted_at is not null then
    delete from chat.pins where message_id = new.id;
    delete from chat.reactions where message_id = new.id;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.move_hidden_mark (
  member   chat.room_members,
  read_seq bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  last_seq bigint := (select rooms.last_seq from chat.rooms as rooms where rooms.id = member.room_id);
  before chat.room_members := chat_private.true_marks(member);
  after chat.room_members := before;
begin
  after.last_read_seq := greatest(before.last_read_seq, least(read_seq, last_seq));
  if after.last_read_seq = before.last_read_seq then
    return;
  end if;
  insert into chat_private.hidden_marks as marks (room_id, user_id, last_read_seq, own_after_read)
  values (
    member.room_id, member.user_id, after.last_read_seq, chat_private.own_after(after, before, last_seq)
  )
  on conflict on constraint hidden_marks_pkey do update
  set last_read_seq = excluded.last_read_seq, own_after_read = excluded.own_after_read;
  -- The member's other devices count their unread messages again.
  perform chat_private.announce_read(member.room_id, member.user_id, after.last_read_seq);
end;
$function$;

create or replace function chat_private.wake (
  room_id      bigint,
  member_count integer,
  active_at    timestamp with time zone
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- One more than the members of a room that is not large: the person who makes it large has just come.
  if member_count >= 52 or not chat_private.is_dormant(active_at) or current_setting('chat.woken', true) = room_id::text then
    return;
  end if;
  perform set_config('chat.woken', room_id::text, true);
  perform chat_private.announce_change(room_id);
end;
$function$;

comment on function "chat"."room_list"(boolean, bigint, integer, bigint) is 'The rooms of the caller, most recently active first, with unread count, the count of mentions in it, last message and, for a direct room, the other member. The next change of a dormant room comes to user:<id>. While has_more, the next page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';

comment on function "chat_private"."announce_change"(bigint) is 'Announces to each member of a room that it has changed.';

comment on function "chat_private"."announce_read"(bigint, uuid, bigint) is 'Tells the devices of a member how far the member has read.';

comment on function "chat_private"."is_dormant"(timestamp with time zone, interval) is 'Whether the last message of a room was sent more than ten minutes ago, and a margin.';

comment on function "chat_private"."wake"(bigint, integer, timestamp with time zone) is 'Announces to each member of a dormant room, once in a transaction, that it has changed. Not in large rooms.';

revoke all on function "chat"."room_list"(boolean, bigint, integer, bigint) from public;

grant execute on function "chat"."room_list"(boolean, bigint, integer, bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."announce_change"(bigint) from public;

revoke all on function "chat_private"."announce_read"(bigint, uuid, bigint) from public;

revoke all on function "chat_private"."is_dormant"(timestamp with time zone, interval) from public;

grant execute
  on function "chat_private"."is_dormant"(timestamp with time zone, interval)
  to "authenticated", "service_role";

revoke all on function "chat_private"."wake"(bigint, integer, timestamp with time zone) from public;

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
