-- The read and delivery marks of members.

-- Definer: reads last_seq regardless of row-level security.
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

-- Only if a mark is written directly: other triggers that move marks (message_sending(), sharing_changed()) write valid
-- marks and need no event.
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
  -- For the member's other devices: they have not joined the topic of a dormant room, and that of a large one has no marks.
  if new.last_read_seq > old.last_read_seq
    and (chat_private.is_large(room) or chat_private.is_dormant(coalesce(room.last_message_at, room.created_at)))
  then
    perform chat_private.announce_read(new.room_id, new.user_id, new.last_read_seq);
  end if;
  if chat_private.is_large(room) then
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

-- A null mark moves to the last message; a mark never moves back.
create function chat_private.move_marks(room_id bigint, read_seq bigint, delivered_seq bigint)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  member chat.room_members;
begin
  perform chat_private.require_caller();
  update chat.room_members as members
  set last_read_seq = read_seq, last_delivered_seq = delivered_seq
  where members.room_id = move_marks.room_id and members.user_id = (select auth.uid())
  returning members.* into member;
  if not found then
    perform chat_private.require_role(move_marks.room_id);
  end if;
  return chat_private.my_marks(member);
end;
$$;
grant execute on function chat_private.move_marks to authenticated;

create function chat.mark_read(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.move_marks(room_id, seq, 0);
end;
$$;
comment on function chat.mark_read is
  'Marks the messages up to seq, or all of them, as read by the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member, caller_required.';

create function chat.mark_delivered(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.move_marks(room_id, 0, seq);
end;
$$;
comment on function chat.mark_delivered is
  'Marks the messages up to seq, or all of them, as delivered to the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member, caller_required.';

grant execute on function chat.mark_read, chat.mark_delivered to authenticated;

-- Definer: also moves marks of other users. It skips memberships that a send or another mark is writing at this moment,
-- so that it never waits and cannot deadlock.
create function chat_private.deliver(room_ids bigint[], user_ids uuid[], seqs bigint[])
returns table (room_id bigint, user_id uuid)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  update chat.room_members as members
  set last_delivered_seq = behind.seq
  from (
    select locked.room_id, locked.user_id, wanted.seq
    from unnest(room_ids, user_ids, seqs) as wanted (room_id, user_id, seq)
    -- Looked up one by one: a join might read the members of all rooms.
    cross join lateral (
      select own.room_id, own.user_id from chat.room_members as own
      where own.room_id = wanted.room_id and own.user_id = wanted.user_id
        and own.last_delivered_seq < wanted.seq and own.shares_receipts
      for no key update skip locked
    ) as locked
  ) as behind
  where members.room_id = behind.room_id and members.user_id = behind.user_id;

  return query
  select missed.room_id, missed.user_id
  from unnest(room_ids, user_ids, seqs) as wanted (room_id, user_id, seq)
  cross join lateral (
    select own.room_id, own.user_id, own.last_delivered_seq from chat.room_members as own
    where own.room_id = wanted.room_id and own.user_id = wanted.user_id
      and own.last_delivered_seq < wanted.seq and own.shares_receipts
    offset 0
  ) as missed
  join chat.rooms as rooms on rooms.id = missed.room_id
  where missed.last_delivered_seq < rooms.last_seq;
end;
$$;
comment on function chat_private.deliver is
  'Moves the delivery marks of many members. Returns those whose marks could not be moved at this moment.';

-- Definer: called for each page of messages, without row-level security. It writes nothing if the mark does not move.
create function chat_private.listed(room_id bigint, seq bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Asked first: a replica refuses an update even of no row.
  if exists (
    select from chat.room_members as members
    where members.room_id = listed.room_id and members.user_id = (select auth.uid())
      and members.last_delivered_seq < listed.seq and members.shares_receipts
  ) then
    update chat.room_members as members
    set last_delivered_seq = listed.seq
    where members.room_id = listed.room_id and members.user_id = (select auth.uid())
      and members.last_delivered_seq < listed.seq and members.shares_receipts;
  end if;
end;
$$;
comment on function chat_private.listed is 'Marks the messages up to seq as delivered to the caller, who has just fetched them.';
grant execute on function chat_private.listed to authenticated;

-- Definer: clients may not call deliver().
create function chat_private.mark_delivered_many(room_ids bigint[], seqs bigint[])
returns bigint[]
language plpgsql volatile security definer set search_path = ''
as $$
declare
  marks constant integer := coalesce(cardinality(room_ids), 0);
begin
  perform chat_private.require_caller();
  if marks <> coalesce(cardinality(seqs), 0) or marks > 1000 then
    raise sqlstate 'PT400' using message = 'invalid_marks', detail = 'Give one seq for each of at most 1,000 rooms.';
  end if;
  return array(
    select delivered.room_id
    from chat_private.deliver(room_ids, array_fill(auth.uid(), array[marks]), seqs) as delivered
  );
end;
$$;
grant execute on function chat_private.mark_delivered_many to authenticated;

create function chat.mark_delivered_many(room_ids bigint[], seqs bigint[])
returns bigint[]
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.mark_delivered_many(room_ids, seqs);
$$;
comment on function chat.mark_delivered_many is
  'Marks the messages of each room up to its seq as delivered to the caller, and skips rooms of other users. Returns the '
  'rooms that are being written at this moment: retry those. Raises invalid_marks, caller_required.';
grant execute on function chat.mark_delivered_many to authenticated;
