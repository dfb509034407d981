begin;
select plan(18);

-- alice owns a private group with bob; carol has a room of her own, and one with bob
select tests.sign_up('alice', 'bob', 'carol');
create function pg_temp.counters()
returns table (last_seq bigint, version bigint)
language sql
as $$
  select last_seq, version from chat.rooms where id = tests.room('Team');
$$;

select tests.act_as('carol');
select from chat.create_group_room('Elsewhere');
select from chat.send_message(tests.room('Elsewhere'), 'secret');
select from chat.create_direct_room(tests.user('bob'));
select from chat.send_message(tests.direct_room('bob', 'carol'), 'psst');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);

-- seq and version.
select results_eq(
  $$ select seq, version from unnest(array['one', 'two']) as text, chat.send_message(tests.room('Team'), text) $$,
  $$ values (1::bigint, 3::bigint), (2, 4) $$, 'messages are numbered from 1; the two members were versions 1 and 2');
select results_eq(
  $$ insert into chat.messages (room_id, content) values (tests.room('Team'), 'three'), (tests.room('Team'), 'four')
     returning seq $$,
  array[3::bigint, 4], 'rows inserted at once are numbered one after the other');
select throws_ok(
  $$ select chat.send_message(tests.room('Team'), ' ') $$, '23514', null, 'a message that is refused');
select throws_ok(
  $$ select chat.send_message(tests.room('Team'), 'x', reply_to_id => 0) $$, 'PT404', 'message_not_found',
  'another that is refused');
savepoint undone;
select from chat.send_message(tests.room('Team'), 'undone');
rollback to savepoint undone;
select results_eq(
  $$ select seq from chat.send_message(tests.room('Team'), 'five') $$,
  array[5::bigint], 'refused and undone messages leave no hole');
select results_eq(
  $$ select rooms.last_seq, rooms.last_message_id, rooms.last_message_at
     from chat.rooms where id = tests.room('Team') $$,
  $$ select seq, id, created_at from chat.messages where id = tests.message('five') $$,
  'the room knows its last message');
select results_eq(
  $$ select user_id, last_read_seq, last_delivered_seq from chat.room_members
     where room_id = tests.room('Team') order by last_read_seq $$,
  $$ values (tests.user('bob'), 0::bigint, 0::bigint), (tests.user('alice'), 5, 5) $$,
  'a sender who has read everything has read what they send; other members have not');
select from chat.delete_message(tests.message('three'));

-- Replies stay in the room, forwards start from what the sender can see.
select tests.act_as('bob');
select results_eq(
  $$ select reply_to_id from chat.send_message(tests.room('Team'), 'reply', reply_to_id => tests.message('one')) $$,
  array[tests.message('one')], 'a message may reply to one in its room');
select throws_ok(
  format('select chat.send_message(tests.room(''Team''), ''x'', %s => %s)', argument, message),
  'PT404', 'message_not_found', reason)
from (values
  ('reply_to_id', tests.message('psst'), 'a user cannot reply to a message of another room'),
  ('forwarded_from_id', tests.message('secret'), 'a user cannot forward a message that they cannot see'),
  ('forwarded_from_id', tests.message(''), 'a user cannot forward a deleted message')
) as refused (argument, message, reason);
select results_eq(
  $$ select forwarded_from_id, forwarded_username, forwarded_content
     from chat.send_message(tests.room('Team'), 'listen', forwarded_from_id => tests.message('psst')) $$,
  $$ values (tests.message('psst'), 'carol', 'psst') $$, 'a forwarded message brings what was said, and by whom');
select tests.act_as('carol');
select from chat.edit_message(tests.message('psst'), 'never mind');
select tests.act_as('bob');
select results_eq(
  $$ select forwarded_content from chat.messages where content = 'listen' $$,
  array['psst'], 'an edit of the original does not reach what was forwarded');

-- Edits and deletions count as changes, and keep their seq.
select tests.act_as('alice');
select results_eq(
  $$ select seq, version, edited_at = created_at from chat.edit_message(tests.message('one'), 'uno') $$,
  $$ values (1::bigint, 11::bigint, true) $$, 'an edit takes the next version');
select results_eq(
  $$ select version from chat.edit_message(tests.message('uno'), 'uno') $$,
  'select version from pg_temp.counters()', 'an edit that changes nothing takes none');
select results_eq(
  $$ select seq, version, content, metadata::text, deleted_at = now() from chat.delete_message(tests.message('two')) $$,
  $$ values (2::bigint, 12::bigint, '', '{}', true) $$, 'a deletion leaves a tombstone, at the next version');
select results_eq(
  $$ select count(*), max(seq), count(distinct version) from chat.messages where room_id = tests.room('Team') $$,
  'select last_seq, last_seq, last_seq from pg_temp.counters()', 'after all that, the numbers have no hole');

-- An import brings its own numbers.
select from chat.create_group_room('Other');
select tests.act_as_operator();
select tests.hush();
insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
values (tests.room('Other'), 7, 70, tests.user('alice'), 'imported', '2001-01-01');
select results_eq(
  $$ select last_seq, (select count(*) from tests.heard()) from chat.rooms where id = tests.room('Other') $$,
  $$ values (0::bigint, 0::bigint) $$, 'imported history is neither counted nor announced');

select * from finish();
rollback;
