-- limits: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "post_adding" on "chat"."posts";

create unlogged table "chat_private"."buckets" (
  "person_id" uuid                     not null,
  "action"    text                     not null,
  "tokens"    double precision         not null,
  "filled_at" timestamp with time zone not null,
  constraint "buckets_pkey" primary key (person_id, action)
);

alter table "chat_private"."buckets"
  enable row level security;

alter table "chat_private"."buckets"
  set (fillfactor=50);

create table "chat_private"."limits" (
  "action"     text             not null,
  "capacity"   integer          not null,
  "per_second" double precision not null,
  "cost"       integer          not null default 1,
  constraint "limits_action_check" check ((action ~ '^[a-z_]{1,50}$'::text)),
  constraint "limits_capacity_check" check ((capacity > 0)),
  constraint "limits_check" check (((cost >= 0) AND (cost <= capacity))),
  constraint "limits_per_second_check" check ((per_second > (0)::double precision)),
  constraint "limits_pkey" primary key (action)
);

alter table "chat_private"."limits"
  enable row level security;

create or replace function chat.find_conversations (
  query     text,
  archived  boolean default null::boolean,
  before_id uuid    default null::uuid,
  max_rows  integer default 50
)
  returns SETOF chat.conversations
  language plpgsql
  rows 50
  set search_path to ''
  AS $function$
declare
  wanted text;
begin
  perform chat_private.require_caller();
  wanted := chat_private.require_query(query);
  perform chat_private.take_tokens('search');
  return query
  select conversations.*
  from chat.conversations as conversations
  where conversations.owner_id = (select auth.uid())
    and (find_conversations.archived is null or conversations.archived = find_conversations.archived)
    and (
      before_id is null or (conversations.created_at, conversations.id) < (
        select earlier.created_at, earlier.id from chat.conversations as earlier where earlier.id = before_id
      )
    )
    and position(wanted in chat_private.fold(conversations.title)) > 0
  order by conversations.created_at desc, conversations.id desc
  limit least(greatest(coalesce(max_rows, 50), 1), 1000);
end;
$function$;

create or replace function chat.find_rooms (
  query    text,
  max_rows integer default 20
)
  returns table (
    id           bigint,
    kind         chat.room_kind,
    title        text,
    description  text,
    member_count integer,
    avatar_url   text,
    other_member jsonb
  )
  language plpgsql
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  wanted text;
begin
  perform chat_private.require_caller();
  wanted := chat_private.require_query(query);
  perform chat_private.take_tokens('search');
  return query
  select rooms.id, rooms.kind, coalesce(nullif(rooms.name, ''), others.username, ''), rooms.description,
    rooms.member_count, rooms.avatar_url,
    case when others.id is not null then
      jsonb_build_object('user_id', others.id, 'number', others.number, 'username', others.username)
    end
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  left join lateral (
    select profiles.*
    from chat.room_members as both_members
    join chat.profiles as profiles on profiles.id = both_members.user_id
    where rooms.kind = 'direct' and both_members.room_id = rooms.id and both_members.user_id <> (select auth.uid())
  ) as others on true
  where members.user_id = (select auth.uid())
    and (
      position(wanted in chat_private.fold(rooms.name)) > 0
      or position(wanted in chat_private.fold(others.username)) > 0
      or position(wanted in chat_private.fold(others.first_name || ' ' || others.last_name)) > 0
    )
  order by coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc
  limit least(greatest(coalesce(max_rows, 20), 1), 100);
end;
$function$;

create or replace function chat.react (
  message_id bigint,
  emoji      text
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.take_tokens('react');
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), true);
end;
$function$;

