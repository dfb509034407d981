begin;
select plan(15);

-- alice and bob are in a group
select tests.sign_up('alice', 'bob');
create function pg_temp.heard()
returns table (event text, version bigint, content text)
language sql
as $$
  select event, (payload ->> 'version')::bigint, payload #>> '{message,content}'
  from tests.heard()
  where topic = (select topic from chat.rooms where id = tests.room('Team'));
$$;

select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);

select tests.hush();
select from chat.send_message(tests.room('Team'), 'hello', metadata => '{"mood": "good"}');
select results_eq(
  'select * from pg_temp.heard()', $$ values ('message.created', 3::bigint, 'hello') $$,
  'a message is announced to its room');
select results_eq(
  $$ select payload -> 'message' from tests.heard() $$,
  $$ select to_jsonb(messages) - 'search'
       || jsonb_build_object('sender_number', profiles.number, 'sender_username', 'alice')
     from chat.messages join chat.profiles on profiles.id = sender_id where content = 'hello' $$,
  'with everything that its row says, and its sender''s name and number');
select results_eq(
  $$ select payload -> 'room_id' from tests.heard() $$, array[to_jsonb(tests.room('Team'))],
  'the event names the room, beside the version');

select tests.hush();
insert into chat.messages (room_id, content) values (tests.room('Team'), 'direct');
select results_eq(
  'select * from pg_temp.heard()', $$ values ('message.created', 4::bigint, 'direct') $$,
  'a plain insert is announced alike');

select tests.hush();
select from chat.edit_message(tests.message('hello'), 'hello!');
update chat.messages set content = 'direct!' where content = 'direct';
select results_eq(
  'select * from pg_temp.heard()',
  $$ values ('message.updated', 5::bigint, 'hello!'), ('message.updated', 6, 'direct!') $$, 'edits are announced');

select tests.hush();
select from chat.edit_message(tests.message('hello!'), 'hello!');
select is_empty('select from tests.heard()', 'an edit that changes nothing is not');

select from chat.pin_message(tests.message('hello!'));
select tests.hush();
select from chat.delete_message(tests.message('hello!'));
select results_eq(
  'select * from pg_temp.heard()',
  $$ values ('message.deleted', 8::bigint, ''), ('message.unpinned', 9, null) $$,
  'a deletion is announced without the content, and then the removal of the pin');

select tests.hush();
select from chat.delete_message((select id from chat.messages where deleted_at is not null));
select is_empty('select from tests.heard()', 'a second deletion is not');

select tests.hush();
savepoint undone;
select from chat.send_message(tests.room('Team'), 'undone');
rollback to savepoint undone;
select is_empty('select from tests.heard()', 'what is rolled back was never announced');

select throws_ok($$ select chat.send_message(tests.room('Team'), '') $$, '23514', null, 'a message that is refused');
select is_empty('select from tests.heard()', 'is not announced either');

select tests.act_as_operator();
select tests.hush();
delete from auth.users where id = tests.user('bob');
update chat.messages set content = 'mended' where content = 'direct!';
select results_eq(
  $$ select topic from tests.heard() where event = 'message.updated' $$,
  $$ select topic from chat.rooms where id = tests.room('Team') $$, 'a change by the operator is announced as well');

-- An edit takes the text out of the event before it, and out of nothing else.
insert into chat.messages (room_id, sender_id, content) values (tests.room('Team'), tests.user('alice'), 'said');
set local session_replication_role = replica;
update chat.messages set created_at = now() - interval '5 seconds' where content = 'said';
set local session_replication_role = origin;
insert into realtime.messages (event, topic, extension, private, inserted_at, payload)
select event, coalesce(other_topic, rooms.topic), extension, is_private, (now() - ago * interval '1 second') at time zone 'UTC',
  jsonb_build_object('message', jsonb_build_object('id', tests.message('said') + other_id, 'content', 'said'))
from chat.rooms, (values
  ('its event', null, 'broadcast', true, 6, 0), ('of the same transaction', null, 'broadcast', true, 6, 0),
  ('of another topic', 'user:alice', 'broadcast', true, 6, 0),
  ('of presence', null, 'presence', true, 6, 0), ('public', null, 'broadcast', false, 6, 0), ('later', null, 'broadcast', true, 4, 0),
  ('long before', null, 'broadcast', true, 16, 0), ('of another message', null, 'broadcast', true, 6, 1)
) as events (event, other_topic, extension, is_private, ago, other_id)
where rooms.id = tests.room('Team');
-- Sent by a transaction that began later, and has not waited: the edit after it has emptied it already.
insert into realtime.messages (event, topic, extension, private, inserted_at, payload)
select 'emptied before', rooms.topic, 'broadcast', true, localtimestamp - interval '5.05 seconds',
  jsonb_build_object('message', jsonb_build_object('id', tests.message('said')) || chat_private.without_text())
from chat.rooms where rooms.id = tests.room('Team');
update chat.messages set content = 'said otherwise' where content = 'said';
select results_eq(
  $$ select event from realtime.messages
     where inserted_at between localtimestamp - interval '20 seconds' and localtimestamp - interval '1 second'
       and payload #>> '{message,content}' = '' order by event $$,
  array['emptied before', 'its event', 'of the same transaction'], 'an edit removes the text from the last events of the message alone');

-- The edit has waited for the transaction that sent the message, which began after it.
insert into chat.messages (room_id, sender_id, content) values (tests.room('Team'), tests.user('alice'), 'sent during the wait');
set local session_replication_role = replica;
update chat.messages set created_at = now() + interval '3 seconds' where content = 'sent during the wait';
set local session_replication_role = origin;
insert into realtime.messages (event, topic, extension, private, inserted_at, payload)
select 'message.created', rooms.topic, 'broadcast', true, localtimestamp + interval '2 seconds',
  jsonb_build_object('message', jsonb_build_object('id', tests.message('sent during the wait'), 'content', 'sent during the wait'))
from chat.rooms where rooms.id = tests.room('Team');
update chat.messages set content = 'edited after the wait' where content = 'sent during the wait';
select is(
  (select payload #>> '{message,content}' from realtime.messages where inserted_at = localtimestamp + interval '2 seconds'), '',
  'an edit also removes the text from an event of a transaction that began after that of the edit');

-- By the index that begins with the time: in the primary key of the events it comes last.
create function pg_temp.scans()
returns bigint
language sql
as $$
  select sum(pg_stat_get_xact_numscans(inhrelid)) from pg_inherits
  where inhparent = 'realtime.messages_inserted_at_topic_index'::regclass;
$$;
set local enable_seqscan = off;
create temporary table before as select pg_temp.scans() as scans;
update chat.messages set content = 'edited again' where content = 'edited after the wait';
select cmp_ok(pg_temp.scans(), '>', scans, 'an edit finds the last event by the index of its time') from before;

select * from finish();
rollback;
