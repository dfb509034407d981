-- The rooms of stage_rooms, with their members, messages and pins. A room that was imported before gets what is new in it.
set local session_replication_role = replica;
set local timezone = 'UTC';

create temporary table unit_rooms as
select rooms.*, known.target_id as room_id, known.target_id is null as is_new, null::text as direct_key, null::text as slug
from stage_rooms as rooms
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'room', rooms.source_id);
-- It was deleted here.
delete from unit_rooms
where not is_new and not exists (select from chat.rooms where rooms.id = room_id and rooms.deleted_at is null);
-- Sends to these rooms wait until this is done.
do $$
begin
  perform from chat.rooms where id in (select room_id from unit_rooms where not is_new) order by id for update;
end;
$$;

-- The people of these rooms who are here.
create temporary table unit_people as
select known.source_id, profiles.id, profiles.username, profiles.share_receipts
from (
  select person as source_id from stage_members
  union select sender from stage_messages
  union select forwarded_sender from stage_messages
  union select person from stage_pins
  union select person from stage_reactions
  union select owner from stage_rooms
) as named
join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'person', named.source_id)
join chat.profiles as profiles on profiles.number = known.target_id;

create temporary table unit_members as
select distinct on (rooms.source_id, people.id) rooms.source_id as room, rooms.is_new, members.person, people.id as user_id,
  people.username, people.share_receipts, members.place, members.role, members.joined_at, members.read_id, members.delivered_id
from stage_members as members
join unit_rooms as rooms on rooms.source_id = members.room
join unit_people as people on people.source_id = members.person
order by rooms.source_id, people.id, members.place;

insert into import_notes
select 'member', room,
  case when known.kind is null then 'a member who does not exist' else 'a second row of the same member' end, true,
  coalesce(person::text, 'none')
from (select *, row_number() over (partition by room, person order by place) as number from stage_members) as members
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'person', members.person)
where (known.kind is null or number > 1) and (select is_database from import_run);

-- A chat of two who are both here stays one, unless they have one already.
update unit_rooms set direct_key = pairs.key
from (
  select room, min(user_id::text collate "C") || ':' || max(user_id::text collate "C") as key
  from unit_members
  group by room
  having count(*) = 2
) as pairs
where pairs.room = unit_rooms.source_id and unit_rooms.is_new and unit_rooms.hint = 'direct';
create temporary table unit_seconds as
select source_id from unit_rooms as rooms
where exists (select from chat.rooms as others where others.direct_key = rooms.direct_key)
  or rooms.source_id > (select min(others.source_id) from unit_rooms as others where others.direct_key = rooms.direct_key);
update unit_rooms set direct_key = null where source_id in (select source_id from unit_seconds);
insert into import_notes
select 'room', source_id,
  case
    when source_id in (select source_id from unit_seconds)
      then 'a second private chat of the same two people: it is a private group of the two here'
    else 'a private chat of other than two people: it is a private group here'
  end,
  false
from unit_rooms where is_new and hint = 'direct' and direct_key is null;

update unit_rooms
set
  room_id = case
    when not (select is_database from import_run) or source_id >= 1::bigint << 60
      or (select true from chat.rooms where rooms.id = source_id)
      then nextval(pg_get_serial_sequence('chat.rooms', 'id'))
    else source_id
  end,
  name = case
    when direct_key is not null then ''
    when chat_private.shows(unit_rooms.name) then left(unit_rooms.name, 255)
    else coalesce(
      (select left(string_agg(username, ', ' order by place), 255) from unit_members where room = source_id), 'Chat ' || source_id
    )
  end
where is_new;
insert into import_notes
select 'room', source_id, 'the end of a description of more than 2,000 characters', true
from unit_rooms where is_new and char_length(description) > 2000;

-- Clients of the old backend know a direct room by its name.
update unit_rooms
set slug = case
  when direct_key is null then chat_private.free_slug(room_id)
  when stage.name ~ '^[\w.@+-]+$' and stage.name ~ '_' and char_length(stage.name) <= 310
    and not exists (select from chat.rooms where rooms.slug = stage.name)
    and not exists (select from chat_private.kept_slugs as kept where kept.slug = stage.name)
    then stage.name
  else chat_private.direct_slug(split_part(direct_key, ':', 1)::uuid, split_part(direct_key, ':', 2)::uuid)
