-- Rooms in which nothing was sent for a while. Their next change is announced to each member, so that a list of rooms learns of it
-- without joining the topic of each room.
create function chat_private.is_dormant(active_at timestamptz, margin interval default '0')
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Not now(): a transaction may have waited for the room.
  return active_at < clock_timestamp() - interval '10 minutes' - margin;
end;
$$;
comment on function chat_private.is_dormant is 'Whether the last message of a room was sent more than ten minutes ago, and a margin.';
grant execute on function chat_private.is_dormant to authenticated;

-- Only ids: a session that has ended goes on receiving from the topic of its user until its token expires.
create function chat_private.announce_change(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- One statement for all, where announce() would need one for each.
  insert into realtime.messages (id, payload, event, topic, private, extension, inserted_at, updated_at)
  select hints.id, jsonb_build_object('id', hints.id, 'room_id', announce_change.room_id), 'room.changed', hints.topic, true, 'broadcast',
    now() at time zone 'UTC', now() at time zone 'UTC'
  from (
    select gen_random_uuid() as id, 'user:' || members.user_id as topic
    from chat.room_members as members
    where members.room_id = announce_change.room_id
  ) as hints
  where chat_private.is_heard(hints.topic);
exception when others then
  -- As announce() does: a hint may get lost, a message may not.
  raise warning 'the members of room % were not notified of a change: %', announce_change.room_id, sqlerrm;
end;
$$;
comment on function chat_private.announce_change is 'Announces to each member of a room that it has changed.';

create function chat_private.wake(room_id bigint, member_count integer, active_at timestamptz)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- One more than the members of a room that is not large: the person who makes it large has just come.
  if member_count >= 52 or not chat_private.is_dormant(active_at) or current_setting('chat.woken', true) = room_id::text then
    return;
  end if;
  perform set_config('chat.woken', room_id::text, true);
  perform chat_private.announce_change(room_id);
end;
$$;
comment on function chat_private.wake is
  'Announces to each member of a dormant room, once in a transaction, that it has changed. Not in large rooms.';
