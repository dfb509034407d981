begin;
select plan(15);

-- alice writes to rooms of hers, much at once. Many rooms: each message changes the row of its room, and a row that was changed
-- thousands of times in one transaction takes long to find.
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from generate_series(1, 25) as n, chat.create_group_room('Many ' || n);
select from chat.create_group_room('One', array[tests.user('bob')]);
select from chat.create_group_room('Two', array[tests.user('bob')]);
create temporary view many as
select rooms.id as room_id, 'm' || n as content from chat.rooms as rooms, generate_series(1, 100) as n
where name like 'Many %' order by rooms.id, n;
grant select on many to authenticated;
select lives_ok(
  $$ insert into chat.messages (room_id, content) select * from many $$,
  'many messages are sent by one statement');
select throws_ok(
  $$ insert into chat.messages (room_id, content) select * from many union all select max(room_id), 'one more' from many $$,
  'PT400', 'too_many_rows', 'one statement cannot send more than 2,500 messages');
select throws_ok(
  $$ insert into chat.messages (room_id, content)
     select tests.room('One'), repeat('long ', 2000) from generate_series(1, 26) as n $$,
  'PT400', 'too_many_rows', 'one statement cannot send 26 messages of 10,000 characters');
select results_eq(
  $$ select last_seq from chat.rooms where id in (select max(room_id) from many union all select tests.room('One')) order by 1 $$,
  array[0::bigint, 100], 'a refused statement sends none of its messages');
select lives_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Two'), 'm') $$, 'each statement counts for itself');
-- As the last of 2,500 rows leaves the counts.
select set_config('chat.written', '{2500,250000}', true);
select lives_ok(
  $$ update chat.messages set content = 'edited' where id = (select min(id) from chat.messages) $$,
  'an edit does not count what earlier statements have written');
select set_config('chat.written', '{2500,250000}', true);
select lives_ok(
  $$ insert into chat.pins (message_id) select min(id) from chat.messages $$,
  'a pin does not count what earlier statements have written');
delete from chat.pins where pinned_by = tests.user('alice');
select throws_ok(
  $$ update chat.messages set content = content || '!' $$, 'PT400', 'too_many_rows', 'one statement cannot edit more than 2,500 messages');
select throws_ok(
  $$ insert into chat.pins (message_id) select id from chat.messages $$,
  'PT400', 'too_many_rows', 'one statement cannot pin more than 2,500 messages');
select lives_ok(
  $$ select chat.send_message(tests.room('One'), repeat('long ', 2000)) from generate_series(1, 26) as n $$,
  'calls of a function are statements of their own');
select tests.act_as_operator();
select lives_ok(
  $$ update chat.messages set content = 'o' where sender_id = tests.user('alice') $$, 'an operator changes what there is');

-- Rooms are locked in ascending order: a lower one that comes later is waited for briefly (tests/model/turns.test.ts).
select tests.act_as('bob');
select lives_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Two'), 'b'), (tests.room('One'), 'a') $$,
  'without a concurrent writer, any order works');
select is(current_setting('chat.highest_room'), tests.room('Two')::text, 'the highest room is remembered');
select matches(prosrc, 'take_turn', format('%s takes its turn', proname))
from pg_proc where pronamespace = 'chat_private'::regnamespace and proname in ('lock_my_room', 'lock_room') order by proname;

select * from finish();
rollback;