create or replace function chat.search_conversations (
  query           text,
  conversation_id uuid                     default null::uuid,
  before_id       bigint                   default null::bigint,
  max_rows        integer                  default 50,
  sent_after      timestamp with time zone default null::timestamp with time zone,
  sent_before     timestamp with time zone default null::timestamp with time zone
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller(), chat_private.require_query(query);
  return chat_private.search_conversations(query, conversation_id, before_id, max_rows, sent_after, sent_before);
end;
$function$;

create or replace function chat.search_messages (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text,
  mentions_me boolean                  default false
)
  returns SETOF chat.messages
  language plpgsql
  rows 50
  set search_path to ''
  AS $function$
declare
  found integer;
begin
  return query select * from chat_private.search_messages(
    query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
  );
  get diagnostics found = row_count;
  -- These rows cannot show that there are more.
  if found < least(greatest(coalesce(max_rows, 50), 1), 1000) and current_setting('chat.more', true) <> '' then
    raise sqlstate 'PT503' using message = 'search_too_slow',
      detail = 'This search needs several pages: call search_page(), or search for a longer text.';
  end if;
end;
$function$;

create or replace function chat.search_page (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text,
  mentions_me boolean                  default false
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  found jsonb := (
    select coalesce(jsonb_agg(chat_private.message_payload(messages) -> 'message' order by messages.id desc), '[]')
    from chat_private.search_messages(
      query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
    ) as messages
  );
begin
  return jsonb_build_object('messages', found, 'before_id', nullif(current_setting('chat.more', true), '')::bigint);
end;
$function$;

create or replace function chat.search_people (
  query    text,
  max_rows integer default 20
)
  returns SETOF chat.profiles
  language plpgsql
  rows 20
  set search_path to ''
  AS $function$
declare
  wanted text := chat_private.require_query(query);
  page_size integer := least(greatest(coalesce(max_rows, 20), 1), 1000);
begin
  -- The likely ones come first: people the caller talks to, then those with a name that begins with the text.
  return query
    with likely as (
      select found.person_id, min(found.distance) as distance
      from (
        select * from chat_private.people_known(wanted)
        union all
        select id, null from chat_private.people_beginning(wanted, page_size)
        union all
        select id, null from chat_private.people_found(wanted, true, 0, page_size)
      ) as found (person_id, distance)
      group by found.person_id
    )
    select profiles.*
    from likely
    join chat.profiles as profiles on profiles.id = likely.person_id
    cross join lateral chat_private.fold(
      profiles.username || ' ' || profiles.first_name || ' ' || profiles.last_name
    ) as names
    order by likely.distance, position(' ' || wanted in ' ' || names) = 0, profiles.username collate "C"
    limit page_size;
end;
$function$;

create or replace function chat.unreact (
  message_id bigint,
  emoji      text
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.take_tokens('react');
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), false);
end;
$function$;

create or replace function chat_private.add_members (
  room_id  bigint,
  user_ids uuid[]
)
  returns SETOF chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  perform chat_private.take_tokens('add_member', coalesce(cardinality(user_ids), 0));
  room := chat_private.lock_room(room_id);
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, 'admin');
  return query select * from chat_private.insert_members(room.id, user_ids);
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

create or replace function chat_private.conversation_message_adding()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if current_user = 'authenticated' and not exists (
    -- A repetition, which adds nothing.
    select from chat.conversation_messages as messages
    where messages.conversation_id = new.conversation_id and messages.client_id = new.client_id
  ) then
    perform chat_private.take_tokens('send_message');
  end if;
  return new;
end;
$function$;

create or replace function chat_private.create_direct_room (
  user_id uuid
)
  returns chat.rooms
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller uuid := auth.uid();
  key text := least(caller, user_id) || ':' || greatest(caller, user_id);
  room chat.rooms;
  is_new boolean := false;
begin
  perform chat_private.require_caller();
  if user_id is null or user_id = caller then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'A direct chat needs one other user.';
  end if;
  perform chat_private.require_people(array[caller, user_id]);
  if not exists (select from chat.rooms where direct_key = key) then
    perform chat_private.take_tokens('create_direct_room');
  end if;
  -- Locks the profiles, so that no username changes before the room has its slug.
  perform from chat.profiles where id in (caller, create_direct_room.user_id) order by id for share;

  loop
    select * into room from chat.rooms where direct_key = key;
    exit when found;
    -- If another transaction inserts the room first, the loop finds it; if it takes the slug, the loop tries the next one.
    insert into chat.rooms (kind, created_by, direct_key, slug)
    values ('direct', caller, key, chat_private.direct_slug(caller, create_direct_room.user_id))
    on conflict do nothing
    returning * into room;
    is_new := found;
    if is_new then
      insert into chat.room_members (room_id, user_id) values (room.id, caller), (room.id, create_direct_room.user_id);
      perform chat_private.keep_slug(room.slug, key, array[caller, create_direct_room.user_id]);
    end if;
  end loop;
  perform set_config('chat.repeated', (not is_new)::text, true);
  return room;
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

