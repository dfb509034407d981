-- file_removal: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "attachment_removed" on "chat"."attachments";

-- A project may have had a public bucket of that name.
update storage.buckets set public = false where id = 'chat-files' and public;

drop function "chat_private"."attached"(bigint, uuid, uuid[]);

drop function "chat_private"."attachment_removed"();

create or replace function chat_private.attached (
  room_id        bigint,
  sender_id      uuid,
  attachment_ids uuid[],
  client_id      uuid
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
    -- A repeated send: its files went with its message, and the ids say whether it is the same.
    if exists (
      select from chat.messages as earlier
      where earlier.sender_id = attached.sender_id and earlier.client_id = attached.client_id
    ) then
      return (
        select jsonb_agg(jsonb_build_object('id', id) order by place) from unnest(attachment_ids) with ordinality as ids (id, place)
      );
    end if;
    raise sqlstate 'PT404' using message = 'attachment_not_found', detail = 'There is no such file of yours for this room.';
  end if;
  return attached;
end;
$function$;

create or replace function chat_private.attachments_removed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Also while another row has the path: two that go at once cannot see each other, so claim_files() looks. In the order of
  -- the paths, as two messages may have the same files.
  insert into chat_private.files_to_remove (path)
  select distinct removed.path from removed order by removed.path
  on conflict on constraint files_to_remove_pkey do update set due_at = now(), is_last = false;
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
    and starts_with(attachments.path, attachments.room_id || '/' || attachments.id);
  if today + bytes > day_bytes or unsent >= most_unsent then
    raise sqlstate 'PT429' using message = 'too_many_uploads',
      detail = 'You can upload 1 GB a day, and prepare 100 files at once.';
  end if;
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

create or replace function chat_private.claim_files (
  max_rows integer
)
  returns SETOF text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  paths text[];
begin
  paths := array(
    select files.path from chat_private.files_to_remove as files
    where files.due_at <= now()
    order by files.due_at
    limit max_rows
    for update skip locked
  );
  -- A forward still has it, and queues it again when it goes.
  delete from chat_private.files_to_remove as files
  where files.path = any (paths) and exists (select from chat.attachments where path = files.path);
  return query
    update chat_private.files_to_remove as files
    -- Another worker takes them again if this one does not answer.
    set due_at = now() + interval '5 minutes'
    where files.path = any (paths)
    returning files.path;
end;
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
    where attachments.path = is_my_upload.path and starts_with(attachments.path, attachments.room_id || '/' || attachments.id)
      and attachments.uploader_id = (select auth.uid()) and attachments.message_id is null
  );
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
        when message.forwarded_from_id is null and message.attachments <> '[]'
        then jsonb_build_array(jsonb_path_query_array(message.attachments, '$[*].id'))
        else '[]'
      end
  );
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
      then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids, send_message.client_id)
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

create trigger attachments_removed
  after delete on chat.attachments referencing OLD table as removed
  for each STATEMENT
  execute function chat_private.attachments_removed();

comment on function "chat_private"."attached"(bigint, uuid, uuid[], uuid) is 'What a message says of the files that its sender has announced, in their order. Raises invalid_attachment, attachment_not_found.';

comment on function "chat_private"."claim_files"(integer) is 'Paths of files to remove from the bucket chat-files now. Call files_removed() with them afterwards, or they are due again in five minutes.';

comment on table "chat_private"."files_to_remove" is 'Paths in the bucket chat-files that an attachment has no more: maybe the last one.';

revoke all on function "chat_private"."attached"(bigint, uuid, uuid[], uuid) from public;

revoke all on function "chat_private"."attachments_removed"() from public;

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
