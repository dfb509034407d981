-- reports: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop policy "people can confirm their notices" on "chat"."notices";

drop policy "people can read why they are suspended" on "chat"."suspensions";

drop trigger "role_set" on "chat"."room_members";

create type "chat"."moderation_action" as enum (
  'dismiss',
  'delete',
  'warn',
  'mute',
  'ban_from_room',
  'suspend'
);
create type "chat"."report_kind" as enum (
  'message',
  'user',
  'room'
);
create type "chat"."report_reason" as enum (
  'spam',
  'harassment',
  'hate',
  'violence',
  'sexual',
  'self_harm',
  'illegal',
  'other',
  'word_rule'
);
create type "chat"."report_state" as enum (
  'open',
  'dismissed',
  'resolved'
);
insert into chat_private.limits (action, capacity, per_second) values
  ('report', 200, 0.02);
create table "chat"."mutes" (
  "user_id"    uuid                     not null,
  "until"      timestamp with time zone,
  "reason"     text                     not null default ''::text,
  "created_at" timestamp with time zone not null default now(),
  constraint "mutes_pkey" primary key (user_id),
  constraint "mutes_reason_check" check ((char_length(reason) <= 500)),
  constraint "mutes_until_check" check (isfinite(until))
);

alter table "chat"."mutes"
  enable row level security;

create table "chat"."reports" (
  "id"              bigint                   generated always as identity not null,
  "reporter_id"     uuid,
  "kind" chat.report_kind not null,
  "message_id"      bigint,
  "user_id"         uuid,
  "room_id"         bigint,
  "reason" chat.report_reason not null,
  "note"            text                     not null default ''::text,
  "snapshot"        jsonb                    not null,
  "state" chat.report_state not null default 'open'::chat.report_state,
  "created_at"      timestamp with time zone not null default now(),
  "action" chat.moderation_action,
  "resolved_by"     uuid,
  "resolved_at"     timestamp with time zone,
  "resolution_note" text                     not null default ''::text,
  "until"           timestamp with time zone,
  "target" text generated always as (
CASE kind
    when 'message'::chat.report_kind THEN ('message:'::text || (message_id)::text)
    when 'user'::chat.report_kind THEN ('user:'::text || (user_id)::text)
    ELSE ('room:'::text || (room_id)::text)
end) stored not null,
  constraint "reports_note_check" check ((char_length(note) <= 1000)),
  constraint "reports_pkey" primary key (id),
  constraint "reports_resolution_note_check" check ((char_length(resolution_note) <= 500))
);

alter table "chat"."reports"
  enable row level security;

create table "chat_private"."word_rules" (
  "id"         bigint                   generated always as identity not null,
  "pattern"    text                     not null,
  "action"     text                     not null,
  "created_at" timestamp with time zone not null default now(),
  constraint "word_rules_action_check" check ((action = ANY (ARRAY['flag'::text, 'refuse'::text]))),
  constraint "word_rules_pattern_check1" check (((''::text ~* pattern) IS NOT NULL)),
  constraint "word_rules_pattern_check" check (((char_length(pattern) >= 1) AND (char_length(pattern) <= 500))),
  constraint "word_rules_pattern_key" unique (pattern),
  constraint "word_rules_pkey" primary key (id)
);

alter table "chat_private"."word_rules"
  enable row level security;










create or replace function chat.mute_user (
  user_id uuid,
  until   timestamp with time zone default null::timestamp with time zone,
  reason  text                     default ''::text
)
  returns chat.mutes
  language sql
  set search_path to ''
  AS $function$
  select chat_private.mute_user(user_id, until, reason);
$function$;

create or replace function chat.report (
  reason     chat.report_reason,
  message_id bigint             default null::bigint,
  user_id    uuid               default null::uuid,
  room_id    bigint             default null::bigint,
  note       text               default ''::text
)
  returns chat.reports
  language sql
  set search_path to ''
  AS $function$
  select chat_private.report(reason, message_id, user_id, room_id, note);
$function$;

create or replace function chat.report_list (
  state    chat.report_state default 'open'::chat.report_state,
  before   bigint            default null::bigint,
  max_rows integer           default 50
)
  returns SETOF chat.reports
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
begin
  -- A filter of the Data API on the reports would run in the same statement.
  perform chat_private.require_modest_query();
  return query select * from chat_private.report_list(state, before, max_rows);
