// A project that had much of its own before Parley came.

/** Its migrations: names that Parley has too, triggers on accounts, extensions, and policies of Realtime's quick start. */
export const OWN_SQL = `
create extension pg_trgm with schema public;
create table public.profiles (id uuid primary key references auth.users on delete cascade, username text);
create table public.messages (id bigint generated always as identity primary key, content text not null);
comment on table public.messages is 'Ours.';
create index messages_content_idx on public.messages using gin (content public.gin_trgm_ops);
create table public.rooms (id bigint primary key);
create type public.room_kind as enum ('single', 'double');
create view public.long_messages as select * from public.messages where length(content) > 100;
create function public.announce(topic text) returns void language sql as '';
alter table public.messages enable row level security;
create policy "everybody can read" on public.messages for select to anon, authenticated using (true);
grant select on public.messages to anon, authenticated;

create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, username) values (new.id, new.raw_user_meta_data ->> 'username');
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();

create policy "authenticated can receive" on realtime.messages for select to authenticated using (true);
create policy "authenticated can send" on realtime.messages for insert to authenticated with check (true);

alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges grant execute on functions to anon, authenticated;
alter publication supabase_realtime add table public.messages;
`;

/** Accounts, as a project has them. */
export const accounts = (number: number) => `
insert into auth.users (id, email, raw_user_meta_data, created_at)
select gen_random_uuid(), 'person' || n || '@example.com', jsonb_build_object('username', 'person' || n % 900),
  timestamptz '2024-01-01' + n * interval '1 minute'
from generate_series(1, ${number}) as n`;

/** Everything in the catalogs that a dump of the schema would show; not partitions, which Realtime makes every day. */
export const SNAPSHOT = `
with spaces as (
  select oid, nspname from pg_namespace
  where nspname !~ '^(pg_|information_schema$|supabase_migrations$)'
)
select 'schema' as kind, nspname::text as name, nspacl::text as says from pg_namespace where oid in (select oid from spaces)
union all
select 'relation', oid::regclass::text, concat_ws(' ', relkind, relrowsecurity, relreplident, relacl)
from pg_class where relnamespace in (select oid from spaces) and not relispartition
union all
select 'column', attrelid::regclass || '.' || attname,
  concat_ws(' ', atttypid::regtype, attnotnull, attidentity, attacl, pg_get_expr(adbin, adrelid))
from pg_attribute
join pg_class on pg_class.oid = attrelid and relnamespace in (select oid from spaces) and not relispartition
left join pg_attrdef on adrelid = attrelid and adnum = attnum
where attnum > 0 and not attisdropped
union all
select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace in (select oid from spaces) and not relispartition
union all
select 'constraint', conname || ' on ' || conrelid::regclass, pg_get_constraintdef(pg_constraint.oid)
from pg_constraint join pg_class on pg_class.oid = conrelid
where relnamespace in (select oid from spaces) and not relispartition
union all
select 'view', oid::regclass::text, pg_get_viewdef(oid)
from pg_class where relnamespace in (select oid from spaces) and relkind in ('v', 'm')
union all
select 'function', pg_proc.oid::regprocedure::text, concat_ws(' ', proowner::regrole, proacl, md5(pg_get_functiondef(pg_proc.oid)))
from pg_proc where pronamespace in (select oid from spaces) and prokind in ('f', 'p')
union all
select 'type', oid::regtype::text, concat_ws(' ', typtype, typacl, (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = pg_type.oid))
from pg_type where typnamespace in (select oid from spaces) and typtype in ('e', 'd')
union all
select 'trigger', tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(pg_trigger.oid)
from pg_trigger where not tgisinternal and tgparentid = 0
union all
select 'policy', polname || ' on ' || polrelid::regclass,
  concat_ws(' ', polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
from pg_policy
union all
select 'extension', extname, extnamespace::regnamespace::text from pg_extension
union all
select 'default', concat_ws(' ', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype),
  (select string_agg(entry::text, ',' order by entry::text) from unnest(defaclacl) as entry)
from pg_default_acl
union all
select 'publication', pubname, concat_ws(' ', puballtables, (select string_agg(prrelid::regclass::text, ',' order by 1) from pg_publication_rel where prpubid = pg_publication.oid))
from pg_publication
union all
select 'event trigger', evtname, evtfoid::regproc::text from pg_event_trigger
union all
select 'role', rolname, concat_ws(' ', rolconfig) from pg_roles where rolname !~ '^pg_'
union all
select 'comment', pg_describe_object(classoid, objoid, objsubid), description
from pg_description
where classoid = 'pg_class'::regclass and objoid in (select oid from pg_class where relnamespace in (select oid from spaces))
order by 1, 2, 3`;
