-- ownership_confirmed: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat"."set_member_role"(bigint, uuid, chat.member_role);

drop function "chat_private"."set_member_role"(bigint, uuid, chat.member_role);

create or replace function chat.set_member_role (
  room_id   bigint,
  user_id   uuid,
  role      chat.member_role,
  confirmed boolean          default false
)
  returns chat.room_members
  language sql
  set search_path to ''
  AS $function$
  select chat_private.set_member_role(room_id, user_id, role, confirmed);
$function$;

create or replace function chat_private.set_member_role (
  room_id   bigint,
  user_id   uuid,
  role      chat.member_role,
  confirmed boolean
)
  returns chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms := chat_private.lock_room(room_id);
  member chat.room_members;
begin
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, 'owner');
  select * into member from chat.room_members as members
  where members.room_id = room.id and members.user_id = set_member_role.user_id;

  if not found then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'This user is not a member of the room.';
  elsif set_member_role.role is null then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A role is member, admin or owner.';
  elsif member.role = 'owner' and set_member_role.role <> 'owner' then
    raise sqlstate 'PT400' using message = 'owner_required', detail = 'Make someone else the owner first.';
  elsif set_member_role.role = 'owner' and member.role <> 'owner' then
    if not coalesce(confirmed, false) and not chat_private.is_backend() then
      raise sqlstate 'PT409' using message = 'confirmation_required',
        detail = 'Only the new owner could give the group back: ask again with confirmed.';
    end if;
    update chat.room_members as members set role = 'admin' where members.room_id = room.id and members.role = 'owner';
  end if;
  update chat.room_members as members
  set role = set_member_role.role
  where members.room_id = room.id and members.user_id = set_member_role.user_id
  returning * into member;
  return member;
end;
$function$;

comment on function "chat"."set_member_role"(bigint, uuid, chat.member_role, boolean) is 'Sets the role of a member, as the owner. A new owner replaces the caller, who becomes an admin; only that must be confirmed, except by a backend. Raises room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found, invalid_role, owner_required, confirmation_required.';

revoke all on function "chat"."set_member_role"(bigint, uuid, chat.member_role, boolean) from public;

grant execute
  on function "chat"."set_member_role"(bigint, uuid, chat.member_role, boolean)
  to "authenticated", "service_role";

revoke all on function "chat_private"."set_member_role"(bigint, uuid, chat.member_role, boolean) from public;

grant execute
  on function "chat_private"."set_member_role"(bigint, uuid, chat.member_role, boolean)
  to "authenticated", "service_role";

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
