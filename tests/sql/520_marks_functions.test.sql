begin;
select plan(27);

-- alice owns a private and a public group; bob is a stranger to both
select tests.sign_up('alice', 'bob');
create function pg_temp.marks(name text)
returns text
language sql security definer
as $$
  select string_agg(rooms.name || ' ' || last_delivered_seq || '/' || last_read_seq, ', ' order by rooms.name)
  from chat.room_members join chat.rooms on rooms.id = room_id where user_id = tests.user(marks.name);
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team');
select from chat.create_group_room('Square', is_public => true);
select from chat.send_message(tests.room('Team'), 'one');
select results_eq(
  format('select user_id, last_read_seq from chat.%s(tests.room(''Team''), 1)', name),
  $$ values (tests.user('alice'), 1::bigint) $$, name || ' returns the marks of the caller')
from unnest(array['mark_read', 'mark_delivered']) as name;

select tests.act_as('bob');
select throws_ok(
  format('select chat.%s(%s, 1)', name, room), code, error,
  format('a stranger calls %s of a %s room: %s', name, kind, error))
from unnest(array['mark_read', 'mark_delivered']) as name
cross join (values
  (tests.room('Team'), 'private', 'PT404', 'room_not_found'), (tests.room('Square'), 'public', 'PT403', 'not_a_member'),
  (0, 'missing', 'PT404', 'room_not_found')
) as refused (room, kind, code, error);

-- Of many rooms in one call: those of others are passed over.
select tests.act_as('alice');
select from chat.create_group_room('Other', array[tests.user('bob')]);
select from unnest(array[tests.room('Team'), tests.room('Other')]) as room, unnest(array['two', 'three']) as text,
  chat.send_message(room, text);
select tests.act_as('bob');
select tests.hush();
select is(
  chat.mark_delivered_many(
    array[tests.room('Team'), tests.room('Other'), 0, null], array[3, 1, 1, 1]
  ), '{}', 'mark_delivered_many moves the marks of the caller');
select is(pg_temp.marks('bob'), 'Other 1/0', 'in their own rooms, which are not read by that');
select is(pg_temp.marks('alice'), 'Other 2/2, Square 0/0, Team 3/3', 'marks of other users do not move');
select results_eq(
  $$ select event, payload ->> 'moved', payload ->> 'user_id' from tests.heard() $$,
  $$ values ('member.read', 'delivered', tests.user('bob')::text) $$, 'each that moves is announced');
select tests.hush();
select is(chat.mark_delivered_many(array[tests.room('Other')], array[0]), '{}', 'a mark never moves back');
select is(chat.mark_delivered_many(array[tests.room('Other')], array[1]), '{}', 'a mark that is there stays');
select is(chat.mark_delivered_many('{}', '{}'), '{}', 'a call without rooms returns no rooms');
select is_empty('select from tests.heard()', 'marks that do not move are not announced');
select is(
  chat.mark_delivered_many(array[tests.room('Other')], array[1000000]), '{}', 'a mark goes no further than the last message');
select is(pg_temp.marks('bob'), 'Other 2/0', 'which is delivered then');
select throws_ok(statement, 'PT400', 'invalid_marks', statement || ' is refused')
from unnest(array[
  'select chat.mark_delivered_many(array[1, 2], array[1])',
  'select chat.mark_delivered_many(array[1], null)',
  'select chat.mark_delivered_many(array_fill(1, array[1001]), array_fill(1, array[1001]))'
]) as statement;
select throws_ok(
  $$ select chat_private.deliver(array[1], array[tests.user('alice')], array[1]) $$, '42501', null,
  'a user cannot move marks of other users');

-- A page of messages that was read is delivered; where nothing moves nothing is written.
select tests.act_as('alice');
select from chat.send_message(tests.room('Other'), 'four');
select tests.act_as('bob');
select from chat_private.listed(tests.room('Other'), 3);
select is(pg_temp.marks('bob'), 'Other 3/0', 'a page that was read is delivered');
create temporary table written as
select ctid as place from chat.room_members where room_id = tests.room('Other') and user_id = tests.user('bob');
select from unnest(array[1, 3, null]) as seq, chat_private.listed(tests.room('Other'), seq);
select results_eq(
  $$ select ctid from chat.room_members where room_id = tests.room('Other') and user_id = tests.user('bob') $$,
  'select place from written', 'read again, it writes nothing');
create function pg_temp.list_read_only()
returns void
language plpgsql
as $$
begin
  set local transaction_read_only = on;
  perform chat_private.listed(tests.room('Other'), 3);
  raise exception using errcode = 'TDONE';
end;
$$;
select throws_ok('select pg_temp.list_read_only()', 'TDONE', null, 'a replica, where nothing may be written, lists it again');

select tests.act_as(null);
select throws_ok(
  format('select chat.%s(%s, 1)', name, tests.room('Square')), '42501', null, 'anon calls ' || name)
from unnest(array['mark_read', 'mark_delivered']) as name;

select * from finish();
rollback;
