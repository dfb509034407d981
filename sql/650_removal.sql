-- What is deleted is hidden at once. What there is much of is removed here, in batches.
create table chat_private.removed_members (
  room_id bigint not null,
  user_id uuid not null,
  primary key (room_id, user_id)
);
comment on table chat_private.removed_members is 'Members of deleted rooms who are still to be notified.';
alter table chat_private.removed_members enable row level security;
revoke all on chat_private.removed_members from anon, authenticated;

create table chat_private.departed_senders (
  user_id uuid primary key,
  departed_at timestamptz not null default now()
);
comment on table chat_private.departed_senders is 'Deleted accounts whose id is still to be removed from their messages.';
alter table chat_private.departed_senders enable row level security;
revoke all on chat_private.departed_senders from anon, authenticated;

create function chat_private.notify_removed_members(room_id bigint, max_rows integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  user_ids uuid[];
begin
  with gone as (
    delete from chat_private.removed_members as members
    where members.room_id = notify_removed_members.room_id and members.user_id in (
      select page.user_id from chat_private.removed_members as page
      where page.room_id = notify_removed_members.room_id order by page.user_id limit max_rows
    )
    returning members.user_id
  )
  select coalesce(array_agg(gone.user_id), '{}') into user_ids from gone;
  perform chat_private.announce(
    'user:' || user_id, 'room.removed', jsonb_build_object('room_id', notify_removed_members.room_id)
  )
  from unnest(user_ids) as user_id;
  return cardinality(user_ids);
end;
$$;

create function chat_private.remove_room_rows(room_id bigint, max_rows integer)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  removed integer := chat_private.notify_removed_members(remove_room_rows.room_id, max_rows);
  more integer;
begin
  delete from chat.pins where id in (
    select pins.id from chat.pins as pins where pins.room_id = remove_room_rows.room_id order by pins.id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.room_changes as changes
  where changes.room_id = remove_room_rows.room_id and changes.version in (
    select page.version from chat.room_changes as page
    where page.room_id = remove_room_rows.room_id order by page.version limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  -- The newest first: what replies to a message goes before it.
  delete from chat.messages where id in (
    select messages.id from chat.messages as messages
    where messages.room_id = remove_room_rows.room_id order by messages.seq desc limit max_rows
  );
  get diagnostics more = row_count;
  return removed + more;
end;
$$;
comment on function chat_private.remove_room_rows is
  'Removes up to max_rows of each kind of row of a deleted room. Returns how many it removed.';

create function chat_private.job_remove_rooms()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  room_id bigint;
begin
  loop
    select id into room_id from chat.rooms where deleted_at is not null order by deleted_at, id limit 1;
    if not found then
      return false;
    elsif chat_private.remove_room_rows(room_id, 500) = 0 then
      delete from chat.rooms where id = room_id;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_remove_rooms is 'Removes what deleted rooms have left.';

-- Definer: clients may not delete messages. As room_deleted() does.
create function chat_private.conversation_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  messages bigint;
begin
  if old.deleted_at is not null then
    return null; -- the bare row itself
  end if;
  select count(*) into messages
  from (select from chat.conversation_messages where conversation_id = old.id limit 1001) as some_messages;
  if chat_private.may_remove_now(messages) then
    delete from chat.conversation_messages where conversation_id = old.id;
  else
    insert into chat.conversations (id, owner_id, created_at, deleted_at) values (old.id, null, old.created_at, now());
  end if;
  return null;
end;
$$;

create trigger "1_conversation_deleted"
  after delete on chat.conversations
  for each row execute function chat_private.conversation_deleted();

create function chat_private.job_remove_conversations()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  removed uuid;
begin
  loop
    select id into removed from chat.conversations where deleted_at is not null order by deleted_at, id limit 1;
    if not found then
      return false;
    end if;
    -- The newest first, as of rooms.
    delete from chat.conversation_messages where id in (
      select messages.id from chat.conversation_messages as messages
      where messages.conversation_id = removed order by messages.id desc limit 500
    );
    if not found then
      delete from chat.conversations where id = removed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_remove_conversations is 'Removes what deleted conversations have left.';

-- Definer: Auth's own role deletes accounts.
create function chat_private.profile_left()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Few at once, many in the background.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  insert into chat_private.departed_senders (user_id)
  select old.id where exists (select from chat.messages where sender_id = old.id)
  on conflict do nothing;
  return null;
end;
$$;

create trigger profile_left
  after delete on chat.profiles
  for each row execute function chat_private.profile_left();

create function chat_private.job_forget_senders()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
begin
  loop
    select user_id into departed from chat_private.departed_senders order by departed_at, user_id limit 1;
    if not found then
      return false;
    end if;
    -- Skipped: a message that is being edited or deleted at this moment is not waited for, with its room.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not exists (select from chat.messages where sender_id = departed) then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_forget_senders is 'Removes the ids of deleted accounts from their messages.';

create table chat_private.rooms_to_prune (
  room_id bigint primary key
);
comment on table chat_private.rooms_to_prune is 'Rooms in which much has changed besides the messages.';
alter table chat_private.rooms_to_prune enable row level security;
revoke all on chat_private.rooms_to_prune from anon, authenticated;

-- What a change is about: of each subject, sync() needs the last change only.
create function chat_private.change_subject(event text, payload jsonb)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case
    when event in ('member.joined', 'member.left') then 'membership of ' || (payload ->> 'user_id')
    when event = 'member.updated' then 'member ' || (payload ->> 'user_id')
    when event = 'message.pinned' then 'pin of ' || (payload #>> '{pin,message_id}')
    when event = 'message.unpinned' then 'pin of ' || (payload ->> 'message_id')
    -- The slug is told only where it changes.
    else event || case when payload ? 'slug' then ' with its slug' else '' end
  end;
$$;

create function chat_private.job_prune_changes()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  kept constant integer := 100;
  pruned bigint;
begin
  delete from chat_private.rooms_to_prune
  where room_id = (select rooms.room_id from chat_private.rooms_to_prune as rooms order by rooms.room_id limit 1)
  returning room_id into pruned;
  if not found then
    return false;
  end if;
  delete from chat.room_changes as changes
  using (
    select each.version,
      row_number() over (
        partition by chat_private.change_subject(each.event, each.payload) order by each.version desc
      ) as place,
      row_number() over (order by each.version desc) as age
    from chat.room_changes as each
    where each.room_id = pruned
  ) as ranked
  where changes.room_id = pruned and changes.version = ranked.version and ranked.place > 1 and ranked.age > kept;
  return true;
end;
$$;
comment on function chat_private.job_prune_changes is
  'Removes changes of a room that later ones supersede, but for the last 100, so that a loop of them does not fill the table.';

insert into chat_private.jobs (name, every) values
  ('remove_rooms', interval '10 seconds'), ('remove_conversations', interval '10 seconds'),
  ('forget_senders', interval '10 seconds'), ('prune_changes', interval '1 minute');
