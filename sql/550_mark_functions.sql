-- A mark that is given as null goes to the last message; one that is behind stays where it is.
create function chat_private.move_marks(room_id bigint, read_seq bigint, delivered_seq bigint)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  member chat.room_members;
begin
  update chat.room_members as members
  set last_read_seq = read_seq, last_delivered_seq = delivered_seq
  where members.room_id = move_marks.room_id and members.user_id = (select auth.uid())
  returning members.* into member;
  if not found then
    perform chat_private.require_role(move_marks.room_id);
  end if;
  return member;
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
  'room_not_found, not_a_member.';

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
  'room_not_found, not_a_member.';

grant execute on function chat.mark_read, chat.mark_delivered to authenticated;
