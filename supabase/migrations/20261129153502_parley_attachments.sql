-- attachments, 1 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "message_changing" on "chat"."messages";

alter table "chat"."messages"
  drop constraint "messages_content_check";

drop function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid);

drop function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid);

drop function "chat_private"."with_receipts"(bigint, chat.messages[]);

create table "chat"."attachments" (
  "id"          uuid                     not null default gen_random_uuid(),
  "room_id"     bigint                   not null,
  "message_id"  bigint,
  "uploader_id" uuid                     default auth.uid(),
  "path"        text                     not null,
  "name"        text                     not null,
  "mime_type"   text                     not null,
  "bytes"       bigint                   not null,
  "width"       integer,
  "height"      integer,
  "duration_ms" integer,
  "created_at"  timestamp with time zone not null default now(),
  constraint "attachments_duration_ms_check" check ((duration_ms >= 0)),
  constraint "attachments_height_check" check (((height >= 1) AND (height <= 100000))),
  constraint "attachments_mime_type_check"
    check (((mime_type ~ '^[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$'::text) AND (length(mime_type) <= 127))),
  constraint "attachments_pkey" primary key (id),
  constraint "attachments_width_check" check (((width >= 1) AND (width <= 100000))),
  constraint "attachments_name_check"
    check ((chat_private.shows(name) AND (char_length(name) <= 255) AND (name !~ '[[:cntrl:]/\\]'::text)))
);

alter table "chat"."attachments"
  enable row level security;

create table "chat_private"."files_to_remove" (
  "path"    text                     not null,
  "due_at"  timestamp with time zone not null default now(),
  "is_last" boolean                  not null default false,
  constraint "files_to_remove_pkey" primary key (path)
);

alter table "chat_private"."files_to_remove"
  enable row level security;

alter table "chat"."messages"
  add column "attachments" jsonb not null default '[]'::jsonb;

create or replace function chat.begin_upload (
  room_id     bigint,
  name        text,
  mime_type   text,
  bytes       bigint,
  width       integer default null::integer,
  height      integer default null::integer,
  duration_ms integer default null::integer,
  client_id   uuid    default null::uuid
)
  returns chat.attachments
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return chat_private.begin_upload(room_id, name, mime_type, bytes, width, height, duration_ms, client_id);
end;
$function$;

create or replace function chat.cancel_upload (
  attachment_id uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.cancel_upload(attachment_id);
end;
$function$;

create or replace function chat.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid   default null::uuid,
  reply_to_id       bigint default null::bigint,
  forwarded_from_id bigint default null::bigint,
  metadata          jsonb  default '{}'::jsonb,
  sender_id         uuid   default null::uuid,
  attachment_ids    uuid[] default null::uuid[]
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return chat_private.send_message(
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, coalesce(sender_id, (select auth.uid())), attachment_ids
  );
end;
$function$;

create or replace function chat_private.attached (
  room_id        bigint,
  sender_id      uuid,
  attachment_ids uuid[]
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  most constant integer := 10;
  attached jsonb;
begin
  if cardinality(attachment_ids) > most then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = format('A message has at most %s files.', most);
  end if;
  attached := (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'id', attachments.id, 'path', attachments.path, 'name', attachments.name, 'mime_type', attachments.mime_type,
          'bytes', attachments.bytes, 'width', attachments.width, 'height', attachments.height,
          'duration_ms', attachments.duration_ms
        )
        order by wanted.place
      ),
      '[]'
    )
    from unnest(attachment_ids) with ordinality as wanted (id, place)
    join chat.attachments as attachments on attachments.id = wanted.id
    where attachments.room_id = attached.room_id and attachments.uploader_id = attached.sender_id
  );
  if jsonb_array_length(attached) <> cardinality(attachment_ids) then
    raise sqlstate 'PT404' using message = 'attachment_not_found', detail = 'There is no such file of yours for this room.';
  end if;
  return attached;
