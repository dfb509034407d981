-- held_note: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."answer_held"(chat.reports, boolean, text);

create or replace function chat_private.answer_held (
  report      chat.reports,
  is_approved boolean,
  note        text
)
  returns bigint
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  own_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  own_id constant text := coalesce(current_setting('request.jwt.claim.sub', true), '');
  held chat.held_messages;
  sent_id bigint;
begin
  select * into held from chat.held_messages as waiting where waiting.id = -report.message_id and waiting.rejected_at is null for update;
  if not found then
    return null;
  elsif not is_approved then
    update chat.held_messages set rejected_at = now() where id = held.id;
    if note is not null then
      perform chat_private.give_notice(held.sender_id, 'message_deleted', note, null, held.room_id);
    end if;
    return null;
  end if;
  -- As a backend sends for somebody: limits, slow mode and rules are not the moderator's.
  perform set_config('request.jwt.claims', '', true), set_config('request.jwt.claim.sub', '', true);
  sent_id := (chat_private.insert_message(held)).id;
  perform set_config('request.jwt.claims', own_claims, true), set_config('request.jwt.claim.sub', own_id, true);
  delete from chat.held_messages where id = held.id;
  return coalesce(
    sent_id, (select id from chat.messages as earlier where (earlier.sender_id, earlier.client_id) = (held.sender_id, held.client_id))
  );
end;
$function$;

comment on function "chat_private"."answer_held"(chat.reports, boolean, text) is 'Sends a held message, or rejects it, with a notice to the sender if there is a note; returns the id of the message that was sent. Does nothing if it was answered before. Raises what a send does, such as not_a_member and muted.';

revoke all on function "chat_private"."answer_held"(chat.reports, boolean, text) from public;

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access, chat_private.shows_presence
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
