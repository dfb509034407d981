-- moderation: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create type "chat"."notice_kind" as enum (
  'message_deleted',
  'warning',
  'mute',
  'room_ban',
  'suspension'
);
insert into chat_private.limits (action, capacity, per_second) values
  ('ban_member', 1000, 0.2);
create table "chat"."audit_log" (
  "id"         bigint                   generated always as identity not null,
  "created_at" timestamp with time zone not null default now(),
  "actor_id"   uuid                     default auth.uid(),
  "action"     text                     not null,
  "user_id"    uuid,
  "room_id"    bigint,
  "message_id" bigint,
  "report_id"  bigint,
  "reason"     text                     not null default ''::text,
  "until"      timestamp with time zone,
  "details"    jsonb                    not null default '{}'::jsonb,
  constraint "audit_log_pkey" primary key (id)
);

alter table "chat"."audit_log"
  enable row level security;

create table "chat"."notices" (
  "id"         bigint                   generated always as identity not null,
  "user_id"    uuid                     not null,
  "kind" chat.notice_kind not null,
  "reason"     text                     not null default ''::text,
  "until"      timestamp with time zone,
  "room_id"    bigint,
  "room_name"  text                     not null default ''::text,
  "message_id" bigint,
  "created_at" timestamp with time zone not null default now(),
  "read_at"    timestamp with time zone,
  constraint "notices_pkey" primary key (id)
);

alter table "chat"."notices"
  enable row level security;

create table "chat"."room_bans" (
  "id"              bigint                   generated always as identity not null,
  "room_id"         bigint                   not null,
  "user_id"         uuid                     not null,
  "until"           timestamp with time zone,
  "reason"          text                     not null default ''::text,
  "banned_by"       uuid                     default auth.uid(),
  "is_by_moderator" boolean                  not null default false,
  "created_at"      timestamp with time zone not null default now(),
  constraint "room_bans_id_key" unique (id),
  constraint "room_bans_pkey" primary key (room_id, user_id),
  constraint "room_bans_reason_check" check ((char_length(reason) <= 500)),
  constraint "room_bans_until_check" check (isfinite(until))
);

alter table "chat"."room_bans"
  enable row level security;



create or replace function chat.ban_member (
  room_id bigint,
  user_id uuid,
  until   timestamp with time zone default null::timestamp with time zone,
  reason  text                     default ''::text
)
  returns chat.room_bans
  language sql
  set search_path to ''
  AS $function$
  select chat_private.ban_member(room_id, user_id, until, reason);
$function$;

