-- Unread messages: those after a member's read mark that are neither their own nor deleted. The count is exact and cheap,
-- however large it is: own messages are counted with the mark, tombstones by the thousand.
create table chat_private.tombstones (
  room_id bigint not null references chat.rooms on delete cascade,
  -- Messages 1,000 n to 1,000 n + 999.
  thousand bigint not null,
  count integer not null,
  primary key (room_id, thousand)
);
comment on table chat_private.tombstones is 'How many messages of a room are deleted, by the thousand.';
alter table chat_private.tombstones enable row level security;
revoke all on chat_private.tombstones from anon, authenticated;

-- The tombstones within one thousand.
create index messages_tombstones_idx on chat.messages (room_id, seq) where deleted_at is not null;

create function chat_private.tombstones_after(room_ids bigint[], seqs bigint[])
returns table (room_id bigint, count bigint)
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select marks.room_id, coalesce(sum(whole.count), 0)::bigint + (
    select count(*) from chat.messages as messages
    where messages.room_id = marks.room_id and messages.deleted_at is not null
      and messages.seq > marks.seq and messages.seq < (marks.seq / 1000 + 1) * 1000
  )
  from unnest(room_ids, seqs) as marks (room_id, seq)
  left join chat_private.tombstones as whole on whole.room_id = marks.room_id and whole.thousand > marks.seq / 1000
  group by marks.room_id, marks.seq;
end;
$$;
comment on function chat_private.tombstones_after is 'How many messages after a seq are deleted, of each of these rooms.';

create function chat_private.unread_of(member chat.room_members, last_seq bigint)
returns bigint
language plpgsql stable security invoker set search_path = ''
as $$
declare
  others bigint := last_seq - member.last_read_seq - member.own_after_read;
begin
  return case
    when others > 0 then others - (
      select count from chat_private.tombstones_after(array[member.room_id], array[member.last_read_seq])
    )
    else 0
  end;
end;
$$;
comment on function chat_private.unread_of is 'How many messages a member has not read, if the last message of the room is last_seq.';

create function chat_private.is_caught_up(member chat.room_members, last_seq bigint)
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return member.last_read_seq + member.own_after_read >= last_seq
    or not exists (
      -- A message just after the mark, which mostly answers, costs less than a count.
      select from (
        select next.sender_id, next.deleted_at from chat.messages as next
        where next.room_id = member.room_id and next.seq > member.last_read_seq
        order by next.seq
        limit 3
      ) as next
      where next.deleted_at is null and next.sender_id is distinct from member.user_id
    ) and chat_private.unread_of(member, last_seq) = 0;
end;
$$;
comment on function chat_private.is_caught_up is 'Whether a member has read every message up to last_seq, their own aside.';

-- Definer: counts without row-level security, for the caller only.
create function chat_private.my_unread(own chat.room_members, last_seq bigint)
returns bigint
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not own.shares_receipts then
    own := chat_private.my_marks(own);
  end if;
  return case
    when own.last_read_seq + own.own_after_read >= last_seq then 0
    when exists (
      select from chat.room_members as members
      where members.room_id = own.room_id and members.user_id = own.user_id and members.user_id = (select auth.uid())
    ) then chat_private.unread_of(own, last_seq)
  end;
end;
$$;
comment on function chat_private.my_unread is
  'How many messages the caller has not read, by their membership; null for the membership of another user.';
grant execute on function chat_private.my_unread to authenticated;

-- Definer: counts without row-level security, for the caller only.
create function chat_private.my_unread_counts(room_ids bigint[])
returns table (room_id bigint, unread_count bigint, mention_count bigint)
language plpgsql stable security definer rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with mine as materialized (
    select members.room_id, (own.member).last_read_seq as read_seq,
      rooms.last_seq - (own.member).last_read_seq - (own.member).own_after_read as others, own.member
    from unnest(room_ids) as listed (id)
    join chat.room_members as members on members.room_id = listed.id and members.user_id = (select auth.uid())
    join chat.rooms as rooms on rooms.id = members.room_id
    cross join lateral (
      select case when members.shares_receipts then members else chat_private.true_marks(members) end as member
      offset 0 -- once for each room, not for each use
    ) as own
  )
  select mine.room_id, case when mine.others > 0 then mine.others - tombstones.count else 0 end,
    case when mine.others > 0 then chat_private.unread_mentions(mine.member) else 0 end
  from mine
  join chat_private.tombstones_after(
    array(select mine.room_id from mine), array(select mine.read_seq from mine)
  ) as tombstones on tombstones.room_id = mine.room_id;
end;
$$;
comment on function chat_private.my_unread_counts is
  'How many messages the caller has not read in each of these rooms, and how many of them mention the caller, all in one query; '
  'other rooms than their own are left out.';
grant execute on function chat_private.my_unread_counts to authenticated;

create function chat_private.own_after(marked chat.room_members, before chat.room_members, last_seq bigint)
returns integer
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if before.own_after_read = 0 or marked.last_read_seq >= last_seq then
    return 0;
  end if;
  -- A mark passes each message only once, so this stays cheap.
  return before.own_after_read - (
    select count(*) from chat.messages as messages
    where messages.room_id = marked.room_id
      and messages.seq > before.last_read_seq and messages.seq <= marked.last_read_seq
      and messages.sender_id = marked.user_id and messages.deleted_at is null
  );
end;
$$;
comment on function chat_private.own_after is 'How many of a member''s own messages come after a mark that has moved.';

-- Definer: clients may not write the counts.
create function chat_private.tombstone_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  insert into chat_private.tombstones as counted (room_id, thousand, count) values (new.room_id, new.seq / 1000, 1)
  on conflict on constraint tombstones_pkey do update set count = counted.count + 1;
  update chat.room_members as members
  set own_after_read = members.own_after_read - 1
  where members.room_id = new.room_id and members.user_id = new.sender_id
    and members.last_read_seq < new.seq and members.own_after_read > 0 and tg_op = 'UPDATE';
  update chat_private.hidden_marks as marks
  set own_after_read = marks.own_after_read - 1
  where marks.room_id = new.room_id and marks.user_id = new.sender_id
    and marks.last_read_seq < new.seq and marks.own_after_read > 0 and tg_op = 'UPDATE';
  return null;
end;
$$;

create trigger tombstone_added_on_update
  after update of deleted_at on chat.messages
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function chat_private.tombstone_added();

create trigger tombstone_added_on_insert
  after insert on chat.messages
  for each row when (new.deleted_at is not null)
  execute function chat_private.tombstone_added();
