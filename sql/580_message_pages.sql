-- Pages of messages, with their senders and receipts, for the REST APIs.

-- Definer: reads without row-level security, for the caller only.
create function chat_private.message_page(
  room_id bigint, before_id bigint, after_id bigint, max_rows integer, around_id bigint default null, at timestamptz default null
)
returns chat.messages[]
language plpgsql volatile security definer set search_path = ''
as $$
declare
  own chat.room_members;
  page chat.messages[];
begin
  select * into own from chat.room_members as members
  where members.room_id = message_page.room_id and members.user_id = (select auth.uid());
  if not found then
    return '{}';
  elsif at is not null then
    page := chat_private.message_window(message_page.room_id, null, at, max_rows);
  elsif around_id is not null then
    select chat_private.message_window(cursor.room_id, cursor.seq, null, max_rows) into page
    from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = around_id;
    page := coalesce(page, '{}');
  elsif after_id is not null then
    page := array(
      select messages from chat.messages as messages
      where messages.room_id = message_page.room_id and messages.seq > (
        select cursor.seq from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = after_id
      )
      order by messages.seq
      limit max_rows
    );
  else
    page := array(
      select messages from chat.messages as messages
      where messages.room_id = message_page.room_id and messages.seq < case
        when before_id is null then 9223372036854775807
        else (select cursor.seq from chat.messages as cursor where cursor.room_id = message_page.room_id and cursor.id = before_id)
      end
      order by messages.seq desc
      limit max_rows
    );
  end if;
  if around_id is null and at is null then
    page := chat_private.within_page_bytes(page, page[1].seq);
  end if;
  if greatest(page[1].seq, page[cardinality(page)].seq) > own.last_delivered_seq and own.shares_receipts then
    perform chat_private.listed(message_page.room_id, greatest(page[1].seq, page[cardinality(page)].seq));
  end if;
  return page;
end;
$$;
comment on function chat_private.message_page is
  'The newest messages of a room of the caller, or those just before, after or around one, or around a time. They are then '
  'delivered to the caller. Fewer than max_rows if they are long, and none of other rooms.';
grant execute on function chat_private.message_page to authenticated;

-- Definer: reads marks without row-level security, in a room of the caller only. A count is a binary search in the marks, since
-- a page has as many messages as a room has members. Only marks within the page are sorted: a mark before it covers none of
-- its messages, and one after it covers all.
create function chat_private.with_receipts(in_room bigint, page chat.messages[])
returns table (
  id bigint,
  room_id bigint,
  seq bigint,
  version bigint,
  sender bigint,
  sender_username text,
  content text,
  reply_to_id bigint,
  forwarded_from_id bigint,
  forwarded_username text,
  client_id uuid,
  created_at timestamptz,
  edited_at timestamptz,
  deleted_at timestamptz,
  receipts json,
  delivered_count integer,
  read_count integer,
  reactions jsonb,
  own_reactions text[],
  attachments jsonb,
  mentions jsonb,
  mentions_all boolean
)
language plpgsql stable security definer rows 50 set search_path = ''
as $$
#variable_conflict use_column
declare
  -- Variables of their own: a field of a record costs more in each row.
  low bigint := least(page[1].seq, page[cardinality(page)].seq);
  high bigint := greatest(page[1].seq, page[cardinality(page)].seq);
  members integer;
  read_all integer;
  received_all integer;
  reads bigint[];
  deliveries bigint[];
begin
  if cardinality(page) = 0 or not chat_private.is_my_room(in_room) then
    return;
  end if;
  -- The marks are sorted afterwards: an aggregate with an order would sort those of all members.
  select count(*),
    count(*) filter (where read_seq >= high),
    count(*) filter (where delivered_seq >= high),
    array_agg(read_seq) filter (where read_seq >= low and read_seq < high),
    array_agg(delivered_seq) filter (where delivered_seq >= low and delivered_seq < high)
  into members, read_all, received_all, reads, deliveries
  from (
    select last_read_seq as read_seq, greatest(last_read_seq, last_delivered_seq) as delivered_seq
    from chat.room_members where room_members.room_id = in_room
  ) as marks;
  reads := array(select mark from unnest(reads) as mark order by mark);
  deliveries := array(select mark from unnest(deliveries) as mark order by mark);
  return query
  -- Read once, and not for each message.
  with others as materialized (
    select members.user_id, people.number, people.username, members.last_read_seq, members.read_after_seq, members.delivered_after_seq,
      greatest(members.last_read_seq, members.last_delivered_seq) as delivered_seq,
      replace(to_char(members.last_delivered_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') as delivered_at,
      replace(to_char(members.last_read_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z') as read_at
    from chat.room_members as members
    -- The offset keeps this a look-up by id: a join may read all profiles.
    cross join lateral (
      select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = members.user_id offset 0
    ) as people
    where members.room_id = in_room
  )
  select page.id, page.room_id, page.seq, page.version, senders.number, senders.username, page.content, page.reply_to_id,
    page.forwarded_from_id,
    case when page.forwarded_from_id is not null then
      chat_private.forwarded_name(page.forwarded_from_id, page.forwarded_sender_id, page.forwarded_username)
    end,
    page.client_id, page.created_at, page.edited_at, page.deleted_at,
    case when members <= 20 then (
      select coalesce(
        json_agg(
          json_build_object(
            'user', others.number, 'username', others.username,
            'delivered', others.delivered_seq >= page.seq,
            'read', others.last_read_seq >= page.seq,
            -- The time is known of what the last movement of a mark passed.
            'delivered_at', case
              when page.seq > others.delivered_after_seq and page.seq <= others.delivered_seq then others.delivered_at
            end,
            'read_at', case when page.seq > others.read_after_seq and page.seq <= others.last_read_seq then others.read_at end
          )
          order by others.number
        ),
        '[]'
      )
      from others where others.user_id is distinct from page.sender_id
    ) else '[]' end,
    -- Without the sender.
    received_all + cardinality(deliveries) - width_bucket(page.seq - 1, deliveries)
      - (greatest(own.last_read_seq, own.last_delivered_seq) >= page.seq is true)::integer,
    read_all + cardinality(reads) - width_bucket(page.seq - 1, reads)
      - (own.last_read_seq >= page.seq is true)::integer,
    page.reactions,
    case when page.reactions = '{}' then '{}' else chat_private.own_reactions(page.id) end,
    page.attachments,
    page.mentions,
    page.mentions_all
  from unnest(with_receipts.page) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  left join chat.room_members as own on own.room_id = in_room and own.user_id = page.sender_id
  where page.room_id = in_room;
end;
$$;
comment on function chat_private.with_receipts is
  'Messages of a room of the caller, given in the order of seq or its reverse, with their senders, how many others have received '
  'and read them, and who in rooms of at most 20 members; how many people have reacted, and how the caller has.';
grant execute on function chat_private.with_receipts to authenticated;

-- Definer: as above.
create function chat_private.new_receipts(room_id bigint)
returns json
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      json_agg(
        json_build_object(
          'user', people.number, 'username', people.username,
          'delivered', false, 'read', false, 'delivered_at', null, 'read_at', null
        )
        order by people.number
      ),
      '[]'
    )
    from chat.rooms as rooms
    join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
    join chat.room_members as others on others.room_id = rooms.id and others.user_id <> mine.user_id
    cross join lateral (
      select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = others.user_id offset 0
    ) as people
    where rooms.id = new_receipts.room_id and rooms.member_count <= 20
  );
end;
$$;
comment on function chat_private.new_receipts is 'The receipts of a message that the caller has just sent to a room.';
grant execute on function chat_private.new_receipts to authenticated;
