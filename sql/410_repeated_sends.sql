-- A send can be repeated with its client_id (170_client_keys), even after its message was edited or deleted.
create function chat_private.message_digest(message chat.messages)
returns bytea
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return chat_private.digest(
    jsonb_build_array(message.content, message.metadata, message.reply_to_id, message.forwarded_from_id)
      -- A forward copies its files only once it is not a repetition.
      || case
        when message.forwarded_from_id is null and message.attachments <> '[]'
        then jsonb_build_array(jsonb_path_query_array(message.attachments, '$[*].id'))
        else '[]'
      end
      || case
        when message.mentions <> '[]' or message.mentions_all
        then jsonb_build_array(
          jsonb_build_object('mentions', chat_private.mentioned_ids(message.mentions), 'all', message.mentions_all)
        )
        else '[]'
      end
  );
end;
$$;

create function chat_private.keep_digest(message chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if message.client_id is not null and message.edited_at is null then
    insert into chat_private.client_keys (owner_id, kind, client_id, digest)
    select profiles.id, 'message', message.client_id, chat_private.message_digest(message)
    from chat.profiles where profiles.id = message.sender_id
    on conflict do nothing;
  end if;
end;
$$;
comment on function chat_private.keep_digest is 'Call it before the first change of a message, also of one that is not written yet.';

create function chat_private.require_same_message(earlier chat.messages, repeated chat.messages)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  digest bytea := (
    select keys.digest from chat_private.client_keys as keys
    where (keys.owner_id, keys.kind, keys.client_id) = (earlier.sender_id, 'message', earlier.client_id)
  );
begin
  if earlier.edited_at is null and earlier.deleted_at is null then
    digest := coalesce(digest, chat_private.message_digest(earlier));
  end if;
  if earlier.room_id <> repeated.room_id or digest <> chat_private.message_digest(repeated) then
    perform chat_private.refuse_reused_key();
  end if;
end;
$$;
comment on function chat_private.require_same_message is
  'Raises client_id_reused if a repeated message differs from the first one with its client_id.';