create or replace function chat_private.draw (
  person_id uuid,
  rate      chat_private.limits,
  amount    bigint
)
  returns double precision
  language plpgsql
  set search_path to ''
  AS $function$
declare
  rest double precision;
begin
  if nullif(current_setting('chat.highest_room', true), '') is not null then
    -- This transaction has locked a room, which the other one may wait for.
    for attempt in 1..50 loop
      perform from chat_private.buckets as buckets
      where buckets.person_id = draw.person_id and buckets.action = rate.action
      for no key update skip locked;
      exit when found or not exists (
        select from chat_private.buckets as buckets where buckets.person_id = draw.person_id and buckets.action = rate.action
      );
      if attempt = 50 then
        raise sqlstate 'PT503' using message = 'try_again', detail = 'You are doing the same elsewhere. Try again.';
      end if;
      perform pg_sleep(0.01);
    end loop;
  end if;
  insert into chat_private.buckets as buckets (person_id, action, tokens, filled_at)
  values (draw.person_id, rate.action, rate.capacity - amount, clock_timestamp())
  on conflict on constraint buckets_pkey do update
  set tokens = least(
      rate.capacity, buckets.tokens + rate.per_second * greatest(extract(epoch from clock_timestamp() - buckets.filled_at), 0)
    ) - amount,
    -- A clock that goes back fills no bucket twice.
    filled_at = greatest(buckets.filled_at, clock_timestamp())
  returning buckets.tokens into rest;
  return rest;
end;
$function$;

create or replace function chat_private.end_reply (
  reply   chat.replies,
  content text,
  state   text,
  reason  text,
  usage   jsonb        default null::jsonb
)
  returns chat.replies
  language plpgsql
  set search_path to ''
  AS $function$
declare
  ended chat.replies;
  kept_id bigint;
  error text := case
    when reason = 'cancelled' then 'cancelled'
    when reason in ('responder_failed', 'worker_ended', 'worker_lost') then 'responder_failed'
  end;
begin
  if content ~ '\S' and char_length(content) > reply.base then
    insert into chat.conversation_messages (conversation_id, role, content, metadata, reply_to_id)
    values (
      reply.conversation_id, 'assistant', end_reply.content,
      jsonb_strip_nulls(jsonb_build_object(
        'responder', reply.responder, 'partial', case when end_reply.state <> 'complete' then true end
      )),
      reply.question_id
    )
    returning id into kept_id;
  end if;
  update chat.replies as replies
  set state = case when kept_id is null then 'failed' else end_reply.state end,
    reason = end_reply.reason, message_id = kept_id, usage = end_reply.usage, ended_at = now()
  where replies.id = reply.id
  returning * into ended;
  if jsonb_typeof(end_reply.usage -> 'total_tokens') = 'number' then
    perform chat_private.use_tokens(reply.owner_id, least((end_reply.usage ->> 'total_tokens')::numeric, 1000000000)::bigint);
  end if;
  delete from chat.reply_chunks where reply_id = reply.id;
  perform chat_private.announce(
    'conversation:' || reply.conversation_id, 'reply.done',
    jsonb_build_object(
      'conversation_id', reply.conversation_id, 'reply_to_id', reply.question_id, 'message_id', kept_id
    ) || jsonb_strip_nulls(jsonb_build_object(
      'error', coalesce(error, case when kept_id is null then 'responder_failed' end)
    ))
  );
  return ended;
end;
$function$;

create or replace function chat_private.friend_adding()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.take_tokens('add_friend');
  return new;
end;
$function$;

create or replace function chat_private.job_forget_buckets()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 5000;
  forgotten integer;
begin
  -- A bucket that is full again is one without a row.
  delete from chat_private.buckets as buckets
  where (buckets.person_id, buckets.action) in (
    select old.person_id, old.action
    from chat_private.buckets as old
    left join chat_private.limits as limits on limits.action = old.action
    where old.filled_at < now() - interval '1 day'
      and (limits.action is null or old.tokens + limits.per_second * extract(epoch from now() - old.filled_at) >= limits.capacity)
    limit most
    for update of old skip locked
  );
  get diagnostics forgotten = row_count;
  return forgotten = most;
end;
$function$;

