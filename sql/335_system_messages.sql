-- System messages: what happened in a group, and what a backend says, among the messages of the room. They are changes of the room
-- (330_room_changes) with a kind and the seq of the message before them. So they cost no row and no event of their own, sync()
-- returns them, and nothing that is about messages knows them: they have no seq, are never unread, searched, edited or reported, and
-- the REST APIs list them nowhere.

create function chat_private.shows_system_message(room chat.rooms, kind chat.system_kind)
returns boolean
language sql stable security invoker set search_path = ''
as $$
  select kind = 'text'
    or room.kind = 'group' and not chat_private.is_large(room) and coalesce(current_setting('chat.is_moving', true), '') = '';
$$;
comment on function chat_private.shows_system_message is
  'Whether the messages of a room show a change: those of groups of up to 50 members, and what a backend says everywhere.';

-- Names are those of now, and null when the account is deleted.
create function chat_private.system_payload(change chat.room_changes)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  subject constant uuid := change.payload ->> 'user_id';
begin
  if change.kind is null then
    return '{}';
  end if;
  return jsonb_build_object('system_message', jsonb_build_object(
    'kind', change.kind,
    'after_seq', change.after_seq,
    'created_at', change.created_at,
    'actor_id', change.actor_id,
    'actor_username', (select profiles.username from chat.profiles as profiles where profiles.id = change.actor_id),
    'user_id', subject,
    'username', (select profiles.username from chat.profiles as profiles where profiles.id = subject),
    'message_id', change.payload #> '{pin,message_id}',
    'content', change.payload -> case change.kind when 'renamed' then 'name' when 'text' then 'content' end
  ));
end;
$$;
grant execute on function chat_private.system_payload to authenticated;

-- For clients without texts of their own.
create function chat_private.system_text(kind chat.system_kind, actor text, people text[], content text)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  named constant text := coalesce(people[1], 'a deleted account') || case
    when cardinality(people) = 2 then ' and ' || coalesce(people[2], 'a deleted account')
    when cardinality(people) > 2 then format(' and %s others', cardinality(people) - 1)
    else ''
  end;
  were constant text := case when cardinality(people) > 1 then ' were ' else ' was ' end;
begin
  return case kind
    when 'created' then coalesce(actor || ' created the group', 'the group was created')
    when 'joined' then named || ' joined'
    when 'added' then coalesce(actor || ' added ' || named, named || were || 'added')
    when 'left' then named || ' left'
    when 'removed' then coalesce(actor || ' removed ' || named, named || were || 'removed')
    when 'renamed' then coalesce(actor || ' renamed the group to ', 'the group was renamed to ') || content
    when 'picture' then coalesce(actor || ' changed the picture', 'the picture was changed')
    when 'description' then coalesce(actor || ' changed the description', 'the description was changed')
    when 'pinned' then coalesce(actor || ' pinned a message', 'a message was pinned')
    when 'locked' then coalesce(actor || ' locked the group', 'the group was locked')
    when 'unlocked' then coalesce(actor || ' unlocked the group', 'the group was unlocked')
    else content
  end;
end;
$$;
comment on function chat_private.system_text is 'A system message as an English sentence.';
grant execute on function chat_private.system_text to authenticated;

