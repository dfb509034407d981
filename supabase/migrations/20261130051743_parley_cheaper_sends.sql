-- cheaper_sends: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "messages_counted_on_insert" on "chat"."messages";

drop trigger "messages_counted_on_update" on "chat"."messages";

alter table "chat"."rooms"
  drop constraint "rooms_avatar_url_check";

alter table "chat"."rooms"
  drop constraint "rooms_deleted_check";

alter table "chat"."rooms"
  drop constraint "rooms_description_check";

alter table "chat"."rooms"
  drop constraint "rooms_group_slug_check";

alter table "chat"."rooms"
  drop constraint "rooms_kind_check";

alter table "chat"."rooms"
  drop constraint "rooms_locked_reason_check";

alter table "chat"."rooms"
  drop constraint "rooms_name_check";

alter table "chat"."rooms"
  drop constraint "rooms_slow_mode_check";

alter table "chat"."rooms"
  drop constraint "rooms_slug_check";

drop function "chat_private"."draw"(uuid, chat_private.limits, bigint);

drop function "chat_private"."messages_counted"();

drop function "chat_private"."take_tokens_of_rows"(text);

create or replace function chat.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid    default null::uuid,
  reply_to_id       bigint  default null::bigint,
  forwarded_from_id bigint  default null::bigint,
  metadata          jsonb   default '{}'::jsonb,
  sender_id         uuid    default null::uuid,
  attachment_ids    uuid[]  default null::uuid[],
  mentions          uuid[]  default null::uuid[],
  mention_all       boolean default false
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return chat_private.send_message(
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, coalesce(sender_id, auth.uid()), attachment_ids, mentions,
    mention_all
  );
end;
$function$;

create or replace function chat_private.count_from_zero()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform set_config('chat.written', '{0,0,0}', true);
  return null;
end;
$function$;

