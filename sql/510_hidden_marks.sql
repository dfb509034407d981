-- Members who do not share receipts: their marks in room_members, which other members can read, do not move. How far they
-- have really read is stored here.
create table chat_private.hidden_marks (
  room_id bigint not null,
  user_id uuid not null,
  last_read_seq bigint not null,
  own_after_read integer not null check (own_after_read >= 0),
  primary key (room_id, user_id),
  foreign key (room_id, user_id) references chat.room_members on delete cascade
)
with (fillfactor = 70);
comment on table chat_private.hidden_marks is
  'How far a member who does not share receipts has really read, once that differs from room_members.';
alter table chat_private.hidden_marks enable row level security;
revoke all on chat_private.hidden_marks from anon, authenticated;

create function chat_private.true_marks(member chat.room_members)
returns chat.room_members
language plpgsql stable security invoker set search_path = ''
as $$
declare
  hidden chat_private.hidden_marks;
begin
  if not member.shares_receipts then
    select * into hidden from chat_private.hidden_marks as marks
    where marks.room_id = member.room_id and marks.user_id = member.user_id;
    if found then
      member.last_read_seq := hidden.last_read_seq;
      member.own_after_read := hidden.own_after_read;
      member.last_delivered_seq := greatest(member.last_delivered_seq, hidden.last_read_seq);
    end if;
  end if;
  return member;
end;
$$;
comment on function chat_private.true_marks is 'A membership with its real marks.';

-- Definer: clients cannot read hidden_marks; this returns the caller's own. Queries of many memberships call it only for
-- those that do not share receipts.
create function chat_private.my_marks(member chat.room_members)
returns chat.room_members
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case when member.user_id = (select auth.uid()) then chat_private.true_marks(member) else member end;
end;
$$;
comment on function chat_private.my_marks is 'A membership, with its real marks if it is the caller''s own.';
grant execute on function chat_private.my_marks to authenticated;

create function chat_private.announce_read(room_id bigint, user_id uuid, read_seq bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.announce(
    'user:' || user_id, 'room.read', jsonb_build_object('room_id', room_id, 'last_read_seq', read_seq)
  );
end;
$$;
comment on function chat_private.announce_read is 'Tells the devices of a member how far the member has read.';

create function chat_private.move_hidden_mark(member chat.room_members, read_seq bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  last_seq bigint := (select rooms.last_seq from chat.rooms as rooms where rooms.id = member.room_id);
  before chat.room_members := chat_private.true_marks(member);
  after chat.room_members := before;
begin
  after.last_read_seq := greatest(before.last_read_seq, least(read_seq, last_seq));
  if after.last_read_seq = before.last_read_seq then
    return;
  end if;
  insert into chat_private.hidden_marks as marks (room_id, user_id, last_read_seq, own_after_read)
  values (
    member.room_id, member.user_id, after.last_read_seq, chat_private.own_after(after, before, last_seq)
  )
  on conflict on constraint hidden_marks_pkey do update
  set last_read_seq = excluded.last_read_seq, own_after_read = excluded.own_after_read;
  -- The member's other devices count their unread messages again.
  perform chat_private.announce_read(member.room_id, member.user_id, after.last_read_seq);
end;
$$;
comment on function chat_private.move_hidden_mark is 'Moves the mark of a member who does not share receipts, and notifies no other user.';

create function chat_private.hidden_member_sent(member chat.room_members, sent_seq bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  caught_up boolean := chat_private.is_caught_up(chat_private.true_marks(member), sent_seq - 1);
begin
  update chat_private.hidden_marks as marks
  set last_read_seq = case when caught_up then sent_seq else marks.last_read_seq end,
    own_after_read = case when caught_up then 0 else marks.own_after_read + 1 end
  where marks.room_id = member.room_id and marks.user_id = member.user_id;
end;
$$;
comment on function chat_private.hidden_member_sent is
  'Counts a sent message as the member''s own, for a member who does not share receipts.';

-- Definer: clients may not write memberships or hidden marks.
create function chat_private.sharing_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- In ascending order of rooms, to avoid deadlocks.
  perform from chat.room_members where user_id = new.id order by room_id for no key update;
  -- When a user shares receipts again, the visible marks become the real ones.
  update chat.room_members as members
  set last_read_seq = marks.last_read_seq, own_after_read = marks.own_after_read,
    last_delivered_seq = greatest(members.last_delivered_seq, marks.last_read_seq)
  from chat_private.hidden_marks as marks
  where members.user_id = new.id and marks.user_id = new.id and marks.room_id = members.room_id;
  delete from chat_private.hidden_marks where user_id = new.id;
  update chat.room_members set shares_receipts = new.share_receipts where user_id = new.id;
  return null;
end;
$$;

create trigger sharing_changed
  after update of share_receipts on chat.profiles
  for each row when (new.share_receipts is distinct from old.share_receipts)
  execute function chat_private.sharing_changed();
