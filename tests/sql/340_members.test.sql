begin;
select plan(15);

-- alice owns a private group with bob (an admin), carol and dave, and a public one with bob; erin looks on
select tests.sign_up('alice', 'bob', 'carol', 'dave', 'erin');
create function pg_temp.topic(epoch integer)
returns text
language sql
as $$
  select format('room:%s:%s', tests.room('Team'), epoch);
$$;
create function pg_temp.roles(room text)
returns table (name text, role text)
language sql security definer
as $$
  select profiles.username, members.role::text
  from chat.room_members as members join chat.profiles on profiles.id = members.user_id
  where room_id = tests.room(roles.room) order by members.role desc, username;
$$;

select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('carol')]);
select from chat.send_message(tests.room('Team'), 'from alice');

-- Coming.
select tests.hush();
select from chat.add_members(tests.room('Team'), array[tests.user('bob'), tests.user('dave')]);
select bag_eq(
  $$ select topic, event, payload ->> 'username' as username from tests.heard() $$,
  $$ values
    (pg_temp.topic(1), 'member.joined', 'bob'), ('user:' || tests.user('bob'), 'room.added', null),
    (pg_temp.topic(1), 'member.joined', 'dave'), ('user:' || tests.user('dave'), 'room.added', null) $$,
  'a new member is announced to the room, and notified');
select is(member_count, 4, 'new members are counted') from chat.rooms where id = tests.room('Team');
select results_eq(
  $$ select last_read_seq, last_delivered_seq from chat.room_members where user_id = tests.user('bob') $$,
  $$ values (1::bigint, 1::bigint) $$, 'a new member starts with everything read');
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');

-- Going: the last event on the old topic says where the new one is, in which nothing of the old is heard.
select tests.act_as('dave');
select tests.hush();
select chat.leave_room(tests.room('Team'));
select tests.act_as('carol');
select from chat.send_message(tests.room('Team'), 'dave is gone');
select results_eq(
  'select topic, event from tests.heard()',
  $$ values
    ('user:' || tests.user('dave'), 'room.removed'), (pg_temp.topic(1), 'member.left'),
    (pg_temp.topic(1), 'room.moved'),
    (pg_temp.topic(2), 'message.created') $$,
  'a member who leaves receives the move of the room, and nothing later');
select results_eq(
  $$ select payload ->> 'topic', payload ->> 'room_id' from tests.heard() where event = 'room.moved' $$,
  $$ values (pg_temp.topic(2), tests.room('Team')::text) $$, 'the old topic names the new one');
select results_eq(
  $$ select payload -> 'user_id', payload -> 'member_count' from tests.heard() where event = 'member.left' $$,
  $$ values (to_jsonb(tests.user('dave')), '3'::jsonb) $$, 'the event names the former member, and counts the remaining members');
select is(topic, pg_temp.topic(2), 'a member who was away finds the new topic in the room')
from chat.rooms where id = tests.room('Team');

select tests.act_as('bob');
select tests.hush();
select chat.remove_member(tests.room('Team'), tests.user('carol'));
select results_eq(
  'select topic, event from tests.heard()',
  $$ values
    ('user:' || tests.user('carol'), 'room.removed'), (pg_temp.topic(2), 'member.left'),
    (pg_temp.topic(2), 'room.moved') $$,
  'a removed member receives no more than a member who leaves');

-- An owner who leaves is followed by the longest-standing admin, or else member.
select tests.act_as('alice');
select from chat.add_members(tests.room('Team'), array[tests.user('carol'), tests.user('dave')]);
select tests.act_as_operator();
update chat.room_members set joined_at = now() - interval '1 day' where user_id = tests.user('dave');
select tests.act_as('alice');
select tests.hush();
select chat.leave_room(tests.room('Team'));
select results_eq(
  $$ select * from pg_temp.roles('Team') $$,
  $$ values ('bob', 'owner'), ('carol', 'member'), ('dave', 'member') $$, 'an admin follows the owner');
select results_eq(
  $$ select topic, event from tests.heard() where topic like 'room:%' $$,
  $$ values
    (pg_temp.topic(3), 'member.left'), (pg_temp.topic(3), 'room.moved'), (pg_temp.topic(4), 'member.updated') $$,
  'the new owner is announced on the new topic');
select tests.act_as('bob');
select chat.leave_room(tests.room('Team'));
select results_eq(
  $$ select * from pg_temp.roles('Team') $$,
  $$ values ('dave', 'owner'), ('carol', 'member') $$, 'the longest-standing member follows, where there is no admin');

-- A private group goes with its last member, a public one stays.
create temporary table team as select tests.room('Team') as id;
grant select on team to public;
select tests.act_as('dave');
select chat.leave_room((select id from team));
select tests.act_as('carol');
select chat.leave_room((select id from team));
select tests.act_as_operator();
select is_empty('select from chat.rooms join team using (id)', 'a private group goes with its last member');
select is_empty('select from chat.messages join team on team.id = room_id', 'the messages of a private group go with its last member');
select tests.act_as('erin');
select from chat.create_group_room('Square', is_public => true);
select chat.leave_room(tests.room('Square'));
select is(member_count, 0, 'a public group stays') from chat.rooms where id = tests.room('Square');
select from chat.join_room(tests.room('Square'));
select results_eq(
  'select * from pg_temp.roles(''Square'')', $$ values ('erin', 'owner') $$,
  'a user who joins an empty group becomes its owner');

select * from finish();
rollback;
