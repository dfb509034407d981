-- seq and version: taken under the row lock of the room, so that they follow the order of commits and leave no gap.

-- Definer: clients may not write a room's counters or read marks directly.
create function chat_private.message_sending()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- The default of the column: only a backend can give another time.
  is_sent_now constant boolean := new.created_at = now();
  slow_mode integer;
  is_open boolean;
  is_member boolean;
  is_muted boolean;
  has_rules boolean;
  pair text;
  sender chat.room_members;
  earlier chat.messages;
begin
  perform chat_private.count_row(new.content);
  -- Refuses strangers before any lock. One statement: each costs every message.
  select exists (select from chat.room_members where room_id = new.room_id and user_id = new.sender_id),
    exists (select from chat.mutes where user_id = new.sender_id),
    exists (select from chat_private.word_rules)
  into is_member, is_muted, has_rules;
  if not is_member and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  end if;

  if new.client_id is not null then
    -- A repeated send must take no number: its row will violate messages_client_id_key, also with "on conflict do nothing".
    perform chat_private.lock_key(new.sender_id, new.client_id);
    -- Locks the original: if it is being deleted concurrently, this insert would not conflict and would keep seq 1.
    select * into earlier from chat.messages
    where sender_id = new.sender_id and client_id = new.client_id for key share;
    if found then
      perform chat_private.require_same_message(earlier, new);
      new.seq := 1;
      new.version := 1;
      return new;
    end if;
  end if;

  if is_muted then
    perform chat_private.require_unmuted(new.sender_id);
  end if;
  perform chat_private.take_token_of_row('send_message');
  perform chat_private.take_turn(new.room_id);
  -- The time is also taken under the lock, and is never before that of the previous message.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(last_message_at, new.created_at, case when is_sent_now then clock_timestamp() end)
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at, slow_mode_seconds, posting = 'everyone' and locked_at is null, direct_key
  into new.seq, new.version, new.created_at, slow_mode, is_open, pair;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif new.created_at < now() then
    -- message_written_on_insert announces it although its time has passed.
    perform set_config('chat.numbered', new.id::text, true);
  end if;

  -- The marks of the sender move along if nothing was unread, as mostly. The sender may have been removed during the wait.
  update chat.room_members as members
  set last_read_seq = new.seq, own_after_read = 0, last_delivered_seq = new.seq
  where members.room_id = new.room_id and members.user_id = new.sender_id
    and members.last_read_seq + members.own_after_read >= new.seq - 1
  returning members.* into sender;
  if not found then
    update chat.room_members as members
    set (last_read_seq, own_after_read, last_delivered_seq) = (
      select case when caught_up then new.seq else members.last_read_seq end,
        case when caught_up then 0 else members.own_after_read + 1 end,
        case when caught_up or members.last_delivered_seq = new.seq - 1 then new.seq else members.last_delivered_seq end
      -- "offset 0" keeps the planner from calling the function for each use.
      from (select chat_private.is_caught_up(members, new.seq - 1) offset 0) as state (caught_up)
    )
    where members.room_id = new.room_id and members.user_id = new.sender_id
    returning members.* into sender;
  end if;
  if not found and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  elsif not sender.shares_receipts then
    perform chat_private.hidden_member_sent(sender, new.seq);
  end if;
  if not is_open and sender.role < 'admin' then
    perform chat_private.require_open(new.room_id, 'posting');
  end if;
  if pair is not null and new.sender_id is not null then
    perform chat_private.require_unblocked(pair);
  end if;
  if slow_mode > 0 and sender.role < 'admin' then
    perform chat_private.keep_slow(new.room_id, slow_mode);
  end if;

  if new.reply_to_id is not null or new.forwarded_from_id is not null then
    new := chat_private.refer(new);
  end if;
  if new.mentions_all or new.mentions <> '[]' then
    new := chat_private.mention(new, null);
  end if;
  if has_rules then
    perform chat_private.apply_word_rules(new);
  end if;
  return new;
end;
$$;

create trigger messages_sending
  before insert on chat.messages
  for each statement execute function chat_private.count_from_zero();

-- Imported history has its own numbers and times.
create trigger message_sending
  before insert on chat.messages
  for each row when (new.seq = 0)
  execute function chat_private.message_sending();

create trigger rows_counted_on_insert
  after insert on chat.messages
  for each statement when (current_setting('chat.token_rows')::integer > 1)
  execute function chat_private.rows_counted('send_message');

create function chat_private.without_text()
returns jsonb
language sql immutable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'content', '', 'metadata', '{}'::jsonb, 'attachments', '[]'::jsonb, 'mentions', '[]'::jsonb, 'mentions_all', false,
    'forwarded_sender_id', null, 'forwarded_username', null, 'forwarded_content', null,
    'reactions', '{}'::jsonb, 'reactions_version', null
  );
$$;
comment on function chat_private.without_text is 'The columns of a message that carry its content, as a deletion leaves them.';

-- Definer: as above. For every update, also by operators: a message keeps its room and seq, and a tombstone does not change.
create function chat_private.message_changing()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  is_edit constant boolean :=
    (new.content, new.mentions, new.mentions_all) is distinct from (old.content, old.mentions, old.mentions_all);
  is_open boolean;
  pair text;
begin
  if old.deleted_at is not null then
    return old;
  end if;
  perform chat_private.count_row(new.content);
  perform chat_private.keep_digest(old);
  new.room_id := old.room_id;
  new.seq := old.seq;
  if new.deleted_at is null then
    if is_edit then
      if new.sender_id = (select auth.uid()) then
        perform chat_private.require_unmuted(new.sender_id), chat_private.apply_word_rules(new);
      end if;
      perform chat_private.take_token_of_row('edit_message');
    end if;
    new.edited_at := greatest(now(), new.created_at);
  else
    perform chat_private.take_tokens('delete_message');
    new := jsonb_populate_record(new, chat_private.without_text());
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id
  returning version, posting = 'everyone' and locked_at is null, direct_key into new.version, is_open, pair;
  if is_edit and new.deleted_at is null then
    if not is_open then
      perform chat_private.require_open(new.room_id, 'posting');
    end if;
    if pair is not null and (select auth.uid()) is not null then
      perform chat_private.require_unblocked(pair);
    end if;
  end if;
  return new;
end;
$$;

create trigger messages_changing
  before update on chat.messages
  for each statement execute function chat_private.count_from_zero();

create trigger message_changing
  before update on chat.messages
  -- Not for the name of whom it forwards: like a new username, that it goes is no edit.
  for each row when (
    (
      new.room_id, new.seq, new.version, new.content, new.metadata, new.forwarded_from_id,
      new.forwarded_content, new.deleted_at, new.attachments, new.mentions, new.mentions_all
    ) is distinct from (
      old.room_id, old.seq, old.version, old.content, old.metadata, old.forwarded_from_id,
      old.forwarded_content, old.deleted_at, old.attachments, old.mentions, old.mentions_all
    )
  )
  execute function chat_private.message_changing();

create trigger rows_counted_on_update
  after update on chat.messages
  for each statement when (current_setting('chat.token_rows')::integer > 1)
  execute function chat_private.rows_counted('edit_message');

-- Definer: as above. A row is deleted only with its room; deleted alone, it becomes a tombstone and leaves no gap.
create function chat_private.message_removing()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if not exists (select from chat.rooms where id = old.room_id and deleted_at is null) then
    return old;
  end if;
  update chat.messages set deleted_at = now() where id = old.id and deleted_at is null;
  return null;
end;
$$;

create trigger message_removing
  before delete on chat.messages
  for each row execute function chat_private.message_removing();
