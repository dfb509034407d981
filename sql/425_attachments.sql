-- Files of messages, in the private bucket `chat-files` of Storage. A file is announced, uploaded, and sent with a message.
-- Who can read the message can read its files.
insert into storage.buckets (id, name, public, file_size_limit)
values ('chat-files', 'chat-files', false, 26214400)
-- A file of a public bucket is read past all policies.
on conflict (id) do update set public = false;

create function chat_private.file_bytes()
returns bigint
language sql immutable parallel safe security invoker set search_path = ''
as $$
  select 26214400;
$$;
comment on function chat_private.file_bytes is 'The size that a file may have, as the bucket has it: 25 MB.';
-- For the check of a row that a backend writes.
grant execute on function chat_private.file_bytes to service_role;

create table chat.attachments (
  id uuid primary key default gen_random_uuid(),
  -- No foreign key: the message's is enough, and with a second one the Data API could take this table for a way from
  -- messages to rooms.
  room_id bigint not null,
  -- Null until the message is sent.
  message_id bigint references chat.messages on delete cascade,
  -- No foreign key: an account is deleted at once, however many files it has sent (480_departed_accounts).
  uploader_id uuid default auth.uid(),
  -- Of the object in Storage: <id of the room>/<id>, with an ending if that was used before. A forward has the original's.
  path text not null,
  name text not null check (chat_private.shows(name) and char_length(name) <= 255 and name !~ '[[:cntrl:]/\\]'),
  mime_type text not null check (mime_type ~ '^[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$' and length(mime_type) <= 127),
  bytes bigint not null check (bytes between 1 and chat_private.file_bytes()),
  width integer check (width between 1 and 100000),
  height integer check (height between 1 and 100000),
  duration_ms integer check (duration_ms >= 0),
  created_at timestamptz not null default now()
);
comment on table chat.attachments is 'A file that was sent with a message, or will be.';
comment on column chat.attachments.path is 'Where it is in the bucket chat-files.';

-- Who may read the object with a path, and whether anybody still needs it.
create index attachments_path_idx on chat.attachments (path);
-- The files of a room.
create index attachments_room_id_idx on chat.attachments (room_id, created_at);
-- The files of a message; the foreign key.
create index attachments_message_id_idx on chat.attachments (message_id);
-- What a person has uploaded today; the files of a deleted account.
create index attachments_uploader_id_idx on chat.attachments (uploader_id, created_at);
-- What was announced and never sent.
create index attachments_unsent_idx on chat.attachments (created_at) where message_id is null;

alter table chat.attachments enable row level security;
revoke all on chat.attachments from anon, authenticated;
grant select on chat.attachments to authenticated;
-- No writes: begin_upload() announces a file, and sending a message takes it.

create policy "members can read the files of messages"
  on chat.attachments for select to authenticated
  using (
    (select chat_private.require_modest_query())
    and message_id is not null
    and room_id in (select chat_private.my_room_ids())
  );

create function chat_private.is_chat_file(bucket text)
returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select bucket = 'chat-files';
$$;

-- Definer: the path of a file that the caller cannot see, and one that does not exist, are alike.
create function chat_private.is_my_upload(path text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from chat.attachments as attachments
    join chat.room_members as members on members.room_id = attachments.room_id and members.user_id = attachments.uploader_id
    where attachments.path = is_my_upload.path and starts_with(attachments.path, attachments.room_id || '/' || attachments.id)
      and attachments.uploader_id = (select auth.uid()) and attachments.message_id is null
  );
end;
$$;
comment on function chat_private.is_my_upload is 'Whether the caller has announced a file with this path and not yet sent it.';

-- Definer: as above.
create function chat_private.may_read_file(path text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from chat.attachments as attachments
    join chat.room_members as members on members.room_id = attachments.room_id and members.user_id = (select auth.uid())
    where attachments.path = may_read_file.path
      and (attachments.message_id is not null or attachments.uploader_id = members.user_id)
  );
end;
$$;
comment on function chat_private.may_read_file is
  'Whether the file with this path is in a message that the caller can read, or about to be sent by the caller.';
-- 900_grants grants these to every role, as the policies that restrict are for every role (610_restrictive_policies).

create policy "members can read the files of their rooms"
  on storage.objects for select to authenticated
  using (chat_private.is_chat_file(bucket_id) and (select chat_private.has_access()) and chat_private.may_read_file(name));

create policy "members can upload the files that they have announced"
  on storage.objects for insert to authenticated
  with check (chat_private.is_chat_file(bucket_id) and (select chat_private.has_access()) and chat_private.is_my_upload(name));
-- No update and no delete: a file does not change, and a job removes it.

-- Definer: clients may not write attachments.
create function chat_private.begin_upload(
  room_id bigint, name text, mime_type text, bytes bigint, width integer, height integer, duration_ms integer, client_id uuid
)
returns chat.attachments
language plpgsql volatile security definer set search_path = ''
as $$
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
$$;
grant execute on function chat_private.begin_upload to authenticated;

create function chat.begin_upload(
  room_id bigint,
  name text,
  mime_type text,
  bytes bigint,
  width integer default null,
  height integer default null,
  duration_ms integer default null,
  client_id uuid default null
)
returns chat.attachments
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.begin_upload(room_id, name, mime_type, bytes, width, height, duration_ms, client_id);
end;
$$;
comment on function chat.begin_upload is
  'Announces a file: upload it to the returned path of the bucket chat-files, with this type, within a day, then name its id in '
  'send_message(). client_id becomes the id, and a retry returns the same row. Raises room_not_found, not_a_member, room_locked, '
  'role_required, invalid_attachment, file_too_large, too_many_uploads, not_reachable, client_id_reused, rate_limited, caller_required.';

-- Definer: as above.
create function chat_private.cancel_upload(attachment_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat.attachments as attachments
  where attachments.id = cancel_upload.attachment_id and attachments.uploader_id = (select auth.uid())
    and attachments.message_id is null;
end;
$$;
grant execute on function chat_private.cancel_upload to authenticated;

create function chat.cancel_upload(attachment_id uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.cancel_upload(attachment_id);
end;
$$;
comment on function chat.cancel_upload is
  'Gives up a file of the caller that was not sent; does nothing if there is none. Raises caller_required.';
grant execute on function chat.begin_upload, chat.cancel_upload to authenticated;

create function chat_private.attached(room_id bigint, sender_id uuid, attachment_ids uuid[], client_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.attached is
  'What a message says of the files that its sender has announced, in their order. Raises invalid_attachment, attachment_not_found.';

create function chat_private.forwarded_files(original_id bigint)
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
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
$$;
comment on function chat_private.forwarded_files is 'The files of a message, as those of a message that forwards it.';

-- Definer: clients may not write attachments. Within the transaction of the message: it has all its files, or is not sent.
create function chat_private.files_sent()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
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
$$;

create trigger files_sent
  after insert on chat.messages
  for each row when (new.attachments <> '[]')
  execute function chat_private.files_sent();

-- Definer: as above.
create function chat_private.files_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat.attachments where message_id = new.id;
  return null;
end;
$$;

create trigger files_deleted
  after update on chat.messages
  for each row when (new.deleted_at is not null and old.attachments <> '[]')
  execute function chat_private.files_deleted();
