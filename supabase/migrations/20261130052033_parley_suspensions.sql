-- suspensions: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop policy "owners can add messages to their conversations" on "chat"."conversation_messages";

drop policy "owners can change their conversations" on "chat"."conversations";

drop policy "owners can delete their conversations" on "chat"."conversations";

drop policy "people can start conversations of their own" on "chat"."conversations";

drop policy "people can add friends of their own" on "chat"."friendships";

drop policy "people can remove friends of their own" on "chat"."friendships";

drop policy "members can send messages as themselves" on "chat"."messages";

drop policy "senders can edit their messages" on "chat"."messages";

drop policy "members can pin messages" on "chat"."pins";

drop policy "members can unpin messages" on "chat"."pins";

drop policy "authors can change their posts" on "chat"."posts";

drop policy "authors can delete their posts" on "chat"."posts";

drop policy "people can write posts of their own" on "chat"."posts";

drop policy "people can update their own profile" on "chat"."profiles";

drop policy "members can set their own marks" on "chat"."room_members";

drop policy "admins can change their rooms" on "chat"."rooms";

drop policy "owners can delete rooms, and both people a direct room" on "chat"."rooms";

drop policy "files of chats are read only by members" on "storage"."objects";

drop policy "files of chats are uploaded only as announced" on "storage"."objects";

drop policy "members can read the files of their rooms" on "storage"."objects";

drop policy "members can upload the files that they have announced" on "storage"."objects";

create table "chat"."suspensions" (
  "user_id"    uuid                     not null,
  "until"      timestamp with time zone,
  "reason"     text,
  "created_at" timestamp with time zone not null default now(),
  constraint "suspensions_pkey" primary key (user_id),
  constraint "suspensions_reason_check" check (((char_length(reason) >= 1) AND (char_length(reason) <= 500))),
  constraint "suspensions_until_check" check (isfinite(until)),
  "created_by" uuid                     default auth.uid()
);

alter table "chat"."suspensions"
  enable row level security;

create table "chat_private"."topics_to_move" (
  "room_id" bigint not null,
  constraint "topics_to_move_pkey" primary key (room_id)
);

alter table "chat_private"."topics_to_move"
  enable row level security;

create or replace function chat_private.account_banned()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.cut_off(new.id);
  return null;
end;
$function$;

