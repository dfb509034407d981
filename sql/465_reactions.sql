-- Reactions: members put emoji on messages. Each message carries the counts, and the version of their last change.
create table chat.reactions (
  message_id bigint not null references chat.messages on delete cascade,
  -- Who may read the room may read its reactions. No foreign key: it is the message's, and with a second one the Data API
  -- could take this table for a way from messages to rooms.
  room_id bigint not null,
  -- No foreign key: an account is deleted at once, however many reactions it has left (480_departed_accounts).
  user_id uuid not null default auth.uid(),
  emoji text not null check (emoji = chat_private.emoji(emoji)),
  created_at timestamptz not null default now(),
  -- The reactions of one person to a message: a repeated reaction, and own_reactions().
  primary key (message_id, user_id, emoji)
);
comment on table chat.reactions is 'An emoji that a person has put on a message.';
comment on column chat.reactions.emoji is 'Fully qualified: emoji() gives this spelling.';

-- Who has reacted to a message with an emoji, oldest first; the reactions of a room.
create index reactions_room_id_idx on chat.reactions (room_id, message_id, emoji, created_at, user_id);
-- The reactions of a deleted account.
create index reactions_user_id_idx on chat.reactions (user_id, room_id);

alter table chat.reactions enable row level security;
revoke all on chat.reactions from anon, authenticated;
grant select on chat.reactions to authenticated;
-- No writes: react() and unreact() write the caller's own.

create policy "members can read reactions"
  on chat.reactions for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create function chat_private.require_emoji(value text)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  emoji text := chat_private.emoji(value);
begin
  if emoji is null then
    raise sqlstate 'PT400' using message = 'invalid_emoji', detail = 'A reaction is one emoji, or one sign, of at most 64 bytes.';
  end if;
  return emoji;
end;
$$;
comment on function chat_private.require_emoji is 'An emoji in its full spelling. Raises invalid_emoji.';
grant execute on function chat_private.require_emoji to authenticated;

-- Definer: reads without row-level security, so that a hidden message and a missing one raise the same error.
create function chat_private.reaction_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most_kinds constant integer := 20;
  reactions jsonb;
begin
  new.emoji := chat_private.require_emoji(new.emoji);
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id, messages.reactions into new.room_id, reactions
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and exists (select from chat.room_members where room_id = messages.room_id and user_id = new.user_id);
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  elsif not reactions ? new.emoji and (select count(*) from jsonb_object_keys(reactions)) >= most_kinds then
    raise sqlstate 'PT409' using message = 'too_many_kinds',
      detail = format('A message has at most %s kinds of reactions.', most_kinds);
  end if;
  perform chat_private.require_open(new.room_id);
  return new;
end;
$$;

create trigger reaction_adding
  before insert on chat.reactions
  for each row execute function chat_private.reaction_adding();

-- A reaction does not change: it is put on a message, and taken away. That of an imported person goes to who that is
-- (490_linked_people). Definer: a backend may write reactions, but not read who is linked.
create function chat_private.reaction_changing()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if exists (select from chat_private.linked_people where imported_id = old.user_id and user_id = new.user_id) then
    old.user_id := new.user_id;
  end if;
  return old;
end;
$$;

create trigger reaction_changing
  before update on chat.reactions
  for each row execute function chat_private.reaction_changing();

create function chat_private.reactions_payload(message chat.messages)
returns jsonb
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  return jsonb_build_object(
    'room_id', message.room_id,
    'version', message.reactions_version,
    'message_id', message.id,
    'seq', message.seq,
    'counts', message.reactions
  );
end;
$$;
comment on function chat_private.reactions_payload is 'The change "message.reactions" of a message, as in sync().';
grant execute on function chat_private.reactions_payload to authenticated;

-- Not a change of the message itself, which would be announced as new or edited: reactions have a version of their own.
create function chat_private.count_reaction(reaction chat.reactions, added boolean)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  message chat.messages;
  room chat.rooms;
