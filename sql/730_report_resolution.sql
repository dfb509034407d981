-- What moderators do about reports. Each resolution is one row of the audit log, and answers all open reports about the same thing.

-- Definer, like the functions below: a moderator need not be in the room.
create function chat_private.delete_reported(report chat.reports, reason text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  perform chat_private.take_turn(report.room_id);
  select * into room from chat.rooms where id = report.room_id and deleted_at is null for no key update;
  if report.kind = 'room' then
    perform chat_private.require_group(room);
    perform chat_private.audit('room_deleted', null, report.room_id, reason => delete_reported.reason);
    delete from chat.rooms where id = room.id;
    return;
  end if;
  update chat.messages as messages set deleted_at = now() where messages.id = report.message_id and messages.deleted_at is null;
  if found then
    perform chat_private.give_notice(report.user_id, 'message_deleted', reason, null, report.room_id, report.message_id);
  end if;
  perform chat_private.audit('message_deleted', report.user_id, report.room_id, report.message_id, reason);
end;
$$;
comment on function chat_private.delete_reported is
  'Deletes the message or the group of a report; one that is gone stays so. Raises direct_room_fixed.';

-- Definer: as above.
create function chat_private.refuse_resolved(report chat.reports)
returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  who constant text := (select profiles.username from chat.profiles as profiles where profiles.id = report.resolved_by);
begin
  raise sqlstate 'PT409' using message = 'report_resolved',
    detail = format('%s has handled this report.', coalesce(who, 'An operator')),
    hint = jsonb_build_object(
      'resolved_by', report.resolved_by, 'username', who, 'resolved_at', report.resolved_at, 'action', report.action
    );
end;
$$;

-- Definer: as above.
create function chat_private.answer_held(report chat.reports, is_approved boolean, note text)
returns bigint
language plpgsql volatile security definer set search_path = ''
as $$
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
$$;
comment on function chat_private.answer_held is
  'Sends a held message, or rejects it, with a notice to the sender if there is a note; returns the id of the message that was sent. '
  'Does nothing if it was answered before. Raises what a send does, such as not_a_member and muted.';

create function chat_private.act_on(report chat.reports, action chat.moderation_action, note text, until timestamptz)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if action = 'delete' and report.kind = 'user' or action = 'ban_from_room' and report.kind <> 'message'
    or action in ('warn', 'mute', 'suspend') and report.user_id is null
  then
    raise sqlstate 'PT400' using message = 'invalid_resolution', detail = 'This action does not answer a report of this kind.';
  elsif action not in ('dismiss', 'delete') then
    perform chat_private.require_moderator(report.user_id);
    perform chat_private.require_people(array[report.user_id]);
  end if;
  if report.message_id < 0 then
    report.message_id := chat_private.answer_held(report, action = 'dismiss', case when action = 'delete' then note end);
  end if;
  case action
    when 'dismiss' then
      perform chat_private.audit('dismissed', report.user_id, report.room_id, report.message_id, note);
    when 'delete' then
      perform chat_private.delete_reported(report, note);
    when 'warn' then
      perform chat_private.audit('warning', report.user_id, report.room_id, report.message_id, note);
      perform chat_private.give_notice(report.user_id, 'warning', note, null, report.room_id, report.message_id);
    when 'mute' then
      perform chat_private.mute_user(report.user_id, until, note);
    when 'ban_from_room' then
      perform chat_private.ban_member(report.room_id, report.user_id, until, note);
    else
      perform chat_private.suspend_user(report.user_id, until, note);
  end case;
end;
$$;
comment on function chat_private.act_on is 'Does what a moderator has decided about a report, with one row in the audit log.';

-- Definer: clients may not write reports. It checks the role.
create function chat_private.resolve_report(report_id bigint, action chat.moderation_action, note text, until timestamptz)
returns chat.reports
language plpgsql volatile security definer set search_path = ''
as $$
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
$$;
grant execute on function chat_private.resolve_report to authenticated;

create function chat.resolve_report(
  report_id bigint, action chat.moderation_action, note text default '', until timestamptz default null
)
returns chat.reports
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.resolve_report(report_id, action, note, until);
$$;
comment on function chat.resolve_report is
  'Answers a report and all others that are open about the same thing, as a moderator: dismiss, delete the message or the group, warn, '
  'mute, ban from the room, or suspend, until a time or without an end. The person concerned receives the note; who has reported it '
  'learns that it was answered. A message that a word rule holds is sent by dismiss, and rejected by anything else. Raises '
  'moderator_required, report_not_found, report_resolved, invalid_resolution, invalid_until, user_not_found, room_not_found, '
  'direct_room_fixed.';
grant execute on function chat.resolve_report to authenticated;