end
from stage_rooms as stage
where stage.source_id = unit_rooms.source_id and is_new;

insert into chat.rooms (id, kind, slug, name, description, is_public, created_by, direct_key, created_at)
overriding system value
select
  room_id, case when direct_key is null then 'group' else 'direct' end::chat.room_kind, slug, name,
  case when direct_key is null then left(coalesce(description, ''), 2000) else '' end,
  direct_key is null and hint = 'public', people.id, direct_key,
  -- A room without a time is as old as the account of its newest member: it is not above those where people write.
  coalesce(
    created_at, (select min(created_at) from stage_messages where room = unit_rooms.source_id),
    (
      select max(users.created_at) from unit_members as members join auth.users as users on users.id = members.user_id
      where members.room = unit_rooms.source_id
    ),
    now()
  )
from unit_rooms
left join unit_people as people on people.source_id = unit_rooms.owner
where is_new
order by room_id;
insert into chat_private.kept_slugs (user_id, slug, direct_key)
select people::uuid, slug, direct_key from unit_rooms, string_to_table(direct_key, ':') as people where is_new
on conflict do nothing;
insert into chat_private.imported_rows
select import_run.import_id, 'room', source_id, room_id from import_run, unit_rooms where is_new;

-- Members. The owner of a group is the one who made it, if that is known, else an admin, else its first member.
insert into chat.room_members (room_id, user_id, role, joined_at, shares_receipts)
select
  rooms.room_id, members.user_id,
  case
    when rooms.direct_key is not null then 'member'
    when row_number() over (
      partition by rooms.room_id
      order by members.person is not distinct from rooms.owner desc, members.role = 'owner' desc, members.role = 'admin' desc,
        members.place, members.user_id
    ) = 1 then 'owner'
    when members.role in ('admin', 'owner') then 'admin'
    else 'member'
  end::chat.member_role,
  coalesce(members.joined_at, stored.created_at), members.share_receipts
from unit_members as members
join unit_rooms as rooms on rooms.source_id = members.room
join chat.rooms as stored on stored.id = rooms.room_id
where rooms.is_new
order by rooms.room_id, members.place;

create temporary table unit_joined as
select members.* from unit_members as members
where not members.is_new and not exists (
  select from import_run, chat_private.imported_rows as known
  where (known.import_id, known.kind, known.source_id)
    = (import_run.import_id, 'member', hashtextextended(members.room || ':' || members.person, 0))
);
insert into chat_private.imported_rows
select import_run.import_id, 'member', hashtextextended(room || ':' || person, 0), 0 from import_run, unit_members
on conflict do nothing;

-- Who has come to a room since, or has left it, is announced: people may be in it here already.
set local session_replication_role = origin;
insert into chat.room_members (room_id, user_id)
select rooms.room_id, joined.user_id
from unit_joined as joined
join unit_rooms as rooms on rooms.source_id = joined.room
join chat.rooms as stored on stored.id = rooms.room_id and stored.kind = 'group'
order by rooms.room_id
on conflict do nothing;
create temporary table unit_left as
select rooms.room_id, members.user_id, known.source_id
from import_run, unit_rooms as rooms
join chat.room_members as members on members.room_id = rooms.room_id
join auth.users as users on users.id = members.user_id
join chat_private.imported_rows as known on (known.kind, known.source_id) = (
  'member', hashtextextended(rooms.source_id || ':' || (users.raw_app_meta_data ->> 'source_id'), 0)
)
where not rooms.is_new and import_run.is_database and known.import_id = import_run.import_id
  and users.raw_app_meta_data ->> 'imported_from' = import_run.name
  and not exists (
    select from unit_members as still where still.room = rooms.source_id and still.user_id = members.user_id
  );
delete from chat.room_members as members using unit_left as gone
where (members.room_id, members.user_id) = (gone.room_id, gone.user_id);
delete from chat_private.imported_rows as known using unit_left as gone, import_run
where (known.import_id, known.kind, known.source_id) = (import_run.import_id, 'member', gone.source_id);
-- The last one may have left.
delete from unit_rooms where not exists (select from chat.rooms where rooms.id = unit_rooms.room_id and deleted_at is null);
set local session_replication_role = replica;

