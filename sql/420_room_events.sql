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

-- Definer: as above.
create function chat_private.room_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat_private.rosters where room_id = old.id;
  perform chat_private.announce(
    old.topic, 'room.deleted', jsonb_build_object('room_id', old.id, 'version', old.version + 1)
  );
  return null;
end;
$$;

create trigger room_deleted
  after delete on chat.rooms
  for each row execute function chat_private.room_deleted();
