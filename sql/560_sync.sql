-- What happened in a room since a version: an event is a hint, this is the truth.
create function chat_private.changes(room_id bigint, since_version bigint, max_rows integer)
returns table (version bigint, event text, payload jsonb)
language plpgsql stable security invoker set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select changed.version, changed.event, changed.payload
  from (
    (
      select messages.version, chat_private.message_event(messages), chat_private.message_payload(messages)
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.version > since_version
      order by messages.version
      limit max_rows
    )
    union all
    (
      select others.version, others.event,
        others.payload || jsonb_build_object('room_id', others.room_id, 'version', others.version)
          -- The name that the person has now: the one they had then may be somebody else's.
          || case when others.payload ? 'username'
            then jsonb_build_object('username', (
              select username from chat.profiles where id = (others.payload ->> 'user_id')::uuid
            ))
            else '{}'
          end
      from chat.room_changes as others
      where others.room_id = changes.room_id and others.version > since_version
      order by others.version
      limit max_rows
    )
  ) as changed (version, event, payload)
  order by changed.version
  limit max_rows;
end;
$$;
grant execute on function chat_private.changes to authenticated;

create function chat_private.read_marks(room_id bigint)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  -- Of a room too large for announcing marks, the caller's own.
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'user_id', members.user_id,
          'last_read_seq',
          case when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq end,
          'last_delivered_seq', members.last_delivered_seq
        )
        order by members.user_id
      ),
      '[]'
    )
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.room_id = read_marks.room_id
      and (rooms.member_count <= 50 or members.user_id = (select auth.uid()))
  );
end;
$$;
grant execute on function chat_private.read_marks to authenticated;

create function chat.sync(room_id bigint, since_version bigint default 0, max_rows integer default 500)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  page_size integer := least(greatest(coalesce(max_rows, 500), 1), 1000);
  room chat.rooms;
  rows jsonb;
  has_more boolean;
begin
  perform chat_private.require_role(sync.room_id);
  select * into room from chat.rooms where id = sync.room_id;

  -- One row more than asked for tells whether there is more.
  select coalesce(jsonb_agg(page.payload || jsonb_build_object('event', page.event) order by page.version), '[]')
  into rows
  from chat_private.changes(sync.room_id, coalesce(since_version, 0), page_size + 1) as page;
  has_more := jsonb_array_length(rows) > page_size;
  if has_more then
    rows := rows - page_size;
  end if;

  return jsonb_build_object(
    'room_id', room.id,
    'topic', room.topic,
    'version', case when has_more then (rows -> -1 ->> 'version')::bigint else room.version end,
    'last_seq', room.last_seq,
    'has_more', has_more,
    'changes', rows,
    'read_marks', chat_private.read_marks(room.id),
    'unread_count', (
      select chat_private.my_unread(own, room.last_seq) from chat.room_members as own
      where own.room_id = room.id and own.user_id = (select auth.uid())
    )
  );
end;
$$;
comment on function chat.sync is
  'What changed in a room after a version, at most 1,000 changes in order of version: a message as it is now, '
  'at its last change. Raises room_not_found, not_a_member.';
grant execute on function chat.sync to authenticated;
