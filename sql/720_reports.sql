-- Reports: people say what should not be there, and moderators answer. A report keeps what it is about as it was, whatever is edited
-- or deleted afterwards.
create table chat.reports (
  id bigint generated always as identity primary key,
  -- Null for a word rule, and after the account was deleted.
  reporter_id uuid references chat.profiles on delete set null,
  kind chat.report_kind not null,
  -- What it is about. No foreign keys: a report outlives it.
  message_id bigint,
  user_id uuid,
  room_id bigint,
  reason chat.report_reason not null,
  note text not null default '' check (char_length(note) <= 1000),
  snapshot jsonb not null,
  state chat.report_state not null default 'open',
  created_at timestamptz not null default now(),
  action chat.moderation_action,
  resolved_by uuid,
  resolved_at timestamptz,
  resolution_note text not null default '' check (char_length(resolution_note) <= 500),
  until timestamptz,
  target text not null generated always as (
    case kind
      when 'message' then 'message:' || message_id::text
      when 'user' then 'user:' || user_id::text
      else 'room:' || room_id::text
    end
  ) stored,
  constraint reports_resolved_check check ((state = 'open') = (resolved_at is null) and (state = 'open') = (action is null))
);
comment on table chat.reports is 'What people, and word rules, have reported to the moderators.';
comment on column chat.reports.user_id is 'The person it is about: of a message its sender.';
comment on column chat.reports.room_id is 'The room it is about: of a message the one that it is in.';
comment on column chat.reports.snapshot is 'What it is about, as it was when it was reported: the message, the person and the room.';
comment on column chat.reports.resolution_note is 'The reason that the person concerned receives.';

-- One open report of a person about a thing, and one of the word rules.
create unique index reports_open_key on chat.reports (reporter_id, target) where state = 'open';
create unique index reports_open_rule_key on chat.reports (target) where state = 'open' and reason = 'word_rule';
-- The reports of a person, newest first; the foreign key.
create index reports_reporter_id_idx on chat.reports (reporter_id, id desc);
-- The queue.
create index reports_state_idx on chat.reports (state, id desc);
-- Other open reports about the same thing.
create index reports_target_idx on chat.reports (target) where state = 'open';

-- The old ones, which prune_reports() deletes.
create index reports_resolved_at_idx on chat.reports (resolved_at) where resolved_at is not null;

alter table chat.reports enable row level security;
revoke all on chat.reports from anon, authenticated;
grant select (id, reporter_id, kind, message_id, user_id, room_id, reason, note, state, created_at, resolved_at)
  on chat.reports to authenticated;
-- Not what a moderator did, and who. No writes: report() and resolve_report(). Moderators read report_list().

create policy "people can read their reports"
  on chat.reports for select to authenticated
  using ((select chat_private.require_modest_query()) and reporter_id = (select auth.uid()));

create function chat_private.person_snapshot(user_id uuid)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'id', profiles.id, 'number', profiles.number, 'username', profiles.username, 'first_name', profiles.first_name,
    'last_name', profiles.last_name, 'bio', profiles.bio, 'avatar_url', profiles.avatar_url
  )
  from chat.profiles as profiles where profiles.id = person_snapshot.user_id;
$$;

create function chat_private.room_snapshot(room_id bigint)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'id', rooms.id, 'kind', rooms.kind, 'name', rooms.name, 'description', rooms.description, 'is_public', rooms.is_public,
    'avatar_url', rooms.avatar_url, 'member_count', rooms.member_count
  )
  from chat.rooms as rooms where rooms.id = room_snapshot.room_id;
$$;

create function chat_private.message_snapshot(message chat.messages)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'message', jsonb_build_object(
      'id', message.id, 'seq', message.seq, 'content', message.content, 'attachments', message.attachments,
      'forwarded_username', message.forwarded_username, 'forwarded_content', message.forwarded_content,
      'created_at', message.created_at, 'edited_at', message.edited_at,
      -- What it said before, so that an edit hides nothing.
      'edits', coalesce(
        (
          select jsonb_agg(jsonb_build_object('content', edits.content, 'written_at', edits.written_at) order by edits.version)
          from (
            select * from chat.message_edits as edits where edits.message_id = message.id order by edits.version desc limit 3
          ) as edits
        ),
        '[]'
      )
    ),
    'user', chat_private.person_snapshot(message.sender_id),
    'room', chat_private.room_snapshot(message.room_id)
  );
$$;
comment on function chat_private.message_snapshot is 'A message as it is, with its last three earlier texts, its sender and its room.';

create function chat_private.refuse_report(sentence text)
returns void
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using message = 'invalid_report', detail = sentence;
end;
$$;