create or replace function chat_private.begin_reply (
  conversation_id uuid,
  question_id     bigint,
  responder       text,
  client_id       uuid    default null::uuid,
  base            integer default 0
)
  returns table (
    id       bigint,
    is_begun boolean
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller uuid := auth.uid();
  reply chat.replies;
  most constant integer := 5;
begin
  perform chat_private.require_access();
  perform from chat.conversations as conversations
  where conversations.id = begin_reply.conversation_id and conversations.owner_id = caller
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  perform from chat.conversation_messages as messages
  where messages.conversation_id = begin_reply.conversation_id and messages.id = begin_reply.question_id
    and messages.role = 'user';
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.client_id = begin_reply.client_id;
  if found then
    if reply.question_id <> begin_reply.question_id then
      raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for another question.';
    end if;
    return query select reply.id, false;
    return;
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.state = 'running'
  for no key update;
  if found then
    if reply.lease_until >= now() then
      raise sqlstate 'PT409' using message = 'reply_running',
        detail = 'A reply is running in this conversation. Wait until it ends, or stop it.';
    end if;
    perform chat_private.end_lapsed_reply(reply);
  end if;

  -- Serializes the count.
  perform pg_advisory_xact_lock(hashtextextended('chat.replies:' || caller, 0));
  if (
    select count(*) from chat.replies as replies
    where replies.owner_id = caller and replies.ended_at is null and replies.lease_until >= now()
  ) >= most then
    raise sqlstate 'PT429' using message = 'too_many_replies',
      detail = format('At most %s replies can run at once. Wait until one ends, or stop it.', most);
  end if;
  perform chat_private.take_tokens('ask_assistant'), chat_private.take_tokens('use_tokens', 0);
  insert into chat.replies (conversation_id, owner_id, question_id, client_id, responder, base)
  values (
    begin_reply.conversation_id, caller, begin_reply.question_id, begin_reply.client_id,
    left(begin_reply.responder, 200), begin_reply.base
  )
  returning * into reply;
  return query select reply.id, true;
end;
$function$;

create or replace function chat_private.create_group_room (
  name        text,
  member_ids  uuid[],
  is_public   boolean,
  description text,
  slug        text,
  client_id   uuid
)
  returns chat.rooms
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- A backend creates it for the first of the members.
  owner_id uuid := case when chat_private.is_backend() then member_ids[1] else auth.uid() end;
  made_id text;
  room chat.rooms;
begin
  perform chat_private.require_access();
  perform chat_private.require_people(array[owner_id]);
  if create_group_room.client_id is not null then
    made_id := chat_private.made_with_key(owner_id, 'room', create_group_room.client_id, jsonb_build_array(
      create_group_room.name, coalesce(create_group_room.is_public, false), coalesce(create_group_room.description, ''),
      create_group_room.slug,
      array(select distinct id from unnest(member_ids) as id where id is distinct from owner_id order by id)
    ));
  end if;
  perform set_config('chat.repeated', (made_id is not null)::text, true);
  if made_id is not null then
    perform chat_private.require_role(made_id::bigint);
    select * into room from chat.rooms where id = made_id::bigint;
    return room;
  end if;

  perform chat_private.take_tokens('create_group');
  perform chat_private.take_tokens('add_member', coalesce(cardinality(member_ids), 0));
  insert into chat.rooms (kind, name, is_public, description, slug, created_by)
  values ('group', name, coalesce(is_public, false), coalesce(description, ''), slug, owner_id)
  returning * into room;
  perform chat_private.claim_group_slug(create_group_room.slug);
  insert into chat.room_members (room_id, user_id, role) values (room.id, owner_id, 'owner');
  perform chat_private.insert_members(room.id, array_remove(member_ids, owner_id));
  if create_group_room.client_id is not null then
    perform chat_private.note_made(owner_id, 'room', create_group_room.client_id, room.id::text);
  end if;
  select * into room from chat.rooms where id = room.id;
  return room;
end;
$function$;

create or replace function chat_private.cut_off (
  account uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  update chat.user_status set signed_out_at = now() where user_id = account and announced_online;
  perform chat_private.move_topics(array(select members.room_id from chat.room_members as members where members.user_id = account));
end;
$function$;

create or replace function chat_private.has_access()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
begin
  return me is null or chat_private.refusal_of(me, chat_private.my_session()) is null;
end;
$function$;

create or replace function chat_private.invite_link_preview (
  token text
)
  returns table (
    name         text,
    avatar_url   text,
    member_count integer
  )
  language plpgsql
  stable
  security definer
  rows 1
  set search_path to ''
  AS $function$
declare
  link constant chat.invite_links := chat_private.find_invite_link(token);
begin
  perform chat_private.require_access();
  if link.id is null or not chat_private.is_open(link) then
    perform chat_private.refuse_invite();
  end if;
  return query select rooms.name, rooms.avatar_url, rooms.member_count from chat.rooms as rooms where rooms.id = link.room_id;
end;
$function$;

create or replace function chat_private.is_my_topic (
  topic text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if not chat_private.has_access() then
    return false;
  elsif topic ~ '^room:[0-9]{1,18}:[0-9]{1,9}(:live)?$' then
    return exists (
      select from chat.rooms as rooms
      join chat.room_members as members on members.room_id = rooms.id
      where rooms.id = split_part(is_my_topic.topic, ':', 2)::bigint
        and rooms.topic = regexp_replace(is_my_topic.topic, ':live$', '')
        and members.user_id = (select auth.uid())
        -- On the live topic people show each other that they are there, and that they type.
        and not (is_my_topic.topic like '%:live' and chat_private.is_blocked(rooms.direct_key))
    );
  elsif topic like 'conversation:%' then
    return exists (
      select from chat.conversations as conversations
      where conversations.owner_id = (select auth.uid()) and is_my_topic.topic = 'conversation:' || conversations.id
    );
  end if;
  return coalesce(topic = 'user:' || (select auth.uid()), false);
end;
$function$;

create or replace function chat_private.job_move_topics()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room bigint;
begin
  delete from chat_private.topics_to_move
  where room_id = (select topics.room_id from chat_private.topics_to_move as topics order by topics.room_id limit 1)
  returning room_id into room;
  if room is null then
    return false;
  end if;
  perform chat_private.move_topic(id) from chat.rooms where id = room;
  return true;
end;
$function$;

create or replace function chat_private.move_topics (
  rooms bigint[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room bigint;
begin
  for room in select id from unnest(rooms) as id order by id loop
    perform chat_private.take_turn(room);
    perform chat_private.move_topic(room);
  end loop;
exception when deadlock_detected or lock_not_available or sqlstate 'PT503' then
  -- Auth must not fail to end a session, nor to ban somebody.
  insert into chat_private.topics_to_move (room_id) select unnest(rooms) on conflict do nothing;
end;
$function$;

create or replace function chat_private.my_folder()
  returns text
  language sql
  stable
  set search_path to ''
  AS $function$
  select auth.uid()::text where chat_private.has_access();
$function$;

create or replace function chat_private.my_room_folders()
  returns SETOF text
  language sql
  stable
  set search_path to ''
  AS $function$
  select room_id::text from chat_private.my_room_ids('admin') as room_id where (select chat_private.has_access());
$function$;

create or replace function chat_private.my_session()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return nullif((select auth.jwt()) ->> 'session_id', '')::uuid;
end;
$function$;

create or replace function chat_private.refusal_of (
  account uuid,
  session uuid
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  -- Of nearly everyone: by three keys.
  if exists (
    select from auth.users as users
    where users.id = account and users.deleted_at is null and coalesce(users.banned_until <= now(), true)
      and (session is null or exists (select from auth.sessions as sessions where sessions.id = session and sessions.user_id = account))
      and not exists (
        select from chat.suspensions as suspensions
        where suspensions.user_id = account and coalesce(suspensions.until > now(), true)
      )
  ) then
    return null;
  elsif not exists (select from auth.users as users where users.id = account and users.deleted_at is null) then
    return 'no_account';
  elsif session is not null
    and not exists (select from auth.sessions as sessions where sessions.id = session and sessions.user_id = account)
  then
    return 'session_ended';
  end if;
  return 'suspended';
end;
$function$;

create or replace function chat_private.request_stop (
  reply_id bigint
)
  returns chat.replies
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  reply chat.replies;
begin
  perform chat_private.require_access();
  -- The worker has one second to end it.
  update chat.replies as replies
  set stop_requested_at = coalesce(replies.stop_requested_at, now()),
    lease_until = least(replies.lease_until, now() + interval '1 second')
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid()) and replies.state = 'running'
    and replies.stop_requested_at is null;
  select * into reply from chat.replies as replies
  where replies.id = request_stop.reply_id and replies.owner_id = (select auth.uid());
  if not found then
    raise sqlstate 'PT404' using message = 'reply_not_found', detail = 'No such reply.';
  end if;
  return reply;
end;
$function$;

create or replace function chat_private.require_access()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
  refusal text;
  ends timestamptz;
  reason text;
begin
  if me is not null then
    refusal := chat_private.refusal_of(me, chat_private.my_session());
  end if;
  if refusal is null then
    return true;
  elsif refusal = 'no_account' then
    raise sqlstate 'PT401' using message = 'no_account', detail = 'The account was deleted.';
  elsif refusal = 'session_ended' then
    raise sqlstate 'PT401' using message = 'session_ended', detail = 'The session has ended: sign in again.';
  end if;
  select suspensions.until, suspensions.reason into ends, reason from chat.suspensions as suspensions
  where suspensions.user_id = me and coalesce(suspensions.until > now(), true);
  if not found then
    ends := (select nullif(users.banned_until, 'infinity') from auth.users as users where users.id = me);
  end if;
  raise sqlstate 'PT403' using message = 'suspended',
    detail = 'Your account is suspended' || coalesce(to_char(ends at time zone 'UTC', ' "until" YYYY-MM-DD HH24:MI "UTC"'), '')
      || coalesce(': ' || reason, '.'),
    hint = json_build_object('until', ends, 'reason', reason);
end;
$function$;

create or replace function chat_private.require_caller()
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT400' using message = 'caller_required',
      detail = 'This needs a signed-in user: call it with their access token.';
  end if;
  perform chat_private.require_access();
end;
$function$;

create or replace function chat_private.require_modest_query()
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_access();
  -- PostgREST and the local Data API connect as these roles. Edge Functions run fixed statements.
  if session_user in ('authenticator', 'supabase_auth_admin')
    and not chat_private.is_modest_query(pg_catalog.current_query()) then
    raise sqlstate 'PT400' using message = 'query_too_costly',
      detail = 'One request may not use regular expressions, full-text search, patterns on message texts, more than eight '
        'tables, or nested lists.',
      hint = 'Search with search_messages(), and read nested lists in a second request.';
  end if;
  return true;
end;
$function$;

create or replace function chat_private.require_role (
  room_id bigint,
  minimum chat.member_role default 'member'::chat.member_role
)
  returns chat.member_role
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  own_role chat.member_role;
begin
  perform chat_private.require_access();
  select role into own_role
  from chat.room_members as members
  where members.room_id = require_role.room_id and members.user_id = (select auth.uid());

  if found and own_role >= minimum then
    return own_role;
  elsif found then
    raise sqlstate 'PT403' using message = 'role_required',
      detail = format('Only %s may do this.', case minimum when 'owner' then 'the owner' else 'an admin' end);
  elsif chat_private.is_backend()
    and exists (select from chat.rooms where id = require_role.room_id and deleted_at is null)
  then
    return 'owner';
  end if;
  perform chat_private.refuse_stranger(room_id);
  return null;
end;
$function$;

create or replace function chat_private.revoke_invite_link (
  link_id bigint
)
  returns chat.invite_links
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  link chat.invite_links;
begin
  perform chat_private.require_access();
  update chat.invite_links as links
  set revoked_at = coalesce(links.revoked_at, now())
  where links.id = revoke_invite_link.link_id and (
    links.room_id in (select chat_private.my_room_ids('admin'))
    or links.created_by = auth.uid() and links.room_id in (select chat_private.my_inviting_room_ids())
    or chat_private.is_backend()
  )
  returning * into link;
  if not found then
    if exists (
      select from chat.invite_links as links
      where links.id = revoke_invite_link.link_id and links.room_id in (select chat_private.my_inviting_room_ids())
    ) then
      raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may revoke a link of somebody else.';
    end if;
    perform chat_private.refuse_invite();
  end if;
  return link;
end;
$function$;

create or replace function chat_private.sessions_ended()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most constant integer := 100;
  account uuid;
  at_once bigint[];
begin
  for account in
    select distinct ended.user_id from ended
    -- Auth lets a token live for a week at most.
    where coalesce(ended.refreshed_at at time zone 'UTC', ended.created_at, now()) > now() - interval '7 days'
  loop
    -- Anybody can join a public group, so its events are no secret. Every move makes the members who are there join again.
    at_once := array(
      select rooms.id
      from chat.room_members as members
      join chat.rooms as rooms on rooms.id = members.room_id and not rooms.is_public
      where members.user_id = account and not chat_private.is_large(rooms)
      order by rooms.last_message_at desc nulls last, rooms.id desc
      limit most
    );
    perform chat_private.move_topics(at_once);
    insert into chat_private.topics_to_move (room_id)
    select rooms.id
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id and not rooms.is_public
    where members.user_id = account and rooms.id <> all (at_once)
    on conflict do nothing;
  end loop;
  return null;
end;
$function$;

create or replace function chat_private.user_suspended()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.cut_off(new.user_id);
  return null;
end;
$function$;

alter table "chat"."suspensions"
  add constraint "suspensions_user_id_fkey" foreign key (user_id) references auth.users(id) on delete cascade;

create trigger parley_sessions_ended
  after delete on auth.sessions referencing OLD table as ended
  for each STATEMENT
  execute function chat_private.sessions_ended();

create trigger parley_account_banned
  after update of banned_until, deleted_at on auth.users
  for each row
  when ((((new.banned_until > now()) AND COALESCE((old.banned_until <= now()), true)) OR ((new.deleted_at IS
    NOT NULL) AND (old.deleted_at IS NULL))))
  execute function chat_private.account_banned();

create trigger user_suspended_on_insert
  after insert on chat.suspensions
  for each row
  when (COALESCE((new.until > now()), true))
  execute function chat_private.user_suspended();

create trigger user_suspended_on_update
  after update of user_id, until on chat.suspensions
  for each row
  when ((COALESCE((new.until > now()), true) AND ((new.user_id <> old.user_id) OR (old.until <= now()))))
  execute function chat_private.user_suspended();

create policy "owners can add messages to their conversations" on "chat"."conversation_messages"
  for insert
  to "authenticated"
  with
    check
    ((( SELECT chat_private.require_access() AS require_access) AND (conversation_id IN ( SELECT
    chat_private.my_conversation_ids() AS my_conversation_ids))));

create policy "owners can change their conversations" on "chat"."conversations"
  for update
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (owner_id = ( select auth.uid() as uid))))
  with check ((owner_id = ( SELECT auth.uid() AS uid)));

create policy "owners can delete their conversations" on "chat"."conversations"
  for delete
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (owner_id = ( select auth.uid() as uid))));

create policy "people can start conversations of their own" on "chat"."conversations"
  for insert
  to "authenticated"
  with check ((( SELECT chat_private.require_access() AS require_access) AND (owner_id = ( SELECT auth.uid() AS uid))));

create policy "people can add friends of their own" on "chat"."friendships"
  for insert
  to "authenticated"
  with check ((( SELECT chat_private.require_access() AS require_access) AND (user_id = ( SELECT auth.uid() AS uid))));

create policy "people can remove friends of their own" on "chat"."friendships"
  for delete
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (user_id = ( select auth.uid() as uid))));