update stage_files set name = 'file' where is_new and (not chat_private.shows(name) or name ~ '[[:cntrl:]/\\]');
create temporary table unit_files as
select room, message,
  jsonb_agg(
    jsonb_build_object(
      'id', id, 'path', path, 'name', name, 'mime_type', mime_type, 'bytes', bytes, 'width', width, 'height', height,
      'duration_ms', duration_ms
    )
    order by place
  ) as attachments
from stage_files
group by room, message;

-- Messages, numbered in the order of their ids.
create temporary table unit_messages as
select
  rooms.room_id, rooms.is_new, messages.message, messages.part, messages.place, messages.source_id, known.target_id,
  null::bigint as seq, senders.id as sender_id,
  case
    when messages.deleted_at is not null then ''
    when chat_private.shows(messages.content) then messages.content
    else coalesce(messages.forwarded_content, messages.content)
  end as content,
  case when messages.deleted_at is null then messages.forwarded end as forwarded, messages.forwarded_sender,
  messages.forwarded_content, messages.reply, messages.created_at, messages.edited_at, messages.deleted_at, messages.is_read,
  case when messages.deleted_at is null then coalesce(messages.metadata, '{}') else '{}' end as metadata,
  case when messages.deleted_at is null then coalesce(files.attachments, '[]') else '[]' end as attachments
from stage_messages as messages
left join unit_files as files on files.room = messages.room and files.message = messages.source_id
join unit_rooms as rooms on rooms.source_id = messages.room
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'message', messages.source_id)
left join unit_people as senders on senders.source_id = messages.sender;
insert into import_notes
select 'message', message, 'a message without a visible text', true
from unit_messages where deleted_at is null and attachments = '[]' and not chat_private.shows(content);
delete from unit_messages where deleted_at is null and attachments = '[]' and not chat_private.shows(content);
insert into import_notes
select 'sender', message, 'a sender who does not exist: the message has none', true, sender::text
from import_run, stage_messages as messages
where part = 0 and sender is not null and is_database and not exists (
  select from chat_private.imported_rows as known
  where (known.import_id, known.kind, known.source_id) = (import_run.import_id, 'person', sender)
);
create index on unit_messages (room_id, message, part);
create index on unit_messages (room_id, place, part);
analyze unit_messages;

create temporary table unit_added as
select numbered.*,
  rooms.last_seq + numbered.number as new_seq, rooms.version + numbered.number as new_version,
  case
    when numbered.part > 0 or numbered.source_id >= 1::bigint << 60 or not (select is_database from import_run)
      or (select true from chat.messages where messages.id = numbered.source_id)
      then nextval(pg_get_serial_sequence('chat.messages', 'id'))
    else numbered.source_id
  end as id
from (
  select unit_messages.*, row_number() over (partition by room_id order by place, message, part) as number
  from unit_messages
  where target_id is null
) as numbered
join chat.rooms as rooms on rooms.id = numbered.room_id
order by numbered.room_id, numbered.number;
create index on unit_added (room_id, source_id);
analyze unit_added;

insert into chat_private.imported_rows
select import_run.import_id, 'message', added.source_id, added.id from import_run, unit_added as added
order by added.source_id;
insert into chat.messages (
  id, room_id, seq, version, sender_id, content, metadata, attachments, reply_to_id, forwarded_from_id, forwarded_sender_id,
  forwarded_username, forwarded_content, created_at, edited_at, deleted_at
)
overriding system value
select
  added.id, added.room_id, added.new_seq, added.new_version, added.sender_id, added.content, added.metadata,
  added.attachments, coalesce(answered.id, earlier.target_id, before.id), origins.target_id,
  case when added.forwarded is not null then people.id end,
  case when added.forwarded is not null then coalesce(people.username, '') end,
  case when added.forwarded is not null then added.forwarded_content end,
  coalesce(added.created_at, now() - interval '1 second'), added.edited_at, added.deleted_at
from unit_added as added
left join unit_added as answered
  on answered.room_id = added.room_id and answered.source_id = added.reply and added.deleted_at is null
left join unit_messages as earlier
  on earlier.room_id = added.room_id and earlier.message = added.reply and earlier.part = 0 and earlier.target_id is not null
  and added.deleted_at is null