-- What is reported, if the caller can see it.
create function chat_private.reported(message_id bigint, user_id uuid, room_id bigint)
returns chat.reports
language plpgsql stable security invoker set search_path = ''
as $$
declare
  me constant uuid := (select auth.uid());
  message chat.messages;
  report chat.reports;
begin
  if message_id is not null then
    select * into message from chat.messages as messages
    where messages.id = reported.message_id and messages.deleted_at is null and chat_private.is_my_room(messages.room_id);
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
    end if;
    report.kind := 'message';
    report.message_id := message.id;
    report.user_id := message.sender_id;
    report.room_id := message.room_id;
    report.snapshot := chat_private.message_snapshot(message);
  elsif user_id is not null then
    report.kind := 'user';
    report.user_id := reported.user_id;
    report.snapshot := jsonb_build_object('user', chat_private.person_snapshot(reported.user_id));
  else
    if not chat_private.is_my_room(room_id) and not exists (
      select from chat.rooms as rooms where rooms.id = reported.room_id and rooms.is_public
    ) then
      raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room, or you are not a member of it.';
    end if;
    report.kind := 'room';
    report.room_id := reported.room_id;
    report.snapshot := jsonb_build_object('room', chat_private.room_snapshot(reported.room_id));
  end if;
  if report.user_id = me then
    perform chat_private.refuse_report('You cannot report yourself.');
  end if;
  return report;
end;
$$;

-- Definer: clients may not write reports.
create function chat_private.report(reason chat.report_reason, message_id bigint, user_id uuid, room_id bigint, note text)
returns chat.reports
language plpgsql volatile security definer set search_path = ''
as $$
declare
  me constant uuid := (select auth.uid());
  about chat.reports;
  made chat.reports;
begin
  perform chat_private.require_caller();
  if num_nonnulls(message_id, user_id, room_id) <> 1 then
    perform chat_private.refuse_report('Report a message, a person or a room.');
  elsif reason is null or reason = 'word_rule' then
    perform chat_private.refuse_report('Give one of the reasons.');
  end if;
  perform chat_private.require_people(array_remove(array[me, user_id], null));
  about := chat_private.reported(message_id, user_id, room_id);
  if not exists (
    select from chat.reports as reports
    where reports.reporter_id = me and reports.state = 'open' and reports.kind = about.kind
      and (reports.message_id, reports.user_id, reports.room_id) is not distinct from (about.message_id, about.user_id, about.room_id)
  ) then
    perform chat_private.take_tokens('report');
  end if;
  -- A repeated report is the same one, and keeps what the first has kept.
  insert into chat.reports as reports (reporter_id, kind, message_id, user_id, room_id, reason, note, snapshot)
  values (
    me, about.kind, about.message_id, about.user_id, about.room_id, report.reason, coalesce(report.note, ''), about.snapshot
  )
  on conflict (reporter_id, target) where state = 'open' do update set reason = excluded.reason, note = excluded.note
  returning reports.* into made;
  return made;
end;
$$;
grant execute on function chat_private.report to authenticated;

create function chat.report(
  reason chat.report_reason, message_id bigint default null, user_id uuid default null, room_id bigint default null,
  note text default ''
)
returns chat.reports
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.report(reason, message_id, user_id, room_id, note);
$$;
comment on function chat.report is
  'Reports a message, a person or a room that the caller can see to the moderators, with what it is now. While it is open, a repeated '
  'report changes its reason and note. Raises invalid_report, message_not_found, user_not_found, room_not_found, rate_limited, '
  'caller_required.';
grant execute on function chat.report to authenticated;

-- Definer: moderators read what others have reported.
create function chat_private.report_list(state chat.report_state, before bigint, max_rows integer)
returns setof chat.reports
language plpgsql stable security definer rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_moderator();
  return query
    select * from chat.reports as reports
    where (report_list.state is null or reports.state = report_list.state) and (before is null or reports.id < before)
    order by reports.id desc
    limit least(greatest(coalesce(max_rows, 50), 1), 100);
end;
$$;
grant execute on function chat_private.report_list to authenticated;

create function chat.report_list(state chat.report_state default 'open', before bigint default null, max_rows integer default 50)
returns setof chat.reports
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  -- A filter of the Data API on the reports would run in the same statement.
  perform chat_private.require_modest_query();
  return query select * from chat_private.report_list(state, before, max_rows);
end;
$$;
comment on function chat.report_list is
  'The reports in a state, or all with null, newest first, for moderators; the next page is before the last id. Raises moderator_required.';
grant execute on function chat.report_list to authenticated;

create function chat_private.prune_reports()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 1000;
  pruned integer;
begin
  delete from chat.reports as reports where reports.id in (
    select old.id from chat.reports as old
    where old.resolved_at < chat_private.kept_since('reports')
    order by old.resolved_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_reports is 'Deletes reports that were answered long ago, if they are not kept forever.';
