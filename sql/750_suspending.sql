-- Moderators suspend people. Each suspension is in the audit log and is a notice, whatever writes its row.
-- Definer: clients may not write notices and the log.
create function chat_private.suspension_noted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.audit('suspension', new.user_id, reason => new.reason, until => new.until);
  perform chat_private.give_notice(new.user_id, 'suspension', new.reason, new.until);
  return null;
end;
$$;

create trigger suspension_noted
  after insert or update on chat.suspensions
  for each row execute function chat_private.suspension_noted();

-- Definer: as above.
create function chat_private.suspension_lifted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Not when the account is deleted.
  if exists (select from auth.users where id = old.user_id) then
    perform chat_private.audit('suspension_lifted', old.user_id);
  end if;
  return null;
end;
$$;

create trigger suspension_lifted
  after delete on chat.suspensions
  for each row execute function chat_private.suspension_lifted();

-- Definer: only functions write suspensions, and this one checks the role.
create function chat_private.suspend_user(user_id uuid, until timestamptz, reason text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_future(until);
  perform chat_private.require_people(array[user_id]);
  if nullif(current_setting('chat.report', true), '') is null and exists (
    select from chat.suspensions as suspensions
    where suspensions.user_id = suspend_user.user_id
      and (suspensions.until, suspensions.reason) is not distinct from (suspend_user.until, nullif(suspend_user.reason, ''))
  ) then
    return; -- a retry
  end if;
  insert into chat.suspensions as suspensions (user_id, until, reason)
  values (suspend_user.user_id, suspend_user.until, nullif(suspend_user.reason, ''))
  on conflict on constraint suspensions_pkey do update
  set until = excluded.until, reason = excluded.reason, created_by = excluded.created_by, created_at = now();
end;
$$;
grant execute on function chat_private.suspend_user to authenticated;

create function chat.suspend_user(user_id uuid, until timestamptz default null, reason text default null)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.suspend_user(user_id, until, reason);
$$;
comment on function chat.suspend_user is
  'Keeps a person out of the chat until a time, or until unsuspend_user(), as a moderator. Repeated, it changes the time and the reason. '
  'Raises moderator_required, invalid_until, user_not_found.';
grant execute on function chat.suspend_user to authenticated;

-- Definer: as above.
create function chat_private.unsuspend_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_moderator(user_id);
  delete from chat.suspensions as suspensions where suspensions.user_id = unsuspend_user.user_id;
end;
$$;
grant execute on function chat_private.unsuspend_user to authenticated;

create function chat.unsuspend_user(user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.unsuspend_user(user_id);
$$;
comment on function chat.unsuspend_user is
  'Lifts a suspension, as a moderator; does nothing for a person who is not suspended. Raises moderator_required.';
grant execute on function chat.unsuspend_user to authenticated;
