-- The audit log: what moderators, admins and operators have done to others, when and why. Rows are only added.
create table chat.audit_log (
  id bigint generated always as identity primary key,
  created_at timestamptz not null default now(),
  -- No foreign keys: a row outlives the accounts, rooms and messages that it is about.
  actor_id uuid default auth.uid(),
  action text not null,
  user_id uuid,
  room_id bigint,
  message_id bigint,
  report_id bigint,
  reason text not null default '',
  until timestamptz,
  details jsonb not null default '{}'
);
comment on table chat.audit_log is 'What moderators, admins and operators have done to others. Rows are only added.';
comment on column chat.audit_log.actor_id is 'Who did it; null for an operator or a backend.';
comment on column chat.audit_log.action is
  'Such as room_ban, room_unban, mute, unmute, warning, '
  'message_deleted, dismissed, role_changed, called_as.';
comment on column chat.audit_log.user_id is 'Whom it was done to.';
comment on column chat.audit_log.report_id is 'The report that it answered.';

-- What was done to a person, and in a room, newest first.
create index audit_log_user_id_idx on chat.audit_log (user_id, id desc);
create index audit_log_room_id_idx on chat.audit_log (room_id, id desc);
-- What somebody has done, and what was done of one kind.
create index audit_log_actor_id_idx on chat.audit_log (actor_id, id desc);
create index audit_log_action_idx on chat.audit_log (action, id desc);

alter table chat.audit_log enable row level security;
revoke all on chat.audit_log from anon, authenticated;
grant select on chat.audit_log to authenticated;
-- No writes, also not with the secret key (900_grants): triggers and functions insert its rows.

create policy "moderators can read the audit log"
  on chat.audit_log for select to authenticated
  using ((select chat_private.require_modest_query()) and (select chat_private.is_moderator()));

create function chat_private.audit(
  action text, user_id uuid, room_id bigint default null, message_id bigint default null, reason text default '',
  until timestamptz default null, details jsonb default '{}'
)
returns void
language sql volatile security invoker set search_path = ''
as $$
  insert into chat.audit_log (action, user_id, room_id, message_id, report_id, reason, until, details)
  values (
    audit.action, audit.user_id, audit.room_id, audit.message_id, nullif(current_setting('chat.report', true), '')::bigint,
    coalesce(audit.reason, ''), audit.until, audit.details
  );
$$;
comment on function chat_private.audit is 'Adds a row to the audit log, with the report that this transaction answers.';

-- Definer: clients may not write the log.
create function chat_private.role_set()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit(
    'role_changed', new.user_id, new.room_id, details => jsonb_build_object('before', old.role, 'after', new.role)
  );
  return null;
end;
$$;

-- Not the owner who becomes an admin by handing the room over, nor a member who becomes the owner because that one left.
create trigger role_set
  after update of role on chat.room_members
  for each row when (new.role is distinct from old.role and new.user_id is distinct from (auth.uid()) and pg_trigger_depth() = 0)
  execute function chat_private.role_set();

create function chat_private.prune_audit_log()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 1000;
  pruned integer;
begin
  -- The ids are in the order of time, as only this database gives them.
  delete from chat.audit_log as log where log.id in (
    select oldest.id from (select old.id, old.created_at from chat.audit_log as old order by old.id limit most) as oldest
    where oldest.created_at < chat_private.kept_since('audit_log')
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_audit_log is 'Deletes old rows of the audit log, if they are not kept forever.';
