-- What members are told about messages. An event, and a change in sync(), are the same object.
create function chat_private.message_event(message chat.messages)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return case
    when message.deleted_at is not null then 'message.deleted'
    when message.edited_at is not null then 'message.updated'
    else 'message.created'
  end;
end;
$$;
grant execute on function chat_private.message_event to authenticated;

create function chat_private.message_payload(message chat.messages)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  sender chat.profiles;
begin
  select * into sender from chat.profiles where id = message.sender_id;
  return jsonb_build_object(
    'room_id', message.room_id,
    'version', message.version,
    'message', jsonb_build_object(
      'id', message.id,
      'room_id', message.room_id,
      'seq', message.seq,
      'version', message.version,
      'sender_id', message.sender_id,
      'sender_number', sender.number,
      'sender_username', sender.username,
      'content', message.content,
      'metadata', message.metadata,
      'reply_to_id', message.reply_to_id,
      'forwarded_from_id', message.forwarded_from_id,
      'forwarded_sender_id', message.forwarded_sender_id,
      'forwarded_username', chat_private.forwarded_name(
        message.forwarded_from_id, message.forwarded_sender_id, message.forwarded_username
      ),
      'forwarded_content', message.forwarded_content,
      'client_id', message.client_id,
      'created_at', message.created_at,
      'edited_at', message.edited_at,
      'deleted_at', message.deleted_at
    )
  );
end;
$$;
grant execute on function chat_private.message_payload to authenticated;

create function chat_private.sender_marks(message chat.messages)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('read_marks', coalesce(jsonb_agg(jsonb_build_object(
      'user_id', members.user_id,
      'last_read_seq', members.last_read_seq,
      'last_delivered_seq', members.last_delivered_seq
    )), '[]'))
    from chat.room_members as members
    where members.room_id = message.room_id and members.user_id = message.sender_id
  );
end;
$$;
comment on function chat_private.sender_marks is
  'How far the sender of a new message has read, in the shape of sync(): the message has moved the mark, or has not.';

-- Definer: nobody but the database may send to a room's topic.
create function chat_private.message_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(
    (select topic from chat.rooms where id = new.room_id),
    chat_private.message_event(new),
    chat_private.message_payload(new) || case when tg_op = 'INSERT' then chat_private.sender_marks(new) else '{}' end
  );
  return null;
end;
$$;

-- Imported history is no news.
create trigger message_created
  after insert on chat.messages
  for each row when (new.created_at >= now())
  execute function chat_private.message_changed();

create trigger message_changed
  after update of content, deleted_at on chat.messages
  for each row when (new.version is distinct from old.version)
  execute function chat_private.message_changed();