end;
$function$;

create or replace function chat_private.attachment_removed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if not exists (select from chat.attachments where path = old.path) then
    insert into chat_private.files_to_remove (path) values (old.path)
    on conflict on constraint files_to_remove_pkey do update set due_at = now(), is_last = false;
  end if;
  return null;
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
    and attachments.path = attachments.room_id || '/' || attachments.id;
  if today + bytes > day_bytes or unsent >= most_unsent then
    raise sqlstate 'PT429' using message = 'too_many_uploads',
      detail = 'You can upload 1 GB a day, and prepare 100 files at once.';
  end if;
  attachment.id := coalesce(begin_upload.client_id, gen_random_uuid());
  insert into chat.attachments (id, room_id, uploader_id, path, name, mime_type, bytes, width, height, duration_ms)
  values (
    attachment.id, begin_upload.room_id, me, begin_upload.room_id || '/' || attachment.id, begin_upload.name,
    lower(begin_upload.mime_type), begin_upload.bytes, begin_upload.width, begin_upload.height, begin_upload.duration_ms
  )
  returning * into attachment;
  return attachment;
exception when check_violation or not_null_violation then
  raise sqlstate 'PT400' using message = 'invalid_attachment',
    detail = 'A file has a name of at most 255 characters without slashes, a type such as image/png, and a size.';
end;
$function$;

