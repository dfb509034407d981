-- How much Storage holds: a job walks through all files in small steps, once an hour.
create table chat_private.storage_use (
  bucket text primary key,
  files bigint not null default 0,
  bytes bigint not null default 0,
  measured_at timestamptz,
  -- Of the walk that is under way.
  next_files bigint not null default 0,
  next_bytes bigint not null default 0
);
comment on table chat_private.storage_use is 'How many files each bucket holds, and their size, as of the last complete walk.';
alter table chat_private.storage_use enable row level security;
revoke all on chat_private.storage_use from anon, authenticated;

create table chat_private.storage_walk (
  is_only boolean primary key default true check (is_only),
  -- The last file that it has seen; null before the first.
  after uuid
);
comment on table chat_private.storage_walk is 'Where the walk through the files of Storage is.';
alter table chat_private.storage_walk enable row level security;
revoke all on chat_private.storage_walk from anon, authenticated;
insert into chat_private.storage_walk default values;

create function chat_private.measure_more(max_rows integer)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  place uuid;
  looked_at integer;
begin
  select walk.after into place from chat_private.storage_walk as walk for update;
  with page as materialized (
    select objects.id, objects.bucket_id, coalesce((objects.metadata ->> 'size')::bigint, 0) as bytes from storage.objects as objects
    where place is null or objects.id > place
    order by objects.id
    limit max_rows
  ), added as (
    insert into chat_private.storage_use as use (bucket, next_files, next_bytes)
    select page.bucket_id, count(*), sum(page.bytes) from page group by page.bucket_id
    on conflict on constraint storage_use_pkey do update
    set next_files = use.next_files + excluded.next_files, next_bytes = use.next_bytes + excluded.next_bytes
  )
  select count(*), (array_agg(page.id order by page.id desc))[1] into looked_at, place from page;
  if looked_at = max_rows then
    update chat_private.storage_walk set after = place where is_only;
    return true;
  end if;
  delete from chat_private.storage_use as use where use.next_files = 0;
  update chat_private.storage_use as use
  set files = use.next_files, bytes = use.next_bytes, measured_at = now(), next_files = 0, next_bytes = 0
  where use.next_files > 0;
  update chat_private.storage_walk set after = null where is_only;
  return false;
end;
$$;
comment on function chat_private.measure_more is 'Adds up to max_rows files to the measure of Storage. Returns whether more are waiting.';

create function chat_private.job_measure_storage()
returns boolean
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.measure_more(5000);
$$;
comment on function chat_private.job_measure_storage is 'Measures how much Storage holds, one step at a time.';

insert into chat_private.jobs (name, every) values ('measure_storage', interval '1 hour');

create type chat.bucket_use as (bucket text, files bigint, bytes bigint, measured_at timestamptz);

-- Definer: clients may not read the table.
create function chat_private.storage_by_bucket()
returns setof chat.bucket_use
language plpgsql stable security definer rows 10 set search_path = ''
as $$
begin
  perform chat_private.require_administrator();
  return query
    select use.bucket, use.files, use.bytes, use.measured_at from chat_private.storage_use as use
    where use.measured_at is not null
    order by use.bucket
    limit 1000;
end;
$$;
grant execute on function chat_private.storage_by_bucket to authenticated;

create function chat.storage_by_bucket()
returns setof chat.bucket_use
language plpgsql stable security invoker rows 10 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.storage_by_bucket();
end;
$$;
comment on function chat.storage_by_bucket is
  'How many files each bucket of Storage holds, and their size, as it was measured within the hour, for administrators. Raises '
  'administrator_required.';
grant execute on function chat.storage_by_bucket to authenticated;