-- What is a part of the chat answers what came before.
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'message', added.reply)
  and not (select is_whole from import_run) and added.deleted_at is null
left join chat.messages as before on before.id = known.target_id and before.room_id = added.room_id
left join chat_private.imported_rows as origins
  on (origins.import_id, origins.kind, origins.source_id) = ((select import_id from import_run), 'message', added.forwarded)
left join unit_people as people on people.source_id = added.forwarded_sender
order by added.room_id, added.new_seq;
-- After a dry run, Postgres takes chat.messages for empty, and would compare each message with each other one.
do $$
begin
  if (select reltuples from pg_class where oid = 'chat.messages'::regclass) < (select count(*) from unit_added) then
    analyze chat.messages;
  end if;
end;
$$;
insert into chat.attachments (
  id, room_id, message_id, uploader_id, path, name, mime_type, bytes, width, height, duration_ms, created_at
)
select
  files.id, added.room_id, added.id, added.sender_id, files.path, files.name, files.mime_type, files.bytes, files.width,
  files.height, files.duration_ms, coalesce(added.created_at, now())
from stage_files as files
join unit_added as added on added.source_id = files.message and added.attachments <> '[]'
where files.is_new;
-- They waited for removal, in case this would not come.
delete from chat_private.files_to_remove as queued
using stage_files as files
where files.is_new and queued.path = files.path and exists (select from chat.attachments where attachments.path = files.path);
insert into chat_private.tombstones as counted (room_id, thousand, count)
select room_id, new_seq / 1000, count(*) from unit_added where deleted_at is not null group by 1, 2
on conflict (room_id, thousand) do update set count = counted.count + excluded.count;

update chat.rooms
set last_seq = rooms.last_seq + added.count, version = rooms.version + added.count, last_message_id = newest.id,
  last_message_at = greatest(rooms.last_message_at, newest.created_at)
from (select room_id, count(*) as count, max(new_seq) as last from unit_added group by room_id) as added
join unit_added as newest on newest.room_id = added.room_id and newest.new_seq = added.last
where rooms.id = added.room_id;
update chat.rooms
set member_count = (select count(*) from chat.room_members as members where members.room_id = rooms.id), members_version = 1
from unit_rooms
where rooms.id = unit_rooms.room_id and unit_rooms.is_new;

update unit_messages set target_id = added.id, seq = added.new_seq
from unit_added as added
where added.room_id = unit_messages.room_id and added.source_id = unit_messages.source_id;
-- What Postgres knows of chat.messages is older than this import: a join would compare each message with each other one.
update unit_messages set seq = (select messages.seq from chat.messages as messages where messages.id = unit_messages.target_id)
where seq is null and target_id is not null and not is_new;

-- Reactions come with their message. A message has at most 20 kinds.
create temporary table unit_reactions as
select added.room_id, added.message, added.id as message_id, people.id as user_id, chat_private.emoji(reactions.emoji) as emoji,
  min(reactions.place) as place, coalesce(added.created_at, now()) as created_at, null::bigint as kind
from stage_reactions as reactions
join unit_rooms as rooms on rooms.source_id = reactions.room
join unit_added as added on added.room_id = rooms.room_id and added.source_id = reactions.message and added.deleted_at is null
join unit_people as people on people.source_id = reactions.person
group by added.room_id, added.message, added.id, people.id, chat_private.emoji(reactions.emoji), added.created_at;
update unit_reactions as reactions set kind = kinds.number
from (
  select message_id, emoji, row_number() over (partition by message_id order by min(place)) as number
  from unit_reactions
  group by message_id, emoji
) as kinds
where (kinds.message_id, kinds.emoji) = (reactions.message_id, reactions.emoji);
insert into import_notes
select 'reaction', message,
  case when emoji is null then 'a reaction that is not an emoji here' else 'a reaction of more than 20 kinds to a message' end, true
from unit_reactions where emoji is null or kind > 20;
delete from unit_reactions where emoji is null or kind > 20;
insert into chat.reactions (message_id, room_id, user_id, emoji, created_at)
select message_id, room_id, user_id, emoji, created_at + place * interval '1 microsecond' from unit_reactions;
update chat.messages as messages set reactions = counted.counts
from (
  select message_id, jsonb_object_agg(emoji, count) as counts
  from (select message_id, emoji, count(*) as count from unit_reactions group by message_id, emoji) as kinds
  group by message_id
) as counted
where messages.id = counted.message_id;

