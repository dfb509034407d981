-- Parley uses two schemas only, so that it can be added to a project with other tables.
create schema chat;
comment on schema chat is 'What clients reach through the Data API: tables, and functions that they call as RPC.';
create schema chat_private;
comment on schema chat_private is 'Helpers of chat, never exposed through the Data API.';

-- A project may have default privileges that grant every new object to its clients. They are revoked while Parley is
-- installed; 900_grants restores them.
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

revoke all on schema chat, chat_private from public, anon, authenticated, service_role;
-- Policies and functions of chat run as the caller and call helpers, so callers need usage of both schemas.
grant usage on schema chat, chat_private to authenticated, service_role;

create type chat.room_kind as enum ('direct', 'group');
-- In ascending order of rights: `role >= 'admin'` means an admin or the owner.
create type chat.member_role as enum ('member', 'admin', 'owner');