create or replace function chat_private.cancel_upload (
  attachment_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  delete from chat.attachments as attachments
  where attachments.id = cancel_upload.attachment_id and attachments.uploader_id = (select auth.uid())
    and attachments.message_id is null;
end;
$function$;

create or replace function chat_private.claim_files (
  max_rows integer
)
  returns SETOF text
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return query
    update chat_private.files_to_remove as files
    -- Another worker takes them again if this one does not answer.
    set due_at = now() + interval '1 minute'
    where files.path in (
      select due.path from chat_private.files_to_remove as due
      where due.due_at <= now() and not exists (select from chat.attachments where path = due.path)
      order by due.due_at
      limit max_rows
      for update skip locked
    )
    returning files.path;
end;
$function$;

create or replace function chat_private.file_bytes()
  returns bigint
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select 26214400;
$function$;

create or replace function chat_private.files_deleted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  delete from chat.attachments where message_id = new.id;
  return null;
end;
$function$;

create or replace function chat_private.files_removed (
  paths text[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  delete from chat_private.files_to_remove where path = any (paths) and is_last;
  update chat_private.files_to_remove set due_at = now() + interval '1 day', is_last = true where path = any (paths);
end;
$function$;

create or replace function chat_private.files_sent()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  taken integer;
begin
  if new.forwarded_from_id is not null then
    insert into chat.attachments (
      id, room_id, message_id, uploader_id, path, name, mime_type, bytes, width, height, duration_ms
    )
    select file.id, new.room_id, new.id, new.sender_id, file.path, file.name, file.mime_type, file.bytes, file.width, file.height,
      file.duration_ms
    from jsonb_populate_recordset(null::chat.attachments, new.attachments) as file;
    return null;
  end if;
  update chat.attachments as attachments
  set message_id = new.id
  from jsonb_array_elements(new.attachments) as file
  where attachments.id = (file ->> 'id')::uuid and attachments.message_id is null;
  get diagnostics taken = row_count;
  if taken <> jsonb_array_length(new.attachments) then
    raise sqlstate 'PT404' using message = 'attachment_not_found', detail = 'A file was sent already, or was given up.';
  end if;
  if exists (
    select from jsonb_array_elements(new.attachments) as file
    left join storage.objects as objects on objects.bucket_id = 'chat-files' and objects.name = file ->> 'path'
    where (objects.metadata ->> 'size')::bigint is distinct from (file ->> 'bytes')::bigint
      or lower(split_part(objects.metadata ->> 'mimetype', ';', 1)) is distinct from file ->> 'mime_type'
  ) then
    raise sqlstate 'PT409' using message = 'attachment_not_uploaded',
      detail = 'Upload each file, of the announced type and size, before you send it.';
  end if;
  return null;
end;
$function$;

create or replace function chat_private.forwarded_files (
  original_id bigint
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- A deletion of the original waits for this, or this for the deletion: the file stays if there is a row with its path.
  perform from chat.attachments where message_id = original_id for key share;
  return (
    select coalesce(jsonb_agg(file || jsonb_build_object('id', gen_random_uuid()) order by place), '[]')
    from chat.messages as originals
    cross join lateral jsonb_array_elements(originals.attachments) with ordinality as files (file, place)
    where originals.id = original_id
  );
end;
$function$;

create or replace function chat_private.is_chat_file (
  bucket text
)
  returns boolean
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select bucket = 'chat-files';
$function$;

create or replace function chat_private.is_my_upload (
  path text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (
    select from chat.attachments as attachments
    join chat.room_members as members on members.room_id = attachments.room_id and members.user_id = attachments.uploader_id
    where attachments.path = is_my_upload.path and attachments.path = attachments.room_id || '/' || attachments.id
      and attachments.uploader_id = (select auth.uid()) and attachments.message_id is null
  );
end;
$function$;

create or replace function chat_private.job_forget_senders()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
begin
  loop
    select user_id into departed from chat_private.departed_senders order by departed_at, user_id limit 1;
    if not found then
      return false;
    end if;
    update chat.attachments set uploader_id = null where id in (
      select attachments.id from chat.attachments as attachments where attachments.uploader_id = departed
      limit 100
      for no key update skip locked
    );
    -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not chat_private.remove_reactions_of(departed, 100)
      and not exists (select from chat.messages where sender_id = departed)
      and not exists (select from chat.reactions where user_id = departed)
      and not exists (select from chat.attachments where uploader_id = departed)
    then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$function$;

create or replace function chat_private.job_forget_uploads()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 200;
  removed integer;
begin
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments
    where attachments.message_id is null and attachments.created_at < now() - interval '1 day'
    order by attachments.created_at
    limit most
    for update skip locked
  );
  get diagnostics removed = row_count;
  return removed = most;
end;
$function$;

create or replace function chat_private.may_read_file (
  path text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (
    select from chat.attachments as attachments
    join chat.room_members as members on members.room_id = attachments.room_id and members.user_id = (select auth.uid())
    where attachments.path = may_read_file.path
      and (attachments.message_id is not null or attachments.uploader_id = members.user_id)
  );
end;
$function$;

create or replace function chat_private.message_bytes (
  message chat.messages
)
  returns integer
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return 500 + octet_length(message.content) + coalesce(octet_length(message.forwarded_content), 0)
    + octet_length(message.metadata::text) + octet_length(message.reactions::text)
    + octet_length(message.attachments::text);
end;
$function$;

create or replace function chat_private.message_digest (
  message chat.messages
)
  returns bytea
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return chat_private.digest(
    jsonb_build_array(message.content, message.metadata, message.reply_to_id, message.forwarded_from_id)
      -- A forward copies its files only once it is not a repetition.
      || case
        when message.forwarded_from_id is null and message.attachments <> '[]' then jsonb_build_array(message.attachments)
        else '[]'
      end
  );
end;
$function$;

create or replace function chat_private.profile_left()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- A few messages and reactions at once, the others by a job.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  perform chat_private.remove_reactions_of(old.id, 200);
  insert into chat_private.departed_senders (user_id)
  select old.id
  where exists (select from chat.messages where sender_id = old.id) or exists (select from chat.reactions where user_id = old.id)
    or exists (select from chat.attachments where uploader_id = old.id)
  on conflict do nothing;
  return null;
end;
$function$;

create or replace function chat_private.refer (
  message chat.messages
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if message.reply_to_id is not null and not exists (
    select from chat.messages where id = message.reply_to_id and room_id = message.room_id
  ) then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message that you reply to is not in this room.';
  end if;

  if message.forwarded_from_id is not null then
    select originals.sender_id, coalesce(profiles.username, ''), originals.content
    into message.forwarded_sender_id, message.forwarded_username, message.forwarded_content
    from chat.messages as originals
    join chat.room_members as members using (room_id)
    left join chat.profiles as profiles on profiles.id = originals.sender_id
    where originals.id = message.forwarded_from_id
      and originals.deleted_at is null
      and members.user_id = message.sender_id;
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The forwarded message does not exist.';
    end if;
    message.attachments := chat_private.forwarded_files(message.forwarded_from_id);
  end if;
  return message;
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
  attachment_ids    uuid[]
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
  if sender_id is distinct from (select auth.uid()) and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if cardinality(attachment_ids) > 0 and send_message.forwarded_from_id is not null then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = 'A forwarded message has the files of the original.';
  end if;
  insert into chat.messages (room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id, attachments)
  values (
    send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
    send_message.forwarded_from_id, coalesce(send_message.metadata, '{}'), send_message.sender_id,
    case
      when cardinality(attachment_ids) > 0
      then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids)
      else '[]'
    end
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
    read_count         integer,
    reactions          jsonb,
    own_reactions      text[],
    attachments        jsonb
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
      - (own.last_read_seq >= page.seq is true)::integer,
    page.reactions,
    case when page.reactions = '{}' then '{}' else chat_private.own_reactions(page.id) end,
    page.attachments
  from unnest(with_receipts.page) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  left join chat.room_members as own on own.room_id = in_room and own.user_id = page.sender_id
  where page.room_id = in_room;
end;
$function$;

create or replace function chat_private.without_text()
  returns jsonb
  language sql
  immutable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'content', '', 'metadata', '{}'::jsonb, 'attachments', '[]'::jsonb,
    'forwarded_sender_id', null, 'forwarded_username', null, 'forwarded_content', null,
    'reactions', '{}'::jsonb, 'reactions_version', null
  );
$function$;

alter table "chat"."attachments"
  add constraint "attachments_message_id_fkey" foreign key (message_id) references chat.messages(id) on delete cascade;

alter table "chat"."messages"
  add constraint "messages_attachments_check" check ((jsonb_typeof(attachments) = 'array'::text)) not valid;

create index attachments_message_id_idx on chat.attachments using btree (message_id);

create index attachments_path_idx on chat.attachments using btree (path);

create index attachments_unsent_idx on chat.attachments using btree (created_at)
  where (message_id is null);

create index files_to_remove_due_at_idx on chat_private.files_to_remove using btree (due_at);

create trigger attachment_removed
  after delete on chat.attachments
  for each row
  execute function chat_private.attachment_removed();

create trigger files_deleted
  after update on chat.messages
  for each row
  when (((new.deleted_at IS NOT NULL) AND (old.attachments <> '[]'::jsonb)))
  execute function chat_private.files_deleted();

create trigger files_sent
  after insert on chat.messages
  for each row
  when ((new.attachments <> '[]'::jsonb))
  execute function chat_private.files_sent();

create trigger message_changing
  before update on chat.messages
  for each row when (
    (
      new.room_id, new.seq, new.version, new.content, new.metadata, new.forwarded_from_id, new.forwarded_username,
      new.forwarded_content, new.deleted_at, new.attachments
    ) is distinct from (
      old.room_id, old.seq, old.version, old.content, old.metadata, old.forwarded_from_id, old.forwarded_username,
      old.forwarded_content, old.deleted_at, old.attachments
    )
  )
  execute function chat_private.message_changing();

create policy "members can read the files of messages" on "chat"."attachments"
  for select
  to "authenticated"
  using ((( select chat_private.require_modest_query() as require_modest_query) AND (message_id is
    not null) AND (room_id in ( select chat_private.my_room_ids() as my_room_ids))));

create policy "files of chats are deleted by nobody" on "storage"."objects"
  as restrictive
  for delete
  to PUBLIC
  using ((not chat_private.is_chat_file(bucket_id)));

create policy "files of chats are read only by members" on "storage"."objects"
  as restrictive
  for select
  to PUBLIC
  using (((not chat_private.is_chat_file(bucket_id)) or chat_private.may_read_file(name)));

create policy "files of chats are replaced by nobody" on "storage"."objects"
  as restrictive
  for update
  to PUBLIC
  using ((not chat_private.is_chat_file(bucket_id)))
  with check ((NOT chat_private.is_chat_file(bucket_id)));

create policy "files of chats are uploaded only as announced" on "storage"."objects"
  as restrictive
  for insert
  to PUBLIC
  with check (((NOT chat_private.is_chat_file(bucket_id)) OR chat_private.is_my_upload(name)));

create policy "members can read the files of their rooms" on "storage"."objects"
  for select
  to "authenticated"
  using ((chat_private.is_chat_file(bucket_id) AND chat_private.may_read_file(name)));

create policy "members can upload the files that they have announced" on "storage"."objects"
  for insert
  to "authenticated"
  with check ((chat_private.is_chat_file(bucket_id) AND chat_private.is_my_upload(name)));

comment on column "chat"."attachments"."path" is 'Where it is in the bucket chat-files.';

comment on column "chat"."messages"."attachments" is 'Its files, as [{id, path, name, mime_type, bytes, width, height, duration_ms}]: each is at its path in the bucket chat-files.';

comment on function "chat"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid) is
  'Announces a file: upload it to the returned path of the bucket chat-files, with this type, within a day, then name its id in send_message(). client_id becomes the id, and a retry returns the same row. Raises room_not_found, not_a_member, invalid_attachment, file_too_large, too_many_uploads, client_id_reused, caller_required.';

comment on function "chat"."cancel_upload"(uuid) is 'Gives up a file of the caller that was not sent; does nothing if there is none. Raises caller_required.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[]) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded.';

comment on function "chat_private"."attached"(bigint, uuid, uuid[]) is 'What a message says of the files that its sender has announced, in their order. Raises invalid_attachment, attachment_not_found.';

comment on function "chat_private"."claim_files"(integer) is 'Paths of files to remove from the bucket chat-files now. Call files_removed() with them afterwards, or they are due again in a minute.';

comment on function "chat_private"."file_bytes"() is 'The size that a file may have, as the bucket has it: 25 MB.';

comment on function "chat_private"."files_removed"(text[]) is 'Notes that these files are gone.';

comment on function "chat_private"."forwarded_files"(bigint) is 'The files of a message, as those of a message that forwards it.';

comment on function "chat_private"."is_my_upload"(text) is 'Whether the caller has announced a file with this path and not yet sent it.';

comment on function "chat_private"."job_forget_senders"() is 'Removes the ids of deleted accounts from their files and messages, then their reactions.';

comment on function "chat_private"."job_forget_uploads"() is 'Gives up files that were not sent within a day.';

comment on function "chat_private"."may_read_file"(text) is 'Whether the file with this path is in a message that the caller can read, or about to be sent by the caller.';

comment on function "chat_private"."with_receipts"(bigint, chat.messages[]) is 'Messages of a room of the caller, given in the order of seq or its reverse, with their senders, how many others have received and read them, and who in rooms of at most 20 members; how many people have reacted, and how the caller has.';

comment on table "chat"."attachments" is 'A file that was sent with a message, or will be.';

comment on table "chat_private"."departed_senders" is 'Deleted accounts that still have messages, reactions or files.';

comment on table "chat_private"."files_to_remove" is 'Paths in the bucket chat-files that no attachment has any more.';

revoke all on function "chat"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid) from public;

grant execute
  on function "chat"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid)
  to "authenticated", "service_role";

revoke all on function "chat"."cancel_upload"(uuid) from public;

grant execute on function "chat"."cancel_upload"(uuid) to "authenticated", "service_role";

revoke all on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[]) from public;

grant execute
  on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[])
  to "authenticated", "service_role";

