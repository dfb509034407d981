-- Mentions: a message says whom it is for. The client names them, so that no text is searched for names. Each person's unread
-- mentions are counted apart, also in rooms that they have muted.
create table chat.mentions (
  user_id uuid not null,
  room_id bigint not null,
  seq bigint not null,
  -- No foreign key: a deletion of the message, or of its room, removes the row.
  message_id bigint not null,
  -- The unread mentions of a person in a room.
  primary key (user_id, room_id, seq),
  -- A mention of somebody who leaves goes with the membership.
  foreign key (room_id, user_id) references chat.room_members on delete cascade
);
comment on table chat.mentions is
  'That a message mentions a person. One that mentions everyone has no rows: messages.mentions_all says it.';

-- The mentions of a person, newest first.
create index mentions_user_id_idx on chat.mentions (user_id, message_id);
-- The foreign key is covered by the primary key, as the room of a membership is always asked with its user.

alter table chat.mentions enable row level security;
revoke all on chat.mentions from anon, authenticated;
grant select on chat.mentions to authenticated;
-- No writes: messages write them. Members read whom a message mentions in messages.mentions.

create policy "people can read their mentions"
  on chat.mentions for select to authenticated
  using ((select chat_private.require_modest_query()) and user_id = (select auth.uid()));

create function chat_private.to_mention(user_ids uuid[])
returns jsonb
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  most constant integer := 50;
begin
  if cardinality(user_ids) > most or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_mentions', detail = format('A message mentions at most %s people by their ids.', most);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('user_id', wanted.id) order by wanted.place), '[]')
    from (select id, min(place) as place from unnest(user_ids) with ordinality as given (id, place) group by id) as wanted
  );
end;
$$;
comment on function chat_private.to_mention is
  'What a message says of the people that it is to mention, before it is numbered. Raises invalid_mentions.';

create function chat_private.mentioned_ids(mentions jsonb)
returns jsonb
language sql immutable security invoker set search_path = ''
as $$
  select coalesce(jsonb_agg(id order by id), '[]') from jsonb_path_query(mentions, '$[*].user_id') as id;
$$;

create function chat_private.mention(message chat.messages, before chat.messages)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  sent_mentions jsonb := message.mentions;
begin
  -- Who has blocked the sender is not mentioned, and no error says so: a retry of the message is still the same one.
  message.mentions := (
    select coalesce(jsonb_agg(mention order by place), '[]')
    from jsonb_array_elements(sent_mentions) with ordinality as given (mention, place)
    where chat_private.mentioned_ids(before.mentions) ? (mention ->> 'user_id') or not exists (
      select from chat.blocks as blocks
      join chat.room_members as members on members.user_id = blocks.user_id and members.room_id = message.room_id
      where blocks.user_id = (mention ->> 'user_id')::uuid and blocks.blocked_id = message.sender_id
    )
  );
  if message.mentions <> sent_mentions and before.id is null then
    perform chat_private.keep_digest(jsonb_populate_record(message, jsonb_build_object('mentions', sent_mentions)));
  end if;
  sent_mentions := message.mentions;
  if message.mentions_all and before.mentions_all is not true and not chat_private.is_backend() and exists (
    select from chat.rooms as rooms
    join chat.room_members as senders on senders.room_id = rooms.id and senders.user_id = message.sender_id
    where rooms.id = message.room_id and chat_private.is_large(rooms) and senders.role < 'admin'
  ) then
    raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may mention everyone in a room of this size.';
  end if;
  message.mentions := (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'user_id', wanted.user_id,
          'number', coalesce(people.number, (kept.mention ->> 'number')::bigint),
          -- An edit that leaves the name as it was written leaves it here.
          'name', case
            when people.username is null or strpos(message.content, '@' || (kept.mention ->> 'name')) > 0
            then kept.mention ->> 'name'
            else people.username
          end
        )
        order by wanted.place
      ) filter (where people.id is not null or kept.mention is not null),
      '[]'
    )
    from (
      select (mention ->> 'user_id')::uuid as user_id, place
      from jsonb_array_elements(message.mentions) with ordinality as given (mention, place)
    ) as wanted
    left join chat.room_members as members on members.room_id = message.room_id and members.user_id = wanted.user_id
    left join chat.profiles as people on people.id = members.user_id
    -- Who has left since stays mentioned when the message is edited.
    left join lateral (
      select mention from jsonb_array_elements(before.mentions) as mention where mention ->> 'user_id' = wanted.user_id::text
    ) as kept on true
  );
  if jsonb_array_length(message.mentions) < jsonb_array_length(sent_mentions) then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'A message mentions only members of the room.';
  end if;
  return message;
end;
$$;
comment on function chat_private.mention is
  'A message with the numbers and the names of those that it mentions, except members who have blocked the sender; before is '
  'the message that an edit changes. '
  'Raises member_not_found, role_required.';

