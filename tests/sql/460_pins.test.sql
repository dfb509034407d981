begin;
select plan(20);

-- alice owns a private group with bob; carol is a stranger with a room of her own
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('carol');
select from chat.create_group_room('Elsewhere');
select from chat.send_message(tests.room('Elsewhere'), 'secret');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from unnest(array['rules', 'news', 'gone']) as text, chat.send_message(tests.room('Team'), text);
select from chat.delete_message(tests.message('gone'));
insert into chat.pins (message_id) values (tests.message('rules'));

select policies_are('chat', 'pins', array[
  'members can read pins', 'members can pin messages', 'members can unpin messages'
]);

select tests.act_as(null);
select throws_ok('select from chat.pins', '42501', null, 'anon reads no pins');
select throws_ok(
  $$ insert into chat.pins (message_id) values (tests.message('news')) $$, '42501', null, 'anon pins no messages');

select tests.act_as('bob');
select results_eq(
  'select message_id, pinned_by from chat.pins',
  $$ values (tests.message('rules'), tests.user('alice')) $$, 'members can read pins');
select results_eq(
  $$ insert into chat.pins (message_id) values (tests.message('news')) returning room_id, pinned_by $$,
  $$ values (tests.room('Team'), tests.user('bob')) $$, 'members can pin messages');
select throws_ok(
  $$ insert into chat.pins (message_id) values (tests.message('news')) $$, '23505', null, 'a message is pinned once');
select throws_ok(
  format('insert into chat.pins (message_id) values (%s)', message), 'PT404', 'message_not_found', reason)
from (
  select tests.message('secret'), 'a stranger''s message is not found'
  union all select 0, 'a message that never was is not found'
  union all (select id, 'a tombstone is not pinned' from chat.messages where deleted_at is not null)
) as refused (message, reason);
select throws_ok(
  $$ insert into chat.pins (message_id, pinned_by) values (tests.message('news'), tests.user('alice')) $$,
  '42501', null, 'a user cannot pin as another user');
select throws_ok(
  $$ insert into chat.pins (message_id, room_id) values (tests.message('news'), tests.room('Elsewhere')) $$,
  '42501', null, 'a user cannot set the room of a pin');
select throws_ok('update chat.pins set message_id = message_id', '42501', null, 'a pin is not changed');

select tests.act_as('carol');
select is_empty('select from chat.pins', 'a stranger reads no pins');
select is(tests.changed('delete from chat.pins'), 0::bigint, 'a stranger unpins no messages');
-- It reads no column, so that the policy for reading does not apply.
delete from chat.pins where true;
select throws_ok(
  $$ insert into chat.pins (message_id) values (tests.message('news')) $$,
  'PT404', 'message_not_found', 'a stranger pins no messages');

select tests.act_as('bob');
select isnt_empty('select from chat.pins', 'a stranger unpins no messages by a statement that reads no column');
select results_eq(
  'delete from chat.pins where message_id = tests.message(''rules'') returning message_id',
  array[tests.message('rules')], 'members can unpin messages');
select chat.leave_room(tests.room('Team'));
select is_empty('select from chat.pins', 'a former member cannot read pins');

select tests.act_as_operator();
delete from auth.users where id = tests.user('bob');
select results_eq(
  'select pinned_by from chat.pins where message_id = tests.message(''news'')',
  array[null::uuid], 'a pin outlives the account that made it');
delete from chat.messages where id = tests.message('news');
select is_empty(
  'select from chat.pins where room_id = tests.room(''Team'')', 'a pin goes with its message');

select * from finish();
rollback;
