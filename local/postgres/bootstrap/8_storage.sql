-- What Storage keeps in the database. Each statement may run twice: a start that is interrupted before it is recorded
-- runs all of them again.

alter role supabase_storage_admin login createrole;
alter role supabase_storage_admin set search_path = storage;
grant anon, authenticated, service_role to supabase_storage_admin with inherit false, set true;

create schema if not exists storage;
grant usage on schema storage to postgres, anon, authenticated, service_role, dashboard_user;
grant all on schema storage to supabase_storage_admin;

set role supabase_storage_admin;

alter default privileges in schema storage grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema storage grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema storage grant all on sequences to postgres, anon, authenticated, service_role;

do $$
begin
  create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
exception when duplicate_object then null;
end
$$;

create table if not exists storage.buckets (
  id text primary key,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD'
);
comment on column storage.buckets.owner is 'Field is deprecated, use owner_id instead';
create unique index if not exists bname on storage.buckets (name);
alter table storage.buckets enable row level security;

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text constraint "objects_bucketId_fkey" references storage.buckets,
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  -- The name of the file that holds the content.
  version text,
  owner_id text,
  user_metadata jsonb
);
comment on column storage.objects.owner is 'Field is deprecated, use owner_id instead';
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);
create index if not exists name_prefix_search on storage.objects (name text_pattern_ops);
create index if not exists idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
create index if not exists idx_objects_bucket_id_name_lower on storage.objects (bucket_id, lower(name) collate "C");
alter table storage.objects enable row level security;

grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;

-- What policies ask about a path, and about the request.

create or replace function storage.foldername(name text) returns text[] language sql immutable as $$
  select case when name <> '' then trim_array(string_to_array(name, '/'), 1) end
$$;

create or replace function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))]
$$;

create or replace function storage.extension(name text) returns text language sql immutable as $$
  select split_part(split_part(name, '/', -1), '.', -1)
$$;

create or replace function storage.operation() returns text language sql stable as $$
  select current_setting('storage.operation', true)
$$;

create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean
language sql stable as $$
  select coalesce(regexp_replace(storage.operation(), '^storage\.', '') in (
    select regexp_replace(expected, '^storage\.', '') from unnest(expected_operations) as expected where expected <> ''
  ), false)
$$;

create or replace function storage.allow_only_operation(expected_operation text) returns boolean
language sql stable as $$
  select storage.allow_any_operation(array[expected_operation])
$$;

create or replace function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb)
returns void language plpgsql as $$
begin
  insert into storage.objects (bucket_id, name, owner, metadata)
  values (bucketid, can_insert_object.name, can_insert_object.owner, can_insert_object.metadata);
  raise sqlstate 'PT200' using message = 'ROLLBACK', detail = 'rollback successful insert';
end
$$;

create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
language sql stable as $$
  select sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects as o group by o.bucket_id
$$;

-- How objects are listed. What lies deeper than the prefix is one entry for each folder, which has no id.

create or replace function storage.get_common_prefix(p_key text, p_prefix text, p_delimiter text) returns text
language sql immutable as $$
  select case
    when strpos(substr(p_key, length(p_prefix) + 1), p_delimiter) > 0
    then left(p_key, length(p_prefix) + strpos(substr(p_key, length(p_prefix) + 1), p_delimiter))
  end
$$;

create or replace function storage.search(
  prefix text,
  bucketname text,
  limits int default 100,
  levels int default 1,
  offsets int default 0,
  search text default '',
  sortcolumn text default 'name',
  sortorder text default 'asc'
)
returns table (
  name text,
  id uuid,
  updated_at timestamptz,
  created_at timestamptz,
  last_accessed_at timestamptz,
  metadata jsonb
)
language sql stable as $$
  with matching as (
    select o.*, storage.get_common_prefix(o.name, prefix || search, '/') as folder
    from storage.objects as o
    where o.bucket_id = bucketname and starts_with(lower(o.name), lower(prefix || search))
  ), entries as (
    select m.name, lower(m.name) as position, m.id, m.updated_at, m.created_at, m.last_accessed_at, m.metadata
    from matching as m
    where m.folder is null
    union all
    select rtrim(min(m.folder), '/'), lower(m.folder), null, null, null, null, null
    from matching as m
    where m.folder is not null
    group by lower(m.folder)
  ), placed as (
    select e.*, case sortcolumn
      when 'updated_at' then e.updated_at
      when 'created_at' then e.created_at
      when 'last_accessed_at' then e.last_accessed_at
    end as time
    from entries as e
  )
  select substr(p.name, length(prefix) + 1), p.id, p.updated_at, p.created_at, p.last_accessed_at, p.metadata
  from placed as p
  order by
    p.time is not null,
    case when lower(sortorder) = 'desc' then p.time end desc,
    case when lower(sortorder) <> 'desc' then p.time end,
    case when lower(sortorder) = 'desc' then p.position end collate "C" desc,
    case when lower(sortorder) <> 'desc' then p.position end collate "C"
  limit least(coalesce(limits, 100), 1500)
  offset offsets