insert into import_notes
select 'reply', answers.message, 'an answer to a message that is not here: it is a message of its own', true
from unit_messages as answers
where answers.reply is not null and answers.part = 0 and not (select is_database from import_run)
  and (
    select stored.reply_to_id is null and stored.deleted_at is null from chat.messages as stored where stored.id = answers.target_id
  );

-- What was edited or deleted there since, and not here. People may see it here already, so it is announced.
set local session_replication_role = origin;
update chat.messages as messages
set content = changed.content, deleted_at = changed.deleted_at
from unit_messages as changed
where messages.id = changed.target_id and not changed.is_new and messages.deleted_at is null
  and coalesce(messages.edited_at <= (select since from import_run), true)
  and (messages.content <> changed.content or changed.deleted_at is not null);
do $$
declare
  missing bigint[] := array(
    select messages.id
    from unit_rooms as rooms
    join chat.messages as messages on messages.room_id = rooms.room_id
    where not rooms.is_new and (select is_whole from import_run) and messages.deleted_at is null
      and not exists (select from unit_messages as still where still.target_id = messages.id)
  );
begin
  -- Most imports have none, and need not look which of these were imported.
  if missing <> '{}' then
    update chat.messages as messages set deleted_at = now()
    from chat_private.imported_rows as known
    where known.import_id = (select import_id from import_run) and known.kind = 'message'
      and known.target_id = any (missing) and messages.id = known.target_id
      and coalesce(messages.edited_at <= (select since from import_run), true);
  end if;
end;
$$;
set local session_replication_role = replica;

-- Read marks. Some backends know only of a message whether anybody has read it, and older ones may be unread than the last that
-- was read. The mark is where as many messages by others follow as nobody had read, since that is the number people saw.
create temporary table unit_flagged as
select messages.room_id, min(messages.seq) as first_seq
from unit_messages as messages
join unit_rooms as rooms on rooms.room_id = messages.room_id and rooms.marks = 'flags'
where not messages.is_read and messages.deleted_at is null
group by messages.room_id;
create temporary table unit_ranked as
select flagged.room_id, stored.sender_id, stored.seq,
  row_number() over (partition by flagged.room_id order by stored.seq desc) as place,
  row_number() over (partition by flagged.room_id, stored.sender_id order by stored.seq desc) as own_place,
  -- What is not of this import was written here, or is older than what it reads.
  case when staged.seq is null then import_run.is_whole or stored.created_at >= import_run.since else not staged.is_read end as is_unread
from unit_flagged as flagged
cross join import_run
cross join lateral (
  select messages.sender_id, messages.seq, messages.created_at from chat.messages as messages
  where messages.room_id = flagged.room_id and messages.seq >= flagged.first_seq and messages.deleted_at is null
  offset 0 -- by the index, whatever the statistics say
) as stored
left join unit_messages as staged on staged.room_id = flagged.room_id and staged.seq = stored.seq;
create index on unit_ranked (room_id, place);
create index on unit_ranked (room_id, sender_id);
analyze unit_ranked;
create temporary table unit_unread as
select room_id, sender_id, count(*) as count from unit_ranked where is_unread group by room_id, sender_id;
create temporary table unit_marks as
select
  rooms.room_id, members.user_id,
  case rooms.marks
    when 'all' then stored.last_seq
    when 'flags' then coalesce(
      (
        select ranked.seq - 1
        from unit_ranked as ranked
        where ranked.room_id = rooms.room_id and unread.count > 0
          -- Own messages lie among the others.
          and ranked.place = unread.count + (
            select count(*) from unit_ranked as own
            where own.room_id = rooms.room_id and own.sender_id = members.user_id and own.place - own.own_place < unread.count
          )
      ),
      stored.last_seq
    )
    else coalesce(
      (select read.seq from unit_messages as read where read.room_id = rooms.room_id and read.place <= members.read_id
       order by read.place desc, read.part desc limit 1),
      0
    )
  end as read_seq,
  coalesce(
    (select read.seq from unit_messages as read where read.room_id = rooms.room_id and read.place <= members.delivered_id
     order by read.place desc, read.part desc limit 1),
    0
  ) as delivered_seq
