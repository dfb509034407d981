-- The export of a person's data: everything that the person has written, and what is stored about them, as pages of lines. The
-- function `accounts` streams them (docs/accounts.md).
create function chat_private.export_sections()
returns text[]
language sql immutable parallel safe security invoker set search_path = ''
as $$
  select array[
    'account', 'profile', 'status', 'membership', 'friend', 'block', 'post', 'message', 'reaction', 'upload', 'conversation',
    'conversation_message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report', 'room_ban', 'mute',
    'suspension'
  ];
$$;
comment on function chat_private.export_sections is 'The kinds of lines of an export, in their order.';

create function chat_private.exported_message(message chat.messages)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select to_jsonb(message) - 'sender_id' - 'forwarded_sender_id'
    || jsonb_build_object(
      'forwarded_username', chat.forwarded_name(message),
      'edits', (
        select coalesce(
          jsonb_agg(jsonb_build_object('content', edits.content, 'written_at', edits.written_at) order by edits.version), '[]'
        )
        from chat.message_edits as edits where edits.message_id = message.id
      )
    );
$$;
comment on function chat_private.exported_message is
  'A message as its sender exports it: with its files, earlier texts and counts of reactions.';

-- "offset 0": by the index of the person, however large the table is.
create function chat_private.export_lines(account uuid, section text, after text, max_rows integer)
returns table (key text, line jsonb)
language plpgsql stable security invoker rows 100 set search_path = ''
as $$
#variable_conflict use_column
declare
  after_id constant bigint := case
    when section in (
      'membership', 'post', 'message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report', 'room_ban'
    )
    then coalesce(after, '0')::bigint
  end;
  after_uuid constant uuid := case
    when section in ('friend', 'block', 'upload', 'conversation') then coalesce(after, '00000000-0000-0000-0000-000000000000')::uuid
  end;
begin
  case section
    when 'account' then
      return query select 'all', jsonb_build_object(
        'id', users.id, 'email', users.email, 'phone', users.phone, 'created_at', users.created_at,
        'last_sign_in_at', users.last_sign_in_at, 'user_metadata', users.raw_user_meta_data,
        'providers', (
          select coalesce(jsonb_agg(identities.provider order by identities.provider), '[]')
          from auth.identities as identities where identities.user_id = users.id
        )
      )
      from auth.users as users where users.id = account and after is null;
    when 'profile' then
      return query select 'all', to_jsonb(profiles) from chat.profiles as profiles where profiles.id = account and after is null;
    when 'status' then
      return query select 'all', to_jsonb(status) - 'user_id' - 'announced_online'
      from chat.user_status as status where status.user_id = account and after is null;
    when 'suspension' then
      return query select 'all', to_jsonb(suspensions) - 'user_id' - 'created_by'
      from chat.suspensions as suspensions where suspensions.user_id = account and after is null;
    when 'mute' then
      return query select 'all', to_jsonb(mutes) - 'user_id' from chat.mutes as mutes where mutes.user_id = account and after is null;
    when 'room_ban' then
      return query select bans.room_id::text, to_jsonb(bans) - 'user_id' - 'banned_by' || jsonb_build_object('name', rooms.name)
      from chat.room_bans as bans
      join chat.rooms as rooms on rooms.id = bans.room_id
      where bans.user_id = account and bans.room_id > after_id
      order by bans.room_id
      limit max_rows;
    when 'membership' then
      return query select members.room_id::text,
        to_jsonb(chat_private.true_marks(members)) - 'user_id' || jsonb_build_object(
          'kind', rooms.kind, 'name', rooms.name, 'slug', rooms.slug,
          'with_username', case when rooms.kind = 'direct' then (
            select people.username from chat.room_members as others
            join chat.profiles as people on people.id = others.user_id
            where others.room_id = rooms.id and others.user_id <> account
          ) end
        )
      from chat.room_members as members
      join chat.rooms as rooms on rooms.id = members.room_id
      where members.user_id = account and members.room_id > after_id
      order by members.room_id
      limit max_rows;
    when 'friend' then
      return query select friends.friend_id::text, to_jsonb(friends) - 'user_id' || jsonb_build_object('username', people.username)
      from chat.friendships as friends
      join chat.profiles as people on people.id = friends.friend_id
      where friends.user_id = account and friends.friend_id > after_uuid
      order by friends.friend_id
      limit max_rows;
    when 'block' then
      return query select blocks.blocked_id::text, to_jsonb(blocks) - 'user_id' || jsonb_build_object('username', people.username)
      from chat.blocks as blocks
      join chat.profiles as people on people.id = blocks.blocked_id
      where blocks.user_id = account and blocks.blocked_id > after_uuid
      order by blocks.blocked_id
      limit max_rows;
    when 'post' then
      return query select posts.id::text, to_jsonb(posts) - 'author_id' from chat.posts as posts
      where posts.author_id = account and posts.id > after_id
      order by posts.id
      limit max_rows;
    when 'message' then
      return query select messages.id::text, chat_private.exported_message(messages)
      from (
        select own.id from (select own.id from chat.messages as own where own.sender_id = account offset 0) as own
        where own.id > after_id
        order by own.id
        limit max_rows
      ) as page
      join chat.messages as messages on messages.id = page.id
      order by messages.id;
    when 'reaction' then
      return query select own.message_id || ' ' || own.emoji, to_jsonb(own)
      from (
        select reactions.message_id, reactions.room_id, reactions.emoji collate "C" as emoji, reactions.created_at
        from chat.reactions as reactions where reactions.user_id = account
        offset 0
      ) as own
      where (own.message_id, own.emoji) > (coalesce(split_part(after, ' ', 1), '0')::bigint, coalesce(split_part(after, ' ', 2), ''))
      order by own.message_id, own.emoji
      limit max_rows;
    when 'upload' then
      return query select files.id::text, to_jsonb(files) - 'uploader_id' from chat.attachments as files
      where files.uploader_id = account and files.message_id is null and files.id > after_uuid
      order by files.id
      limit max_rows;
    when 'conversation' then
      return query select talks.id::text, to_jsonb(talks) - 'owner_id' - 'deleted_at' from chat.conversations as talks
      where talks.owner_id = account and talks.id > after_uuid
      order by talks.id
      limit max_rows;
    when 'conversation_message' then
      return query select page.conversation_id || ' ' || page.id, to_jsonb(page)
      from (
        select owned.id from chat.conversations as owned
        where owned.owner_id = account and (after is null or owned.id >= split_part(after, ' ', 1)::uuid)
        order by owned.id
        offset 0
      ) as talks
      -- One conversation after the other, in this order.
      cross join lateral (
        select messages.* from chat.conversation_messages as messages
        where messages.conversation_id = talks.id
          and (talks.id <> split_part(after, ' ', 1)::uuid or messages.id > split_part(after, ' ', 2)::bigint or after is null)
        order by messages.id
        limit max_rows
      ) as page
      limit max_rows;
    when 'held_message' then
      return query select held.id::text, to_jsonb(held) - 'sender_id' from chat.held_messages as held
      where held.sender_id = account and held.id > after_id
      order by held.id
      limit max_rows;
    when 'invitation' then
      return query select invitations.id::text, to_jsonb(invitations) - 'user_id' from chat.invitations as invitations
      where invitations.user_id = account and invitations.id > after_id
      order by invitations.id
      limit max_rows;
    when 'join_request' then
      return query select requests.id::text, to_jsonb(requests) - 'user_id' from chat.join_requests as requests
      where requests.user_id = account and requests.id > after_id
      order by requests.id
      limit max_rows;
    when 'invite_link' then
      return query select links.id::text, to_jsonb(links) - 'created_by' from chat.invite_links as links
      where links.created_by = account and links.id > after_id
      order by links.id
      limit max_rows;
    when 'notice' then
      return query select notices.id::text, to_jsonb(notices) - 'user_id' from chat.notices as notices
      where notices.user_id = account and notices.id > after_id
      order by notices.id
      limit max_rows;
    when 'report' then
      -- Not what moderators did, nor what others wrote.
      return query select reports.id::text, jsonb_build_object(
        'id', reports.id, 'kind', reports.kind, 'message_id', reports.message_id, 'user_id', reports.user_id, 'room_id', reports.room_id,
        'reason', reports.reason, 'note', reports.note, 'state', reports.state, 'created_at', reports.created_at
      )
      from chat.reports as reports
      where reports.reporter_id = account and reports.id > after_id
      order by reports.id
      limit max_rows;
  end case;