create or replace function chat_private.message_changing()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if old.deleted_at is not null then
    return old;
  end if;
  perform chat_private.count_row(new.content);
  perform chat_private.keep_digest(old);
  new.room_id := old.room_id;
  new.seq := old.seq;
  if new.deleted_at is null then
    if (new.content, new.mentions, new.mentions_all) is distinct from (old.content, old.mentions, old.mentions_all) then
      perform chat_private.take_token_of_row('edit_message');
    end if;
    new.edited_at := greatest(now(), new.created_at);
  else
    new := jsonb_populate_record(new, chat_private.without_text());
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id returning version into new.version;
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
  returning last_seq, version, last_message_at into new.seq, new.version, new.created_at;
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

  if new.reply_to_id is not null or new.forwarded_from_id is not null then
    new := chat_private.refer(new);
  end if;
  if new.mentions_all or new.mentions <> '[]' then
    new := chat_private.mention(new, null);
  end if;
  return new;
end;
$function$;

create or replace function chat_private.messages_counted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.take_tokens_of_rows(case tg_op when 'INSERT' then 'send_message' else 'edit_message' end);
  return null;
end;
$function$;

create or replace function chat_private.people_found (
  query        text,
  names        boolean,
  after_number bigint,
  max_rows     integer
)
  returns SETOF chat.profiles
  language plpgsql
  security definer
  rows 20
  set search_path to ''
  AS $function$
declare
  wanted text := chat_private.require_query(query);
  grams text[] := chat_private.wanted_grams(wanted);
  last_number bigint := (select max(number) from chat.profiles);
  missing integer := max_rows;
  added integer;
begin
  -- No name is longer.
  if (wanted <> '') is not true or char_length(query) > 200 then
    return;
  end if;
  perform chat_private.take_tokens('search');
  -- In steps of 8,192 people, in order of their numbers; the index serves each step.
  for step in greatest(after_number, 0) / 8192 .. last_number / 8192 loop
    return query
      select found.*
      from (
        select profiles.* from chat.profiles as profiles
        where chat_private.person_entries(number, username, first_name, last_name) @> chat_private.entries(grams, step)
        offset 0 -- keeps the planner from another index for the conditions outside
      ) as found
      where found.number > after_number
        and (
          position(wanted in chat_private.fold(found.username)) > 0
          or names and position(wanted in chat_private.fold(found.first_name || ' ' || found.last_name)) > 0
        )
      order by found.number
      limit missing;
    get diagnostics added = row_count;
    missing := missing - added;
    exit when missing <= 0;
  end loop;
end;
$function$;

create or replace function chat_private.post_adding()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if new.client_id is not null then
    perform chat_private.made_with_key(
      new.author_id, 'post', new.client_id, jsonb_build_array(new.title, new.content)
    );
    -- A repetition, which adds nothing.
    if exists (select from chat.posts as posts where (posts.author_id, posts.client_id) = (new.author_id, new.client_id)) then
      return new;
    end if;
  end if;
  perform chat_private.take_tokens('write_post');
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
end;
$function$;

