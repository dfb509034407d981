-- slow_mode, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "room_changed" on "chat"."rooms";

drop trigger "room_changing" on "chat"."rooms";

drop function "chat"."room_list"(boolean, bigint, integer, bigint);

drop function "chat"."update_room"(bigint, text, text, boolean, text);

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
    slow_mode_seconds integer
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
    page.has_more, unread.mention_count, page.slow_mode_seconds
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$function$;

create or replace function chat.update_room (
  room_id           bigint,
  name              text    default null::text,
  description       text    default null::text,
  is_public         boolean default null::boolean,
  avatar_url        text    default null::text,
  slow_mode_seconds integer default null::integer
)
  returns chat.rooms
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  update chat.rooms as rooms
  set name = coalesce(update_room.name, rooms.name),
    description = coalesce(update_room.description, rooms.description),
    is_public = coalesce(update_room.is_public, rooms.is_public),
    avatar_url = nullif(coalesce(update_room.avatar_url, rooms.avatar_url), ''),
    slow_mode_seconds = coalesce(update_room.slow_mode_seconds, rooms.slow_mode_seconds)
  where rooms.id = update_room.room_id
  returning rooms.* into room;
  if not found then
    -- The policy of rooms has refused the update; this raises the reason.
    perform chat_private.require_role(update_room.room_id, 'admin');
  end if;
  return room;
end;
$function$;

create or replace function chat_private.keep_slow (
  room_id bigint,
  seconds integer
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  rate constant chat_private.limits := row ('slow_mode ' || room_id, 1, 1.0 / seconds, 1);
  rest double precision;
begin
  if (select auth.uid()) is null then
    return;
  end if;
  rest := chat_private.draw((select auth.uid()), rate, 1);
  if rest < 0 then
    perform chat_private.refuse_haste(
      'slow_mode', format('In this group a member writes one message in %s seconds.', seconds), rate, -rest
    );
  end if;
end;
$function$;

create or replace function chat_private.message_sending()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- The default of the column: only a backend can give another time.
  is_sent_now constant boolean := new.created_at = now();
  slow_mode integer;
  sender chat.room_members;
  earlier chat.messages;
begin
  perform chat_private.count_row(new.content);
  -- Refuses strangers before any lock.
  if new.sender_id is not null and not exists (
    select from chat.room_members where room_id = new.room_id and user_id = new.sender_id
  ) then
    perform chat_private.refuse_stranger(new.room_id);
  end if;

  if new.client_id is not null then
    -- A repeated send must take no number: its row will violate messages_client_id_key, also with "on conflict do nothing".
    perform chat_private.lock_key(new.sender_id, new.client_id);
    -- Locks the original: if it is being deleted concurrently, this insert would not conflict and would keep seq 1.
    select * into earlier from chat.messages
    where sender_id = new.sender_id and client_id = new.client_id for key share;
    if found then
      perform chat_private.require_same_message(earlier, new);
      new.seq := 1;
      new.version := 1;
      return new;
    end if;
  end if;

  perform chat_private.take_token_of_row('send_message');
  perform chat_private.take_turn(new.room_id);
  -- The time is also taken under the lock, and is never before that of the previous message.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(last_message_at, new.created_at, case when is_sent_now then clock_timestamp() end)
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at, slow_mode_seconds into new.seq, new.version, new.created_at, slow_mode;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif new.created_at < now() then
    -- message_written_on_insert announces it although its time has passed.
    perform set_config('chat.numbered', new.id::text, true);
  end if;

  -- The marks of the sender move along if nothing was unread. The sender may have been removed during the wait.
  update chat.room_members as members
  set (last_read_seq, own_after_read, last_delivered_seq) = (
    select case when caught_up then new.seq else members.last_read_seq end,
      case when caught_up then 0 else members.own_after_read + 1 end,
      case when caught_up or members.last_delivered_seq = new.seq - 1 then new.seq else members.last_delivered_seq end
    -- "offset 0" keeps the planner from calling the function for each use.
    from (select chat_private.is_caught_up(members, new.seq - 1) offset 0) as state (caught_up)
  )
  where members.room_id = new.room_id and members.user_id = new.sender_id
  returning members.* into sender;
  if not found and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  elsif not sender.shares_receipts then
    perform chat_private.hidden_member_sent(sender, new.seq);
  end if;
  if slow_mode > 0 and sender.role < 'admin' then
    perform chat_private.keep_slow(new.room_id, slow_mode);
  end if;

  if new.reply_to_id is not null or new.forwarded_from_id is not null then
    new := chat_private.refer(new);
  end if;
  if new.mentions_all or new.mentions <> '[]' then
    new := chat_private.mention(new, null);
  end if;
  return new;
end;
$function$;

create or replace function chat_private.refuse_haste (
  reason   text,
  sentence text,
  rate     chat_private.limits,
  missing  double precision
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  seconds constant integer := greatest(ceil(missing / rate.per_second), 1);
  detail constant text := format('%s Try again in %s second%s.', sentence, seconds, case when seconds > 1 then 's' end);
  hint constant text := json_build_object(
    'action', rate.action, 'limit', rate.capacity / rate.cost, 'window', ceil(rate.capacity / rate.per_second), 'retry_after', seconds
  );
begin
  if session_user in ('authenticator', 'supabase_auth_admin') then
    raise exception using errcode = 'PGRST',
      message = json_build_object('code', 'PT429', 'message', reason, 'details', detail, 'hint', hint),
      detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', seconds::text));
  elsif reason = 'rate_limited' then
    raise sqlstate 'PT429' using message = 'rate_limited', detail = detail, hint = hint;
  end if;
  raise sqlstate 'PT429' using message = 'slow_mode', detail = detail, hint = hint;
end;
$function$;

create or replace function chat_private.room_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.keep_change(
    new, 'room.updated',
    jsonb_build_object(
      'name', new.name, 'description', new.description, 'is_public', new.is_public, 'avatar_url', new.avatar_url,
      'slow_mode_seconds', new.slow_mode_seconds
    )
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end
  );
  -- Users who left the public group themselves may still receive from its topic.
  if old.is_public and not new.is_public then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$function$;

alter table "chat"."rooms"
  add constraint "rooms_slow_mode_check" check (((slow_mode_seconds >= 0) AND (slow_mode_seconds <= 21600))) not valid;

create trigger room_changed
  after update of name, description, is_public, slug, avatar_url, slow_mode_seconds on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds)
      is distinct from (old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds)
  )
  execute function chat_private.room_changed();