begin
  -- The reactions of a deleted message, or of a deleted room, go without an event.
  if not exists (select from chat.messages where id = reaction.message_id and deleted_at is null) then
    return;
  end if;
  update chat.rooms set version = version + 1
  where id = reaction.room_id and deleted_at is null
  returning * into room;
  if not found then
    return;
  end if;
  update chat.messages as messages
  set reactions_version = room.version,
    reactions = case
      when added or (messages.reactions ->> reaction.emoji)::integer > 1 then jsonb_set(
        messages.reactions, array[reaction.emoji],
        to_jsonb(coalesce((messages.reactions ->> reaction.emoji)::integer, 0) + case when added then 1 else -1 end)
      )
      else messages.reactions - reaction.emoji
    end
  where messages.id = reaction.message_id
  returning * into message;
  perform chat_private.announce(
    room.topic, 'message.reactions',
    chat_private.reactions_payload(message)
      || jsonb_build_object('user_id', reaction.user_id, 'emoji', reaction.emoji, 'added', added)
  );
  perform chat_private.wake(room.id, room.member_count, coalesce(room.last_message_at, room.created_at));
end;
$$;
comment on function chat_private.count_reaction is 'Counts a reaction that was added or removed, and broadcasts the change.';

-- Definer: clients may not write the counts, nor send to a room's topic.
create function chat_private.reaction_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.count_reaction(new, true);
  return null;
end;
$$;

create trigger reaction_added
  after insert on chat.reactions
  for each row execute function chat_private.reaction_added();

-- Definer: as above.
create function chat_private.reaction_removed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.count_reaction(old, false);
  return null;
end;
$$;

create trigger reaction_removed
  after delete on chat.reactions
  for each row execute function chat_private.reaction_removed();

-- Definer: clients may not write reactions. react() and unreact() have locked the room.
create function chat_private.set_reaction(message_id bigint, emoji text, added boolean)
returns chat.messages
language plpgsql volatile security definer set search_path = ''
as $$
declare
  message chat.messages := chat_private.require_message(message_id);
begin
  perform chat_private.require_role(message.room_id);
  if added then
    insert into chat.reactions (message_id, user_id, emoji) values (message.id, (select auth.uid()), set_reaction.emoji)
    on conflict on constraint reactions_pkey do nothing;
  else
    delete from chat.reactions as reactions
    where reactions.message_id = message.id and reactions.user_id = (select auth.uid())
      and reactions.emoji = set_reaction.emoji;
  end if;
  perform set_config('chat.repeated', (not found)::text, true);
  return chat_private.require_message(message.id);
end;
$$;
grant execute on function chat_private.set_reaction to authenticated;

create function chat.react(message_id bigint, emoji text)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.take_tokens('react');
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), true);
end;
$$;
comment on function chat.react is
  'Puts an emoji, or a single sign, of the caller on a message, and returns the message; does nothing if it is there. A message '
  'has at most 20 kinds. Raises message_not_found, room_locked, not_reachable, invalid_emoji, too_many_kinds, rate_limited, '
  'caller_required.';

create function chat.unreact(message_id bigint, emoji text)
returns chat.messages
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_caller();
  perform chat_private.take_tokens('react');
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), false);
end;
$$;
comment on function chat.unreact is
  'Takes an emoji of the caller from a message, and returns the message; does nothing if it is not there. '
  'Raises message_not_found, invalid_emoji, rate_limited, caller_required.';

-- Definer: reads without row-level security, but only what the caller has written.
create function chat_private.own_reactions(message_id bigint)
returns text[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select reactions.emoji from chat.reactions as reactions
    where reactions.message_id = own_reactions.message_id and reactions.user_id = (select auth.uid())
    order by reactions.created_at, reactions.emoji
  );
end;
$$;
grant execute on function chat_private.own_reactions to authenticated;

create function chat.own_reactions(message chat.messages)
returns text[]
language sql stable security invoker set search_path = ''
as $$
  select case when message.reactions = '{}' then '{}' else chat_private.own_reactions(message.id) end;
$$;
comment on function chat.own_reactions is
  'The emoji that the caller has put on a message, oldest first. A computed column of messages.';

grant execute on function chat.react, chat.unreact, chat.own_reactions to authenticated;