create or replace function chat_private.search_conversations (
  query           text,
  conversation_id uuid,
  before_id       bigint,
  max_rows        integer,
  sent_after      timestamp with time zone,
  sent_before     timestamp with time zone
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most_read constant integer := 1000;
  -- About a tenth of a second, when all of it must be taken apart into words.
  most_text constant integer := 300000;
  me constant uuid := (select auth.uid());
  wanted constant chat_private.search := chat_private.search_for(query);
  patterns constant text[] := chat_private.word_patterns(wanted);
  most_found constant integer := least(greatest(coalesce(max_rows, 50), 1), 1000);
  start chat.conversations;
  conversation chat.conversations;
  message chat.conversation_messages;
  read integer := 0;
  read_text integer := 0;
  folded text;
  found jsonb[] := '{}';
begin
  if search_conversations.conversation_id is not null and not exists (
    select from chat.conversations as own where own.id = search_conversations.conversation_id and own.owner_id = me
  ) then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  if before_id is not null then
    select own.* into start
    from chat.conversation_messages as last
    join chat.conversations as own on own.id = last.conversation_id
    where last.id = before_id and own.owner_id = me;
    if start is null then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
    end if;
  end if;
  perform chat_private.take_tokens('search');
  for conversation in
    select own.* from chat.conversations as own
    where own.owner_id = me
      and (search_conversations.conversation_id is null or own.id = search_conversations.conversation_id)
      and (start.id is null or (own.created_at, own.id) <= (start.created_at, start.id))
    order by own.created_at desc, own.id desc
  loop
    for message in
      select messages.* from chat.conversation_messages as messages
      where messages.conversation_id = conversation.id
        and messages.id < case when conversation.id = start.id then before_id else 9223372036854775807 end
      order by messages.id desc
    loop
      read := read + 1;
      read_text := read_text + char_length(message.content);
      folded := chat_private.fold(message.content);
      if (sent_after is null or message.created_at >= sent_after) and (sent_before is null or message.created_at < sent_before)
        and (position(wanted.part in folded) > 0 or folded like any (patterns) and chat_private.is_found(message.content, wanted))
        -- The newest reply to a question is the one that is shown.
        and not exists (
          select from chat.conversation_messages as later
          where later.conversation_id = message.conversation_id and later.reply_to_id = message.reply_to_id and later.id > message.id
        )
      then
        found := found || jsonb_build_object(
          'id', message.id, 'conversation_id', conversation.id, 'title', conversation.title, 'role', message.role,
          'content', message.content, 'created_at', message.created_at
        );
      end if;
      if cardinality(found) >= most_found or read >= most_read or read_text >= most_text then
        return jsonb_build_object('messages', found, 'before_id', message.id);
      end if;
    end loop;
  end loop;
  return jsonb_build_object('messages', found, 'before_id', null);
end;
$function$;

create or replace function chat_private.search_messages (
  query     text,
  room_id   bigint,
  before_id bigint,
  max_rows  integer,
  filters   chat_private.search_filters default null::chat_private.search_filters
)
  returns SETOF chat.messages
  language plpgsql
  rows 50
  set search_path to ''
  AS $function$
declare
  page record;
begin
  perform chat_private.require_caller();
  -- A filter alone is enough to search for.
  if query is not null or filters is null then
    perform chat_private.require_query(query);
  end if;
  if filters.has not in ('link', 'file', 'image', 'video', 'audio') then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'A message can have a link, a file, an image, a video or an audio.';
  end if;
  if search_messages.room_id is not null then
    perform chat_private.require_role(search_messages.room_id);
  end if;
  perform chat_private.take_tokens('search');
  select * into page
  from chat_private.search_ids(
    query, search_messages.room_id, before_id, least(greatest(coalesce(max_rows, 50), 1), 1000), filters
  );
  perform set_config('chat.more', coalesce(page.next_id::text, ''), true);
  return query
    select messages.*
    from unnest(page.ids) as found (id)
    join chat.messages as messages on messages.id = found.id
    order by messages.id desc;
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
  setting constant text := 'chat.tokens_' || action;
  rows integer := coalesce(nullif(current_setting(setting, true), ''), '0')::integer;
begin
  if rows = 0 then
    perform chat_private.take_tokens(action);
  end if;
  perform set_config(setting, (rows + 1)::text, true);
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
  me constant uuid := (select auth.uid());
  rate chat_private.limits;
  rest double precision;
begin
  -- A backend, an operator, or a job.
  if me is null then
    return;
  end if;
  select * into rate from chat_private.limits as limits where limits.action = take_tokens.action;
  if coalesce(rate.cost, 0) = 0 then
    return;
  end if;
  rest := chat_private.draw(me, rate, rate.cost::bigint * amount);
  if rest < 0 then
    perform chat_private.refuse_haste('rate_limited', 'You have done this too often.', rate, -rest);
  end if;
end;
$function$;

create or replace function chat_private.take_tokens_of_rows (
  action text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  setting constant text := 'chat.tokens_' || action;
  rows integer := coalesce(nullif(current_setting(setting, true), ''), '0')::integer;
begin
  if rows > 0 then
    perform set_config(setting, '0', true);
  end if;
  if rows > 1 then
    perform chat_private.take_tokens(action, rows - 1);
  end if;
end;
$function$;

create or replace function chat_private.touch_status (
  signed_out boolean
)
  returns chat.user_status
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  status chat.user_status;
begin
  perform chat_private.require_caller();
  select * into status from chat.user_status where user_id = (select auth.uid());
  if found and (status.signed_out_at is not null) = signed_out
    and (signed_out or status.last_seen_at > now() - interval '20 seconds')
  then
    return status;
  end if;
  perform chat_private.take_tokens('set_status');

  insert into chat.user_status (user_id, signed_out_at)
  values ((select auth.uid()), case when signed_out then now() end)
  on conflict (user_id) do update set last_seen_at = now(), signed_out_at = excluded.signed_out_at
  returning * into status;
  return status;
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
declare
  rate chat_private.limits;
begin
  select * into rate from chat_private.limits as limits where limits.action = 'use_tokens';
  if rate.cost > 0 and amount > 0 then
    perform chat_private.draw(person_id, rate, rate.cost * amount);
  end if;
end;
$function$;

create trigger conversation_message_adding
  before insert on chat.conversation_messages
  for each row
  execute function chat_private.conversation_message_adding();

create trigger friend_adding
  before insert on chat.friendships
  for each row
  execute function chat_private.friend_adding();

create trigger messages_counted_on_insert
  after insert on chat.messages
  for each STATEMENT
  execute function chat_private.messages_counted();

create trigger messages_counted_on_update
  after update on chat.messages
  for each STATEMENT
  execute function chat_private.messages_counted();

create trigger post_adding
  before insert on chat.posts
  for each row
  execute function chat_private.post_adding();

comment on column "chat_private"."limits"."capacity" is 'The tokens of a full bucket: what a person may do at once.';

comment on column "chat_private"."limits"."cost" is 'The tokens that it takes to do this once; 0 lifts the limit.';

comment on column "chat_private"."limits"."per_second" is 'The tokens that a bucket gains in a second: what a person may do in the long run.';

comment on function "chat"."add_conversation_message"(uuid, text, text, jsonb, bigint, uuid) is
  'Adds a message to a conversation of the caller. A retry with the same client_id returns the first message. Raises conversation_not_found, message_not_found, client_id_reused, rate_limited.';

comment on function "chat"."add_members"(bigint, uuid[]) is 'Adds users to a group, as its owner or an admin, and returns the new members. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found, rate_limited.';

comment on function "chat"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid) is
  'Announces a file: upload it to the returned path of the bucket chat-files, with this type, within a day, then name its id in send_message(). client_id becomes the id, and a retry returns the same row. Raises room_not_found, not_a_member, invalid_attachment, file_too_large, too_many_uploads, client_id_reused, rate_limited, caller_required.';

comment on function "chat"."create_direct_room"(uuid) is 'The direct room of the caller and another user, created if there is none. Raises invalid_members, user_not_found, rate_limited, caller_required.';

comment on function "chat"."create_group_room"(text, uuid[], boolean, text, text, uuid) is 'Creates a group with up to 1,000 first members. The caller owns it; if a backend creates it, its first member does. A retry with the same client_id returns the first group. Raises invalid_members, user_not_found, client_id_reused, rate_limited, and room_not_found if the first group was deleted.';

comment on function "chat"."create_post"(text, text, uuid) is 'Publishes a post of the caller. A retry with the same client_id returns the first post as it is now. Raises client_id_reused, rate_limited, caller_required.';

comment on function "chat"."edit_message"(bigint, text, uuid[], boolean) is 'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, sender_required, invalid_mentions, member_not_found, role_required, rate_limited.';

comment on function "chat"."find_conversations"(text, boolean, uuid, integer) is 'The conversations of the caller whose title contains a text, ignoring case and accents, newest first; with before_id, those after it in this order. Raises invalid_query, rate_limited, caller_required.';

comment on function "chat"."find_rooms"(text, integer) is 'The rooms of the caller whose name, or whose other member''s name, contains a text; most recently active first, at most 100. Raises invalid_query, rate_limited, caller_required.';

comment on function "chat"."react"(bigint, text) is 'Puts an emoji, or a single sign, of the caller on a message, and returns the message; does nothing if it is there. A message has at most 20 kinds. Raises message_not_found, invalid_emoji, too_many_kinds, rate_limited, caller_required.';

comment on function "chat"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
  with time zone) is 'A page of what was said in the conversations of the caller, or in one: the messages that search_messages() would find by this text, the newest conversation and in it the newest message first, as {messages, before_id}. before_id begins the next page; it is null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, conversation_not_found, message_not_found, rate_limited, caller_required.';

