-- The conversations of stage_conversations, with their messages.
set local session_replication_role = replica;
set local timezone = 'UTC';

create temporary table unit_conversations as
select conversations.*, import_run.import_id, hashtextextended(conversations.id::text, 0) as key, profiles.id as owner_id,
  not exists (
    select from chat_private.imported_rows as known
    where (known.import_id, known.kind, known.source_id)
      = (import_run.import_id, 'conversation', hashtextextended(conversations.id::text, 0))
  ) as is_new
from import_run, stage_conversations as conversations
left join chat_private.imported_rows as owners
  on (owners.kind, owners.source_id) = ('person', conversations.owner)
  and owners.import_id = (select import_id from import_run)
left join chat.profiles as profiles on profiles.number = owners.target_id;
insert into import_notes
select 'conversation', source_id, 'a conversation of somebody who is not here', true
from unit_conversations where is_new and owner_id is null;
-- Deleted here, or of an account that was.
delete from unit_conversations
where owner_id is null
  or not is_new and not exists (select from chat.conversations where conversations.id = unit_conversations.id);

insert into import_notes
select 'conversation', source_id, 'the end of a title of more than 255 characters', true
from unit_conversations where is_new and char_length(title) > 255;
insert into chat.conversations (id, owner_id, title, titled, archived, created_at, updated_at)
select id, owner_id, case when chat_private.shows(title) then left(title, 255) else 'New Chat' end,
  chat_private.shows(title) and title <> 'New Chat', archived, coalesce(created_at, now()),
  coalesce(
    updated_at,
    (select max(turns.created_at) from stage_turns as turns where turns.conversation = unit_conversations.id), created_at, now()
  )
from unit_conversations
where is_new;
insert into chat_private.imported_rows select import_id, 'conversation', key, 0 from unit_conversations where is_new;
-- Renamed or archived there since, and not touched here.
update chat.conversations as conversations
set title = left(changed.title, 255), titled = changed.title <> 'New Chat', archived = changed.archived,
  updated_at = coalesce(changed.updated_at, conversations.updated_at)
from unit_conversations as changed, import_run
where conversations.id = changed.id and not changed.is_new and conversations.updated_at <= import_run.since
  and chat_private.shows(changed.title)
  and (conversations.title, conversations.archived) is distinct from (left(changed.title, 255), changed.archived);

create temporary table unit_turns as
select turns.*, conversations.import_id,
  case
    when char_length(turns.content) > 100000 then 'a message of more than 100,000 characters'
    when char_length(turns.role) not between 1 and 20 then 'a message with a role of other than 1 to 20 characters'
  end as reason,
  case
    when not pg_input_is_valid(turns.metadata, 'jsonb') then '{}'::jsonb
    when jsonb_typeof(turns.metadata::jsonb) = 'object' then turns.metadata::jsonb
    when jsonb_typeof(turns.metadata::jsonb) = 'null' or turns.metadata = '[]' then '{}'::jsonb
    else jsonb_build_object('value', turns.metadata::jsonb)
  end as data
from stage_turns as turns
join unit_conversations as conversations on conversations.id = turns.conversation
where not exists (
  select from chat_private.imported_rows as known
  where (known.import_id, known.kind, known.source_id) = (conversations.import_id, 'turn', turns.source_id)
);
insert into import_notes select 'message', abs(source_id), reason, true from unit_turns where reason is not null;
delete from unit_turns where reason is not null;
insert into import_notes
select 'message', abs(source_id), 'metadata of more than 16,384 bytes', true from unit_turns where octet_length(data::text) > 16384;

create temporary table unit_numbered as
select unit_turns.*, case
    when source_id < 0 or source_id >= 1::bigint << 60 or (select true from chat.conversation_messages as taken where taken.id = source_id)
      then nextval(pg_get_serial_sequence('chat.conversation_messages', 'id'))
    else source_id
  end as id
from (select * from unit_turns order by place, abs(source_id), source_id desc) as unit_turns;
insert into chat_private.imported_rows select import_id, 'turn', source_id, id from unit_numbered;
insert into chat.conversation_messages (id, conversation_id, role, content, metadata, reply_to_id, created_at)
overriding system value
select numbered.id, numbered.conversation, numbered.role, numbered.content,
  case when octet_length(numbered.data::text) > 16384 then '{}' else numbered.data end, questions.target_id,
  coalesce(numbered.created_at, conversations.created_at)
from unit_numbered as numbered
join chat.conversations as conversations on conversations.id = numbered.conversation
left join chat_private.imported_rows as questions
  on (questions.import_id, questions.kind, questions.source_id) = (numbered.import_id, 'turn', numbered.reply)
order by numbered.id;
update chat.conversations as conversations set updated_at = greatest(conversations.updated_at, added.newest)
from (select conversation, max(created_at) as newest from unit_numbered group by conversation) as added
where conversations.id = added.conversation;

insert into import_came
select 'turn', count(*), 0
from stage_turns as turns
join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'turn', turns.source_id)
where turns.source_id > 0;
