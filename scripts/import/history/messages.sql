-- One batch of import_numbered, in order. An empty message was deleted by its author.
insert into chat.messages (room_id, seq, version, sender_id, content, client_id, created_at, deleted_at)
select
  room_id,
  last_seq + number,
  version + number,
  user_id,
  case when content ~ '\S' then content else '' end,
  message_id,
  sent_at,
  case when content !~ '\S' then sent_at end
from import_numbered
where place > $1 and place <= $2
order by place
