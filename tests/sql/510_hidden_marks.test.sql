begin;
select plan(41);

-- alice writes to bob, who shares no receipts, and to carol, who does
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from unnest(array['one', 'two', 'three']) as text, chat.send_message(tests.room('Team'), text);

-- The marks of a user in the room as the acting user reads them, and the unread count.
create function pg_temp.marks(name text)
returns text
language sql
as $$
  select last_delivered_seq || '/' || last_read_seq from chat.room_members
  where room_id = tests.room('Team') and user_id = tests.user(name);
$$;
create function pg_temp.unread()
returns text
language sql
as $$
  select last_read_seq || ', unread ' || unread_count from chat.room_list(only_room_id => tests.room('Team'));
$$;

select tests.act_as('bob');
select from chat.mark_read(tests.room('Team'), 1);
select lives_ok(
  $$ update chat.profiles set share_receipts = false where id = tests.user('bob') $$, 'people end sharing their receipts');
select tests.hush();
select results_eq(
  $$ select last_read_seq from chat.mark_read(tests.room('Team'), 2) $$, array[2::bigint],
  'a member who does not share receipts reads on, and gets the real mark');
select is(pg_temp.unread(), '2, unread 1', 'what is unread for them falls');
select results_eq(
  $$ select topic, event, payload ->> 'room_id', (payload ->> 'last_read_seq')::integer from tests.heard() $$,
  $$ values ('user:' || tests.user('bob'), 'room.read', tests.room('Team')::text, 2) $$, 'only their own devices are notified');
select tests.hush();
select results_eq(
  $$ select last_read_seq from chat.mark_read(tests.room('Team'), 1) $$, array[2::bigint], 'their mark never moves back');
select is_empty('select from tests.heard()', 'a mark that does not move sends no event');
select from chat.mark_delivered(tests.room('Team'));
select from chat.mark_delivered_many(array[tests.room('Team')], array[3]);
select from chat_private.listed(tests.room('Team'), 3);
select is_empty('select from tests.heard()', 'a hidden delivery mark sends no event');
select is(
  chat.sync(tests.room('Team')) -> 'read_marks' @> jsonb_build_array(jsonb_build_object('user_id', tests.user('bob'), 'last_read_seq', 2)),
  true, 'their sync has their mark');
select results_eq(
  $$ update chat.room_members set last_read_seq = 3 where user_id = tests.user('bob') returning last_read_seq $$,
  array[1::bigint], 'a plain update shows no more than others see');
select is(pg_temp.unread(), '3, unread 0', 'a plain update moves the hidden mark');

select tests.act_as('alice');
select is(pg_temp.marks('bob'), '1/1', 'others see the marks where sharing ended');
select is(
  chat.sync(tests.room('Team')) -> 'read_marks' @> jsonb_build_array(jsonb_build_object('user_id', tests.user('bob'), 'last_read_seq', 1)),
  true, 'in their sync, too');
select results_eq(
  $$ select (chat_private.my_marks(members)).last_read_seq from chat.room_members as members
     where room_id = tests.room('Team') and user_id = tests.user('bob') $$,
  array[1::bigint], 'no function reveals the hidden mark to others');
select throws_ok('select from chat_private.hidden_marks', '42501', null, 'a user cannot read hidden marks');
select throws_ok(
  'select chat_private.true_marks(members) from chat.room_members as members', '42501', null,
  'a user cannot read the real marks of other users');
select throws_ok(
  'update chat.room_members set shares_receipts = true', '42501', null, 'a user cannot write shares_receipts');
select tests.changed($$ update chat.profiles set share_receipts = true where id = tests.user('bob') $$);
select is(share_receipts, false, 'a user cannot share receipts for another user') from chat.profiles where id = tests.user('bob');

-- The count stays exact: own messages and tombstones are not unread.
select from chat.send_message(tests.room('Team'), 'four');
select tests.act_as('bob');
select is(pg_temp.unread(), '3, unread 1', 'a message of another is unread');
select from chat.send_message(tests.room('Team'), 'five');
select is(pg_temp.unread(), '3, unread 1', 'their own message is not, and marks nothing as read');
select tests.act_as('alice');
select is(pg_temp.marks('bob'), '1/1', 'sending moves no mark that others see');
select from chat.send_message(tests.room('Team'), 'six');
select tests.act_as('bob');
select is(pg_temp.unread(), '3, unread 2', 'a further one is');
select from chat.delete_message(tests.message('five'));
select is(pg_temp.unread(), '3, unread 2', 'the tombstone of their own message changes nothing');
select from chat.mark_read(tests.room('Team'), 4);
select is(pg_temp.unread(), '4, unread 1', 'a mark passes them');
select from chat.mark_read(tests.room('Team'));
select from chat.send_message(tests.room('Team'), 'seven');
select is(pg_temp.unread(), '7, unread 0', 'a member who has read everything has also read what they send');
select tests.act_as('alice');
select from chat.send_message(tests.room('Team'), 'eight');
select from chat.delete_message(tests.message('eight'));
select tests.act_as('bob');
select is(pg_temp.unread(), '7, unread 0', 'a tombstone of another is not unread');