$$;

create or replace function storage.search_v2(
  prefix text,
  bucket_name text,
  limits int default 100,
  levels int default 1,
  start_after text default '',
  sort_order text default 'asc',
  sort_column text default 'name',
  sort_column_after text default ''
)
returns table (
  key text,
  name text,
  id uuid,
  updated_at timestamptz,
  created_at timestamptz,
  last_accessed_at timestamptz,
  metadata jsonb
)
language sql stable as $$
  with matching as (
    select o.*, storage.get_common_prefix(o.name, prefix, '/') as folder
    from storage.objects as o
    where o.bucket_id = bucket_name and starts_with(o.name, prefix)
  ), entries as (
    select m.name as position, m.name, m.id, m.updated_at, m.created_at, m.last_accessed_at, m.metadata
    from matching as m
    where m.folder is null
    union all
    select distinct m.folder, rtrim(m.folder, '/'), null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb
    from matching as m
    where m.folder is not null
  ), placed as (
    select e.*, coalesce(date_trunc('milliseconds', case sort_column
      when 'updated_at' then e.updated_at
      when 'created_at' then e.created_at
    end), 'epoch') as time
    from entries as e
  ), after as (
    select coalesce(nullif(sort_column_after, '')::timestamptz, 'epoch') as time, coalesce(start_after, '') as position
  )
  select split_part(p.name, '/', levels), p.name, p.id, p.updated_at, p.created_at, p.last_accessed_at, p.metadata
  from placed as p, after as a
  where a.position = '' or case
    when lower(sort_order) = 'desc' then (p.time, p.position collate "C") < (a.time, a.position collate "C")
    else (p.time, p.position collate "C") > (a.time, a.position collate "C")
  end
  order by
    case when lower(sort_order) = 'desc' then p.time end desc,
    case when lower(sort_order) <> 'desc' then p.time end,
    case when lower(sort_order) = 'desc' then p.position end collate "C" desc,
    case when lower(sort_order) <> 'desc' then p.position end collate "C"
  limit least(coalesce(limits, 100), 1500)
$$;

-- Triggers.

create or replace function storage.update_updated_at_column() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create or replace function storage.enforce_bucket_name_length() returns trigger language plpgsql as $$
begin
  if length(new.name) > 100 then
    raise exception 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
  end if;
  return new;
end
$$;

create or replace function storage.protect_delete() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
    raise sqlstate '42501' using
      message = 'Direct deletion from storage tables is not allowed. Use the Storage API instead.',
      hint = 'This prevents accidental data loss from orphaned objects.';
  end if;
  return null;
end
$$;

create or replace trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();
create or replace trigger enforce_bucket_name_length_trigger before insert or update of name on storage.buckets
  for each row execute function storage.enforce_bucket_name_length();
create or replace trigger protect_buckets_delete before delete on storage.buckets
  for each statement execute function storage.protect_delete();
create or replace trigger protect_objects_delete before delete on storage.objects
  for each statement execute function storage.protect_delete();

reset role;

-- Policies and triggers on these tables are managed as on those of Auth and Realtime.
create or replace function extensions.borrow_ownership() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  grant supabase_auth_admin, supabase_realtime_admin, supabase_storage_admin to postgres with inherit true, set false;
end
$$;

create or replace function extensions.return_ownership() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  revoke supabase_auth_admin, supabase_realtime_admin, supabase_storage_admin from postgres;
end
$$;
