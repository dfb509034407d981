-- The inbox: one query, however many rooms there are.
create function chat.room_list(
  archived boolean default null,
  before_room_id bigint default null,
  max_rows integer default 100,
  only_room_id bigint default null
)
returns table (
  id bigint,
  kind chat.room_kind,
  slug text,
  name text,
  description text,
  is_public boolean,
  avatar_url text,
  created_by uuid,
  last_seq bigint,
  version bigint,
  topic text,
  member_count integer,
  members_version bigint,
  created_at timestamptz,
  active_at timestamptz,
  role chat.member_role,
  last_read_seq bigint,
  archived_at timestamptz,
  muted_until timestamptz,
  unread_count bigint,
  last_message jsonb,
  other_member jsonb,
  has_more boolean,
  mention_count bigint,
  slow_mode_seconds integer,
  posting chat.who_may,
  inviting chat.who_may,
  pinning chat.who_may,
  locked_at timestamptz,
  locked_reason text,
  joining chat.way_to_join,
  is_dormant boolean
)
language plpgsql stable security invoker rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  -- For a caller who has left the room where the last page ended, an empty page would look like the end of the list.
  if before_room_id is not null then
    perform chat_private.require_role(before_room_id);
  end if;
  return query
  with mine as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at,
      members.role, members.archived_at, members.muted_until,
      case
        when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq
      end as last_read_seq
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid())
      and (room_list.archived is null or room_list.archived = (members.archived_at is not null))
      and (only_room_id is null or rooms.id = only_room_id)
  ),
  wanted as (
    select mine.*, least(greatest(coalesce(max_rows, 100), 1), 1000) as page_size
    from mine
    where before_room_id is null
      or (mine.active_at, mine.id) < (
        select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where cursor.id = before_room_id
      )
    order by mine.active_at desc, mine.id desc
    -- One extra row shows whether there are more.
    limit least(greatest(coalesce(max_rows, 100), 1), 1000) + 1
  ),
  sized as (
    select wanted.*, row_number() over page_order as place, count(*) over () as found,
      sum(500 + octet_length(wanted.description) + coalesce(chat_private.message_bytes(messages), 0)) over page_order
        - coalesce(chat_private.message_bytes(messages), 0) as bytes_before
    from wanted
    left join chat.messages as messages on messages.id = wanted.last_message_id
    window page_order as (order by wanted.active_at desc, wanted.id desc)
  ),
  page as materialized (
    select sized.*, count(*) over () < sized.found as has_more
    from sized
    where sized.place <= sized.page_size and (sized.place = 1 or sized.bytes_before < chat_private.page_bytes())
  )
  select
    page.id, page.kind, page.slug, page.name, page.description, page.is_public, page.avatar_url, page.created_by,
    page.last_seq, page.version, page.topic, page.member_count, page.members_version, page.created_at, page.active_at,
    page.role, page.last_read_seq, page.archived_at, page.muted_until,
    unread.unread_count,
    case when messages.id is not null then chat_private.message_payload(messages) -> 'message' end,
    (
      select jsonb_build_object('user_id', profiles.id, 'number', profiles.number, 'username', profiles.username)
      from chat.room_members as others
      join chat.profiles as profiles on profiles.id = others.user_id
      where page.kind = 'direct' and others.room_id = page.id and others.user_id <> (select auth.uid())
    ),
    page.has_more, unread.mention_count, page.slow_mode_seconds, page.posting, page.inviting, page.pinning, page.locked_at,
    page.locked_reason, page.joining,
    -- With a margin: a change that began before this reads the clock may not count it as dormant yet.
    page.member_count <= 50 and chat_private.is_dormant(page.active_at, '1 minute')
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$$;
comment on function chat.room_list is
  'The rooms of the caller, most recently active first, with unread count, the count of mentions in it, last message and, for a '
  'direct room, the other member. The next change of a dormant room comes to user:<id>. While has_more, the next '
  'page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';
