-- What operators do by hand, with SQL or in Studio. The triggers of each table keep what an edit of a row would break: a deleted
-- message leaves a tombstone, a renamed room is announced. What they do not see is here.

-- Studio deletes all rows of a table by truncating it, which calls no trigger of a row: nobody would receive an event, rooms would
-- count what is gone, and the files would stay in Storage. A backup is restored without triggers.
create function chat_private.truncating()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using message = 'truncate_refused',
    detail = format('Delete the rows of %I instead of truncating it: so everybody learns what is gone.', tg_table_name);
end;
$$;

-- The tables to which these refer, such as rooms and messages, cannot be truncated without them.
create trigger truncating
  before truncate on chat.room_members
  for each statement execute function chat_private.truncating();

create trigger truncating
  before truncate on chat.room_changes
  for each statement execute function chat_private.truncating();

create trigger truncating
  before truncate on chat.pins
  for each statement execute function chat_private.truncating();

create trigger truncating
  before truncate on chat.reactions
  for each statement execute function chat_private.truncating();

create trigger truncating
  before truncate on chat.attachments
  for each statement execute function chat_private.truncating();

create trigger truncating
  before truncate on chat.conversation_messages
  for each statement execute function chat_private.truncating();

-- Deferred: set_member_role() makes the new owner after it has demoted the old one. Does nothing while there is an owner.
-- Definer: clients may not write roles.
create function chat_private.owner_demoted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.pass_ownership(new.room_id);
  return null;
end;
$$;

create constraint trigger owner_demoted
  after update of role on chat.room_members
  deferrable initially deferred
  for each row when (old.role = 'owner' and new.role <> 'owner')
  execute function chat_private.owner_demoted();
