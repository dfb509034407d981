-- Messages around a report, as moderators read them. Nobody reads a private room in secret: each page of one is a row of the audit log.
create type chat.moderated_message as (
  id bigint, seq bigint, sender_id uuid, username text, content text, attachments jsonb, forwarded_username text, forwarded_content text,
  reply_to_id bigint, created_at timestamptz, edited_at timestamptz, deleted_at timestamptz
);

create function chat_private.is_report_about(report_id bigint, room_id bigint, user_id uuid)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select exists (
    select from chat.reports as reports
    where reports.id = report_id
      and (reports.state = 'open' or reports.resolved_at > now() - interval '30 days')
      and (
        reports.room_id = is_report_about.room_id
        or reports.kind = 'user' and reports.user_id = is_report_about.user_id and exists (
          select from chat.room_members as members
          where members.room_id = is_report_about.room_id and members.user_id = reports.user_id
        )
      )
  );
$$;
comment on function chat_private.is_report_about is
  'Whether a report that is open, or was answered within 30 days, is about a room; or about this person, who is in the room.';

-- Definer: writes the audit log.
create function chat_private.note_reading(room chat.rooms, user_id uuid, message_id bigint, report_id bigint, reason text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Everyone can join it, and read it.
  if room.is_public and room.joining = 'open' then
    return;
  end if;
  -- Null is no report.
  if not chat_private.is_report_about(report_id, room.id, user_id) then
    if not chat_private.is_administrator() then
      raise sqlstate 'PT403' using message = 'administrator_required',
        detail = 'Only an administrator reads a private room without a report about it.';
    end if;
    perform chat_private.require_reason(reason);
  end if;
  perform set_config('chat.report', coalesce(report_id::text, ''), true);
  perform chat_private.audit('messages_read', user_id, room.id, message_id, reason);
  perform set_config('chat.report', '', true);
end;
$$;

-- Definer: a moderator need not be in the room.
create function chat_private.moderated_page(room chat.rooms, user_id uuid, around bigint, before bigint, after bigint, max_rows integer)
returns chat.messages[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- How many messages one call looks at to find those of a person.
  most constant bigint := 50000;
  -- The window is full at both ends of the history too.
  first_seq constant bigint := greatest(least(around - max_rows / 2, room.last_seq - max_rows + 1), 1);
  low bigint;
  high bigint;
begin
  if around is not null and user_id is null then
    low := first_seq - 1;
    high := first_seq + max_rows;
  else
    low := coalesce(after, 0);
    high := coalesce(around + 1, before, room.last_seq + 1);
    if after is not null then
      high := least(high, low + most);
    else
      low := greatest(low, high - most);
    end if;
  end if;
  return array(
    select found.message from (
      select messages as message, messages.seq from chat.messages as messages
      where messages.room_id = room.id and messages.seq > low and messages.seq < high
        and (moderated_page.user_id is null or messages.sender_id = moderated_page.user_id)
      order by case when after is null then -messages.seq else messages.seq end
      limit max_rows
    ) as found
    order by found.seq
  );
end;
$$;

-- Definer: as above.
create function chat_private.moderated_messages(
  room_id bigint, user_id uuid, around_id bigint, before bigint, after bigint, report_id bigint, reason text, max_rows integer
)
returns setof chat.moderated_message
language plpgsql volatile security definer rows 50 set search_path = ''
as $$
declare
  room chat.rooms;
  around bigint;
  page chat.messages[];
  nearest bigint;
begin
  perform chat_private.require_moderator();
  select * into room from chat.rooms as rooms where rooms.id = moderated_messages.room_id and rooms.deleted_at is null;
  if not found then
    raise sqlstate 'PT404' using message = 'room_not_found', detail = 'No such room.';
  elsif around_id is not null then
    select messages.seq into around from chat.messages as messages where messages.id = around_id and messages.room_id = room.id;
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message in this room.';
    end if;
  end if;
  perform chat_private.note_reading(room, user_id, around_id, report_id, reason);
  page := chat_private.moderated_page(room, user_id, around, before, after, chat_private.rows_of_page(max_rows));
  -- Where the caller has ended, if all of it is too long.
  nearest := coalesce(around, after, page[cardinality(page)].seq);
  return query
    select messages.id, messages.seq, messages.sender_id, profiles.username, messages.content, messages.attachments,
      messages.forwarded_username, messages.forwarded_content, messages.reply_to_id, messages.created_at, messages.edited_at,
      messages.deleted_at
    from unnest(chat_private.within_page_bytes(page, nearest)) as messages
    left join chat.profiles as profiles on profiles.id = messages.sender_id
    order by messages.seq;
end;
$$;
grant execute on function chat_private.moderated_messages to authenticated;

create function chat.moderated_messages(
  room_id bigint, user_id uuid default null, around_id bigint default null, before bigint default null, after bigint default null,
  report_id bigint default null, reason text default '', max_rows integer default 50
)
returns setof chat.moderated_message
language plpgsql volatile security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query
    select * from chat_private.moderated_messages(room_id, user_id, around_id, before, after, report_id, reason, max_rows);
end;
$$;
comment on function chat.moderated_messages is
  'Messages of a room, or of a person in it, for moderators: the newest, or those around a message, before or after a seq, in the order of '
  'seq. Each page of a room that not everyone can join is a row of the audit log, and needs a report about the room or the person, or an '
  'administrator who gives a reason. A page without rows is the last. Raises moderator_required, administrator_required, '
  'reason_required, room_not_found, message_not_found.';
grant execute on function chat.moderated_messages to authenticated;