create policy "members can send messages as themselves" on "chat"."messages"
  for insert
  to "authenticated"
  with
    check
    ((( SELECT chat_private.require_access() AS require_access) AND (sender_id = ( SELECT auth.uid() AS uid)) AND
    chat_private.is_my_room_now(room_id)));

create policy "senders can edit their messages" on "chat"."messages"
  for update
  to "authenticated"
  using
    ((( select chat_private.require_access() as require_access) AND (sender_id = ( select auth.uid() as uid)) AND
    (deleted_at is null) AND (room_id in ( select chat_private.my_room_ids() as my_room_ids)) AND
    ( select chat_private.lock_my_room(messages.room_id) as lock_my_room)))
  with check ((sender_id = ( SELECT auth.uid() AS uid)));

create policy "members can pin messages" on "chat"."pins"
  for insert
  to "authenticated"
  with
    check
    ((( SELECT chat_private.require_access() AS require_access) AND (pinned_by = ( SELECT auth.uid() AS uid)) AND
    (room_id IN ( SELECT chat_private.my_room_ids() AS my_room_ids))));

create policy "members can unpin messages" on "chat"."pins"
  for delete
  to "authenticated"
  using
    ((( select chat_private.require_access() as require_access) AND (room_id in ( select chat_private.my_room_ids() as
    my_room_ids)) AND ( select chat_private.lock_my_room(pins.room_id) as lock_my_room)));