-- Who joins without sharing, and who has read nothing since.
select from chat.create_group_room('Mine', array[tests.user('alice')]);
select tests.act_as('alice');
select from chat.send_message(tests.room('Mine'), 'first');
select tests.act_as('bob');
select is(unread_count, 1::bigint, 'a message in a new room is unread') from chat.room_list(only_room_id => tests.room('Mine'));
select from chat.mark_read(tests.room('Mine'));
select is(unread_count, 0::bigint, 'a new room can be marked as read') from chat.room_list(only_room_id => tests.room('Mine'));
select tests.act_as('alice');
select results_eq(
  $$ select last_read_seq from chat.room_members where room_id = tests.room('Mine') and user_id = tests.user('bob') $$,
  array[0::bigint], 'of which others see nothing');
select tests.act_as('carol');
select tests.hush();
select from chat.mark_read(tests.room('Team'));
select results_eq('select event from tests.heard()', array['member.read'], 'the mark of a member who shares receipts is announced');
select tests.act_as('alice');
select is(pg_temp.marks('carol'), '8/8', 'others see the mark of a member who shares receipts');

-- Who shares again.
select tests.act_as('bob');
select from chat.send_message(tests.room('Team'), 'nine');
select tests.hush();
update chat.profiles set share_receipts = true where id = tests.user('bob');
select is_empty('select from tests.heard()', 'sharing again sends no event');
select is(pg_temp.unread(), '9, unread 0', 'nothing is unread again');
select tests.act_as('alice');
select is(pg_temp.marks('bob'), '9/9', 'others see how far they have read by now');
select from chat.send_message(tests.room('Team'), 'ten');
select tests.act_as('bob');
select is(pg_temp.unread(), '9, unread 1', 'the count goes on for a member who shares receipts again');
select tests.hush();
select from chat.mark_read(tests.room('Team'));
select results_eq('select event from tests.heard()', array['member.read'], 'the mark of a member who shares receipts again is announced');
select tests.act_as_operator();
select is_empty('select from chat_private.hidden_marks', 'nothing is hidden any more');
update chat.profiles set share_receipts = false where id = tests.user('bob');
select is_empty($$ select from chat.room_members where user_id = tests.user('bob') and shares_receipts $$, 'sharing ends in every room');
select tests.act_as('bob');
select from chat.leave_room(tests.room('Mine'));
select tests.act_as('alice');
select from chat.send_message(tests.room('Team'), 'eleven');
select tests.act_as('bob');
select from chat.mark_read(tests.room('Team'));
select tests.act_as('alice');
select from chat.remove_member(tests.room('Team'), tests.user('bob'));
select tests.act_as_operator();
select is_empty('select from chat_private.hidden_marks', 'hidden marks go with the membership');
select tests.act_as('alice');
select from chat.add_members(tests.room('Team'), array[tests.user('bob')]);
select is(
  shares_receipts, false, 'a member who is added again still does not share receipts'
) from chat.room_members where room_id = tests.room('Team') and user_id = tests.user('bob');
select tests.act_as('bob');
select is(pg_temp.unread(), '11, unread 0', 'a member who is added again starts with everything read');

-- A deleted message of theirs that they had read was not counted after what they had read.
update chat.profiles set share_receipts = false where id = tests.user('bob');
select tests.act_as('alice');
select from chat.create_group_room('Counted', array[tests.user('bob')]);
select tests.act_as('bob');
select from chat.send_message(tests.room('Counted'), 'before');
select tests.act_as('alice');
select from chat.send_message(tests.room('Counted'), 'read');
select tests.act_as('bob');
select from chat.mark_read(tests.room('Counted'), 2);
select tests.act_as('alice');
select from chat.send_message(tests.room('Counted'), 'unread');
select tests.act_as('bob');
select from chat.send_message(tests.room('Counted'), 'after');
select from chat.delete_message(tests.message('before'));
select is(unread_count, 1::bigint, 'one message of another stays unread') from chat.room_list(only_room_id => tests.room('Counted'));

select * from finish();
rollback;
