-- Who may join which topic. Realtime asks these policies at a join, with nothing but the topic and the extension.

-- Definer: reads rooms and members past their policies, once a join.
create function chat_private.is_my_topic(topic text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if topic ~ '^room:\d{1,18}:\d{1,9}(:live)?$' then
    return exists (
      select from chat.rooms as rooms
      join chat.room_members as members on members.room_id = rooms.id
      where rooms.id = split_part(is_my_topic.topic, ':', 2)::bigint
        and rooms.topic = regexp_replace(is_my_topic.topic, ':live$', '')
        and members.user_id = (select auth.uid())
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
grant execute on function chat_private.is_my_topic to authenticated;

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
