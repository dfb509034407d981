-- Searches all conversations of the caller by title, not only those that a client has loaded. The index of the owner's
-- list serves it, newest first, so it reads no rows of other users.
create function chat.find_conversations(
  query text,
  archived boolean default null,
  before_id uuid default null,
  max_rows integer default 50
)
returns setof chat.conversations
language plpgsql volatile security invoker rows 50 set search_path = ''
as $$
declare
  wanted text;
begin
  perform chat_private.require_caller();
  wanted := chat_private.require_query(query);
  perform chat_private.take_tokens('search');
  return query
  select conversations.*
  from chat.conversations as conversations
  where conversations.owner_id = (select auth.uid())
    and (find_conversations.archived is null or conversations.archived = find_conversations.archived)
    and (
      before_id is null or (conversations.created_at, conversations.id) < (
        select earlier.created_at, earlier.id from chat.conversations as earlier where earlier.id = before_id
      )
    )
    and position(wanted in chat_private.fold(conversations.title)) > 0
  order by conversations.created_at desc, conversations.id desc
  limit least(greatest(coalesce(max_rows, 50), 1), 1000);
end;
$$;
comment on function chat.find_conversations is
  'The conversations of the caller whose title contains a text, ignoring case and accents, newest first; with before_id, '
  'those after it in this order. Raises invalid_query, rate_limited, caller_required.';
grant execute on function chat.find_conversations to authenticated;
