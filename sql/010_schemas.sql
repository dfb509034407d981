-- Parley keeps to two schemas, so that it can be added to a project that has tables of its own.
create schema chat;
comment on schema chat is 'What clients reach through the Data API: tables, and functions to call as RPC.';
create schema chat_private;
comment on schema chat_private is 'Helpers of chat: never exposed to the Data API.';

-- A project may grant everything that it creates to its clients (alter default privileges). What is created from here on
-- is granted to nobody by that; 900_grants puts the project's defaults back.
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
-- Policies and functions of chat run as the caller and call helpers, hence usage of both.
grant usage on schema chat, chat_private to authenticated, service_role;

create type chat.room_kind as enum ('direct', 'group');
-- In ascending order of rights, so that `role >= 'admin'` reads as it is meant.
create type chat.member_role as enum ('member', 'admin', 'owner');