create trigger room_changing
  before update of name, description, is_public, slug, avatar_url, slow_mode_seconds on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds)
      is distinct from (old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds)
  )
  execute function chat_private.room_changing();

comment on column "chat"."rooms"."slow_mode_seconds" is 'How long a member waits between two messages; 0 is not at all. Admins do not wait.';

comment on function "chat"."room_list"(boolean, bigint, integer, bigint) is 'The rooms of the caller, most recently active first, with unread count, the count of mentions in it, last message and, for a direct room, the other member. While has_more, the next page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required, rate_limited, slow_mode.';

comment on function "chat"."update_room"(bigint, text, text, boolean, text, integer) is 'Updates the given columns of a group, as its owner or an admin; an empty avatar_url removes the picture. slow_mode_seconds, up to 21,600, is how long members wait between two messages. Raises room_not_found, not_a_member, role_required.';

comment on function "chat_private"."keep_slow"(bigint, integer) is 'Notes that the caller writes in a room with slow mode. Raises slow_mode.';

revoke all on function "chat"."room_list"(boolean, bigint, integer, bigint) from public;

grant execute on function "chat"."room_list"(boolean, bigint, integer, bigint) to "authenticated", "service_role";

revoke all on function "chat"."update_room"(bigint, text, text, boolean, text, integer) from public;

grant execute
  on function "chat"."update_room"(bigint, text, text, boolean, text, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."keep_slow"(bigint, integer) from public;

revoke all ("slow_mode_seconds") on table "chat"."rooms" from "authenticated";

grant update ("slow_mode_seconds") on table "chat"."rooms" to "authenticated";

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
