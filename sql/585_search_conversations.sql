-- Searches what was said in the conversations of the caller. The owner's list and the log of each conversation are read in the
-- order of their indexes, newest first, and no call reads more than a bounded number of messages and characters: conversations
-- are far fewer than messages of rooms, which have a search index of their own (560_search_index).

-- Taking a text apart into words costs more than everything else, and few texts have such words.
create function chat_private.word_patterns(wanted chat_private.search)
returns text[]
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return array(
    select '%' || regexp_replace(
      -- Stemming changes no more than the end of a word, except in short ones such as dying.
      left(longest.lexeme, case when char_length(longest.lexeme) < 4 then 1 else 3 end), '([\\%_])', '\\\1', 'g'
    ) || '%'
    from jsonb_array_elements(wanted.alternatives) as alternative
    cross join lateral (
      select lexeme from jsonb_array_elements_text(alternative) as lexeme order by char_length(lexeme) desc limit 1
    ) as longest
  );
end;
$$;
comment on function chat_private.word_patterns is
  'Patterns of which one matches each folded text that has the words of a search: the beginning of the longest word of each '
  'alternative.';

-- Definer: reads the caller's rows only; the policy of messages would look up all conversations again for each one.
create function chat_private.search_conversations(
  query text, conversation_id uuid, before_id bigint, max_rows integer, sent_after timestamptz, sent_before timestamptz
)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most_read constant integer := 1000;
  -- About a tenth of a second, when all of it must be taken apart into words.
  most_text constant integer := 300000;
  me constant uuid := (select auth.uid());
  wanted constant chat_private.search := chat_private.search_for(query);
  patterns constant text[] := chat_private.word_patterns(wanted);
  most_found constant integer := least(greatest(coalesce(max_rows, 50), 1), 1000);
  start chat.conversations;
  conversation chat.conversations;
  message chat.conversation_messages;
  read integer := 0;
  read_text integer := 0;
  folded text;
  found jsonb[] := '{}';
begin
  if search_conversations.conversation_id is not null and not exists (
    select from chat.conversations as own where own.id = search_conversations.conversation_id and own.owner_id = me
  ) then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  if before_id is not null then
    select own.* into start
    from chat.conversation_messages as last
    join chat.conversations as own on own.id = last.conversation_id
    where last.id = before_id and own.owner_id = me;
    if start is null then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
    end if;
  end if;
  perform chat_private.take_tokens('search');
  for conversation in
    select own.* from chat.conversations as own
    where own.owner_id = me
      and (search_conversations.conversation_id is null or own.id = search_conversations.conversation_id)
      and (start.id is null or (own.created_at, own.id) <= (start.created_at, start.id))
    order by own.created_at desc, own.id desc
  loop
    for message in
      select messages.* from chat.conversation_messages as messages
      where messages.conversation_id = conversation.id
        and messages.id < case when conversation.id = start.id then before_id else 9223372036854775807 end
      order by messages.id desc
    loop
      read := read + 1;
      read_text := read_text + char_length(message.content);
      folded := chat_private.fold(message.content);
      if (sent_after is null or message.created_at >= sent_after) and (sent_before is null or message.created_at < sent_before)
        and (position(wanted.part in folded) > 0 or folded like any (patterns) and chat_private.is_found(message.content, wanted))
        -- The newest reply to a question is the one that is shown.
        and not exists (
          select from chat.conversation_messages as later
          where later.conversation_id = message.conversation_id and later.reply_to_id = message.reply_to_id and later.id > message.id
        )
      then
        found := found || jsonb_build_object(
          'id', message.id, 'conversation_id', conversation.id, 'title', conversation.title, 'role', message.role,
          'content', message.content, 'created_at', message.created_at
        );
      end if;
      if cardinality(found) >= most_found or read >= most_read or read_text >= most_text then
        return jsonb_build_object('messages', found, 'before_id', message.id);
      end if;
    end loop;
  end loop;
  return jsonb_build_object('messages', found, 'before_id', null);
end;
$$;
grant execute on function chat_private.search_conversations to authenticated;

create function chat.search_conversations(
  query text,
  conversation_id uuid default null,
  before_id bigint default null,
  max_rows integer default 50,
  sent_after timestamptz default null,
  sent_before timestamptz default null
)
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller(), chat_private.require_query(query);
  return chat_private.search_conversations(query, conversation_id, before_id, max_rows, sent_after, sent_before);
end;
$$;
comment on function chat.search_conversations is
  'A page of what was said in the conversations of the caller, or in one: the messages that search_messages() would find by this '
  'text, the newest conversation and in it the newest message first, as {messages, before_id}. before_id begins the next page; it '
  'is null at the end. A page can have fewer messages than requested, even none, before the end. '
  'Raises invalid_query, conversation_not_found, message_not_found, rate_limited, caller_required.';
grant execute on function chat.search_conversations to authenticated;
