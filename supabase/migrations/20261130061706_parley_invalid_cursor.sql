-- invalid_cursor: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.export_page (
  cursor  text,
  user_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most constant integer := 500;
  account constant uuid := coalesce(export_page.user_id, auth.uid());
  sections constant text[] := chat_private.export_sections();
  section text := coalesce(split_part(cursor, ':', 1), sections[1]);
  after text := nullif(substr(cursor, length(section) + 2), '');
  lines jsonb[] := '{}';
  bytes bigint := 0;
  row record;
begin
  if account is null or not chat_private.is_backend() then
    perform chat_private.require_caller();
    if account <> auth.uid() then
      raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend exports the data of somebody else.';
    end if;
  end if;
  if not exists (select from auth.users as users where users.id = account) then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  elsif array_position(sections, section) is null then
    raise sqlstate 'PT400' using message = 'invalid_cursor', detail = 'Take the cursor of the page before, or none for the first page.';
  elsif cursor is null then
    perform chat_private.take_tokens('export_data');
    if chat_private.is_backend() then
      perform chat_private.audit('account_exported', account);
    end if;
  end if;

  for index in array_position(sections, section)..cardinality(sections) loop
    section := sections[index];
    for row in
      select page.key, page.line from chat_private.export_lines(account, section, after, most - cardinality(lines)) as page
    loop
      lines := lines || (jsonb_build_object('type', section) || row.line);
      bytes := bytes + octet_length(row.line::text);
      if cardinality(lines) >= most or bytes >= chat_private.page_bytes() then
        return jsonb_build_object('lines', to_jsonb(lines), 'cursor', section || ':' || row.key);
      end if;
    end loop;
    after := null;
  end loop;
  return jsonb_build_object('lines', to_jsonb(lines), 'cursor', null);
end;
$function$;

comment on function "chat"."export_page"(text, uuid) is 'A page of everything that is stored about the caller, or, for a backend, about the user that it names: {lines, cursor}. Each line has its type; the next page takes the cursor, which is null at the end. Raises backend_required, user_not_found, invalid_cursor, rate_limited, caller_required.';

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
