begin;
select plan(7);

-- alice and bob are in a group and in a direct room; alice is alone in another
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_direct_room(tests.user('bob'));
select from chat.create_group_room('Crowd');

select tests.hush();
insert into chat.friendships (friend_id) values (tests.user('bob'));
select results_eq(
  $$ select topic, event, payload - 'id' from tests.heard() $$,
  $$ values (
    'user:' || tests.user('bob'), 'friend.added',
    jsonb_build_object('user_id', tests.user('alice'), 'username', 'alice')
  ) $$,
  'a new friend is told so');
select tests.hush();
delete from chat.friendships where friend_id = tests.user('bob');
select is_empty('select from tests.heard()', 'a former friend is told nothing');

-- Who comes and goes is told to the rooms that are not too large for it.
select tests.act_as_operator();
update chat.rooms set member_count = 51 where id = tests.room('Crowd');
select tests.act_as('alice');
select tests.hush();
select from chat.touch_status();
select bag_eq(
  $$ select topic, event, payload -> 'is_online' as online, payload ->> 'username' as username from tests.heard() $$,
  $$ select topic, 'user.status' as event, 'true'::jsonb as online, 'alice' as username from chat.rooms
     where id in (tests.room('Team'), tests.direct_room('alice', 'bob')) $$,
  'who comes is announced to their rooms, but not to one of more than 50');
select is_empty(
  $$ select from tests.heard() where not payload ?& array['room_id', 'version', 'user_id', 'last_seen_at'] $$,
  'with the room and its version');
select tests.hush();
select tests.act_as_operator();
update chat.user_status set last_seen_at = now() - interval '30 seconds' where user_id = tests.user('alice');
select tests.act_as('alice');
select from chat.touch_status();
select is_empty('select from tests.heard()', 'who stays is not announced');
select from chat.touch_status(signed_out => true);
select results_eq(
  $$ select distinct payload -> 'is_online', payload ->> 'user_id' from tests.heard() $$,
  $$ values ('false'::jsonb, tests.user('alice')::text) $$, 'who signs out is announced');
select tests.hush();
select from chat.touch_status(signed_out => true);
select is_empty('select from tests.heard()', 'once');

select * from finish();
rollback;
