create function chat.mark_read(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  member chat.room_members;
begin
  perform chat_private.require_role(mark_read.room_id);
  update chat.room_members as members
  set last_read_seq = mark_read.seq
  where members.room_id = mark_read.room_id and members.user_id = (select auth.uid())
  returning members.* into member;
  return member;
end;
$$;
comment on function chat.mark_read is
  'Marks the messages up to seq, or all of them, as read by the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member.';

create function chat.mark_delivered(room_id bigint, seq bigint default null)
returns chat.room_members
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  member chat.room_members;
begin
  perform chat_private.require_role(mark_delivered.room_id);
  update chat.room_members as members
  set last_delivered_seq = mark_delivered.seq
  where members.room_id = mark_delivered.room_id and members.user_id = (select auth.uid())
  returning members.* into member;
  return member;
end;
$$;
comment on function chat.mark_delivered is
  'Marks the messages up to seq, or all of them, as delivered to the caller; a mark never moves back. Raises '
  'room_not_found, not_a_member.';

grant execute on function chat.mark_read, chat.mark_delivered to authenticated;
