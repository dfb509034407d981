begin;
select plan(15);

-- alice and bob are friends of each other; carol has no friends
select tests.sign_up('alice', 'bob', 'carol');
insert into chat.friendships (user_id, friend_id) values
  (tests.user('alice'), tests.user('bob')), (tests.user('bob'), tests.user('alice'));

select policies_are('chat', 'friendships', array[
  'people can read friendships', 'people can add friends of their own', 'people can remove friends of their own'
]);

select tests.act_as(null);
select throws_ok('select from chat.friendships', '42501', null, 'anon reads no friendships');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('bob')) $$, '42501', null, 'anon has no friends');

select tests.act_as('carol');
select results_eq(
  $$ select friend_id from chat.friendships where user_id = tests.user('alice') $$,
  array[tests.user('bob')], 'people can read friendships');
select is(tests.changed('delete from chat.friendships'), 0::bigint, 'a stranger removes no friends of others');
select throws_ok(
  $$ insert into chat.friendships (user_id, friend_id) values (tests.user('alice'), tests.user('carol')) $$,
  '42501', null, 'a stranger adds no friends for others');

select tests.hush();
select results_eq(
  $$ insert into chat.friendships (friend_id) values (tests.user('alice')) returning user_id, friend_id $$,
  $$ values (tests.user('carol'), tests.user('alice')) $$, 'people can add friends of their own');
select results_eq(
  $$ select topic, event, payload - 'id' from tests.heard() $$,
  $$ select 'user:' || tests.user('alice'), 'friend.added', jsonb_build_object('user_id', tests.user('carol'), 'username', 'carol') $$,
  'the friend learns who has added them');
select is_empty(
  $$ select from chat.friendships where user_id = tests.user('alice') and friend_id = tests.user('carol') $$,
  'the friend need not feel the same');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('alice')) $$, '23505', null, 'a friend is added once');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('carol')) $$, '23514', null,
  'a user cannot add themselves as a friend');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('nobody')) $$, '23503', null, 'a friend exists');
select throws_ok(
  $$ update chat.friendships set friend_id = tests.user('bob') $$, '42501', null, 'a friendship is not changed');
select results_eq(
  $$ delete from chat.friendships where friend_id = tests.user('alice') returning user_id $$,
  array[tests.user('carol')], 'people can remove friends of their own');

select tests.act_as_operator();
delete from auth.users where id = tests.user('bob');
select is_empty(
  $$ select from chat.friendships where tests.user('bob') in (user_id, friend_id) $$,
  'friendships go with either account');

select * from finish();
rollback;