revoke all on function "chat_private"."attached"(bigint, uuid, uuid[]) from public;

revoke all on function "chat_private"."attachment_removed"() from public;

revoke all
  on function "chat_private"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid)
  from public;

grant execute
  on function "chat_private"."begin_upload"(bigint, text, text, bigint, integer, integer, integer, uuid)
  to "authenticated", "service_role";

revoke all on function "chat_private"."cancel_upload"(uuid) from public;

grant execute on function "chat_private"."cancel_upload"(uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."claim_files"(integer) from public;

grant execute on function "chat_private"."claim_files"(integer) to "service_role";

revoke all on function "chat_private"."file_bytes"() from public;

revoke all on function "chat_private"."files_deleted"() from public;

revoke all on function "chat_private"."files_removed"(text[]) from public;

grant execute on function "chat_private"."files_removed"(text[]) to "service_role";

revoke all on function "chat_private"."files_sent"() from public;

revoke all on function "chat_private"."forwarded_files"(bigint) from public;

grant execute on function "chat_private"."is_chat_file"(text) to "service_role";

grant execute on function "chat_private"."is_my_upload"(text) to "service_role";

revoke all on function "chat_private"."job_forget_uploads"() from public;

grant execute on function "chat_private"."may_read_file"(text) to "service_role";

revoke all
  on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[])
  from public;

