-- Deleting a conversation hides it at once. If it has many messages, a job removes them in batches.

-- Definer: clients may not delete messages. Works like room_deleted().
create function chat_private.conversation_deleted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  messages bigint;
begin
  if old.deleted_at is not null then
    return null; -- the placeholder row itself
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
    -- The newest first, as in remove_room_rows().
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
comment on function chat_private.job_remove_conversations is 'Removes the remaining rows of deleted conversations.';

insert into chat_private.jobs (name, every) values ('remove_conversations', interval '10 seconds');
