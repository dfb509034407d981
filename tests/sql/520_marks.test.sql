begin;
select plan(26);

-- alice has sent bob three messages in a group
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from unnest(array['one', 'two', 'three']) as text, chat.send_message(tests.room('Team'), text);

select tests.act_as('bob');
select results_eq(
  $$ select last_read_seq, last_delivered_seq from chat.mark_delivered(tests.room('Team'), 2) $$,
  $$ values (0::bigint, 2::bigint) $$, 'what is delivered is not read');
select results_eq(
  $$ select last_read_seq, last_delivered_seq from chat.mark_read(tests.room('Team'), 1) $$,
  $$ values (1::bigint, 2::bigint) $$, 'what is read moves the mark forward');
select tests.hush();
select results_eq(
  format('select last_read_seq from chat.mark_read(tests.room(''Team''), %s)', seq), array[1::bigint],
  'marks only move forward, not to ' || seq)
from unnest(array[0, -5]) as seq;
select is_empty('select from tests.heard()', 'a mark that stays is not announced');
-- The time of a movement is that of what it passed.
select results_eq(
  $$ select last_read_at, read_after_seq, last_delivered_at, delivered_after_seq from chat.room_members
     where room_id = tests.room('Team') and user_id = tests.user('bob') $$,
  $$ values (now(), 0::bigint, now(), 0::bigint) $$, 'a mark knows when it moved, and from where');
select results_eq(
  $$ select last_read_at, last_delivered_at from chat.room_members
     where room_id = tests.room('Team') and user_id = tests.user('alice') $$,
  $$ values (null::timestamptz, null::timestamptz) $$, 'sending is no reading: it has no time');
select throws_ok(
  format('update chat.room_members set %s = %s where user_id = tests.user(''bob'')', name, value), '42501', null,
  'a user cannot write ' || name)
from (values ('last_read_at', 'now()'), ('read_after_seq', '1')) as columns (name, value);

select results_eq(
  $$ select last_delivered_seq from chat.mark_delivered(tests.room('Team'), 1) $$,
  array[2::bigint], 'neither does that of delivery move back');
select results_eq(
  $$ update chat.room_members set last_read_seq = 2 where user_id = tests.user('bob')
     returning last_read_seq, last_delivered_seq $$,
  $$ values (2::bigint, 2::bigint) $$, 'a plain update moves it alike');
select results_eq(
  $$ update chat.room_members set last_read_seq = 0, last_delivered_seq = 0 where user_id = tests.user('bob')
     returning last_read_seq, last_delivered_seq $$,
  $$ values (2::bigint, 2::bigint) $$, 'a plain update does not move a mark back');
select results_eq(
  $$ select last_read_seq, last_delivered_seq from chat.mark_read(tests.room('Team'), 1000000) $$,
  $$ values (3::bigint, 3::bigint) $$, 'a mark goes no further than the last message; what is read has been delivered');
select results_eq(
  $$ select read_after_seq, delivered_after_seq from chat.room_members
     where room_id = tests.room('Team') and user_id = tests.user('bob') $$,
  $$ values (2::bigint, 2::bigint) $$, 'each movement begins where the one before ended');

select tests.act_as('alice');
select from chat.send_message(tests.room('Team'), 'four');
select tests.act_as('bob');
select tests.hush();
select results_eq(
  $$ select last_read_seq from chat.mark_read(tests.room('Team')) $$, array[4::bigint], 'no seq means all of them');
select results_eq(
  $$ select topic, event, payload - 'id' from tests.heard() $$,
  $$ select topic, 'member.read', jsonb_build_object(
       'room_id', id, 'version', version, 'user_id', tests.user('bob'),
       'user_number', (select number from chat.profiles where username = 'bob'), 'moved', 'read',
       'last_read_seq', 4, 'last_delivered_seq', 4, 'last_read_message_id', last_message_id
     ) from chat.rooms where id = tests.room('Team') $$,
  'a mark that moves is announced');
select is(version, 6::bigint, 'a mark that moves is not counted as a change') from chat.rooms where id = tests.room('Team');

select tests.hush();
select from chat.send_message(tests.room('Team'), 'five');
select results_eq(
  'select event from tests.heard()', array['message.created'],
  'a send announces no mark besides itself');
select tests.hush();
update chat.room_members set muted_until = 'infinity', archived_at = now() where user_id = tests.user('bob');
select is_empty('select from tests.heard()', 'muting or archiving a room sends no event');

-- In a large room a mark would reach too many users.
select tests.act_as_operator();
update chat.rooms set member_count = 50 where id = tests.room('Team');
select tests.act_as('alice');
select tests.hush();
select from chat.mark_read(tests.room('Team'));
select results_eq('select event from tests.heard()', array['member.read'], 'in a room of 50 a mark is announced');
select from chat.send_message(tests.room('Team'), 'six');
select tests.act_as_operator();
update chat.rooms set member_count = 51 where id = tests.room('Team');
select tests.act_as('bob');
select tests.hush();
select results_eq(
  $$ select last_read_seq from chat.mark_read(tests.room('Team')) $$, array[6::bigint],
  'in a room of 51 a mark still moves');
select results_eq(
  $$ select topic, event, payload - 'id' from tests.heard() $$,
  $$ values (
       'user:' || tests.user('bob'), 'room.read', jsonb_build_object('room_id', tests.room('Team'), 'last_read_seq', 6)
     ) $$,
  'only the devices of the member receive it');
select from chat.send_message(tests.room('Team'), 'seven');
select tests.act_as('alice');
select tests.hush();
select from chat.mark_delivered(tests.room('Team'));
select is_empty('select from tests.heard()', 'a delivery is not announced there');

-- The devices of a member have not joined the topic of a dormant room.
select tests.act_as_operator();
update chat.rooms set member_count = 2, last_message_at = clock_timestamp() - interval '11 minutes' where id = tests.room('Team');
select tests.act_as('alice');
select tests.hush();
select from chat.mark_read(tests.room('Team'));
select bag_eq(
  'select topic, event from tests.heard()',
  $$ select 'user:' || tests.user('alice') as topic, 'room.read' as event union all
     select topic, 'member.read' from chat.rooms where id = tests.room('Team') $$,
  'in a dormant room the room and the devices of the member receive it');
select from chat.send_message(tests.room('Team'), 'eight');

-- A role is a change like a coming or going.
select tests.act_as('alice');
select tests.hush();
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select results_eq(
  $$ select event, payload ->> 'username', payload ->> 'role', (payload ->> 'version')::bigint from tests.heard() $$,
  $$ select 'member.updated', 'bob', 'admin', version from chat.rooms where id = tests.room('Team') $$,
  'a new role is announced, and counted');
select tests.hush();
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select is_empty('select from tests.heard()', 'the same role again is not');

select * from finish();
rollback;
