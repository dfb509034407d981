-- The events of messages. An event and a change in sync() are the same object.
create function chat_private.message_event(message chat.messages)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return case
    when message.deleted_at is not null then 'message.deleted'
    when message.edited_at is not null then 'message.updated'
    else 'message.created'
  end;
end;
$$;
grant execute on function chat_private.message_event to authenticated;

create function chat_private.message_payload(message chat.messages)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  sender chat.profiles;
begin
  select * into sender from chat.profiles where id = message.sender_id;
  return jsonb_build_object(
    'room_id', message.room_id,
    'version', message.version,
    -- Every column, except the stored sender_id and username, which outlive the account and the name.
    'message', to_jsonb(message) || jsonb_build_object(
      'sender_id', sender.id,
      'sender_number', sender.number,
      'sender_username', sender.username,
      'forwarded_username', chat_private.forwarded_name(
        message.forwarded_from_id, message.forwarded_sender_id, message.forwarded_username
      )
    )
  );
end;
$$;
grant execute on function chat_private.message_payload to authenticated;

-- Realtime stores its broadcasts for some days, and replays them to clients that join with broadcast.replay. So each event
-- of a message removes the text from the previous one: only the last event has it. Events are found by their time, which
-- is that of the transaction: a little before that of the message.
create table chat_private.event_times (
  message_id bigint primary key references chat.messages on delete cascade,
  sent_at timestamptz not null
);
comment on table chat_private.event_times is
  'When the last event of a message was sent, if that differs from the time of the message, which a backend may set.';
-- Those of events that Realtime has removed.
create index event_times_sent_at_idx on chat_private.event_times (sent_at);

alter table chat_private.event_times enable row level security;
revoke all on chat_private.event_times from anon, authenticated;

create function chat_private.prune_event_times()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.event_times as times where times.message_id in (
    select old.message_id from chat_private.event_times as old
    where old.sent_at < chat_private.kept_since('event_times')
    order by old.sent_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_event_times is 'Forgets the times of events that Realtime keeps no more.';

create function chat_private.note_event_time(message_id bigint, changed_at timestamptz)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if changed_at between now() and now() + interval '10 seconds' then
    delete from chat_private.event_times as times where times.message_id = note_event_time.message_id;
  else
    insert into chat_private.event_times (message_id, sent_at) values (note_event_time.message_id, now())
    on conflict on constraint event_times_pkey do update set sent_at = now();
  end if;
end;
$$;

create function chat_private.empty_last_event(message chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changed_at constant timestamptz := coalesce(message.edited_at, message.created_at);
  sent_at constant timestamptz := (select times.sent_at from chat_private.event_times as times where message_id = message.id);
  longest interval;
begin
  -- The event is mostly some milliseconds older than the message, and seconds older where its transaction has waited for the room.
  -- The longer time comes second, as all rooms together have thousands of events in ten seconds.
  -- The index of Realtime is for `private is true`: with `private` alone, Postgres would read all events of the day.
  foreach longest in array array[interval '100 milliseconds', interval '10 seconds'] loop
    update realtime.messages as events
    set payload = jsonb_set(
      events.payload, '{message}', events.payload -> 'message' || chat_private.without_text()
    )
    where events.inserted_at >= coalesce(sent_at, changed_at - longest) at time zone 'UTC'
      and events.inserted_at <= coalesce(sent_at, changed_at) at time zone 'UTC'
      and events.inserted_at <> now() at time zone 'UTC' -- not the events of this transaction, which are not sent yet
      and events.topic like 'room:' || message.room_id || ':%'
      and events.extension = 'broadcast'
      and events.private is true
      and events.payload -> 'message' -> 'id' = to_jsonb(message.id)
      and events.payload -> 'message' <> events.payload -> 'message' || chat_private.without_text();
    exit when found or sent_at is not null;
  end loop;
exception when others then
  raise warning 'the last event of message % keeps its text: %', message.id, sqlerrm;
end;
$$;
comment on function chat_private.empty_last_event is 'Removes the text of a message from its last event.';

-- Definer: only the database may send to a room's topic.
create function chat_private.message_written()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  topic text;
  members integer;
  active_at timestamptz;
  marks jsonb;
begin
  if tg_op = 'UPDATE' then
    perform chat_private.empty_last_event(old);
    if new.deleted_at is null then
      perform chat_private.note_event_time(new.id, new.edited_at);
    end if;
  elsif new.created_at not between now() and now() + interval '10 seconds' then
    perform chat_private.note_event_time(new.id, new.created_at);
  end if;
  select rooms.topic, rooms.member_count,
    coalesce(case when tg_op = 'UPDATE' then rooms.last_message_at else before.created_at end, rooms.created_at),
    case
    when tg_op = 'UPDATE' then '{}'
    when sender.user_id is null then '{"read_marks": []}'
    -- A send may have moved the marks of its sender. As in sync().
    else jsonb_build_object('read_marks', jsonb_build_array(jsonb_build_object(
      'user_id', sender.user_id,
      'last_read_seq', sender.last_read_seq,
      'last_delivered_seq', sender.last_delivered_seq
    )))
  end
  into topic, members, active_at, marks
  from chat.rooms as rooms
  left join chat.messages as before on before.room_id = rooms.id and before.seq = new.seq - 1
  left join chat.room_members as sender on sender.room_id = rooms.id and sender.user_id = new.sender_id
  where rooms.id = new.room_id;
  perform chat_private.announce(
    topic, chat_private.message_event(new), chat_private.message_payload(new) || marks
  );
  perform chat_private.wake(new.room_id, members, active_at);
  if new.deleted_at is not null then
    delete from chat.pins where message_id = new.id;
    delete from chat.reactions where message_id = new.id;
  end if;
  return null;
end;
$$;

-- Imported history is not announced: its messages have past times, and numbers of their own.
create trigger message_written_on_insert
  after insert on chat.messages
  for each row when (new.created_at >= now() or current_setting('chat.numbered', true) = new.id::text)
  execute function chat_private.message_written();

create trigger message_written_on_update
  after update on chat.messages
  for each row when (new.version is distinct from old.version)
  execute function chat_private.message_written();