end;
$$;
comment on function chat_private.export_lines is
  'Lines of one kind about a person, after the one with a key. Each has a key by which the next page goes on.';

-- Definer: a person's messages in rooms that they have left are theirs as well, and Auth's tables are read.
create function chat_private.export_page(cursor text, user_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most constant integer := 500;
  account constant uuid := coalesce(export_page.user_id, auth.uid());
  sections constant text[] := chat_private.export_sections();
  section text := coalesce(split_part(cursor, ':', 1), sections[1]);
  after text := nullif(substr(cursor, length(section) + 2), '');
  lines jsonb[] := '{}';
  bytes bigint := 0;
  row record;
begin
  if account is null or not chat_private.is_backend() then
    perform chat_private.require_caller();
    if account <> auth.uid() then
      raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend exports the data of somebody else.';
    end if;
  end if;
  if not exists (select from auth.users as users where users.id = account) then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  elsif array_position(sections, section) is null then
    raise sqlstate 'PT400' using message = 'invalid_cursor', detail = 'Take the cursor of the page before, or none for the first page.';
  elsif cursor is null then
    perform chat_private.take_tokens('export_data');
    if chat_private.is_backend() then
      perform chat_private.audit('account_exported', account);
    end if;
  end if;

  for index in array_position(sections, section)..cardinality(sections) loop
    section := sections[index];
    for row in
      select page.key, page.line from chat_private.export_lines(account, section, after, most - cardinality(lines)) as page
    loop
      lines := lines || (jsonb_build_object('type', section) || row.line);
      bytes := bytes + octet_length(row.line::text);
      if cardinality(lines) >= most or bytes >= chat_private.page_bytes() then
        return jsonb_build_object('lines', to_jsonb(lines), 'cursor', section || ':' || row.key);
      end if;
    end loop;
    after := null;
  end loop;
  return jsonb_build_object('lines', to_jsonb(lines), 'cursor', null);
end;
$$;
grant execute on function chat_private.export_page to authenticated;

create function chat.export_page(cursor text default null, user_id uuid default null)
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return chat_private.export_page(cursor, user_id);
end;
$$;
comment on function chat.export_page is
  'A page of everything that is stored about the caller, or, for a backend, about the user that it names: {lines, cursor}. Each line has '
  'its type; the next page takes the cursor, which is null at the end. Raises backend_required, user_not_found, invalid_cursor, '
  'rate_limited, caller_required.';
grant execute on function chat.export_page to authenticated;
