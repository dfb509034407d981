-- The log of the rarer changes of a room (members, pins, the room itself), which sync() reads.
create table chat.room_changes (
  room_id bigint not null references chat.rooms on delete no action,
  version bigint not null,
  event text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  -- Of a change that the messages show (335_system_messages).
  actor_id uuid,
  after_seq bigint,
  kind chat.system_kind,
  primary key (room_id, version)
);
comment on table chat.room_changes is
  'The changes of a room other than messages. A job deletes those that a later change supersedes. Rows do not change, except that the '
  'name of an erased person goes.';
comment on column chat.room_changes.kind is 'What it says among the messages, as a system message; null if it is not shown there.';
comment on column chat.room_changes.actor_id is 'Who did it; null for a backend, and for somebody who is not in the room.';
comment on column chat.room_changes.after_seq is 'The seq of the last message before it.';

-- The system messages among the messages of a page. Partial: other changes do not write it.
create index room_changes_system_idx on chat.room_changes (room_id, after_seq, version) where kind is not null;
-- A repeated system message of a backend finds the first one. Partial, as above.
create unique index room_changes_system_key on chat.room_changes (room_id, (payload ->> 'client_id')) where kind = 'text';

alter table chat.room_changes enable row level security;
revoke all on chat.room_changes from anon, authenticated;
grant select on chat.room_changes to authenticated;
-- No writes: triggers insert its rows.

create policy "members can read what happened in their rooms"
  on chat.room_changes for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create function chat_private.keep_change(room chat.rooms, event text, payload jsonb, kind chat.system_kind default null)
returns chat.room_changes
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  change chat.room_changes;
begin
  change.room_id := room.id;
  change.version := room.version;
  change.event := event;
  change.payload := payload;
  change.created_at := now();
  if kind is not null and chat_private.shows_system_message(room, kind) then
    change.kind := kind;
    change.after_seq := room.last_seq;
    -- A moderator who is not in the room is not named to it.
    if payload ->> 'user_id' = me::text or chat_private.is_my_room(room.id) then
      change.actor_id := me;
    end if;
  end if;
  insert into chat.room_changes values (change.*);
  perform chat_private.announce(
    room.topic, event,
    payload || jsonb_build_object('room_id', room.id, 'version', room.version) || chat_private.system_payload(change)
  );
  perform chat_private.wake(room.id, room.member_count, coalesce(room.last_message_at, room.created_at));
  return change;
end;
$$;
comment on function chat_private.keep_change is
  'Logs a change that the version of a room counts, broadcasts and returns it; with a kind, the messages show it.';

create function chat_private.record_change(room_id bigint, event text, payload jsonb, kind chat.system_kind default null)
returns chat.room_changes
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
begin
  update chat.rooms set version = version + 1
  where id = record_change.room_id and deleted_at is null
  returning * into room;
  if not found then
    return null; -- the room is being deleted
  end if;
  -- Once in 128 versions, which messages count, too.
  if room.version % 128 = 0 then
    insert into chat_private.rooms_to_prune (room_id) values (room.id) on conflict do nothing;
  end if;
  return chat_private.keep_change(room, event, payload, kind);
end;
$$;
comment on function chat_private.record_change is 'Counts a change of a room in its version, logs it, broadcasts and returns it.';

-- Changes of the room itself.
create function chat_private.room_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  -- Not when the slug of a direct room follows a username.
  if current_user = 'authenticated' then
    perform chat_private.take_tokens('change_room');
  end if;
  new.version := old.version + 1;
  return new;
end;
$$;

create trigger room_changing
  before update of
    name, description, is_public, slug, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason,
    joining
  on chat.rooms
  for each row when (
    (
      new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds,
      new.posting, new.inviting, new.pinning, new.locked_at, new.locked_reason, new.joining
    ) is distinct from (
      old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds,
      old.posting, old.inviting, old.pinning, old.locked_at, old.locked_reason, old.joining
    )
  )
  execute function chat_private.room_changing();

-- Definer: clients may not write room_changes, nor send to a room's topic.
create function chat_private.room_changed()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.keep_change(
    new, 'room.updated',
    jsonb_build_object(
      'name', new.name, 'description', new.description, 'is_public', new.is_public, 'avatar_url', new.avatar_url,
      'slow_mode_seconds', new.slow_mode_seconds, 'posting', new.posting, 'inviting', new.inviting, 'pinning', new.pinning,
      'locked_at', new.locked_at, 'locked_reason', new.locked_reason, 'joining', new.joining
    )
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end,
    case
      when new.name <> old.name then 'renamed'
      when new.avatar_url is distinct from old.avatar_url then 'picture'
      when new.description <> old.description then 'description'
      when new.locked_at is not null and old.locked_at is null then 'locked'
      when new.locked_at is null and old.locked_at is not null then 'unlocked'
    end::chat.system_kind
  );
  -- Users who left the public group themselves may still receive from its topic.
  if old.is_public and (not new.is_public or old.joining = 'open' and new.joining = 'request') then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$$;

create trigger room_changed
  after update of
    name, description, is_public, slug, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason,
    joining
  on chat.rooms
  for each row when (
    (
      new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds,
      new.posting, new.inviting, new.pinning, new.locked_at, new.locked_reason, new.joining
    ) is distinct from (
      old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds,
      old.posting, old.inviting, old.pinning, old.locked_at, old.locked_reason, old.joining
    )
  )
  execute function chat_private.room_changed();

create function chat_private.move_topic(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  old_topic text := (select topic from chat.rooms where id = move_topic.room_id);
  room chat.rooms;
begin
  update chat.rooms set epoch = epoch + 1 where id = move_topic.room_id returning * into room;
  perform chat_private.announce(
    old_topic, 'room.moved', jsonb_build_object('room_id', room.id, 'version', room.version, 'topic', room.topic)
  );
end;
$$;
comment on function chat_private.move_topic is
  'Moves the events of a room to a new topic, so that an open channel of a former member receives no more events.';

create table chat_private.rooms_to_prune (
  room_id bigint primary key
);
comment on table chat_private.rooms_to_prune is 'Rooms whose log may have many superseded changes.';
alter table chat_private.rooms_to_prune enable row level security;
revoke all on chat_private.rooms_to_prune from anon, authenticated;

-- The subject of a change: sync() needs only the last change of each subject.
create function chat_private.change_subject(event text, payload jsonb)
returns text
language sql immutable security invoker set search_path = ''
as $$
  select case
    when event in ('member.joined', 'member.left') then 'membership of ' || (payload ->> 'user_id')
    when event = 'member.updated' then 'member ' || (payload ->> 'user_id')
    when event = 'message.pinned' then 'pin of ' || (payload #>> '{pin,message_id}')
    when event = 'message.unpinned' then 'pin of ' || (payload ->> 'message_id')
    when event = 'system_message.created' then 'system message ' || (payload ->> 'client_id')
    -- A change carries the slug only if the slug has changed.
    else event || case when payload ? 'slug' then ' with its slug' else '' end
  end;
$$;

create function chat_private.prune_room_changes()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  kept constant integer := (select retention.newest from chat_private.retention as retention where retention.name = 'room_changes');
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
  where changes.room_id = pruned and changes.version = ranked.version and ranked.place > 1
    and ranked.age > case when changes.kind is null then kept else 10 * kept end;
  return true;
end;
$$;
comment on function chat_private.prune_room_changes is
  'Deletes superseded changes of a room, except the newest, and of those that the messages show ten times as many, so that '
  'repeated changes do not fill the table.';
