-- Deleting a room hides it at once. If it has many rows, a job removes them in batches.
create table chat_private.removed_members (
  room_id bigint not null,
  user_id uuid not null,
  primary key (room_id, user_id)
);
comment on table chat_private.removed_members is 'Members of deleted rooms who have not been notified yet.';
alter table chat_private.removed_members enable row level security;
revoke all on chat_private.removed_members from anon, authenticated;

-- Definer: only the database may delete messages and send to a room's topic. The rows of a small room are deleted with it.
-- For a large one, a placeholder row takes the place of the room, and satisfies the foreign keys until job_remove_rooms()
-- has removed the rest.
create function chat_private.room_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  much constant integer := 1000;
  user_ids uuid[];
begin
  if old.deleted_at is not null then
    return null; -- the placeholder row itself
  end if;
  delete from chat_private.rosters where room_id = old.id;
  perform chat_private.announce(
    old.topic, 'room.deleted', jsonb_build_object('room_id', old.id, 'version', old.version + 1)
  );
  with gone as (delete from chat.room_members where room_id = old.id returning user_id)
  select coalesce(array_agg(user_id), '{}') into user_ids from gone;
  perform chat_private.announce('user:' || user_id, 'room.removed', jsonb_build_object('room_id', old.id))
  from unnest(user_ids[:much]) as user_id;

  if cardinality(user_ids) > much or not chat_private.may_remove_now(old.version) then
    insert into chat.rooms (id, kind, created_at, deleted_at) overriding system value
    values (old.id, 'group', old.created_at, now());
    insert into chat_private.removed_members (room_id, user_id)
    select old.id, user_id from unnest(user_ids[much + 1:]) as user_id;
  else
    delete from chat.pins where room_id = old.id;
    delete from chat.reactions where room_id = old.id;
    delete from chat.room_changes where room_id = old.id;
    delete from chat.room_bans where room_id = old.id;
    delete from chat.messages where room_id = old.id;
  end if;
  return null;
end;
$$;

-- Triggers run in the order of their names: this one comes before those that check the foreign keys.
create trigger "1_room_deleted"
  after delete on chat.rooms
  for each row execute function chat_private.room_deleted();

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
  delete from chat.reactions where (message_id, user_id, emoji) in (
    select reactions.message_id, reactions.user_id, reactions.emoji from chat.reactions as reactions
    where reactions.room_id = remove_room_rows.room_id order by reactions.message_id limit max_rows
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
  delete from chat.room_bans as bans
  where bans.room_id = remove_room_rows.room_id and bans.user_id in (
    select page.user_id from chat.room_bans as page
    where page.room_id = remove_room_rows.room_id order by page.user_id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  -- The newest first: a reply is deleted before the message that it replies to.
  delete from chat.messages where id in (
    select messages.id from chat.messages as messages
    where messages.room_id = remove_room_rows.room_id order by messages.seq desc limit max_rows
  );
  get diagnostics more = row_count;
  return removed + more;
end;
$$;
comment on function chat_private.remove_room_rows is
  'Deletes up to max_rows rows of each table of a deleted room. Returns how many it deleted.';

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
comment on function chat_private.job_remove_rooms is 'Removes the remaining rows of deleted rooms.';

insert into chat_private.jobs (name, every) values ('remove_rooms', interval '10 seconds');
