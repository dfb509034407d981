-- The rarer changes of a room (members, pins, the room itself), kept so that sync() can tell them.
create table chat.room_changes (
  room_id bigint not null references chat.rooms on delete no action,
  version bigint not null,
  event text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  primary key (room_id, version)
);
comment on table chat.room_changes is
  'What happened in a room besides its messages; never changed. What a later change supersedes is removed in time.';

alter table chat.room_changes enable row level security;
revoke all on chat.room_changes from anon, authenticated;
grant select on chat.room_changes to authenticated;
-- No writes: triggers add to it.

create policy "members can read what happened in their rooms"
  on chat.room_changes for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create function chat_private.announce(topic text, event text, payload jsonb)
returns void
-- In UTC: Realtime notes the time without a zone, and a request may ask for another one.
language plpgsql volatile security invoker set search_path = '' set timezone = 'UTC'
as $$
begin
  perform realtime.send(payload, event, topic, true);
end;
$$;
comment on function chat_private.announce is 'Sends an event to a private topic, when and if the transaction commits.';

create function chat_private.record_change(room_id bigint, event text, payload jsonb)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms set version = version + 1
  where id = record_change.room_id and deleted_at is null
  returning * into room;
  if not found then
    return; -- the room itself is going
  end if;
  insert into chat.room_changes (room_id, version, event, payload)
  values (room.id, room.version, record_change.event, record_change.payload);
  perform chat_private.announce(
    room.topic, event, payload || jsonb_build_object('room_id', room.id, 'version', room.version)
  );
  -- Now and then, whatever else counts in the version.
  if room.version % 128 = 0 then
    insert into chat_private.rooms_to_prune (room_id) values (room.id) on conflict do nothing;
  end if;
end;
$$;
comment on function chat_private.record_change is 'Counts a change of a room, keeps it and announces it.';