create policy "authors can change their posts" on "chat"."posts"
  for update
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (author_id = ( select auth.uid() as uid))))
  with check ((author_id = ( SELECT auth.uid() AS uid)));

create policy "authors can delete their posts" on "chat"."posts"
  for delete
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (author_id = ( select auth.uid() as uid))));

create policy "people can write posts of their own" on "chat"."posts"
  for insert
  to "authenticated"
  with check ((( SELECT chat_private.require_access() AS require_access) AND (author_id = ( SELECT auth.uid() AS uid))));

create policy "people can update their own profile" on "chat"."profiles"
  for update
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (id = ( select auth.uid() as uid))))
  with check ((id = ( SELECT auth.uid() AS uid)));

create policy "members can set their own marks" on "chat"."room_members"
  for update
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (user_id = ( select auth.uid() as uid))))
  with check ((user_id = ( SELECT auth.uid() AS uid)));

create policy "admins can change their rooms" on "chat"."rooms"
  for update
  to "authenticated"
  using
    ((( select chat_private.require_access() as require_access) AND (id in ( select
    chat_private.my_room_ids('admin'::chat.member_role) as my_room_ids)) AND
    ( select chat_private.lock_my_room(rooms.id) as lock_my_room)))
  with check ((id IN ( SELECT chat_private.my_room_ids('admin'::chat.member_role) AS my_room_ids)));

