-- Roles and read marks.

-- Definer: reads last_seq under the policies of nobody.
create function chat_private.marks_moving()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  last_seq bigint := (select rooms.last_seq from chat.rooms as rooms where rooms.id = new.room_id);
begin
  if not new.shares_receipts then
    perform chat_private.move_hidden_mark(old, new.last_read_seq);
    new.last_read_seq := old.last_read_seq;
    new.last_delivered_seq := old.last_delivered_seq;
    return new;
  end if;
  -- Marks only move forward, and not past the last message.
  new.last_read_seq := greatest(old.last_read_seq, least(new.last_read_seq, last_seq));
  new.last_delivered_seq := greatest(old.last_delivered_seq, least(new.last_delivered_seq, last_seq), new.last_read_seq);
  if new.last_read_seq > old.last_read_seq then
    new.own_after_read := chat_private.own_after(new, old, last_seq);
    new.last_read_at := now();
    new.read_after_seq := old.last_read_seq;
  end if;
  if new.last_delivered_seq > old.last_delivered_seq then
    new.last_delivered_at := now();
    new.delivered_after_seq := old.last_delivered_seq;
  end if;
  return new;
end;
$$;

-- A send moves its sender's marks itself.
create trigger marks_moving
  before update of last_read_seq, last_delivered_seq on chat.room_members
  for each row when (pg_trigger_depth() = 0)
  execute function chat_private.marks_moving();

-- Definer: only the database may send to a room's topic.
create function chat_private.marks_moved()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room chat.rooms;
begin
  select * into room from chat.rooms where id = new.room_id;
  -- In large rooms a mark is not announced: each would be heard by everyone.
  if room.member_count > 50 then
    return null;
  end if;
  perform chat_private.announce(
    room.topic, 'member.read',
    jsonb_build_object(
      'room_id', new.room_id, 'version', room.version, 'user_id', new.user_id,
      'user_number', (select number from chat.profiles where id = new.user_id),
      'moved', case when new.last_read_seq > old.last_read_seq then 'read' else 'delivered' end,
      'last_read_seq', new.last_read_seq, 'last_delivered_seq', new.last_delivered_seq,
      'last_read_message_id', (
        select id from chat.messages as messages
        where messages.room_id = new.room_id and messages.seq = new.last_read_seq
      )
    )
  );
  return null;
end;
$$;

create trigger marks_moved
  after update of last_read_seq, last_delivered_seq on chat.room_members
  for each row when (
    pg_trigger_depth() = 0
    and (new.last_read_seq > old.last_read_seq or new.last_delivered_seq > old.last_delivered_seq)
  )
  execute function chat_private.marks_moved();

-- Definer: clients may not write room_changes.
create function chat_private.role_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.record_change(new.room_id, 'member.updated', chat_private.member_payload(new));
  return null;
end;
$$;

create trigger role_changed
  after update of role on chat.room_members
  for each row when (new.role is distinct from old.role)
  execute function chat_private.role_changed();
