begin;
select plan(10);

-- alice owns a private and a public group; bob is a stranger to both
select tests.sign_up('alice', 'bob');
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

select tests.act_as(null);
select throws_ok(
  format('select chat.%s(%s, 1)', name, tests.room('Square')), '42501', null, 'anon calls ' || name)
from unnest(array['mark_read', 'mark_delivered']) as name;

select * from finish();
rollback;