create function chat.system_messages(
  room_id bigint, from_seq bigint default 0, to_seq bigint default null, before_version bigint default null,
  max_rows integer default 200
)
returns table (
  version bigint, after_seq bigint, created_at timestamptz, kind chat.system_kind, actor_id uuid, actor_username text, people jsonb,
  message_id bigint, content text, text text
)
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  perform chat_private.require_role(system_messages.room_id);
  return query
  with page as (
    select changes.version as change_version, changes.actor_id as actor, changes.payload ->> 'user_id' as person,
      chat_private.system_payload(changes) -> 'system_message' as said
    from chat.room_changes as changes
    where changes.room_id = system_messages.room_id and changes.kind is not null
      and changes.after_seq >= coalesce(from_seq, 0) and (to_seq is null or changes.after_seq <= to_seq)
      and (before_version is null or changes.version < before_version)
    order by changes.after_seq desc, changes.version desc
    limit least(greatest(coalesce(max_rows, 200), 1), 1000)
  ), folded as (
    select min(page.change_version) as change_version,
      (array_agg(page.said))[1] as said,
      jsonb_agg(
        jsonb_build_object('version', page.change_version, 'user_id', page.said -> 'user_id', 'username', page.said -> 'username')
        order by page.change_version
      ) filter (where page.person is not null) as people,
      array_agg(page.said ->> 'username' order by page.change_version) as names
    from page
    -- Whom one call has added or removed together.
    group by page.said -> 'kind', page.said -> 'after_seq', page.said -> 'created_at', page.actor,
      case when page.said ->> 'kind' in ('added', 'removed') then null else page.change_version end
  )
  select folded.change_version, (folded.said ->> 'after_seq')::bigint, (folded.said ->> 'created_at')::timestamptz,
    (folded.said ->> 'kind')::chat.system_kind, (folded.said ->> 'actor_id')::uuid, folded.said ->> 'actor_username',
    coalesce(folded.people, '[]'), (folded.said ->> 'message_id')::bigint, folded.said ->> 'content',
    chat_private.system_text(
      (folded.said ->> 'kind')::chat.system_kind, folded.said ->> 'actor_username', folded.names, folded.said ->> 'content'
    )
  from folded
  order by folded.change_version;
end;
$$;
comment on function chat.system_messages is
  'What happened in a room between two of its messages, by their seqs, and what backends have said there, oldest first: whom one '
  'call has added, at most 1,000 changes, the newest. Continue with the lowest version as before_version. text is an English '
  'sentence. Raises room_not_found, not_a_member.';
grant execute on function chat.system_messages to authenticated;

-- A computed column, so that who opens a room reads them with its messages.
create function chat.newest_system_messages(room chat.rooms)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  complete_from bigint;
begin
  if not chat_private.is_my_room(room.id) then
    return null;
  end if;
  select changes.after_seq + 1 into complete_from
  from chat.room_changes as changes
  where changes.room_id = room.id and changes.kind is not null
  order by changes.after_seq desc, changes.version desc
  offset 100 limit 1;
  complete_from := coalesce(complete_from, 0);
  return jsonb_build_object('complete_from', complete_from, 'messages', coalesce(
    (select jsonb_agg(to_jsonb(lines) order by lines.version) from chat.system_messages(room.id, from_seq => complete_from) as lines),
    '[]'
  ));
end;
$$;
comment on function chat.newest_system_messages is
  'The system messages after the newest messages of a room, of its last 100 changes: as system_messages() returns them, and the seq '
  'from which on none is missing. Null for a room that the caller is not in.';
grant execute on function chat.newest_system_messages to authenticated;

-- Definer: nobody writes room_changes.
create function chat_private.send_system_message(room_id bigint, content text, client_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  key constant uuid := coalesce(client_id, gen_random_uuid());
  change chat.room_changes;
begin
  if not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend sends system messages.';
  elsif not coalesce(chat_private.shows(content) and char_length(content) <= 10000, false) then
    raise sqlstate 'PT400' using message = 'invalid_system_message', detail = 'A system message has 1 to 10,000 characters.';
  end if;
  perform chat_private.lock_room(room_id);
  select * into change from chat.room_changes as changes
  where changes.room_id = send_system_message.room_id and changes.kind = 'text' and changes.payload ->> 'client_id' = key::text;
  perform set_config('chat.repeated', (change.version is not null)::text, true);
  if change.version is null then
    change := chat_private.record_change(
      room_id, 'system_message.created', jsonb_build_object('client_id', key, 'content', content), 'text'
    );
  elsif change.payload ->> 'content' <> content then
    perform chat_private.refuse_reused_key();
  end if;
  return change.payload || jsonb_build_object('room_id', change.room_id, 'version', change.version)
    || chat_private.system_payload(change);
end;
$$;
grant execute on function chat_private.send_system_message to service_role;

create function chat.send_system_message(room_id bigint, content text, client_id uuid default null)
returns jsonb
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.send_system_message(room_id, content, client_id);
$$;
comment on function chat.send_system_message is
  'For backends: says something among the messages of a room, in the name of nobody; returns the change, as events have it. A '
  'retry with the same client_id returns the first one. Raises backend_required, room_not_found, invalid_system_message, '
  'client_id_reused.';
-- Granted to backends only, by 900_grants.
