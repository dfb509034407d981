-- one_question: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."my_room_page"(bigint, bigint, integer);

drop function "chat_private"."require_switch"(bigint, text);

create or replace function chat_private.begin_upload (
  room_id     bigint,
  name        text,
  mime_type   text,
  bytes       bigint,
  width       integer,
  height      integer,
  duration_ms integer,
  client_id   uuid
)
  returns chat.attachments
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  day_bytes constant bigint := 1073741824;
  most_unsent constant integer := 100;
  me constant uuid := (select auth.uid());
  attachment chat.attachments;
  today bigint;
  unsent bigint;
begin
  perform chat_private.require_caller();
  perform chat_private.require_role(begin_upload.room_id);
  perform chat_private.require_open(begin_upload.room_id, 'posting');
  if bytes > chat_private.file_bytes() then
    raise sqlstate 'PT413' using message = 'file_too_large', detail = 'A file has at most 25 MB.';
  end if;
  -- Uploads of one person are counted one after the other.
  perform chat_private.lock_key(me, me);
  if begin_upload.client_id is not null then
    select * into attachment from chat.attachments as attachments where attachments.id = begin_upload.client_id;
    if found and (
      attachment.uploader_id, attachment.room_id, attachment.name, attachment.mime_type, attachment.bytes
    ) is distinct from (me, begin_upload.room_id, begin_upload.name, lower(begin_upload.mime_type), begin_upload.bytes) then
      perform chat_private.refuse_reused_key();
    elsif found then
      return attachment;
    end if;
  end if;

  select coalesce(sum(attachments.bytes), 0), count(*) filter (where attachments.message_id is null) into today, unsent
  from chat.attachments as attachments
  where attachments.uploader_id = me and attachments.created_at > now() - interval '1 day'
    and starts_with(attachments.path, attachments.room_id || '/' || attachments.id);
  if today + bytes > day_bytes or unsent >= most_unsent then
    raise sqlstate 'PT429' using message = 'too_many_uploads',
      detail = 'You can upload 1 GB a day, and prepare 100 files at once.';
  end if;
  perform chat_private.take_tokens('upload_file');
  attachment.id := coalesce(begin_upload.client_id, gen_random_uuid());
  attachment.path := begin_upload.room_id || '/' || attachment.id;
  -- It was given up before, and a worker may be about to remove what was there.
  if exists (select from chat_private.files_to_remove as files where files.path = attachment.path) then
    attachment.path := attachment.path || '-' || left(gen_random_uuid()::text, 8);
  end if;
  insert into chat.attachments (id, room_id, uploader_id, path, name, mime_type, bytes, width, height, duration_ms)
  values (
    attachment.id, begin_upload.room_id, me, attachment.path, begin_upload.name, lower(begin_upload.mime_type),
    begin_upload.bytes, begin_upload.width, begin_upload.height, begin_upload.duration_ms
  )
  returning * into attachment;
  return attachment;
exception when check_violation or not_null_violation then
  raise sqlstate 'PT400' using message = 'invalid_attachment',
    detail = 'A file has a name of at most 255 characters without slashes, a type such as image/png, and a size.';
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
  return new;
end;
$function$;

create or replace function chat_private.my_room_page (
  only_room_id   bigint,
  before_room_id bigint,
  max_rows       integer
)
  returns table (
    id                bigint,
    kind              chat.room_kind,
    slug              text,
    name              text,
    description       text,
    avatar_url        text,
    last_seq          bigint,
    version           bigint,
    created_at        timestamp with time zone,
    own_number        bigint,
    member_count      integer,
    members           json,
    unread_count      bigint,
    last_read_id      bigint,
    last_id           bigint,
    last_text         text,
    last_at           timestamp with time zone,
    place             bigint,
    selected          bigint,
    mention_count     bigint,
    posting           chat.who_may,
    inviting          chat.who_may,
    pinning           chat.who_may,
    locked_at         timestamp with time zone,
    locked_reason     text,
    slow_mode_seconds integer
  )
  language plpgsql
  security definer
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with recent as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at, mine
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.user_id = (select auth.uid())
      -- A range, so that one room is looked up in the index.
      and mine.room_id between coalesce(only_room_id, 0) and coalesce(only_room_id, 9223372036854775807)
      and (
        before_room_id is null
        or (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
          select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor
          where cursor.id = before_room_id and (cursor.is_public or chat_private.is_my_room(cursor.id))
        )
      )
    order by active_at desc, rooms.id desc
    limit max_rows
  ),
  sized as (
    select recent.*, last.id as last_id, last.content as last_text, last.created_at as last_at,
      count(*) over () as selected, row_number() over page_order as place,
      -- About 60 bytes for each member.
      sum(100 + 60 * recent.member_count::bigint + coalesce(octet_length(last.content), 0)) over (
        order by recent.active_at desc, recent.id desc rows between unbounded preceding and 1 preceding
      ) as bytes_before
    from recent
    left join chat.messages as last on last.id = recent.last_message_id
    window page_order as (order by recent.active_at desc, recent.id desc)
  ),
  page as materialized (
    select sized.*, own.member, (own.member).last_read_seq as read_seq,
      sized.last_seq - (own.member).last_read_seq - (own.member).own_after_read as others
    from sized
    cross join lateral (
      select case when (sized.mine).shares_receipts then sized.mine else chat_private.true_marks(sized.mine) end as member
      offset 0 -- once for each room, not for each use
    ) as own
    where coalesce(sized.bytes_before, 0) < chat_private.page_bytes()
  )
  select page.id, page.kind, page.slug, page.name, page.description, page.avatar_url, page.last_seq, page.version,
    page.created_at,
    (select profiles.number from chat.profiles as profiles where profiles.id = (select auth.uid())),
    page.member_count,
    coalesce(kept.members, chat_private.roster(page.id, page.members_version)),
    case when page.others > 0 then page.others - tombstones.count else 0 end,
    (
      select messages.id from chat.messages as messages
      where messages.room_id = page.id and messages.seq = page.read_seq
    ),
    page.last_id, page.last_text, page.last_at, page.place, page.selected,
    case when page.others > 0 then chat_private.unread_mentions(page.member) else 0 end,
    page.posting, page.inviting, page.pinning, page.locked_at, page.locked_reason, page.slow_mode_seconds
  from page
  left join chat_private.rosters as kept
    on kept.room_id = page.id and kept.members_version = page.members_version
  left join chat_private.tombstones_after(
    array(select page.id from page where page.others > 0), array(select page.read_seq from page where page.others > 0)
  ) as tombstones on tombstones.room_id = page.id
  order by page.place;