comment on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text, boolean) is 'The messages of the caller''s rooms, or of one room, that contain the words in any form, or the text as a substring; newest first, before an id. "Words in quotes" must be side by side, OR joins alternatives, and a word with - before it must not occur; operators alone are plain text. Case, accents and normal forms are ignored. sender_id, sent_after, sent_before, has (link, file, image, video or audio) and mentions_me narrow the search, or do without a text. Raises invalid_query, room_not_found, not_a_member, search_too_slow, rate_limited, caller_required.';

comment on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text, boolean) is 'A page of search_messages() as {messages, before_id}: the messages as in events, and the before_id of the next page, null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, room_not_found, not_a_member, search_too_slow, rate_limited, caller_required.';

comment on function "chat"."search_people"(text, integer) is 'People whose username or name contains a text, ignoring case and accents; at most 1,000. First those of the caller''s direct rooms and small groups, then those with a name that begins with it. Raises invalid_query, rate_limited.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required, rate_limited.';

comment on function "chat"."touch_status"(boolean) is 'Marks the caller as seen now, or as signed out. Raises rate_limited, caller_required.';

comment on function "chat"."unreact"(bigint, text) is 'Takes an emoji of the caller from a message, and returns the message; does nothing if it is not there. Raises message_not_found, invalid_emoji, rate_limited, caller_required.';

