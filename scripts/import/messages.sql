-- One batch of import_numbered, in its order. An empty message is one that its author deleted.
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