end;
$function$;

create or replace function chat_private.pin_adding()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.count_row();
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id into new.room_id
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and (
      exists (select from chat.room_members where room_id = messages.room_id and user_id = new.pinned_by)
      or new.pinned_by is null and chat_private.is_backend()
    );
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  perform chat_private.require_open(new.room_id, 'pinning');
  return new;
end;
$function$;

create or replace function chat_private.pin_removing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_open(old.room_id, 'pinning');
  return old;
end;
$function$;

create or replace function chat_private.reaction_adding()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most_kinds constant integer := 20;
  reactions jsonb;
begin
  new.emoji := chat_private.require_emoji(new.emoji);
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id, messages.reactions into new.room_id, reactions
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and exists (select from chat.room_members where room_id = messages.room_id and user_id = new.user_id);
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  elsif not reactions ? new.emoji and (select count(*) from jsonb_object_keys(reactions)) >= most_kinds then
    raise sqlstate 'PT409' using message = 'too_many_kinds',
      detail = format('A message has at most %s kinds of reactions.', most_kinds);
  end if;
  perform chat_private.require_open(new.room_id);
  return new;
end;
$function$;

create or replace function chat_private.require_open (
  room_id bigint,
  switch  text   default null::text
)
  returns void
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  is_open boolean;
  locked timestamptz;
  reason text;
  pair text;
begin
  select
    rooms.locked_at is null
      and case switch when 'posting' then rooms.posting when 'pinning' then rooms.pinning else 'everyone' end = 'everyone',
    rooms.locked_at, rooms.locked_reason, rooms.direct_key
  into is_open, locked, reason, pair
  from chat.rooms as rooms where rooms.id = require_open.room_id;
  if auth.uid() is null then
    return;
  elsif pair is not null then
    perform chat_private.require_unblocked(pair);
  end if;
  if is_open or exists (
    select from chat.room_members as members
    where members.room_id = require_open.room_id and members.user_id = auth.uid() and members.role >= 'admin'
  ) then
    return;
  elsif locked is not null then
    raise sqlstate 'PT403' using message = 'room_locked',
      detail = 'Only admins write here now: the room is locked.' || coalesce(' ' || reason, '');
  end if;
  raise sqlstate 'PT403' using message = 'role_required', detail = 'Only admins may do this in this room.';
end;
$function$;

comment on function "chat"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid) is
  'Announces a file: upload it to the returned path of the bucket chat-files, with this type, within a day, then name its id in send_message(). client_id becomes the id, and a retry returns the same row. Raises room_not_found, not_a_member, room_locked, role_required, invalid_attachment, file_too_large, too_many_uploads, not_reachable, client_id_reused, rate_limited, caller_required.';

comment on function "chat"."forward_message"(bigint, bigint, uuid, bigint) is 'Sends the content of a message to another room, as a message of the caller. It stays when the original is edited or deleted. Raises message_not_found, room_not_found, not_a_member, not_reachable, room_locked, role_required, rate_limited, slow_mode, client_id_reused, caller_required.';

comment on function "chat_private"."my_room_page"(bigint, bigint, integer) is 'The rooms of the caller, most recently active first, with their members as [{id, username}]: all before a room, or one. Fewer than selected if they are long.';

comment on function "chat_private"."require_open"(bigint, text) is 'Lets backends pass, and admins; others if the room is not locked, and if what they do is for everyone. None of two people of whom one has blocked the other. Raises room_locked, role_required, not_reachable.';

revoke all on function "chat_private"."my_room_page"(bigint, bigint, integer) from public;

grant execute on function "chat_private"."my_room_page"(bigint, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."require_open"(bigint, text) from public;

grant execute on function "chat_private"."require_open"(bigint, text) to "authenticated", "service_role";

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