comment on function "chat_private"."ask"(uuid, text, uuid, text) is 'Adds a question and begins the reply. A retry with the same client_id returns the first question, with its reply if that is running; a reply that failed or was lost is begun again. Raises conversation_not_found, client_id_reused, reply_running, too_many_replies, rate_limited.';

comment on function "chat_private"."begin_reply"(uuid, bigint, text, uuid, integer) is 'Begins a reply, or returns the one that was begun with the same client_id. Raises conversation_not_found, message_not_found, client_id_reused, reply_running, too_many_replies, rate_limited.';

comment on function "chat_private"."draw"(uuid, chat_private.limits, bigint) is 'Takes tokens of a person, and returns how many are left: fewer than none, if there were too few. Raises try_again.';

comment on function "chat_private"."job_forget_buckets"() is 'Deletes the buckets that nobody has used for a day and that are full.';

comment on function "chat_private"."refuse_haste"(text, text, chat_private.limits, double precision) is
  'Raises an error with the seconds to wait: {action, limit, window, retry_after} in its hint, and Retry-After in the Data API.';

comment on function "chat_private"."take_token_of_row"(text) is 'Takes a token for the first row of a statement, and counts the others. Raises rate_limited.';

comment on function "chat_private"."take_tokens"(text, integer) is 'Takes the caller''s tokens for doing something once, or several times. Call it before locking a room. Raises rate_limited.';

comment on function "chat_private"."take_tokens_of_rows"(text) is 'Call it after a statement: takes the tokens for the rows that take_token_of_row() has counted. Raises rate_limited.';

comment on function "chat_private"."use_tokens"(uuid, bigint) is 'Counts what a reply has used, which is known only afterwards: a person who has used too much must wait before the next.';

comment on table "chat_private"."buckets" is 'How many tokens each person had for an action when they last took some; no row is a full bucket.';

comment on table "chat_private"."limits" is 'How often a person may do something; operators may change it. Backends with the secret key are not limited.';

revoke all on function "chat_private"."conversation_message_adding"() from public;

revoke all on function "chat_private"."draw"(uuid, chat_private.limits, bigint) from public;

revoke all on function "chat_private"."friend_adding"() from public;

revoke all on function "chat_private"."job_forget_buckets"() from public;

revoke all on function "chat_private"."messages_counted"() from public;

revoke all on function "chat_private"."refuse_haste"(text, text, chat_private.limits, double precision) from public;

revoke all on function "chat_private"."take_token_of_row"(text) from public;

revoke all on function "chat_private"."take_tokens"(text, integer) from public;

grant execute on function "chat_private"."take_tokens"(text, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."take_tokens_of_rows"(text) from public;

revoke all on function "chat_private"."use_tokens"(uuid, bigint) from public;

-- sql/095_limits.sql
-- Far more than a person does, and far less than a script could.
insert into chat_private.limits (action, capacity, per_second) values
  ('send_message', 5000, 20),
  ('edit_message', 5000, 20),
  ('react', 2000, 10),
  ('upload_file', 500, 1),
  ('create_group', 1000, 0.2),
  ('create_direct_room', 1000, 0.2),
  ('add_member', 10000, 2),
  ('add_friend', 1000, 0.2),
  ('write_post', 500, 0.1),
  ('search', 1000, 5),
  ('set_status', 500, 1),
  ('ask_assistant', 500, 0.1),
  -- Tokens of the model: two million a day.
  ('use_tokens', 2000000, 23.2);

insert into chat_private.jobs (name, every) values ('forget_buckets', interval '1 hour');

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
