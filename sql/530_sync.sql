-- The changes of a room since a version. An event is a hint that can get lost; sync() is the truth.
create function chat_private.change_payload(change chat.room_changes)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return change.payload || jsonb_build_object('room_id', change.room_id, 'version', change.version)
    || chat_private.system_payload(change)
    -- The current username: another user may have the old one now.
    || case when change.payload ? 'username'
      then jsonb_build_object('username', (
        select profiles.username from chat.profiles as profiles where profiles.id = (change.payload ->> 'user_id')::uuid
      ))
      else '{}'
    end;
end;
$$;
grant execute on function chat_private.change_payload to authenticated;

create function chat_private.changes(room_id bigint, since_version bigint, max_rows integer)
returns table (version bigint, event text, payload jsonb, has_more boolean)
language plpgsql stable security invoker set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with changed as (
    (
      select messages.version, chat_private.message_bytes(messages) as bytes, messages as message,
        false as is_reactions, null::chat.room_changes as change
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.version > since_version
      order by messages.version
      limit max_rows + 1
    )
    union all
    (
      select messages.reactions_version, 200 + octet_length(messages.reactions::text), messages, true, null::chat.room_changes
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.reactions_version > since_version
      order by messages.reactions_version
      limit max_rows + 1
    )
    union all
    (
      select others.version, 200 + octet_length(others.payload::text), null::chat.messages, false, others
      from chat.room_changes as others
      where others.room_id = changes.room_id and others.version > since_version
      order by others.version
      limit max_rows + 1
    )
  ),
  sized as (
    select changed.*, row_number() over in_order as place, sum(bytes) over in_order - bytes as bytes_before,
      count(*) over () as found
    from changed
    window in_order as (order by changed.version)
  ),
  -- As many as fit into one response.
  page as (
    select sized.*, count(*) over () < sized.found as has_more
    from sized
    where place <= max_rows and bytes_before < chat_private.page_bytes()
  )
  select page.version,
    case
      when page.is_reactions then 'message.reactions'
      when (page.message).id is null then (page.change).event
      else chat_private.message_event(page.message)
    end,
    case
      when page.is_reactions then chat_private.reactions_payload(page.message)
      when (page.message).id is null then chat_private.change_payload(page.change)
      else chat_private.message_payload(page.message)
    end,
    page.has_more
  from page
  order by page.version;
end;
$$;
grant execute on function chat_private.changes to authenticated;

create function chat_private.read_marks(room_id bigint)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  -- For a large room, only the caller's own mark.
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
    where members.room_id = read_marks.room_id
      and members.user_id = any (
        case when (select chat_private.is_large(rooms) from chat.rooms as rooms where rooms.id = read_marks.room_id)
          then array[(select auth.uid())]
          else array(select others.user_id from chat.room_members as others where others.room_id = read_marks.room_id)
        end
      )
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
  reacted bigint[];
begin
  perform chat_private.require_role(sync.room_id);
  select * into room from chat.rooms where id = sync.room_id;

  select coalesce(jsonb_agg(page.payload || jsonb_build_object('event', page.event) order by page.version), '[]'),
    coalesce(bool_or(page.has_more), false),
    array_agg((page.payload ->> 'message_id')::bigint) filter (where page.event = 'message.reactions')
  into rows, has_more, reacted
  from chat_private.changes(sync.room_id, coalesce(since_version, 0), page_size) as page;

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
    ),
    'mention_count', (
      select chat_private.my_unread_mentions(own) from chat.room_members as own
      where own.room_id = room.id and own.user_id = (select auth.uid())
    ),
    -- Of the caller; a change says only how many people have reacted.
    'own_reactions', case when reacted is null then '{}' else (
      select jsonb_object_agg(id, to_jsonb(chat_private.own_reactions(id))) from unnest(reacted) as id
    ) end
  );
end;
$$;
comment on function chat.sync is
  'The changes of a room after a version, in order of version: at most 1,000, fewer if they are long. A changed message '
  'comes once, as it is now. Raises room_not_found, not_a_member.';
grant execute on function chat.sync to authenticated;
