-- Windows into long histories: the messages around one, or around a time.

-- Definer: reads without row-level security, in a room of the caller only.
create function chat_private.seq_at(room_id bigint, at timestamptz)
returns bigint
language plpgsql stable security definer set search_path = ''
as $$
declare
  earlier bigint := 0;
  later bigint;
  middle bigint;
begin
  perform chat_private.require_role(seq_at.room_id);
  select rooms.last_seq + 1 into later from chat.rooms as rooms where rooms.id = seq_at.room_id;
  -- A binary search, as times follow seq, except for messages that were imported out of order.
  while later - earlier > 1 loop
    middle := (earlier + later) / 2;
    if (
      select messages.created_at < seq_at.at from chat.messages as messages
      where messages.room_id = seq_at.room_id and messages.seq = middle
    ) then
      earlier := middle;
    else
      later := middle;
    end if;
  end loop;
  return later;
end;
$$;
comment on function chat_private.seq_at is
  'The seq of the first message of a room at or after a time; the next seq if there is none. Raises room_not_found, not_a_member.';

create function chat_private.within_page_bytes(page chat.messages[], first_seq bigint)
returns chat.messages[]
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if (select coalesce(sum(octet_length(content)), 0) from unnest(page)) <= chat_private.page_bytes() then
    return page;
  end if;
  return array(
    select sized.message
    from (
      select ordered.message, ordered.place,
        sum(octet_length((ordered.message).content)) over nearest - octet_length((ordered.message).content) as bytes_before
      from (select page[place] as message, place from generate_subscripts(page, 1) as place) as ordered
      window nearest as (order by abs((ordered.message).seq - first_seq), ordered.place)
    ) as sized
    where sized.bytes_before < chat_private.page_bytes()
    order by sized.place
  );
end;
$$;
comment on function chat_private.within_page_bytes is
  'As many messages of a page as fit into a response: the one with first_seq, and those nearest to it.';

-- Definer: as above.
create function chat_private.message_window(room_id bigint, seq bigint, at timestamptz, max_rows integer)
returns chat.messages[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  target bigint := coalesce(message_window.seq, chat_private.seq_at(message_window.room_id, at));
  last_seq bigint;
  first_seq bigint;
begin
  perform chat_private.require_role(message_window.room_id);
  select rooms.last_seq into last_seq from chat.rooms as rooms where rooms.id = message_window.room_id;
  target := greatest(least(target, last_seq), 1);
  -- The window is full at both ends of the history too.
  first_seq := greatest(least(target - max_rows / 2, last_seq - max_rows + 1), 1);
  return chat_private.within_page_bytes(
    array(
      select messages from chat.messages as messages
      where messages.room_id = message_window.room_id
        and messages.seq between first_seq and first_seq + max_rows - 1
      order by messages.seq
    ),
    target
  );
end;
$$;
grant execute on function chat_private.message_window to authenticated;

create function chat.messages_around(
  room_id bigint, seq bigint default null, at timestamptz default null, max_rows integer default 50
)
returns setof chat.messages
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  if num_nonnulls(messages_around.seq, at) <> 1 then
    raise sqlstate 'PT400' using message = 'invalid_window', detail = 'Give either a seq or a time.';
  end if;
  return query
    select * from unnest(
      chat_private.message_window(messages_around.room_id, messages_around.seq, at, least(greatest(coalesce(max_rows, 50), 1), 1000))
    );
end;
$$;
comment on function chat.messages_around is
  'The messages of a room around a seq, or around the first one at or after a time; oldest first, fewer if they are long. '
  'Without holes: the pages before and after are those by seq. Raises invalid_window, room_not_found, not_a_member.';
grant execute on function chat.messages_around to authenticated;
