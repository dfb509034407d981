-- The friendships of stage_friends.
set local session_replication_role = replica;

create temporary table unit_friends as
select import_run.import_id, hashtextextended(friends.owner || ':' || friends.friend, 0) as source_id, ours.id as user_id,
  theirs.id as friend_id
from import_run, stage_friends as friends
join chat_private.imported_rows as one on (one.kind, one.source_id) = ('person', friends.owner)
join chat_private.imported_rows as other on (other.kind, other.source_id) = ('person', friends.friend)
join chat.profiles as ours on ours.number = one.target_id
join chat.profiles as theirs on theirs.number = other.target_id
where one.import_id = import_run.import_id and other.import_id = import_run.import_id and friends.owner <> friends.friend;

-- One that was ended here is not made again.
with added as (
  insert into chat_private.imported_rows
  select distinct import_id, 'friend', source_id, 0 from unit_friends
  on conflict do nothing
  returning source_id
)
insert into chat.friendships (user_id, friend_id)
select distinct user_id, friend_id from unit_friends join added using (source_id)
on conflict do nothing;
