-- Changes of the room itself.
create function chat_private.room_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  new.version := old.version + 1;
  return new;
end;
$$;

create trigger room_changing
  before update of name, description, is_public, slug on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug)
      is distinct from (old.name, old.description, old.is_public, old.slug)
  )
  execute function chat_private.room_changing();

-- Definer: clients may not write room_changes, nor send to a room's topic.
create function chat_private.room_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  payload jsonb := jsonb_build_object(
    'name', new.name, 'description', new.description, 'is_public', new.is_public
  ) || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end;
begin
  insert into chat.room_changes (room_id, version, event, payload)
  values (new.id, new.version, 'room.updated', payload);
  perform chat_private.announce(
    new.topic, 'room.updated', payload || jsonb_build_object('room_id', new.id, 'version', new.version)
  );
  -- Those who left the public group by themselves may still hear its topic.
  if old.is_public and not new.is_public then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$$;

create trigger room_changed
  after update of name, description, is_public, slug on chat.rooms
  for each row when (
    (new.name, new.description, new.is_public, new.slug)
      is distinct from (old.name, old.description, old.is_public, old.slug)
  )
  execute function chat_private.room_changed();

-- Whether so many rows more may be deleted at once by this transaction, however many rooms and conversations it deletes.
create function chat_private.may_remove_now(more bigint)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant bigint := 1000;
  removed bigint := coalesce(nullif(current_setting('chat.removed_rows', true), ''), '0')::bigint + more;
begin
  if removed > most then
    return false;
  end if;
  perform set_config('chat.removed_rows', removed::text, true);
  return true;
end;
$$;

-- Definer: as above. A deleted room is gone for everyone at once. What it had goes too, if it is not much: else a bare
-- row takes the place of the room, to which the foreign keys hold on until job_remove_rooms() has removed the rest.
create function chat_private.room_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  much constant integer := 1000;
  user_ids uuid[];
begin
  if old.deleted_at is not null then
    return null; -- the bare row itself
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
    delete from chat.room_changes where room_id = old.id;
    delete from chat.messages where room_id = old.id;
  end if;
  return null;
end;
$$;

-- Its name comes before those of the triggers that check the foreign keys: triggers run in the order of their names.
create trigger "1_room_deleted"
  after delete on chat.rooms
  for each row execute function chat_private.room_deleted();
