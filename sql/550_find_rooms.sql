-- Searches all rooms of the caller by name, not only those that a client has loaded.
create function chat.find_rooms(query text, max_rows integer default 20)
returns table (
  id bigint, kind chat.room_kind, title text, description text, member_count integer, avatar_url text, other_member jsonb
)
language plpgsql volatile security invoker rows 20 set search_path = ''
as $$
#variable_conflict use_column
declare
  wanted text;
begin
  perform chat_private.require_caller();
  wanted := chat_private.require_query(query);
  perform chat_private.take_tokens('search');
  return query
  select rooms.id, rooms.kind, coalesce(nullif(rooms.name, ''), others.username, ''), rooms.description,
    rooms.member_count, rooms.avatar_url,
    case when others.id is not null then
      jsonb_build_object('user_id', others.id, 'number', others.number, 'username', others.username)
    end
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  left join lateral (
    select profiles.*
    from chat.room_members as both_members
    join chat.profiles as profiles on profiles.id = both_members.user_id
    where rooms.kind = 'direct' and both_members.room_id = rooms.id and both_members.user_id <> (select auth.uid())
  ) as others on true
  where members.user_id = (select auth.uid())
    and (
      position(wanted in chat_private.fold(rooms.name)) > 0
      or position(wanted in chat_private.fold(others.username)) > 0
      or position(wanted in chat_private.fold(others.first_name || ' ' || others.last_name)) > 0
    )
  order by coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc
  limit least(greatest(coalesce(max_rows, 20), 1), 100);
end;
$$;
comment on function chat.find_rooms is
  'The rooms of the caller whose name, or whose other member''s name, contains a text; most recently active first, at most '
  '100. Raises invalid_query, rate_limited, caller_required.';
grant execute on function chat.find_rooms to authenticated;
