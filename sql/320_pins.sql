-- Messages that members have pinned for everyone in the room.
create table chat.pins (
  id bigint generated always as identity primary key,
  room_id bigint not null references chat.rooms on delete no action,
  message_id bigint not null unique references chat.messages on delete cascade,
  pinned_by uuid default auth.uid() references chat.profiles on delete set null,
  pinned_at timestamptz not null default now()
);
comment on table chat.pins is 'A pinned message.';

-- The pins of a room; the foreign key.
create index pins_room_id_idx on chat.pins (room_id, id);
-- The foreign key.
create index pins_pinned_by_idx on chat.pins (pinned_by);

alter table chat.pins enable row level security;
revoke all on chat.pins from anon, authenticated;
grant select, insert (message_id), delete on chat.pins to authenticated;
-- No update: there is nothing to change.

create policy "members can read pins"
  on chat.pins for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

create policy "members can pin messages"
  on chat.pins for insert to authenticated
  with check (
    pinned_by = (select auth.uid())
    and room_id in (select chat_private.my_room_ids())
  );

create policy "members can unpin messages"
  on chat.pins for delete to authenticated
  using (
    room_id in (select chat_private.my_room_ids())
    and (select chat_private.lock_my_room(room_id))
  );