create policy "owners can delete rooms, and both people a direct room" on "chat"."rooms"
  for delete
  to "authenticated"
  using
    ((( select chat_private.require_access() as require_access) AND ((id in ( select
    chat_private.my_room_ids('owner'::chat.member_role) as my_room_ids)) or
    ((kind = 'direct'::chat.room_kind) AND (id in ( select chat_private.my_room_ids() as my_room_ids)))) AND
    ( select chat_private.lock_my_room(rooms.id) as lock_my_room)));

create policy "people can read why they are suspended" on "chat"."suspensions"
  for select
  to "authenticated"
  using ((user_id = ( select auth.uid() as uid)));

create policy "files of chats are read only by members" on "storage"."objects"
  as restrictive
  for select
  to PUBLIC
  using
    (((not chat_private.is_chat_file(bucket_id)) or (( select chat_private.has_access() as has_access) AND
    chat_private.may_read_file(name))));

create policy "files of chats are uploaded only as announced" on "storage"."objects"
  as restrictive
  for insert
  to PUBLIC
  with
    check
    (((NOT chat_private.is_chat_file(bucket_id)) OR (( SELECT chat_private.has_access() AS has_access) AND
    chat_private.is_my_upload(name))));

create policy "members can read the files of their rooms" on "storage"."objects"
  for select
  to "authenticated"
  using
    ((chat_private.is_chat_file(bucket_id) AND ( select chat_private.has_access() as has_access) AND
    chat_private.may_read_file(name)));

