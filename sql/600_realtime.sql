-- Who may join which topic. Realtime evaluates these policies at a join, and gives only the topic and the extension.

-- Matches Parley's topics, and no topic of the project's own.
create function chat_private.is_chat_topic(topic text)
returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select topic ~ (
    '^(room:[0-9]+:[0-9]+(:live)?'
    '|(user|conversation):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$'
  );
$$;

-- Definer: reads rooms and members without row-level security, once a join.
create function chat_private.is_my_topic(topic text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not chat_private.has_access() then
    return false;
  elsif topic ~ '^room:[0-9]{1,18}:[0-9]{1,9}(:live)?$' then
    return exists (
      select from chat.rooms as rooms
      join chat.room_members as members on members.room_id = rooms.id
      where rooms.id = split_part(is_my_topic.topic, ':', 2)::bigint
        and rooms.topic = regexp_replace(is_my_topic.topic, ':live$', '')
        and members.user_id = (select auth.uid())
        -- On the live topic people show each other that they are there, and that they type.
        and not (is_my_topic.topic like '%:live' and chat_private.is_blocked(rooms.direct_key))
    );
  elsif topic like 'conversation:%' then
    return exists (
      select from chat.conversations as conversations
      where conversations.owner_id = (select auth.uid()) and is_my_topic.topic = 'conversation:' || conversations.id
    );
  end if;
  return coalesce(topic = 'user:' || (select auth.uid()), false);
end;
$$;

create policy "people can receive from topics of theirs"
  on realtime.messages for select to authenticated
  using (
    extension in ('broadcast', 'presence')
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "members can send to the live topics of their rooms"
  on realtime.messages for insert to authenticated
  with check (
    extension in ('broadcast', 'presence')
    and (select realtime.topic()) like 'room:%:live'
    and (select chat_private.is_my_topic((select realtime.topic())))
  );