end;
$function$;

create or replace function chat.resolve_report (
  report_id bigint,
  action    chat.moderation_action,
  note      text                     default ''::text,
  until     timestamp with time zone default null::timestamp with time zone
)
  returns chat.reports
  language sql
  set search_path to ''
  AS $function$
  select chat_private.resolve_report(report_id, action, note, until);
$function$;

create or replace function chat.suspend_user (
  user_id uuid,
  until   timestamp with time zone default null::timestamp with time zone,
  reason  text                     default null::text
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.suspend_user(user_id, until, reason);
$function$;

create or replace function chat.unmute_user (
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.unmute_user(user_id);
$function$;

create or replace function chat.unsuspend_user (
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.unsuspend_user(user_id);
$function$;

create or replace function chat_private.act_on (
  report chat.reports,
  action chat.moderation_action,
  note   text,
  until  timestamp with time zone
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if action = 'delete' and report.kind = 'user' or action = 'ban_from_room' and report.kind <> 'message'
    or action in ('warn', 'mute', 'suspend') and report.user_id is null
  then
    raise sqlstate 'PT400' using message = 'invalid_resolution', detail = 'This action does not answer a report of this kind.';
  elsif action not in ('dismiss', 'delete') then
    perform chat_private.require_moderator(report.user_id);
    perform chat_private.require_people(array[report.user_id]);
  end if;
  case action
    when 'dismiss' then
      perform chat_private.audit('dismissed', report.user_id, report.room_id, report.message_id, note);
    when 'delete' then
      perform chat_private.delete_reported(report, note);
    when 'warn' then
      perform chat_private.audit('warning', report.user_id, report.room_id, report.message_id, note);
      perform chat_private.give_notice(report.user_id, 'warning', note, null, report.room_id, report.message_id);
    when 'mute' then
      perform chat_private.mute_user(report.user_id, until, note);
    when 'ban_from_room' then
      perform chat_private.ban_member(report.room_id, report.user_id, until, note);
    else
      perform chat_private.suspend_user(report.user_id, until, note);
  end case;
end;
$function$;

create or replace function chat_private.apply_word_rules (
  message chat.messages
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- As it reads: letters of other widths, and characters that nobody sees, hide no word.
  shown constant text := normalize(chat_private.visible(regexp_replace(message.content, '\s+', ' ', 'g')), nfkc);
  rule chat_private.word_rules;
begin
  if (select auth.uid()) is null then
    return;
  end if;
  for rule in select * from chat_private.word_rules as rules where shown ~* rules.pattern order by rules.action desc, rules.id loop
    if rule.action = 'refuse' then
      raise sqlstate 'PT400' using message = 'word_refused',
        detail = format('A message may not say “%s” here.', regexp_substr(shown, rule.pattern, 1, 1, 'i'));
    end if;
    insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
    values (
      'message', message.id, message.sender_id, message.room_id, 'word_rule',
      left(regexp_substr(shown, rule.pattern, 1, 1, 'i'), 1000), chat_private.message_snapshot(message)
    )
    on conflict (target) where state = 'open' and reason = 'word_rule' do nothing;
  end loop;
end;
$function$;

create or replace function chat_private.delete_reported (
  report chat.reports,
  reason text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  perform chat_private.take_turn(report.room_id);
  select * into room from chat.rooms where id = report.room_id and deleted_at is null for no key update;
  if report.kind = 'room' then
    perform chat_private.require_group(room);
    perform chat_private.audit('room_deleted', null, report.room_id, reason => delete_reported.reason);
    delete from chat.rooms where id = room.id;
    return;
  end if;
  update chat.messages as messages set deleted_at = now() where messages.id = report.message_id and messages.deleted_at is null;
  if found then
    perform chat_private.give_notice(report.user_id, 'message_deleted', reason, null, report.room_id, report.message_id);
  end if;
  perform chat_private.audit('message_deleted', report.user_id, report.room_id, report.message_id, reason);
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
  return coalesce(chat_private.operator_role((select auth.uid())) = 'administrator', false) and chat_private.has_access();
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
  return coalesce(chat_private.operator_role((select auth.uid())) in ('moderator', 'administrator'), false) and chat_private.has_access();
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
  -- An admin of the room acts as such, unless this answers a report.
  as_moderator constant boolean := chat_private.is_moderator() and (
    nullif(current_setting('chat.report', true), '') is not null or not exists (
      select from chat.room_members as members
      where members.room_id = lock_room_to_ban.room_id and members.user_id = (select auth.uid()) and members.role >= 'admin'
    )
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

create or replace function chat_private.message_changing()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_edit constant boolean :=
    (new.content, new.mentions, new.mentions_all) is distinct from (old.content, old.mentions, old.mentions_all);
  is_open boolean;
  pair text;
begin
  if old.deleted_at is not null then
    return old;
  end if;
  perform chat_private.count_row(new.content);
  perform chat_private.keep_digest(old);
  new.room_id := old.room_id;
  new.seq := old.seq;
  if new.deleted_at is null then
    if is_edit then
      if new.sender_id = (select auth.uid()) then
        perform chat_private.require_unmuted(new.sender_id), chat_private.apply_word_rules(new);
      end if;
      perform chat_private.take_token_of_row('edit_message');
    end if;
    new.edited_at := greatest(now(), new.created_at);
  else
    new := jsonb_populate_record(new, chat_private.without_text());
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id
  returning version, posting = 'everyone' and locked_at is null, direct_key into new.version, is_open, pair;
  if is_edit and new.deleted_at is null then
    if not is_open then
      perform chat_private.require_open(new.room_id, 'posting');
    end if;
    if pair is not null and (select auth.uid()) is not null then
      perform chat_private.require_unblocked(pair);
    end if;
  end if;
  return new;
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
  is_open boolean;
  is_member boolean;
  is_muted boolean;
  has_rules boolean;
  pair text;
  sender chat.room_members;
  earlier chat.messages;
begin
  perform chat_private.count_row(new.content);
  -- Refuses strangers before any lock. One statement: each costs every message.
  select exists (select from chat.room_members where room_id = new.room_id and user_id = new.sender_id),
    exists (select from chat.mutes where user_id = new.sender_id),
    exists (select from chat_private.word_rules)
  into is_member, is_muted, has_rules;
  if not is_member and new.sender_id is not null then
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

  if is_muted then
    perform chat_private.require_unmuted(new.sender_id);
  end if;
  perform chat_private.take_token_of_row('send_message');
  perform chat_private.take_turn(new.room_id);
  -- The time is also taken under the lock, and is never before that of the previous message.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(last_message_at, new.created_at, case when is_sent_now then clock_timestamp() end)
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at, slow_mode_seconds, posting = 'everyone' and locked_at is null, direct_key
  into new.seq, new.version, new.created_at, slow_mode, is_open, pair;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif new.created_at < now() then
    -- message_written_on_insert announces it although its time has passed.
    perform set_config('chat.numbered', new.id::text, true);
  end if;

  -- The marks of the sender move along if nothing was unread, as mostly. The sender may have been removed during the wait.
  update chat.room_members as members
  set last_read_seq = new.seq, own_after_read = 0, last_delivered_seq = new.seq
  where members.room_id = new.room_id and members.user_id = new.sender_id
    and members.last_read_seq + members.own_after_read >= new.seq - 1
  returning members.* into sender;
  if not found then
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
  end if;
  if not found and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  elsif not sender.shares_receipts then
    perform chat_private.hidden_member_sent(sender, new.seq);
  end if;
  if not is_open and sender.role < 'admin' then
    perform chat_private.require_open(new.room_id, 'posting');
  end if;
  if pair is not null and new.sender_id is not null then
    perform chat_private.require_unblocked(pair);
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
  if has_rules then
    perform chat_private.apply_word_rules(new);
  end if;
  return new;
end;
$function$;

create or replace function chat_private.message_snapshot (
  message chat.messages
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'message', jsonb_build_object(
      'id', message.id, 'seq', message.seq, 'content', message.content, 'attachments', message.attachments,
      'forwarded_username', message.forwarded_username, 'forwarded_content', message.forwarded_content,
      'created_at', message.created_at, 'edited_at', message.edited_at,
      -- What it said before, so that an edit hides nothing.
      'edits', coalesce(
        (
          select jsonb_agg(jsonb_build_object('content', edits.content, 'written_at', edits.written_at) order by edits.version)
          from (
            select * from chat.message_edits as edits where edits.message_id = message.id order by edits.version desc limit 3
          ) as edits
        ),
        '[]'
      )
    ),
    'user', chat_private.person_snapshot(message.sender_id),
    'room', chat_private.room_snapshot(message.room_id)
  );
$function$;

create or replace function chat_private.mute_user (
  user_id uuid,
  until   timestamp with time zone,
  reason  text
)
  returns chat.mutes
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  mute chat.mutes;
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_future(until);
  perform chat_private.require_people(array[user_id]);
  select * into mute from chat.mutes as mutes where mutes.user_id = mute_user.user_id for update;
  if found and (mute.until, mute.reason) is not distinct from (mute_user.until, coalesce(mute_user.reason, ''))
    and nullif(current_setting('chat.report', true), '') is null
  then
    return mute; -- a retry
  end if;
  insert into chat.mutes as mutes (user_id, until, reason)
  values (mute_user.user_id, mute_user.until, coalesce(mute_user.reason, ''))
  on conflict on constraint mutes_pkey do update set until = excluded.until, reason = excluded.reason, created_at = now()
  returning mutes.* into mute;
  return mute;
end;
$function$;

create or replace function chat_private.muted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit('mute', new.user_id, reason => new.reason, until => new.until);
  perform chat_private.give_notice(new.user_id, 'mute', new.reason, new.until);
  return null;
end;
$function$;

create or replace function chat_private.person_snapshot (
  user_id uuid
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'id', profiles.id, 'number', profiles.number, 'username', profiles.username, 'first_name', profiles.first_name,
    'last_name', profiles.last_name, 'bio', profiles.bio, 'avatar_url', profiles.avatar_url
  )
  from chat.profiles as profiles where profiles.id = person_snapshot.user_id;
$function$;

create or replace function chat_private.refuse_report (
  sentence text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  raise sqlstate 'PT400' using message = 'invalid_report', detail = sentence;
end;
$function$;

create or replace function chat_private.refuse_resolved (
  report chat.reports
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  who constant text := (select profiles.username from chat.profiles as profiles where profiles.id = report.resolved_by);
begin
  raise sqlstate 'PT409' using message = 'report_resolved',
    detail = format('%s has handled this report.', coalesce(who, 'An operator')),
    hint = jsonb_build_object(
      'resolved_by', report.resolved_by, 'username', who, 'resolved_at', report.resolved_at, 'action', report.action
    );
end;
$function$;

create or replace function chat_private.report (
  reason     chat.report_reason,
  message_id bigint,
  user_id    uuid,
  room_id    bigint,
  note       text
)
  returns chat.reports
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  me constant uuid := (select auth.uid());
  about chat.reports;
  made chat.reports;
begin
  perform chat_private.require_caller();
  if num_nonnulls(message_id, user_id, room_id) <> 1 then
    perform chat_private.refuse_report('Report a message, a person or a room.');
  elsif reason is null or reason = 'word_rule' then
    perform chat_private.refuse_report('Give one of the reasons.');
  end if;
  perform chat_private.require_people(array_remove(array[me, user_id], null));
  about := chat_private.reported(message_id, user_id, room_id);
  if not exists (
    select from chat.reports as reports
    where reports.reporter_id = me and reports.state = 'open' and reports.kind = about.kind
      and (reports.message_id, reports.user_id, reports.room_id) is not distinct from (about.message_id, about.user_id, about.room_id)
  ) then
    perform chat_private.take_tokens('report');
  end if;
  -- A repeated report is the same one, and keeps what the first has kept.
  insert into chat.reports as reports (reporter_id, kind, message_id, user_id, room_id, reason, note, snapshot)
  values (
    me, about.kind, about.message_id, about.user_id, about.room_id, report.reason, coalesce(report.note, ''), about.snapshot
  )
  on conflict (reporter_id, target) where state = 'open' do update set reason = excluded.reason, note = excluded.note
  returning reports.* into made;
  return made;
end;
$function$;

create or replace function chat_private.report_list (
  state    chat.report_state,
  before   bigint,
  max_rows integer
)
  returns SETOF chat.reports
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator();
  return query
    select * from chat.reports as reports
    where (report_list.state is null or reports.state = report_list.state) and (before is null or reports.id < before)
    order by reports.id desc
    limit least(greatest(coalesce(max_rows, 50), 1), 100);
end;
$function$;

create or replace function chat_private.reported (
  message_id bigint,
  user_id    uuid,
  room_id    bigint
)
  returns chat.reports
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  me constant uuid := (select auth.uid());
  message chat.messages;
  report chat.reports;
begin
  if message_id is not null then
    select * into message from chat.messages as messages
    where messages.id = reported.message_id and messages.deleted_at is null and chat_private.is_my_room(messages.room_id);
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
    end if;
    report.kind := 'message';
    report.message_id := message.id;
    report.user_id := message.sender_id;
    report.room_id := message.room_id;
    report.snapshot := chat_private.message_snapshot(message);
  elsif user_id is not null then
    report.kind := 'user';
    report.user_id := reported.user_id;
    report.snapshot := jsonb_build_object('user', chat_private.person_snapshot(reported.user_id));
  else
    if not chat_private.is_my_room(room_id) and not exists (
      select from chat.rooms as rooms where rooms.id = reported.room_id and rooms.is_public
    ) then
      raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room, or you are not a member of it.';
    end if;
    report.kind := 'room';
    report.room_id := reported.room_id;
    report.snapshot := jsonb_build_object('room', chat_private.room_snapshot(reported.room_id));
  end if;
  if report.user_id = me then
    perform chat_private.refuse_report('You cannot report yourself.');
  end if;
  return report;
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
  perform chat_private.require_access();
  if not chat_private.is_moderator() then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only a moderator may do this.';
  elsif against = (select auth.uid()) then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Another moderator must do this.';
  elsif not chat_private.is_administrator() and chat_private.operator_role(against) is not null then
    raise sqlstate 'PT403' using message = 'moderator_required', detail = 'Only an administrator acts against a moderator.';
  end if;
end;
$function$;

create or replace function chat_private.require_unmuted (
  user_id uuid
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  mute chat.mutes;
begin
  select * into mute from chat.mutes as mutes
  where mutes.user_id = require_unmuted.user_id and (mutes.until is null or mutes.until > now());
  if found then
    raise sqlstate 'PT403' using message = 'muted',
      detail = 'You are muted' || chat_private.until_sentence(mute.until, mute.reason),
      hint = jsonb_build_object('until', mute.until, 'reason', mute.reason);
  end if;
end;
$function$;

create or replace function chat_private.resolve_report (
  report_id bigint,
  action    chat.moderation_action,
  note      text,
  until     timestamp with time zone
)
  returns chat.reports
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  report chat.reports;
begin
  perform chat_private.require_moderator();
  select * into report from chat.reports as reports where reports.id = report_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'report_not_found', detail = 'No such report.';
  elsif report.state <> 'open' then
    perform chat_private.refuse_resolved(report);
  elsif action is null or char_length(note) > 500 then
    raise sqlstate 'PT400' using message = 'invalid_resolution', detail = 'Give an action, and a note of at most 500 characters.';
  end if;
  perform set_config('chat.report', report.id::text, true);
  perform chat_private.act_on(report, action, coalesce(note, ''), until);
  perform set_config('chat.report', '', true);
  update chat.reports as reports
  set state = case when resolve_report.action = 'dismiss' then 'dismissed' else 'resolved' end::chat.report_state,
    action = resolve_report.action, resolved_by = (select auth.uid()), resolved_at = now(),
    resolution_note = coalesce(resolve_report.note, ''),
    until = case when resolve_report.action in ('mute', 'ban_from_room', 'suspend') then resolve_report.until end
  where reports.target = report.target and reports.state = 'open';
  select * into report from chat.reports as reports where reports.id = report.id;
  return report;
end;
$function$;

create or replace function chat_private.room_snapshot (
  room_id bigint
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'id', rooms.id, 'kind', rooms.kind, 'name', rooms.name, 'description', rooms.description, 'is_public', rooms.is_public,
    'avatar_url', rooms.avatar_url, 'member_count', rooms.member_count
  )
  from chat.rooms as rooms where rooms.id = room_snapshot.room_id;
$function$;

create or replace function chat_private.suspend_user (
  user_id uuid,
  until   timestamp with time zone,
  reason  text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_future(until);
  perform chat_private.require_people(array[user_id]);
  if nullif(current_setting('chat.report', true), '') is null and exists (
    select from chat.suspensions as suspensions
    where suspensions.user_id = suspend_user.user_id
      and (suspensions.until, suspensions.reason) is not distinct from (suspend_user.until, nullif(suspend_user.reason, ''))
  ) then
    return; -- a retry
  end if;
  insert into chat.suspensions as suspensions (user_id, until, reason)
  values (suspend_user.user_id, suspend_user.until, nullif(suspend_user.reason, ''))
  on conflict on constraint suspensions_pkey do update
  set until = excluded.until, reason = excluded.reason, created_by = excluded.created_by, created_at = now();
end;
$function$;

create or replace function chat_private.suspension_lifted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Not when the account is deleted.
  if exists (select from auth.users where id = old.user_id) then
    perform chat_private.audit('suspension_lifted', old.user_id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.suspension_noted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.audit('suspension', new.user_id, reason => new.reason, until => new.until);
  perform chat_private.give_notice(new.user_id, 'suspension', new.reason, new.until);
  return null;
end;
$function$;

create or replace function chat_private.unmute_user (
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator(user_id);
  delete from chat.mutes as mutes where mutes.user_id = unmute_user.user_id;
end;
$function$;

create or replace function chat_private.unmuted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Not when the account is deleted.
  if exists (select from chat.profiles where id = old.user_id) then
    perform chat_private.audit('unmute', old.user_id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.unsuspend_user (
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_moderator(user_id);
  delete from chat.suspensions as suspensions where suspensions.user_id = unsuspend_user.user_id;
end;
$function$;

alter table "chat"."mutes"
  add constraint "mutes_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

alter table "chat"."reports"
  add constraint "reports_reporter_id_fkey" foreign key (reporter_id) references chat.profiles(id) on delete set null;

alter table "chat"."reports"
  add constraint "reports_resolved_check"
    check
    ((((state = 'open'::chat.report_state) = (resolved_at IS NULL)) AND ((state = 'open'::chat.report_state) = (action
    IS NULL))));

create unique index reports_open_key on chat.reports using btree (reporter_id, target)
  where (state = 'open'::chat.report_state);

create unique index reports_open_rule_key on chat.reports using btree (target)
  where ((state = 'open'::chat.report_state) AND (reason = 'word_rule'::chat.report_reason));

create index reports_reporter_id_idx on chat.reports using btree (reporter_id, id desc);

create index reports_state_idx on chat.reports using btree (state, id desc);

create index reports_target_idx on chat.reports using btree (target)
  where (state = 'open'::chat.report_state);

create trigger muted
  after insert or update on chat.mutes
  for each row
  execute function chat_private.muted();

create trigger unmuted
  after delete on chat.mutes
  for each row
  execute function chat_private.unmuted();

create trigger role_set
  after update of role on chat.room_members
  for each row
  when
    (((new.role IS DISTINCT FROM old.role) AND (new.user_id IS DISTINCT FROM auth.uid()) AND (pg_trigger_depth() = 0)))
  execute function chat_private.role_set();

create trigger suspension_lifted
  after delete on chat.suspensions
  for each row
  execute function chat_private.suspension_lifted();

create trigger suspension_noted
  after insert or update on chat.suspensions
  for each row
  execute function chat_private.suspension_noted();

create policy "people can read their mute, and moderators all" on "chat"."mutes"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ((user_id = ( select auth.uid() as uid))
    or ( select chat_private.is_moderator() as is_moderator))));

create policy "people can confirm their notices" on "chat"."notices"
  for update
  to "authenticated"
  using ((( select chat_private.require_access() as require_access) AND (user_id = ( select auth.uid() as uid))))
  with check ((user_id = ( SELECT auth.uid() AS uid)));

create policy "people can read their reports" on "chat"."reports"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (reporter_id = ( select auth.uid() as
    uid))));

create policy "people can read why they are suspended, and moderators all" on "chat"."suspensions"
  for select
  to "authenticated"
  using (((user_id = ( select auth.uid() as uid)) or ( select chat_private.is_moderator() as is_moderator)));

comment on column "chat"."mutes"."until" is 'When it ends; null if it does not end by itself.';

comment on column "chat"."reports"."resolution_note" is 'The reason that the person concerned receives.';

comment on column "chat"."reports"."room_id" is 'The room it is about: of a message the one that it is in.';

comment on column "chat"."reports"."snapshot" is 'What it is about, as it was when it was reported: the message, the person and the room.';

comment on column "chat"."reports"."user_id" is 'The person it is about: of a message its sender.';

comment on column "chat_private"."word_rules"."action" is 'flag reports the message, and refuse refuses it.';

comment on column "chat_private"."word_rules"."pattern" is 'A regular expression of Postgres, in any case: \mspam\M is the word, and spam also a part of one.';

comment on function "chat"."edit_message"(bigint, text, uuid[], boolean) is 'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, sender_required, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, muted, word_refused, rate_limited.';

comment on function "chat"."forward_message"(bigint, bigint, uuid, bigint) is 'Sends the content of a message to another room, as a message of the caller. It stays when the original is edited or deleted. Raises message_not_found, room_not_found, not_a_member, not_reachable, room_locked, role_required, rate_limited, muted, word_refused, slow_mode, client_id_reused, caller_required.';

comment on function "chat"."mute_user"(uuid, timestamp with time zone, text) is 'Refuses the messages of a person in every room until a time, or until unmute_user(), as a moderator. Repeated, it changes the time and the reason. Raises moderator_required, invalid_until, user_not_found.';

comment on function "chat"."report"(chat.report_reason, bigint, uuid, bigint, text) is 'Reports a message, a person or a room that the caller can see to the moderators, with what it is now. While it is open, a repeated report changes its reason and note. Raises invalid_report, message_not_found, user_not_found, room_not_found, rate_limited, caller_required.';

comment on function "chat"."report_list"(chat.report_state, bigint, integer) is 'The reports in a state, or all with null, newest first, for moderators; the next page is before the last id. Raises moderator_required.';

comment on function "chat"."resolve_report"(bigint, chat.moderation_action, text, timestamp
  with time zone) is 'Answers a report and all others that are open about the same thing, as a moderator: dismiss, delete the message or the group, warn, mute, ban from the room, or suspend, until a time or without an end. The person concerned receives the note. Raises moderator_required, report_not_found, report_resolved, invalid_resolution, invalid_until, user_not_found, room_not_found, direct_room_fixed.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, muted, word_refused, rate_limited, slow_mode.';

comment on function "chat"."suspend_user"(uuid, timestamp with time zone, text) is 'Keeps a person out of the chat until a time, or until unsuspend_user(), as a moderator. Repeated, it changes the time and the reason. Raises moderator_required, invalid_until, user_not_found.';

comment on function "chat"."unmute_user"(uuid) is 'Lifts a mute, as a moderator; does nothing for a person who is not muted. Raises moderator_required.';

comment on function "chat"."unsuspend_user"(uuid) is 'Lifts a suspension, as a moderator; does nothing for a person who is not suspended. Raises moderator_required.';

comment on function "chat_private"."act_on"(chat.reports, chat.moderation_action, text, timestamp
  with time zone) is 'Does what a moderator has decided about a report, with one row in the audit log.';

comment on function "chat_private"."apply_word_rules"(chat.messages) is 'Refuses a message for what it says, or reports it to the moderators, once. Raises word_refused.';

comment on function "chat_private"."delete_reported"(chat.reports, text) is 'Deletes the message or the group of a report; one that is gone stays so. Raises direct_room_fixed.';

comment on function "chat_private"."message_snapshot"(chat.messages) is 'A message as it is, with its last three earlier texts, its sender and its room.';

comment on function "chat_private"."require_moderator"(uuid) is 'Raises moderator_required if the caller is no moderator, or may not act against this person: nobody does against themselves, and only an administrator against a moderator. Also what require_access() raises.';

comment on function "chat_private"."require_unmuted"(uuid) is 'Raises muted for a person who is, with {until, reason} in the hint.';

comment on table "chat"."mutes" is 'Who may not write messages. A mute that has ended refuses nothing.';

comment on table "chat"."reports" is 'What people, and word rules, have reported to the moderators.';

comment on table "chat_private"."word_rules" is 'What messages may not say, or report to the moderators when they do; operators may change it.';

revoke all on function "chat"."mute_user"(uuid, timestamp with time zone, text) from public;

grant execute on function "chat"."mute_user"(uuid, timestamp with time zone, text) to "authenticated", "service_role";

revoke all on function "chat"."report"(chat.report_reason, bigint, uuid, bigint, text) from public;

grant execute
  on function "chat"."report"(chat.report_reason, bigint, uuid, bigint, text)
  to "authenticated", "service_role";

revoke all on function "chat"."report_list"(chat.report_state, bigint, integer) from public;

grant execute on function "chat"."report_list"(chat.report_state, bigint, integer) to "authenticated", "service_role";

revoke all
  on function "chat"."resolve_report"(bigint, chat.moderation_action, text, timestamp with time zone)
  from public;

grant execute
  on function "chat"."resolve_report"(bigint, chat.moderation_action, text, timestamp with time zone)
  to "authenticated", "service_role";

revoke all on function "chat"."suspend_user"(uuid, timestamp with time zone, text) from public;

grant execute on function "chat"."suspend_user"(uuid, timestamp with time zone, text) to "authenticated", "service_role";

revoke all on function "chat"."unmute_user"(uuid) from public;

grant execute on function "chat"."unmute_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat"."unsuspend_user"(uuid) from public;

grant execute on function "chat"."unsuspend_user"(uuid) to "authenticated", "service_role";

revoke all
  on function "chat_private"."act_on"(chat.reports, chat.moderation_action, text, timestamp with time zone)
  from public;

revoke all on function "chat_private"."apply_word_rules"(chat.messages) from public;

revoke all on function "chat_private"."delete_reported"(chat.reports, text) from public;

revoke all on function "chat_private"."message_snapshot"(chat.messages) from public;

revoke all on function "chat_private"."mute_user"(uuid, timestamp with time zone, text) from public;

grant execute
  on function "chat_private"."mute_user"(uuid, timestamp with time zone, text)
  to "authenticated", "service_role";

revoke all on function "chat_private"."muted"() from public;

revoke all on function "chat_private"."person_snapshot"(uuid) from public;

revoke all on function "chat_private"."refuse_report"(text) from public;

revoke all on function "chat_private"."refuse_resolved"(chat.reports) from public;

revoke all on function "chat_private"."report"(chat.report_reason, bigint, uuid, bigint, text) from public;

grant execute
  on function "chat_private"."report"(chat.report_reason, bigint, uuid, bigint, text)
  to "authenticated", "service_role";

revoke all on function "chat_private"."report_list"(chat.report_state, bigint, integer) from public;

grant execute
  on function "chat_private"."report_list"(chat.report_state, bigint, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."reported"(bigint, uuid, bigint) from public;

revoke all on function "chat_private"."require_unmuted"(uuid) from public;

revoke all
  on function "chat_private"."resolve_report"(bigint, chat.moderation_action, text, timestamp with time zone)
  from public;

grant execute
  on function "chat_private"."resolve_report"(bigint, chat.moderation_action, text, timestamp with time zone)
  to "authenticated", "service_role";

revoke all on function "chat_private"."room_snapshot"(bigint) from public;

revoke all on function "chat_private"."suspend_user"(uuid, timestamp with time zone, text) from public;

grant execute
  on function "chat_private"."suspend_user"(uuid, timestamp with time zone, text)
  to "authenticated", "service_role";

revoke all on function "chat_private"."suspension_lifted"() from public;

revoke all on function "chat_private"."suspension_noted"() from public;

revoke all on function "chat_private"."unmute_user"(uuid) from public;

grant execute on function "chat_private"."unmute_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."unmuted"() from public;

revoke all on function "chat_private"."unsuspend_user"(uuid) from public;

grant execute on function "chat_private"."unsuspend_user"(uuid) to "authenticated", "service_role";

grant select on table "chat"."mutes" to "authenticated";

grant delete, insert, select, update on table "chat"."mutes" to "service_role";

grant select ("created_at") on table "chat"."reports" to "authenticated";

grant select ("id") on table "chat"."reports" to "authenticated";

grant select ("kind") on table "chat"."reports" to "authenticated";

grant select ("message_id") on table "chat"."reports" to "authenticated";

grant select ("note") on table "chat"."reports" to "authenticated";

grant select ("reason") on table "chat"."reports" to "authenticated";

grant select ("reporter_id") on table "chat"."reports" to "authenticated";

grant select ("resolved_at") on table "chat"."reports" to "authenticated";

grant select ("room_id") on table "chat"."reports" to "authenticated";

grant select ("state") on table "chat"."reports" to "authenticated";

grant select ("user_id") on table "chat"."reports" to "authenticated";

grant delete, insert, select, update on table "chat"."reports" to "service_role";

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
