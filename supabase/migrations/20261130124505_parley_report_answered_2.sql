-- report_answered, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.resolve_report (
  report_id bigint,
  action    chat.moderation_action,
  note      text,
  until     timestamp with time zone
)
  returns chat.reports
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  report chat.reports;
begin
  perform chat_private.require_moderator();
  select * into report from chat.reports as reports where reports.id = report_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'report_not_found', detail = 'No such report.';
  elsif report.state <> 'open' then
    perform chat_private.refuse_resolved(report);
  elsif action is null or char_length(note) > 500 then
    raise sqlstate 'PT400' using message = 'invalid_resolution', detail = 'Give an action, and a note of at most 500 characters.';
  end if;
  perform set_config('chat.report', report.id::text, true);
  perform chat_private.act_on(report, action, coalesce(note, ''), until);
  perform set_config('chat.report', '', true);
  -- Not what was done, nor to whom: that concerns the other person.
  perform chat_private.give_notice(reports.reporter_id, 'report_answered', '', null, reports.room_id, reports.message_id)
  from chat.reports as reports
  where reports.target = report.target and reports.state = 'open' and reports.reporter_id is distinct from (select auth.uid())
  order by reports.id;
  update chat.reports as reports
  set state = case when resolve_report.action = 'dismiss' then 'dismissed' else 'resolved' end::chat.report_state,
    action = resolve_report.action, resolved_by = (select auth.uid()), resolved_at = now(),
    resolution_note = coalesce(resolve_report.note, ''),
    until = case when resolve_report.action in ('mute', 'ban_from_room', 'suspend') then resolve_report.until end
  where reports.target = report.target and reports.state = 'open';
  select * into report from chat.reports as reports where reports.id = report.id;
  return report;
end;
$function$;

comment on function "chat"."resolve_report"(bigint, chat.moderation_action, text, timestamp
  with time zone) is 'Answers a report and all others that are open about the same thing, as a moderator: dismiss, delete the message or the group, warn, mute, ban from the room, or suspend, until a time or without an end. The person concerned receives the note; who has reported it learns that it was answered. Raises moderator_required, report_not_found, report_resolved, invalid_resolution, invalid_until, user_not_found, room_not_found, direct_room_fixed.';

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
