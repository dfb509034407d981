-- Files that nobody needs any more are removed through the API of Storage, which also removes their content: by a function
-- that a job wakes, since SQL cannot.
create table chat_private.files_to_remove (
  path text primary key,
  -- Once now and once a day later, as an upload may have been under way.
  due_at timestamptz not null default now(),
  is_last boolean not null default false,
  -- Paths of two buckets differ, since one begins with a number and the other with a uuid.
  bucket text not null default 'chat-files' check (bucket in ('chat-files', 'avatars'))
);
comment on table chat_private.files_to_remove is
  'Paths in the bucket chat-files that an attachment has no more, maybe the last one; pictures in avatars of deleted accounts.';
alter table chat_private.files_to_remove enable row level security;
revoke all on chat_private.files_to_remove from anon, authenticated;

-- What is due.
create index files_to_remove_due_at_idx on chat_private.files_to_remove (due_at);

-- Definer: clients may not write the queue.
create function chat_private.attachments_removed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Also while another row has the path: two that go at once cannot see each other, so claim_files() looks. In the order of
  -- the paths, as two messages may have the same files.
  insert into chat_private.files_to_remove (path)
  select distinct removed.path from removed order by removed.path
  on conflict on constraint files_to_remove_pkey do update set due_at = now(), is_last = false;
  return null;
end;
$$;

create trigger attachments_removed
  after delete on chat.attachments
  referencing old table as removed
  for each statement execute function chat_private.attachments_removed();

create function chat_private.prune_uploads()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 200;
  removed integer;
begin
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments
    where attachments.message_id is null and attachments.created_at < chat_private.kept_since('uploads')
      and not exists (
        select from chat.held_messages as held
        where held.attachments <> '[]' and held.rejected_at is null
          and held.attachments @> jsonb_build_array(jsonb_build_object('id', attachments.id))
      )
    order by attachments.created_at
    limit most
    for update skip locked
  );
  get diagnostics removed = row_count;
  return removed = most;
end;
$$;
comment on function chat_private.prune_uploads is
  'Gives up files that were not sent in time, and do not wait with their message for a moderator.';

create function chat_private.claim_files(max_rows integer, bucket text default 'chat-files')
returns setof text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  paths text[];
begin
  paths := array(
    select files.path from chat_private.files_to_remove as files
    where files.due_at <= now() and files.bucket = claim_files.bucket
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
$$;
comment on function chat_private.claim_files is
  'Paths of files to remove from a bucket now. Call files_removed() with them afterwards, or they are due again in '
  'five minutes.';

create function chat_private.files_removed(paths text[])
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  delete from chat_private.files_to_remove where path = any (paths) and is_last;
  update chat_private.files_to_remove set due_at = now() + interval '1 day', is_last = true where path = any (paths);
end;
$$;
comment on function chat_private.files_removed is 'Notes that these files are gone.';

-- For the function that removes them, with the secret key.
grant execute on function chat_private.claim_files, chat_private.files_removed to service_role;
grant select, update, delete on chat_private.files_to_remove to service_role;
