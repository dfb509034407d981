-- Forwards whose originals were imported after them. stage_messages has the two ids alone.
set local session_replication_role = replica;
update chat.messages as messages set forwarded_from_id = origins.target_id
from import_run, stage_messages as forwards, chat_private.imported_rows as known, chat_private.imported_rows as origins
where (known.import_id, known.kind, known.source_id) = (import_run.import_id, 'message', forwards.source_id)
  and (origins.import_id, origins.kind, origins.source_id) = (import_run.import_id, 'message', forwards.forwarded)
  and messages.id = known.target_id and messages.deleted_at is null
  and messages.forwarded_from_id is null and messages.forwarded_content is not null;