-- Definer: clients may not write mentions, nor send to the topics of others. The people of an @all have no rows of their own,
-- so that a send costs the same in every room.
create function chat_private.mentions_written()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  added uuid[];
begin
  if tg_op = 'UPDATE' then
    delete from chat.mentions as mentions
    where mentions.room_id = new.room_id and mentions.seq = new.seq
      and mentions.user_id in (select (mention ->> 'user_id')::uuid from jsonb_array_elements(old.mentions) as mention)
      and (new.mentions_all or not chat_private.mentioned_ids(new.mentions) ? mentions.user_id::text);
  end if;
  if new.mentions_all then
    return null;
  end if;
  with written as (
    insert into chat.mentions (user_id, room_id, seq, message_id)
    select members.user_id, new.room_id, new.seq, new.id
    from jsonb_array_elements(new.mentions) as mention
    join chat.room_members as members
      on members.room_id = new.room_id and members.user_id = (mention ->> 'user_id')::uuid
    where members.user_id is distinct from new.sender_id
    on conflict do nothing
    returning mentions.user_id
  )
  select array_agg(written.user_id) into added from written;
  -- Those of a new message receive the message itself.
  if tg_op = 'UPDATE' and not old.mentions_all then
    perform chat_private.announce(
      'user:' || user_id, 'mention.added',
      jsonb_build_object('room_id', new.room_id, 'message_id', new.id, 'seq', new.seq)
    )
    from unnest(added) as user_id;
  end if;
  return null;
end;
$$;

create trigger mentions_written_on_insert
  after insert on chat.messages
  for each row when (new.mentions <> '[]')
  execute function chat_private.mentions_written();

-- Also when the message is deleted, which empties its columns.
create trigger mentions_written_on_update
  after update on chat.messages
  for each row when ((new.mentions, new.mentions_all) is distinct from (old.mentions, old.mentions_all))
  execute function chat_private.mentions_written();

-- Counts only: both indexes have all that it reads.
create function chat_private.unread_mentions(member chat.room_members)
returns bigint
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select count(*) from chat.mentions as mentions
    where mentions.user_id = member.user_id and mentions.room_id = member.room_id and mentions.seq > member.last_read_seq
  ) + (
    select count(*) from chat.messages as messages
    where messages.room_id = member.room_id and messages.mentions_all and messages.seq > member.last_read_seq
      and messages.sender_id is distinct from member.user_id
  );
end;
$$;
comment on function chat_private.unread_mentions is 'How many messages after their mark mention a member.';

-- Definer: reads without row-level security, for the caller only.
create function chat_private.my_unread_mentions(own chat.room_members)
returns bigint
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case
    when own.user_id = (select auth.uid()) and chat_private.is_my_room(own.room_id)
    then chat_private.unread_mentions(chat_private.my_marks(own))
  end;
end;
$$;
comment on function chat_private.my_unread_mentions is
  'How many messages that the caller has not read mention them, by their membership; null for the membership of another user.';
grant execute on function chat_private.my_unread_mentions to authenticated;

-- Definer: as above.
create function chat_private.mention_list(before_id bigint, max_rows integer, out page chat.messages[], out next_id bigint)
language plpgsql stable security definer set search_path = ''
as $$
declare
  me constant uuid := (select auth.uid());
  page_size constant integer := least(greatest(coalesce(max_rows, 50), 1), 1000);
  before constant bigint := coalesce(before_id, 9223372036854775807);
  ids bigint[];
begin
  perform chat_private.require_caller();
  ids := array(
    select found.id
    from (
      (
        select mentions.message_id as id from chat.mentions as mentions
        where mentions.user_id = me and mentions.message_id < before
        order by mentions.message_id desc
        limit page_size
      )
      union all
      select everyone.id
      from chat.room_members as mine
      cross join lateral (
        select messages.id from chat.messages as messages
        where messages.room_id = mine.room_id and messages.mentions_all and messages.id < before
          and messages.sender_id is distinct from me
          -- Who was not there was not meant.
          and messages.created_at >= mine.joined_at
        order by messages.seq desc
        limit page_size
      ) as everyone
      where mine.user_id = me
    ) as found
    order by found.id desc
    limit page_size
  );
  page := array(
    select sized.message
    from (
      select messages as message, messages.id,
        sum(chat_private.message_bytes(messages)) over (order by messages.id desc) - chat_private.message_bytes(messages) as bytes_before
      from chat.messages as messages where messages.id = any (ids)
    ) as sized
    where sized.bytes_before < chat_private.page_bytes()
    order by sized.id desc
  );
  if cardinality(page) = page_size or cardinality(page) < cardinality(ids) then
    next_id := page[cardinality(page)].id;
  end if;
end;
$$;
comment on function chat_private.mention_list is
  'A page of the messages that mention the caller, newest first, and the id before which the next one begins.';
grant execute on function chat_private.mention_list to authenticated;

create function chat.mention_list(before_id bigint default null, max_rows integer default 50)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  found record;
begin
  found := chat_private.mention_list(before_id, max_rows);
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(chat_private.message_payload(message) -> 'message' order by (message).id desc), '[]')
      from unnest(found.page) as message
    ),
    'before_id', found.next_id
  );
end;
$$;
comment on function chat.mention_list is
  'A page of the messages that mention the caller, also by mentioning everyone, as {messages, before_id}: newest first, as in '
  'events, and the before_id of the next page, null at the end. Raises caller_required.';
grant execute on function chat.mention_list to authenticated;
