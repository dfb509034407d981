-- What a message refers to: the message that it replies to, and the one that it forwards.

create function chat_private.forwarded_name(message_id bigint, sender_id uuid, username text)
returns text
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if message_id is null then
    return null;
  end if;
  return coalesce(
    (select profiles.username from chat.profiles as profiles where profiles.id = sender_id),
    -- For a deleted account, its last username, unless another user has it now.
    (
      select forwarded_name.username where chat_private.person_named(forwarded_name.username) is null
    ),
    ''
  );
end;
$$;
comment on function chat_private.forwarded_name is
  'The current username of the original sender, given the id and the sender of the original and the username of then.';
grant execute on function chat_private.forwarded_name to authenticated, service_role;

create function chat.forwarded_name(message chat.messages)
returns text
language sql stable security invoker set search_path = ''
as $$
  select chat_private.forwarded_name(message.forwarded_from_id, message.forwarded_sender_id, message.forwarded_username);
$$;
comment on function chat.forwarded_name is
  'The current username of the user whose message was forwarded; empty if unknown. A computed column of messages.';
grant execute on function chat.forwarded_name to authenticated, service_role;

create function chat_private.refer(message chat.messages)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if message.reply_to_id is not null and not exists (
    select from chat.messages where id = message.reply_to_id and room_id = message.room_id
  ) then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message that you reply to is not in this room.';
  end if;

  if message.forwarded_from_id is not null then
    select originals.sender_id, coalesce(profiles.username, ''), originals.content
    into message.forwarded_sender_id, message.forwarded_username, message.forwarded_content
    from chat.messages as originals
    join chat.room_members as members using (room_id)
    left join chat.profiles as profiles on profiles.id = originals.sender_id
    where originals.id = message.forwarded_from_id
      and originals.deleted_at is null
      and members.user_id = message.sender_id;
    if not found then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The forwarded message does not exist.';
    end if;
    message.attachments := chat_private.forwarded_files(message.forwarded_from_id);
  end if;
  return message;
end;
$$;
comment on function chat_private.refer is
  'A message with the content that it forwards. Raises message_not_found if the sender cannot see what it refers to.';

create function chat.forward_message(
  message_id bigint, target_room_id bigint, client_id uuid default null, reply_to_id bigint default null
)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  original text;
  message chat.messages;
begin
  perform chat_private.require_caller();
  -- A repeated forward returns the first one, whatever has happened to the original.
  if forward_message.client_id is not null then
    perform chat_private.lock_key(auth.uid(), forward_message.client_id);
    select * into message from chat.messages as messages
    where messages.sender_id = (select auth.uid()) and messages.client_id = forward_message.client_id;
    if found and (message.room_id, message.forwarded_from_id)
      is distinct from (target_room_id, forward_message.message_id)
    then
      perform chat_private.refuse_reused_key();
    elsif found then
      perform set_config('chat.repeated', 'true', true);
      return message;
    end if;
  end if;
  select content into original from chat.messages as messages
  where messages.id = message_id and messages.deleted_at is null;
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return chat.send_message(
    target_room_id, original, forward_message.client_id, forward_message.reply_to_id, forward_message.message_id
  );
end;
$$;
comment on function chat.forward_message is
  'Sends the content of a message to another room, as a message of the caller. It stays when the original is edited or '
  'deleted. Raises message_not_found, room_not_found, not_a_member, not_reachable, room_locked, role_required, rate_limited, '
  'muted, word_refused, message_rejected, too_many_held, slow_mode, client_id_reused, caller_required.';
grant execute on function chat.forward_message to authenticated;
