-- Sending, editing and deleting messages.
create function chat_private.insert_message(wanted chat.held_messages)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.messages;
begin
  insert into chat.messages (
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id, attachments, mentions, mentions_all
  )
  values (
    wanted.room_id, wanted.content, wanted.client_id, wanted.reply_to_id, wanted.forwarded_from_id, wanted.metadata, wanted.sender_id,
    wanted.attachments, chat_private.to_mention(wanted.mentions), wanted.mention_all
  )
  on conflict on constraint messages_client_id_key do nothing
  returning * into message;
  return message;
end;
$$;
comment on function chat_private.insert_message is 'Sends a message; null if it was sent before.';

-- Definer: the policies of messages would find the rooms of the caller three times. message_sending() refuses strangers.
create function chat_private.send_message(
  room_id bigint, content text, client_id uuid, reply_to_id bigint, forwarded_from_id bigint, metadata jsonb, sender_id uuid,
  attachment_ids uuid[], mentions uuid[], mention_all boolean
)
returns chat.messages
language plpgsql volatile security definer set search_path = ''
as $$
declare
  wanted chat.held_messages;
  message chat.messages;
begin
  -- A filter of the Data API on the sent message would run in the same statement.
  perform chat_private.require_modest_query();
  if sender_id is distinct from auth.uid() and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if cardinality(attachment_ids) > 0 and send_message.forwarded_from_id is not null then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = 'A forwarded message has the files of the original.';
  end if;
  wanted.room_id := send_message.room_id;
  wanted.sender_id := send_message.sender_id;
  wanted.client_id := send_message.client_id;
  wanted.content := send_message.content;
  wanted.metadata := coalesce(send_message.metadata, '{}');
  wanted.reply_to_id := send_message.reply_to_id;
  wanted.forwarded_from_id := send_message.forwarded_from_id;
  wanted.attachments := case
    when cardinality(attachment_ids) > 0
    then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids, send_message.client_id)
    else '[]'
  end;
  wanted.mentions := coalesce(send_message.mentions, '{}');
  wanted.mention_all := coalesce(send_message.mention_all, false);
  if not exists (select from chat_private.word_rules as rules where rules.action = 'hold') then
    message := chat_private.insert_message(wanted);
  else
    message := chat_private.send_or_hold(wanted);
    if message.seq = 0 then
      return message;
    end if;
  end if;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.messages as messages
    where messages.sender_id = send_message.sender_id and messages.client_id = send_message.client_id;
  end if;
  return message;
end;
$$;
grant execute on function chat_private.send_message to authenticated, service_role;

create function chat.send_message(
  room_id bigint,
  content text,
  client_id uuid default null,
  reply_to_id bigint default null,
  forwarded_from_id bigint default null,
  metadata jsonb default '{}',
  sender_id uuid default null,
  attachment_ids uuid[] default null,
  mentions uuid[] default null,
  mention_all boolean default false
)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.send_message(
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, coalesce(sender_id, auth.uid()), attachment_ids, mentions,
    mention_all
  );
end;
$$;
comment on function chat.send_message is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first '
  'message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to '
  '50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, '
  'client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, '
  'member_not_found, role_required, room_locked, not_reachable, muted, word_refused, message_rejected, too_many_held, '
  'rate_limited, slow_mode. A message that a word rule holds is returned without an id and with seq 0: it waits for a moderator.';

create function chat_private.require_message(message_id bigint)
returns chat.messages
language plpgsql stable security invoker set search_path = ''
as $$
declare
  message chat.messages;
begin
  select * into message from chat.messages as messages where messages.id = require_message.message_id;
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;
  return message;
end;
$$;
comment on function chat_private.require_message is 'A message that the caller can see. Raises message_not_found.';

-- Definer: clients may not write mentions. edit_message() has locked the room, and the caller can see the message.
create function chat_private.edit_message(message_id bigint, content text, mentions uuid[], mention_all boolean)
returns chat.messages
language plpgsql volatile security definer set search_path = ''
as $$
declare
  before chat.messages := chat_private.require_message(message_id);
  message chat.messages := before;
begin
  perform chat_private.require_role(before.room_id);
  if before.sender_id is distinct from (select auth.uid()) and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only the sender may edit a message.';
  end if;
  message.content := edit_message.content;
  if edit_message.mentions is not null then
    message.mentions := chat_private.to_mention(edit_message.mentions);
  end if;
  message.mentions_all := coalesce(mention_all, before.mentions_all);
  if message.mentions_all or message.mentions <> '[]' then
    message := chat_private.mention(message, before);
  end if;
  update chat.messages as messages
  set content = message.content, mentions = message.mentions, mentions_all = message.mentions_all
  where messages.id = message.id
  returning messages.* into message;
  return message;
end;
$$;

create function chat.edit_message(
  message_id bigint, content text, mentions uuid[] default null, mention_all boolean default null
)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- A filter of the Data API on the edited message would run in the same statement.
  perform chat_private.require_modest_query();
  perform chat_private.lock_room_of(message_id);
  if (chat_private.require_message(message_id)).deleted_at is not null then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message has been deleted.';
  end if;
  return chat_private.edit_message(message_id, content, mentions, mention_all);
end;
$$;
comment on function chat.edit_message is
  'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, '
  'sender_required, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, muted, word_refused, '
  'message_held, rate_limited.';

-- Definer: clients may not set deleted_at, and admins delete messages of other users.
create function chat_private.delete_message(message_id bigint)
returns chat.messages
language plpgsql volatile security definer set search_path = ''
as $$
declare
  message chat.messages := chat_private.require_message(message_id);
begin
  perform chat_private.require_role(
    message.room_id,
    case when message.sender_id = auth.uid() then 'member' else 'admin' end::chat.member_role
  );
  update chat.messages as messages set deleted_at = now() where messages.id = message.id and messages.deleted_at is null;
  if found and message.sender_id is distinct from auth.uid() then
    perform chat_private.audit('message_deleted', message.sender_id, message.room_id, message.id);
  end if;
  select * into message from chat.messages as messages where messages.id = message.id;
  return message;
end;
$$;

create function chat.delete_message(message_id bigint)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.delete_message(message_id);
end;
$$;
comment on function chat.delete_message is
  'Replaces a message with a tombstone: one of the caller, or any as owner or admin. Does nothing for a tombstone. '
  'Raises message_not_found, role_required, rate_limited.';

grant execute on function
  chat_private.require_message, chat_private.edit_message, chat_private.delete_message,
  chat.send_message, chat.edit_message, chat.delete_message
  to authenticated;
