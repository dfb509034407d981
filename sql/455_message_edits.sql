-- What edited messages said before. Members see it, so that an edit cannot change what others have answered. A deletion
-- erases it.
create table chat.message_edits (
  message_id bigint not null references chat.messages on delete cascade,
  -- Of the message while it said this.
  version bigint not null,
  -- Who may read the room may read its edits. No foreign key: it is the message's.
  room_id bigint not null,
  content text not null,
  written_at timestamptz not null,
  -- The edits of a message, in order.
  primary key (message_id, version)
);
comment on table chat.message_edits is 'A text that an edit of a message has replaced.';
comment on column chat.message_edits.written_at is 'When the message was sent, or edited, with this text.';

alter table chat.message_edits enable row level security;
revoke all on chat.message_edits from anon, authenticated;
grant select on chat.message_edits to authenticated;
-- No writes: edits of messages write them.

create policy "members can read what messages said before"
  on chat.message_edits for select to authenticated
  using ((select chat_private.require_modest_query()) and room_id in (select chat_private.my_room_ids()));

-- Definer: clients may not write earlier texts.
create function chat_private.message_edited()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  most_kept constant integer := 100;
begin
  if new.deleted_at is not null then
    delete from chat.message_edits where message_id = new.id;
    return null;
  end if;
  insert into chat.message_edits (message_id, version, room_id, content, written_at)
  values (old.id, old.version, old.room_id, old.content, coalesce(old.edited_at, old.created_at));
  delete from chat.message_edits as edits
  where edits.message_id = new.id and edits.version <= (
    select kept.version from chat.message_edits as kept
    where kept.message_id = new.id order by kept.version desc limit 1 offset most_kept
  );
  return null;
end;
$$;

create trigger message_edited
  after update on chat.messages
  for each row when (new.content is distinct from old.content)
  execute function chat_private.message_edited();