from unit_members as members
join unit_rooms as rooms on rooms.source_id = members.room
join chat.rooms as stored on stored.id = rooms.room_id
cross join lateral (
  select coalesce(sum(others.count), 0)::bigint as count from unit_unread as others
  where others.room_id = rooms.room_id and others.sender_id is distinct from members.user_id
) as unread;

update chat.room_members as members
set last_read_seq = moved.read_seq, last_delivered_seq = moved.delivered_seq, own_after_read = moved.own_after_read
from (
  select members.room_id, members.user_id, marks.read_seq, marks.delivered_seq, count(own.id) as own_after_read
  from (
    select members.room_id, members.user_id, greatest(members.last_read_seq, marks.read_seq) as read_seq,
      greatest(members.last_delivered_seq, members.last_read_seq, marks.read_seq, marks.delivered_seq) as delivered_seq
    from unit_marks as marks
    join chat.room_members as members using (room_id, user_id)
  ) as marks
  join chat.room_members as members using (room_id, user_id)
  left join chat.messages as own
    on own.room_id = marks.room_id and own.sender_id = marks.user_id and own.seq > marks.read_seq and own.deleted_at is null
  group by members.room_id, members.user_id, marks.read_seq, marks.delivered_seq
) as moved
where members.room_id = moved.room_id and members.user_id = moved.user_id
  and (members.last_read_seq, members.last_delivered_seq, members.own_after_read)
    is distinct from (moved.read_seq, moved.delivered_seq, moved.own_after_read);

-- Pins.
create temporary table unit_pins as
select pins.*, rooms.room_id, rooms.is_new, coalesce(messages.target_id, before.id) as message_id, people.id as pinned_by,
  known.target_id as pin_id
from stage_pins as pins
join unit_rooms as rooms on rooms.source_id = pins.room
left join unit_messages as messages
  on messages.room_id = rooms.room_id and messages.source_id = pins.message and messages.deleted_at is null
left join chat_private.imported_rows as earlier
  on (earlier.import_id, earlier.kind, earlier.source_id) = ((select import_id from import_run), 'message', pins.message)
  and not (select is_whole from import_run)
left join chat.messages as before
  on before.id = earlier.target_id and before.room_id = rooms.room_id and before.deleted_at is null
left join unit_people as people on people.source_id = pins.person
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'pin', pins.source_id);
insert into import_notes
select 'pin', source_id, 'a pin of a message that is deleted, or is not here', true from unit_pins where message_id is null;
-- Unpinned there since.
delete from chat.pins using chat_private.imported_rows as known, unit_rooms as rooms, import_run
where not rooms.is_new and import_run.is_database and pins.room_id = rooms.room_id
  and known.import_id = import_run.import_id and known.kind = 'pin'
  and known.target_id = pins.id and not exists (select from unit_pins where unit_pins.pin_id = pins.id);
with numbered as (
  select unit_pins.*, case
      when not (select is_database from import_run) or source_id >= 1::bigint << 60
        or (select true from chat.pins where pins.id = unit_pins.source_id)
        then nextval(pg_get_serial_sequence('chat.pins', 'id'))
      else source_id
    end as id
  from unit_pins
  where pin_id is null and message_id is not null
), known as (
  insert into chat_private.imported_rows
  select import_run.import_id, 'pin', source_id, id from import_run, numbered
)
insert into chat.pins (id, room_id, message_id, pinned_by, pinned_at)
overriding system value
select distinct on (message_id) id, room_id, message_id, pinned_by, coalesce(pinned_at, now())
from numbered
order by message_id, id
on conflict (message_id) do nothing;

insert into import_came select 'room', count(*), count(*) filter (where is_new) from unit_rooms;
insert into import_came select 'member', count(*), 0 from unit_members;
insert into import_came
select 'message', count(*), count(*) filter (where exists (
  select from unit_added as added where (added.room_id, added.source_id) = (messages.room_id, messages.source_id)
))
from unit_messages as messages
where part = 0 and target_id is not null;
insert into import_came select 'pin', count(*), count(*) filter (where pin_id is null) from unit_pins where message_id is not null;
insert into import_came
select 'file', count(*), count(*) filter (where is_new)
from stage_files as files
where not is_new or exists (select from chat.attachments where attachments.id = files.id);
