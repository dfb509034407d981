-- The counters of the rooms and their members, after the messages are inserted.
update chat.rooms
set
  last_seq = rooms.last_seq + added.count,
  version = rooms.version + added.count,
  last_message_id = newest.id,
  last_message_at = greatest(rooms.last_message_at, added.last_message_at)
from (
  select room_id, count(*) as count, max(sent_at) as last_message_at, max(last_seq + number) as last_seq
  from import_numbered
  group by room_id
) as added
join chat.messages as newest on newest.room_id = added.room_id and newest.seq = added.last_seq
where rooms.id = added.room_id;

-- History is not news: without the triggers of room_members, clients receive no events about these joins and reads.
set local session_replication_role = replica;

insert into chat.room_members (room_id, user_id, joined_at, last_read_seq, last_delivered_seq)
select rooms.id, profiles.id, min(numbered.sent_at), rooms.last_seq, rooms.last_seq
from import_numbered as numbered
join chat.rooms as rooms on rooms.id = numbered.room_id
join chat.profiles as profiles on profiles.id = numbered.user_id
group by rooms.id, profiles.id
order by min(numbered.sent_at)
on conflict (room_id, user_id) do nothing;

-- Imported members that already existed have read it too, unless a real user has taken over the account.
update chat.room_members as members
set last_read_seq = rooms.last_seq, last_delivered_seq = rooms.last_seq
from chat.rooms as rooms, auth.users as users
where rooms.id in (select room_id from import_numbered)
  and members.room_id = rooms.id
  and members.last_read_seq < rooms.last_seq
  and users.id = members.user_id
  and users.raw_app_meta_data ->> 'imported_from' = 'gitter';

set local session_replication_role = origin;

update chat.rooms
set
  member_count = (select count(*) from chat.room_members as members where members.room_id = rooms.id),
  members_version = members_version + 1
where id in (select room_id from import_numbered);