create policy "members can upload the files that they have announced" on "storage"."objects"
  for insert
  to "authenticated"
  with
    check
    ((chat_private.is_chat_file(bucket_id) AND ( SELECT chat_private.has_access() AS has_access) AND
    chat_private.is_my_upload(name)));

comment on column "chat"."suspensions"."reason" is 'What is shown to the user.';

comment on column "chat"."suspensions"."until" is 'When it ends by itself; null if it lasts until the row is deleted.';

comment on function "chat_private"."cut_off"(uuid) is 'Shows a user as offline, and moves the topics of all their rooms.';

comment on function "chat_private"."has_access"() is 'Whether the caller is not suspended or banned, and whether the account and the session of the token exist. True for a backend.';

comment on function "chat_private"."job_move_topics"() is 'Moves the topic of a large room, once for many sessions that have ended.';

comment on function "chat_private"."move_topics"(bigint[]) is 'Moves the topics of rooms at once, or soon if another transaction holds them.';

comment on function "chat_private"."my_folder"() is 'The folder of the caller''s own files in Storage; null without access.';

comment on function "chat_private"."my_session"() is 'The session of the access token; null if it names none.';

comment on function "chat_private"."refusal_of"(uuid, uuid) is 'Why a user may not act with a session, as the name of an error: no_account, session_ended or suspended; null if they may. A token that names no session ends with its time.';

comment on function "chat_private"."require_access"() is 'Raises no_account, session_ended or suspended if the caller may not act any more: with {until, reason} in the hint of suspended.';

comment on function "chat_private"."require_caller"() is 'Raises caller_required if the caller is not a signed-in user, and what require_access() raises.';

comment on function "chat_private"."require_modest_query"() is 'Raises query_too_costly for a statement that the Data API may not run, and what require_access() raises.';

comment on table "chat"."suspensions" is 'The users who may not use the chat: nothing is read or written with their tokens. Delete the row to lift it.';

comment on table "chat_private"."topics_to_move" is 'Rooms whose topic a job moves, once for all the sessions that have ended there.';

revoke all on function "chat_private"."account_banned"() from public;

revoke all on function "chat_private"."cut_off"(uuid) from public;

grant execute on function "chat_private"."has_access"() to "authenticated", "service_role";

revoke all on function "chat_private"."job_move_topics"() from public;

revoke all on function "chat_private"."move_topics"(bigint[]) from public;

revoke all on function "chat_private"."my_session"() from public;

revoke all on function "chat_private"."refusal_of"(uuid, uuid) from public;

revoke all on function "chat_private"."require_access"() from public;

grant execute on function "chat_private"."require_access"() to "authenticated", "service_role";

revoke all on function "chat_private"."sessions_ended"() from public;

revoke all on function "chat_private"."user_suspended"() from public;

grant select ("created_at") on table "chat"."suspensions" to "authenticated";

grant select ("reason") on table "chat"."suspensions" to "authenticated";

grant select ("until") on table "chat"."suspensions" to "authenticated";

grant select ("user_id") on table "chat"."suspensions" to "authenticated";

grant delete, insert, select, update on table "chat"."suspensions" to "service_role";

alter table "chat"."suspensions"
  add constraint "suspensions_created_by_fkey" foreign key (created_by) references chat.profiles(id) on delete set null;

create index suspensions_created_by_idx on chat.suspensions using btree (created_by);

comment on column "chat"."suspensions"."created_by" is 'The moderator; null for an operator or a backend.';

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access
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

insert into chat_private.jobs (name, every) values ('move_topics', interval '10 seconds');
