-- A mark that is given as null goes to the last message; one that is behind stays where it is.
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

-- Definer: marks for others, too. Whose membership is written at this moment, by a send or by another mark, is passed
-- over: nobody waits, and no two wait for each other.
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
    -- Each is looked up: a join may read the members of all rooms.
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
  'Marks for many people at once what was delivered to them. Returns whose marks could not be moved at this moment.';

-- Definer: a page of messages asks this each time, past the policies. Nothing is written where nothing moves.
create function chat_private.listed(room_id bigint, seq bigint)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update chat.room_members as members
  set last_delivered_seq = listed.seq
  where members.room_id = listed.room_id and members.user_id = (select auth.uid())
    and members.last_delivered_seq < listed.seq and members.shares_receipts;
end;
$$;
comment on function chat_private.listed is 'Marks the messages up to seq as delivered to the caller, who has just read them.';
grant execute on function chat_private.listed to authenticated;

-- Definer: calls deliver(), which nobody else may.
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
  'Marks the messages of each room up to its seq as delivered to the caller; rooms of others are passed over. Returns '
  'the rooms that are written at this moment: ask again for those. Raises invalid_marks, caller_required.';
grant execute on function chat.mark_delivered_many to authenticated;