grant execute
  on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[])
  to "authenticated", "service_role";

revoke all on function "chat_private"."with_receipts"(bigint, chat.messages[]) from public;

grant execute on function "chat_private"."with_receipts"(bigint, chat.messages[]) to "authenticated", "service_role";

grant select ("bytes") on table "chat"."attachments" to "authenticated";

grant select ("created_at") on table "chat"."attachments" to "authenticated";

grant select ("duration_ms") on table "chat"."attachments" to "authenticated";

grant select ("height") on table "chat"."attachments" to "authenticated";

grant select ("id") on table "chat"."attachments" to "authenticated";

grant select ("message_id") on table "chat"."attachments" to "authenticated";

grant select ("mime_type") on table "chat"."attachments" to "authenticated";

grant select ("name") on table "chat"."attachments" to "authenticated";

grant select ("path") on table "chat"."attachments" to "authenticated";

grant select ("room_id") on table "chat"."attachments" to "authenticated";

grant select ("width") on table "chat"."attachments" to "authenticated";

grant delete, insert, select, update on table "chat"."attachments" to "service_role";

grant delete, select, update on table "chat_private"."files_to_remove" to "service_role";

create index attachments_uploader_id_idx on chat.attachments using btree (uploader_id, created_at);

alter table "chat"."attachments"
  add constraint "attachments_bytes_check" check (((bytes >= 1) AND (bytes <= chat_private.file_bytes())));

alter table "chat"."messages"
  add constraint "messages_content_check" check (
CASE
    WHEN (deleted_at IS NOT NULL) THEN (content = ''::text)
    ELSE
      ((chat_private.shows(content) OR ((content = ''::text) AND (attachments <> '[]'::jsonb))) AND
      (char_length(content) <= 10000))
END) not valid;

grant execute on function chat_private.file_bytes to authenticated, service_role;

-- sql/425_attachments.sql
insert into storage.buckets (id, name, public, file_size_limit)
values ('chat-files', 'chat-files', false, 26214400)
on conflict (id) do nothing;

-- sql/427_file_removal.sql
insert into chat_private.jobs (name, every) values ('forget_uploads', interval '5 minutes');

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