grant execute on function chat.room_list to authenticated;

-- The same list for the REST APIs, which show all members. Definer: reads without row-level security, for the caller only: a
-- policy for each of its tables would cost more than the list. Volatile: roster() stores what it has read.
create function chat_private.my_room_page(only_room_id bigint, before_room_id bigint, max_rows integer)
returns table (
  id bigint,
  kind chat.room_kind,
  slug text,
  name text,
  description text,
  avatar_url text,
  last_seq bigint,
  version bigint,
  created_at timestamptz,
  own_number bigint,
  member_count integer,
  members json,
  unread_count bigint,
  last_read_id bigint,
  last_id bigint,
  last_text text,
  last_at timestamptz,
  place bigint,
  selected bigint,
  mention_count bigint,
  posting chat.who_may,
  inviting chat.who_may,
  pinning chat.who_may,
  locked_at timestamptz,
  locked_reason text,
  slow_mode_seconds integer
)
language plpgsql volatile security definer rows 20 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with recent as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at, mine
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.user_id = (select auth.uid())
      -- A range, so that one room is looked up in the index.
      and mine.room_id between coalesce(only_room_id, 0) and coalesce(only_room_id, 9223372036854775807)
      and (
        before_room_id is null
        or (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
          select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor
          where cursor.id = before_room_id and (cursor.is_public or chat_private.is_my_room(cursor.id))
        )
      )
    order by active_at desc, rooms.id desc
    limit max_rows
  ),
  sized as (
    select recent.*, last.id as last_id, last.content as last_text, last.created_at as last_at,
      count(*) over () as selected, row_number() over page_order as place,
      -- About 60 bytes for each member.
      sum(100 + 60 * recent.member_count::bigint + coalesce(octet_length(last.content), 0)) over (
        order by recent.active_at desc, recent.id desc rows between unbounded preceding and 1 preceding
      ) as bytes_before
    from recent
    left join chat.messages as last on last.id = recent.last_message_id
    window page_order as (order by recent.active_at desc, recent.id desc)
  ),
  page as materialized (
    select sized.*, own.member, (own.member).last_read_seq as read_seq,
      sized.last_seq - (own.member).last_read_seq - (own.member).own_after_read as others
    from sized
    cross join lateral (
      select case when (sized.mine).shares_receipts then sized.mine else chat_private.true_marks(sized.mine) end as member
      offset 0 -- once for each room, not for each use
    ) as own
    where coalesce(sized.bytes_before, 0) < chat_private.page_bytes()
  )
  select page.id, page.kind, page.slug, page.name, page.description, page.avatar_url, page.last_seq, page.version,
    page.created_at,
    (select profiles.number from chat.profiles as profiles where profiles.id = (select auth.uid())),
    page.member_count,
    coalesce(kept.members, chat_private.roster(page.id, page.members_version)),
    case when page.others > 0 then page.others - tombstones.count else 0 end,
    (
      select messages.id from chat.messages as messages
      where messages.room_id = page.id and messages.seq = page.read_seq
    ),
    page.last_id, page.last_text, page.last_at, page.place, page.selected,
    case when page.others > 0 then chat_private.unread_mentions(page.member) else 0 end,
    page.posting, page.inviting, page.pinning, page.locked_at, page.locked_reason, page.slow_mode_seconds
  from page
  left join chat_private.rosters as kept
    on kept.room_id = page.id and kept.members_version = page.members_version
  left join chat_private.tombstones_after(
    array(select page.id from page where page.others > 0), array(select page.read_seq from page where page.others > 0)
  ) as tombstones on tombstones.room_id = page.id
  order by page.place;
end;
$$;
comment on function chat_private.my_room_page is
  'The rooms of the caller, most recently active first, with their members as [{id, username}]: all before a room, or one. Fewer '
  'than selected if they are long.';
grant execute on function chat_private.my_room_page to authenticated;