create or replace function chat_private.count_row (
  content text default ''::text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- About a second of work at most: the time that a text takes grows with its length.
  most_rows constant integer := 2500;
  most_text constant integer := 250000;
  written integer[];
begin
  if current_setting('role') <> 'authenticated' then
    return;
  end if;
  written := current_setting('chat.written');
  written[1] := written[1] + 1;
  written[2] := written[2] + char_length(content);
  if written[1] > most_rows or written[2] > most_text then
    raise sqlstate 'PT400' using message = 'too_many_rows',
      detail = format('Write at most %s rows and %s characters in one statement.', most_rows, most_text);
  end if;
  perform set_config('chat.written', written::text, true);
end;
$function$;

create or replace function chat_private.draw (
  person_id uuid,
  action    text,
  amount    bigint
)
  returns double precision
  language plpgsql
  set search_path to ''
  AS $function$
declare
  rest double precision;
begin
  perform chat_private.wait_for_bucket(person_id, action);
  loop
    update chat_private.buckets as buckets
    set tokens = least(
        limits.capacity, buckets.tokens + limits.per_second * greatest(extract(epoch from clock_timestamp() - buckets.filled_at), 0)
      ) - limits.cost * amount,
      -- A clock that goes back fills no bucket twice.
      filled_at = greatest(buckets.filled_at, clock_timestamp())
    from chat_private.limits as limits
    where limits.action = draw.action and limits.cost > 0
      and buckets.person_id = draw.person_id and buckets.action = draw.action
    returning buckets.tokens into rest;
    exit when found;
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    select draw.person_id, limits.action, limits.capacity, clock_timestamp()
    from chat_private.limits as limits where limits.action = draw.action and limits.cost > 0
    on conflict do nothing;
    exit when not exists (
      select from chat_private.buckets as buckets where buckets.person_id = draw.person_id and buckets.action = draw.action
    );
  end loop;
  return rest;
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
  me constant uuid := auth.uid();
  bucket constant text := 'slow_mode ' || room_id;
  waited double precision;
begin
  if me is null then
    return;
  end if;
  perform chat_private.wait_for_bucket(me, bucket);
  insert into chat_private.buckets (person_id, action, tokens, filled_at) values (me, bucket, 0, clock_timestamp())
  on conflict do nothing;
  if found then
    return;
  end if;
  select greatest(extract(epoch from clock_timestamp() - buckets.filled_at), 0) into waited
  from chat_private.buckets as buckets
  where buckets.person_id = me and buckets.action = bucket
  for no key update;
  if waited < seconds then
    perform chat_private.refuse_haste(
      'slow_mode', format('In this group a member writes one message in %s seconds.', seconds),
      row (bucket, 1, 1.0 / seconds, 1), 1 - waited / seconds
    );
  end if;
  update chat_private.buckets as buckets set filled_at = clock_timestamp()
  where buckets.person_id = me and buckets.action = bucket;
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
      perform chat_private.require_switch(new.room_id, 'posting');
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
  pair text;
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
    perform chat_private.require_switch(new.room_id, 'posting');
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
  return new;
end;
$function$;

create or replace function chat_private.room_checking()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
declare
  violated constant text := case
    when not (
      (new.kind = 'direct' and new.deleted_at is null) = (new.direct_key is not null) and (new.kind = 'group' or not new.is_public)
    ) then 'rooms_kind_check'
    when not (new.slug ~ '^[\w.@+-]+$' and char_length(new.slug) <= 310) then 'rooms_slug_check'
    -- Clients know a direct room by the usernames of its members, such as ann_bob: no group may have such a slug.
    when not (new.kind = 'direct' or new.slug !~ '_') then 'rooms_group_slug_check'
    when not (
      char_length(new.name) <= 255 and (new.kind = 'direct' or new.deleted_at is not null or chat_private.shows(new.name))
    ) then 'rooms_name_check'
    when not (char_length(new.description) <= 2000) then 'rooms_description_check'
    when not (new.avatar_url ~ '^(https?://|/)' and char_length(new.avatar_url) <= 2048) then 'rooms_avatar_url_check'
    when not (new.slow_mode_seconds between 0 and 21600) then 'rooms_slow_mode_check'
    when not (
      new.locked_reason is null
      or new.locked_at is not null and char_length(new.locked_reason) >= 1 and char_length(new.locked_reason) <= 500
    ) then 'rooms_locked_reason_check'
    -- A placeholder that no user can see: see room_deleted().
    when not (new.deleted_at is null or (new.slug is null and not new.is_public and new.member_count = 0)) then 'rooms_deleted_check'
  end;
begin
  if violated is not null then
    raise check_violation using schema = 'chat', table = 'rooms', constraint = violated,
      message = format('new row for relation "rooms" violates check constraint "%s"', violated);
  end if;
  return new;
end;
$function$;

create or replace function chat_private.rows_counted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  written constant integer[] := current_setting('chat.written');
begin
  perform chat_private.take_tokens(tg_argv[0], written[3] - 1);
  return null;
end;
$function$;

create or replace function chat_private.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid,
  reply_to_id       bigint,
  forwarded_from_id bigint,
  metadata          jsonb,
  sender_id         uuid,
  attachment_ids    uuid[],
  mentions          uuid[],
  mention_all       boolean
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  message chat.messages;
begin
  -- A filter of the Data API on the sent message would run in the same statement.
  perform chat_private.require_modest_query();
  if sender_id is distinct from auth.uid() and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if cardinality(attachment_ids) > 0 and send_message.forwarded_from_id is not null then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = 'A forwarded message has the files of the original.';
  end if;
  insert into chat.messages (
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id, attachments, mentions, mentions_all
  )
  values (
    send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
    send_message.forwarded_from_id, coalesce(send_message.metadata, '{}'), send_message.sender_id,
    case
      when cardinality(attachment_ids) > 0
      then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids, send_message.client_id)
      else '[]'
    end,
    case when cardinality(send_message.mentions) > 0 then chat_private.to_mention(send_message.mentions) else '[]' end,
    coalesce(mention_all, false)
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

create or replace function chat_private.take_token_of_row (
  action text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  written integer[] := current_setting('chat.written');
begin
  if written[3] = 0 then
    perform chat_private.take_tokens(action);
  end if;
  written[3] := written[3] + 1;
  perform set_config('chat.written', written::text, true);
end;
$function$;

create or replace function chat_private.take_tokens (
  action text,
  amount integer default 1
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
  rate chat_private.limits;
  rest double precision;
begin
  -- A backend, an operator, or a job.
  if me is null then
    return;
  end if;
  rest := chat_private.draw(me, action, amount);
  if rest < 0 then
    select * into rate from chat_private.limits as limits where limits.action = take_tokens.action;
    perform chat_private.refuse_haste('rate_limited', 'You have done this too often.', rate, -rest);
  end if;
end;
$function$;

create or replace function chat_private.use_tokens (
  person_id uuid,
  amount    bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if amount > 0 then
    perform chat_private.draw(person_id, 'use_tokens', amount);
  end if;
end;
$function$;

create or replace function chat_private.wait_for_bucket (
  person_id uuid,
  action    text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if nullif(current_setting('chat.highest_room', true), '') is null then
    return;
  end if;
  -- This transaction has locked a room, which the other one may wait for.
  for attempt in 1..50 loop
    perform from chat_private.buckets as buckets
    where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    for no key update skip locked;
    if found or not exists (
      select from chat_private.buckets as buckets
      where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    ) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again', detail = 'You are doing the same elsewhere. Try again.';
end;
$function$;

create trigger rows_counted_on_insert
  after insert on chat.messages
  for each STATEMENT
  when ((((current_setting('chat.written'::text))::integer[])[3] > 1))
  execute function chat_private.rows_counted('send_message');

create trigger rows_counted_on_update
  after update on chat.messages
  for each STATEMENT
  when ((((current_setting('chat.written'::text))::integer[])[3] > 1))
  execute function chat_private.rows_counted('edit_message');

create trigger room_checking
  before insert or update of kind,
    slug,
    name,
    description,
    is_public,
    direct_key, member_count, avatar_url, slow_mode_seconds, locked_at, locked_reason, deleted_at on chat.rooms
  for each row
  execute function chat_private.room_checking();

comment on function "chat_private"."count_from_zero"() is 'A trigger before each statement whose rows count_row() and take_token_of_row() count.';

comment on function "chat_private"."draw"(uuid, text, bigint) is 'Takes tokens of a person, and returns how many are left: fewer than none, if there were too few; null, if there is no limit. Raises try_again.';

comment on function "chat_private"."room_checking"() is 'Raises what a check constraint of that name would raise.';

comment on function "chat_private"."rows_counted"() is 'A trigger after a statement for more than one of whose rows take_token_of_row() was called, with the action of these.';

comment on function "chat_private"."take_token_of_row"(text) is 'Takes a token for the first row of a statement. rows_counted() takes those for the others. Raises rate_limited.';

comment on function "chat_private"."wait_for_bucket"(uuid, text) is 'Call it before writing a bucket: a transaction that holds the lock of a room polls instead of waiting. Raises try_again.';

revoke all on function "chat_private"."draw"(uuid, text, bigint) from public;

revoke all on function "chat_private"."room_checking"() from public;

revoke all on function "chat_private"."rows_counted"() from public;

revoke all on function "chat_private"."wait_for_bucket"(uuid, text) from public;

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