create or replace function chat.unban_member (
  room_id bigint,
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.unban_member(room_id, user_id);
$function$;

create or replace function chat_private.audit (
  action     text,
  user_id    uuid,
  room_id    bigint                   default null::bigint,
  message_id bigint                   default null::bigint,
  reason     text                     default ''::text,
  until      timestamp with time zone default null::timestamp with time zone,
  details    jsonb                    default '{}'::jsonb
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  insert into chat.audit_log (action, user_id, room_id, message_id, report_id, reason, until, details)
  values (
    audit.action, audit.user_id, audit.room_id, audit.message_id, nullif(current_setting('chat.report', true), '')::bigint,
    coalesce(audit.reason, ''), audit.until, audit.details
  );
$function$;

create or replace function chat_private.ban_member (
  room_id bigint,
  user_id uuid,
  until   timestamp with time zone,
  reason  text
)
  returns chat.room_bans
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  as_moderator constant boolean := chat_private.lock_room_to_ban(room_id, user_id);
  ban chat.room_bans;
begin
  perform chat_private.require_future(until);
  if user_id = (select auth.uid()) then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'You cannot ban yourself.';
  elsif not as_moderator and exists (
    select from chat.room_members as members
    where members.room_id = ban_member.room_id and members.user_id = ban_member.user_id and members.role > 'member'
  ) then
    perform chat_private.require_role(room_id, 'owner');
  end if;
  perform chat_private.require_people(array[user_id]);
  select * into ban from chat.room_bans as bans
  where bans.room_id = ban_member.room_id and bans.user_id = ban_member.user_id;
  if found and (ban.until, ban.reason, ban.is_by_moderator) is not distinct from (
    ban_member.until, coalesce(ban_member.reason, ''), as_moderator
  ) and nullif(current_setting('chat.report', true), '') is null then
    return ban; -- a retry
  end if;
  perform chat_private.take_tokens('ban_member');
  insert into chat.room_bans as bans (room_id, user_id, until, reason, is_by_moderator)
  values (ban_member.room_id, ban_member.user_id, ban_member.until, coalesce(ban_member.reason, ''), as_moderator)
  on conflict on constraint room_bans_pkey do update
  set until = excluded.until, reason = excluded.reason, is_by_moderator = excluded.is_by_moderator,
    banned_by = excluded.banned_by, created_at = now()
  returning bans.* into ban;
  return ban;
end;
$function$;

create or replace function chat_private.delete_message (
  message_id bigint
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  message chat.messages := chat_private.require_message(message_id);
begin
  perform chat_private.require_role(
    message.room_id,
    case when message.sender_id = auth.uid() then 'member' else 'admin' end::chat.member_role
  );
  update chat.messages as messages set deleted_at = now() where messages.id = message.id and messages.deleted_at is null;
  if found and message.sender_id is distinct from auth.uid() then
    perform chat_private.audit('message_deleted', message.sender_id, message.room_id, message.id);
  end if;
  select * into message from chat.messages as messages where messages.id = message.id;
  return message;
end;
$function$;

create or replace function chat_private.finish_link (
  imported_id uuid,
  person_id   uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  update chat.pins set pinned_by = person_id where pinned_by = imported_id;
  update chat.rooms set created_by = person_id where created_by = imported_id;
  insert into chat.blocks (user_id, blocked_id)
  select user_id, person_id from chat.blocks where blocked_id = imported_id and user_id <> person_id
  on conflict do nothing;
  update chat.room_bans as bans set user_id = person_id
  where bans.user_id = imported_id and not exists (
    select from chat.room_bans as own where own.user_id = person_id and own.room_id = bans.room_id
  );
  -- What was unread and is the person's own now.
  update chat.room_members as members
  set own_after_read = (
    select count(*) from chat.messages as own
    where own.room_id = members.room_id and own.sender_id = person_id and own.seq > members.last_read_seq and own.deleted_at is null
  )
  from chat.rooms as rooms
  where members.user_id = person_id and rooms.id = members.room_id and rooms.last_seq > members.last_read_seq;
  delete from auth.users where id = imported_id;
end;
$function$;

create or replace function chat_private.give_notice (
  user_id    uuid,
  kind       chat.notice_kind,
  reason     text,
  until      timestamp with time zone default null::timestamp with time zone,
  room_id    bigint                   default null::bigint,
  message_id bigint                   default null::bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  notice chat.notices;
begin
  insert into chat.notices (user_id, kind, reason, until, room_id, room_name, message_id)
  select profiles.id, give_notice.kind, coalesce(give_notice.reason, ''), give_notice.until, give_notice.room_id,
    coalesce((select rooms.name from chat.rooms as rooms where rooms.id = give_notice.room_id), ''), give_notice.message_id
  from chat.profiles as profiles where profiles.id = give_notice.user_id
  returning * into notice;
  if found then
    perform chat_private.announce('user:' || notice.user_id, 'notice.added', to_jsonb(notice) - 'user_id' - 'read_at');
  end if;
end;
$function$;

create or replace function chat_private.is_administrator()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if (select auth.jwt()) -> 'app_metadata' ->> 'parley_role' is null then
    return chat_private.is_backend();
  end if;
  return coalesce(chat_private.operator_role((select auth.uid())) = 'administrator', false);
end;
$function$;

create or replace function chat_private.is_moderator()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if (select auth.jwt()) -> 'app_metadata' ->> 'parley_role' is null then
    return chat_private.is_backend();
  end if;
  return coalesce(chat_private.operator_role((select auth.uid())) in ('moderator', 'administrator'), false);
end;
$function$;

create or replace function chat_private.lock_room_to_ban (
  room_id bigint,
  user_id uuid
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  as_moderator constant boolean := chat_private.is_moderator() and not exists (
    select from chat.room_members as members
    where members.room_id = lock_room_to_ban.room_id and members.user_id = (select auth.uid()) and members.role >= 'admin'
  );
  room chat.rooms;
begin
  if not as_moderator then
    room := chat_private.lock_room(room_id, 'admin');
  else
    perform chat_private.take_turn(room_id);
    select * into room from chat.rooms as rooms
    where rooms.id = lock_room_to_ban.room_id and rooms.deleted_at is null
    for no key update;
    if not found then
      perform chat_private.refuse_stranger(room_id);
    end if;
    perform chat_private.require_moderator(user_id);
  end if;
  perform chat_private.require_group(room);
  if not as_moderator and exists (
    select from chat.room_bans as bans
    where bans.room_id = room.id and bans.user_id = lock_room_to_ban.user_id and bans.is_by_moderator
      and (bans.until is null or bans.until > now())
  ) then
    perform chat_private.require_moderator();
  end if;
  return as_moderator;
end;
$function$;

create or replace function chat_private.member_banned()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit('room_ban', new.user_id, new.room_id, reason => new.reason, until => new.until);
  if new.until <= now() then
    return null;
  end if;
  -- Whom an admin bans before they were ever here learns it when they try to join: a notice would reach strangers.
  if new.is_by_moderator or exists (
    select from chat.room_members as members where members.room_id = new.room_id and members.user_id = new.user_id
  ) then
    perform chat_private.give_notice(new.user_id, 'room_ban', new.reason, new.until, new.room_id);
  end if;
  delete from chat.room_members as members where members.room_id = new.room_id and members.user_id = new.user_id;
  return null;
end;
$function$;

create or replace function chat_private.member_banning()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  perform chat_private.take_turn(new.room_id);
  select * into room from chat.rooms where id = new.room_id for no key update;
  perform chat_private.require_group(room);
  return new;
end;
$function$;

create or replace function chat_private.member_joining()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id and deleted_at is null;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif room.kind = 'direct' and position(new.user_id::text in room.direct_key) = 0 then
    perform chat_private.require_group(room);
  end if;
  perform chat_private.require_unbanned(new.room_id, new.user_id);
  new.shares_receipts := coalesce((select share_receipts from chat.profiles where id = new.user_id), true);
  -- A new member starts with everything read.
  new.last_read_seq := room.last_seq;
  new.last_delivered_seq := room.last_seq;
  return new;
end;
$function$;

create or replace function chat_private.member_unbanned()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Not when the room or the account is deleted.
  if exists (select from chat.rooms where id = old.room_id and deleted_at is null)
    and exists (select from chat.profiles where id = old.user_id)
  then
    perform chat_private.audit('room_unban', old.user_id, old.room_id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.move_membership (
  room_id     bigint,
  imported_id uuid,
  person_id   uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
  imported chat.room_members;
  other uuid;
  key text;
begin
  select * into room from chat.rooms where id = move_membership.room_id for update;
  select * into imported from chat.room_members as members
  where members.room_id = room.id and members.user_id = imported_id;
  if room.kind = 'direct' then
    select people::uuid into other from string_to_table(room.direct_key, ':') as people where people <> imported_id::text;
    key := chat_private.direct_key(other, person_id);
    if other = person_id or exists (select from chat.rooms where direct_key = key) then
      -- They have a chat of the two already, or it was with oneself.
      update chat.rooms
      set kind = 'group', direct_key = null, slug = chat_private.free_slug(id),
        name = left((select string_agg(username, ', ' order by username) from chat.profiles where id in (other, person_id)), 255)
      where id = room.id;
    else
      update chat.rooms set direct_key = key where id = room.id;
    end if;
  end if;
  -- A person who is banned from the room stays out of it, and nobody takes the place.
  insert into chat.room_members (room_id, user_id)
  select room.id, person_id
  where not exists (
    select from chat.room_bans as bans
    where bans.room_id = move_membership.room_id and bans.user_id = person_id and (bans.until is null or bans.until > now())
  )
  on conflict do nothing;
  -- A room has one owner at a time.
  update chat.room_members as members set role = 'member'
  where members.room_id = room.id and members.user_id = imported_id and members.role <> 'member';
  update chat.room_members as members set role = imported.role
  where members.room_id = room.id and members.user_id = person_id and members.role < imported.role;
  update chat.mentions as mentions set user_id = person_id
  where mentions.user_id = imported_id and mentions.room_id = move_membership.room_id and not exists (
    select from chat.mentions as own
    where own.user_id = person_id and own.room_id = mentions.room_id and own.seq = mentions.seq
  );
  delete from chat.room_members as members where members.room_id = room.id and members.user_id = imported_id;
end;
$function$;

create or replace function chat_private.notice_confirming()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  new.read_at := coalesce(old.read_at, now());
  return new;
end;
$function$;

create or replace function chat_private.operator_role (
  user_id uuid
)
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return (select users.raw_app_meta_data ->> 'parley_role' from auth.users as users where users.id = operator_role.user_id);
end;
$function$;

create or replace function chat_private.remove_room_rows (
  room_id  bigint,
  max_rows integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  removed integer := chat_private.notify_removed_members(remove_room_rows.room_id, max_rows);
  more integer;
begin
  delete from chat.pins where id in (
    select pins.id from chat.pins as pins where pins.room_id = remove_room_rows.room_id order by pins.id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.reactions where (message_id, user_id, emoji) in (
    select reactions.message_id, reactions.user_id, reactions.emoji from chat.reactions as reactions
    where reactions.room_id = remove_room_rows.room_id order by reactions.message_id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.room_changes as changes
  where changes.room_id = remove_room_rows.room_id and changes.version in (
    select page.version from chat.room_changes as page
    where page.room_id = remove_room_rows.room_id order by page.version limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.room_bans as bans
  where bans.room_id = remove_room_rows.room_id and bans.user_id in (
    select page.user_id from chat.room_bans as page
    where page.room_id = remove_room_rows.room_id order by page.user_id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  -- The newest first: a reply is deleted before the message that it replies to.
  delete from chat.messages where id in (
    select messages.id from chat.messages as messages
    where messages.room_id = remove_room_rows.room_id order by messages.seq desc limit max_rows
  );
  get diagnostics more = row_count;
  return removed + more;
end;
$function$;

create or replace function chat_private.require_future (
  until timestamp with time zone
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if until <= now() or not isfinite(until) then
    raise sqlstate 'PT400' using message = 'invalid_until', detail = 'Give a time in the future, or none.';
  end if;
end;
$function$;

create or replace function chat_private.require_moderator (
  against uuid default null::uuid
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if not chat_private.is_moderator() then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only a moderator may do this.';
  elsif against = (select auth.uid()) then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Another moderator must do this.';
  elsif not chat_private.is_administrator() and chat_private.operator_role(against) is not null then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only an administrator acts against a moderator.';
  end if;
end;
$function$;

create or replace function chat_private.require_unbanned (
  room_id bigint,
  user_id uuid
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  ban chat.room_bans;
begin
  select * into ban from chat.room_bans as bans
  where bans.room_id = require_unbanned.room_id and bans.user_id = require_unbanned.user_id
    and (bans.until is null or bans.until > now());
  if not found then
    return;
  elsif ban.user_id is distinct from (select auth.uid()) then
    raise sqlstate 'PT403' using message = 'banned', detail = 'A person whom you add is banned from this room.';
  end if;
  raise sqlstate 'PT403' using message = 'banned',
    detail = 'You are banned from this room' || chat_private.until_sentence(ban.until, ban.reason),
    hint = jsonb_build_object('until', ban.until, 'reason', ban.reason);
end;
$function$;

create or replace function chat_private.role_set()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit(
    'role_changed', new.user_id, new.room_id, details => jsonb_build_object('before', old.role, 'after', new.role)
  );
  return null;
end;
$function$;

create or replace function chat_private.room_deleted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  much constant integer := 1000;
  user_ids uuid[];
begin
  if old.deleted_at is not null then
    return null; -- the placeholder row itself
  end if;
  delete from chat_private.rosters where room_id = old.id;
  perform chat_private.announce(
    old.topic, 'room.deleted', jsonb_build_object('room_id', old.id, 'version', old.version + 1)
  );
  with gone as (delete from chat.room_members where room_id = old.id returning user_id)
  select coalesce(array_agg(user_id), '{}') into user_ids from gone;
  perform chat_private.announce('user:' || user_id, 'room.removed', jsonb_build_object('room_id', old.id))
  from unnest(user_ids[:much]) as user_id;

  if cardinality(user_ids) > much or not chat_private.may_remove_now(old.version) then
    insert into chat.rooms (id, kind, created_at, deleted_at) overriding system value
    values (old.id, 'group', old.created_at, now());
    insert into chat_private.removed_members (room_id, user_id)
    select old.id, user_id from unnest(user_ids[much + 1:]) as user_id;
  else
    delete from chat.pins where room_id = old.id;
    delete from chat.reactions where room_id = old.id;
    delete from chat.room_changes where room_id = old.id;
    delete from chat.room_bans where room_id = old.id;
    delete from chat.messages where room_id = old.id;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.unban_member (
  room_id bigint,
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.lock_room_to_ban(room_id, user_id);
  delete from chat.room_bans as bans where bans.room_id = unban_member.room_id and bans.user_id = unban_member.user_id;
end;
$function$;

create or replace function chat_private.until_sentence (
  until  timestamp with time zone,
  reason text
)
  returns text
  language sql
  stable
  set search_path to ''
  AS $function$
  select case when until is null then '' else to_char(until at time zone 'UTC', '" until "YYYY-MM-DD HH24:MI "UTC"') end
    || case when reason <> '' then ': ' || reason else '.' end;
$function$;

alter table "chat"."notices"
  add constraint "notices_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

alter table "chat"."room_bans"
  add constraint "room_bans_room_id_fkey" foreign key (room_id) references chat.rooms(id);

alter table "chat"."room_bans"
  add constraint "room_bans_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

create index audit_log_room_id_idx on chat.audit_log using btree (room_id, id desc);

create index audit_log_user_id_idx on chat.audit_log using btree (user_id, id desc);

create index notices_user_id_idx on chat.notices using btree (user_id, id desc);

create index room_bans_room_id_idx on chat.room_bans using btree (room_id, id desc);

create index room_bans_user_id_idx on chat.room_bans using btree (user_id);

create trigger notice_confirming
  before update of read_at on chat.notices
  for each row
  execute function chat_private.notice_confirming();

create trigger member_banned
  after insert or update on chat.room_bans
  for each row
  execute function chat_private.member_banned();

create trigger member_banning
  before insert or update on chat.room_bans
  for each row
  execute function chat_private.member_banning();

create trigger member_unbanned
  after delete on chat.room_bans
  for each row
  execute function chat_private.member_unbanned();

create trigger role_set
  after update of role on chat.room_members
  for each row
  when (((new.role IS DISTINCT FROM old.role) AND (new.user_id IS DISTINCT FROM auth.uid())))
  execute function chat_private.role_set();

create policy "moderators can read the audit log" on "chat"."audit_log"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ( select chat_private.is_moderator() as
    is_moderator)));

create policy "people can confirm their notices" on "chat"."notices"
  for update
  to "authenticated"
  using ((user_id = ( select auth.uid() as uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));

create policy "people can read their notices" on "chat"."notices"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (user_id = ( select auth.uid() as
    uid))));

create policy "admins and moderators can read who is banned" on "chat"."room_bans"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ((room_id in ( select
    chat_private.my_room_ids('admin'::chat.member_role) as my_room_ids)) or
    ( select chat_private.is_moderator() as is_moderator))));

comment on column "chat"."audit_log"."action" is 'Such as room_ban, room_unban, mute, unmute, warning, message_deleted, dismissed, role_changed.';

comment on column "chat"."audit_log"."report_id" is 'The report that it answered.';

comment on column "chat"."audit_log"."user_id" is 'Whom it was done to.';

comment on column "chat"."notices"."read_at" is 'When the person has confirmed it.';

comment on column "chat"."notices"."room_name" is 'The name that the room had then: a person who is banned from it cannot read it.';

comment on column "chat"."notices"."until" is 'When a mute, a ban or a suspension ends; null if it does not end by itself.';

comment on column "chat"."room_bans"."is_by_moderator" is 'Whether a moderator made it: admins of the room cannot lift it.';

comment on column "chat"."room_bans"."until" is 'When it ends; null if it does not end by itself.';

comment on function "chat"."add_members"(bigint, uuid[]) is 'Adds users to a group, as its owner or an admin, or as a member where inviting is for everyone; returns the new members. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found, not_reachable, banned, rate_limited.';

comment on function "chat"."ban_member"(bigint, uuid, timestamp with time zone, text) is 'Removes a person from a group and refuses each way back until a time, or until unban_member(): the owner can ban everyone, an admin members and people who are not in the group, a moderator everyone in any group. A repeated ban changes the time and the reason. Raises room_not_found, not_a_member, role_required, moderator_required, direct_room_fixed, invalid_members, invalid_until, user_not_found, rate_limited.';

comment on function "chat"."join_by_link"(text) is 'Joins a group by an invite link; for a member it does nothing, and takes no use. Raises invite_not_found, not_reachable, banned, user_not_found, too_many_joins, caller_required.';

comment on function "chat"."join_room"(bigint) is 'Joins a public group; does nothing for a member. Raises room_not_found, banned, user_not_found, too_many_joins, caller_required.';

comment on function "chat"."unban_member"(bigint, uuid) is 'Lifts a ban, as the owner or an admin of the group, or as a moderator, who alone lifts what a moderator made. Does nothing for a person who is not banned. Raises room_not_found, not_a_member, role_required, moderator_required, direct_room_fixed.';

comment on function "chat_private"."audit"(text, uuid, bigint, bigint, text, timestamp
  with time zone, jsonb) is 'Adds a row to the audit log, with the report that this transaction answers.';

comment on function "chat_private"."give_notice"(uuid, chat.notice_kind, text, timestamp
  with time zone, bigint, bigint) is 'Tells a person what moderation has done, on each of their devices.';

comment on function "chat_private"."is_administrator"() is 'Whether the caller is an administrator or a backend.';

comment on function "chat_private"."is_moderator"() is 'Whether the caller is a moderator, an administrator or a backend.';

comment on function "chat_private"."lock_room_to_ban"(bigint, uuid) is 'Locks a group in which the caller may ban a person, as an admin or a moderator. Returns whether as a moderator. Raises room_not_found, not_a_member, role_required, direct_room_fixed, moderator_required.';

comment on function "chat_private"."operator_role"(uuid) is 'moderator, administrator, or null: the role that an account has now.';

comment on function "chat_private"."require_future"(timestamp with time zone) is 'Raises invalid_until for an end that has passed.';

comment on function "chat_private"."require_moderator"(uuid) is 'Raises moderator_required if the caller is no moderator, or may not act against this person: nobody does against themselves, and only an administrator against a moderator.';

comment on function "chat_private"."require_unbanned"(bigint, uuid) is 'Raises banned if a person is banned from a room. Only the person who joins learns until when and why, as {until, reason} in the hint.';

comment on function "chat_private"."until_sentence"(timestamp with time zone, text) is 'The end of a sentence that says until when and why.';

comment on table "chat"."audit_log" is 'What moderators, admins and operators have done to others. Rows are only added.';

comment on table "chat"."notices" is 'What moderation has told a person.';

comment on table "chat"."room_bans" is 'Who is banned from a room. One that has ended refuses nobody.';

revoke all on function "chat"."ban_member"(bigint, uuid, timestamp with time zone, text) from public;

grant execute
  on function "chat"."ban_member"(bigint, uuid, timestamp with time zone, text)
  to "authenticated", "service_role";

revoke all on function "chat"."unban_member"(bigint, uuid) from public;

grant execute on function "chat"."unban_member"(bigint, uuid) to "authenticated", "service_role";

revoke all
  on function "chat_private"."audit"(text, uuid, bigint, bigint, text, timestamp with time zone, jsonb)
  from public;

revoke all on function "chat_private"."ban_member"(bigint, uuid, timestamp with time zone, text) from public;

grant execute
  on function "chat_private"."ban_member"(bigint, uuid, timestamp with time zone, text)
  to "authenticated", "service_role";

revoke all
  on function "chat_private"."give_notice"(uuid, chat.notice_kind, text, timestamp with time zone, bigint, bigint)
  from public;

revoke all on function "chat_private"."is_administrator"() from public;

grant execute on function "chat_private"."is_administrator"() to "authenticated", "service_role";

revoke all on function "chat_private"."is_moderator"() from public;

grant execute on function "chat_private"."is_moderator"() to "authenticated", "service_role";

revoke all on function "chat_private"."lock_room_to_ban"(bigint, uuid) from public;

revoke all on function "chat_private"."member_banned"() from public;

revoke all on function "chat_private"."member_banning"() from public;

revoke all on function "chat_private"."member_unbanned"() from public;

revoke all on function "chat_private"."notice_confirming"() from public;

revoke all on function "chat_private"."operator_role"(uuid) from public;

revoke all on function "chat_private"."require_future"(timestamp with time zone) from public;

revoke all on function "chat_private"."require_moderator"(uuid) from public;

revoke all on function "chat_private"."require_unbanned"(bigint, uuid) from public;

grant execute on function "chat_private"."require_unbanned"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."role_set"() from public;

revoke all on function "chat_private"."unban_member"(bigint, uuid) from public;

grant execute on function "chat_private"."unban_member"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."until_sentence"(timestamp with time zone, text) from public;

grant execute
  on function "chat_private"."until_sentence"(timestamp with time zone, text)
  to "authenticated", "service_role";

grant select on table "chat"."audit_log" to "authenticated", "service_role";

grant update ("read_at") on table "chat"."notices" to "authenticated";

grant select on table "chat"."notices" to "authenticated";

grant delete, insert, select, update on table "chat"."notices" to "service_role";

grant select on table "chat"."room_bans" to "authenticated";

grant delete, insert, select, update on table "chat"."room_bans" to "service_role";

comment on column "chat"."audit_log"."actor_id" is 'Who did it; null for an operator or a backend.';

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
