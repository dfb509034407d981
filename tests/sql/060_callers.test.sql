begin;
select plan(10);

-- An anonymous user has the role of all other users.
select tests.sign_up('ann', 'bob');
select tests.act_as('bob');
insert into chat.friendships (friend_id) values (tests.user('ann'));
insert into chat.posts (title, content) values ('A post', 'Of bob');
select from chat.touch_status();
select from chat.create_group_room('For guests', is_public => true);
select tests.act_as('ann');
select isnt_empty('select from chat.friendships', 'a user can read friendships');
select isnt_empty('select from chat.posts', 'a user can read posts');
select isnt_empty('select from chat.user_status', 'a user can read who is online');
select tests.act_as_operator();
insert into auth.users (id, aud, role, is_anonymous) values (tests.user('guest'), 'authenticated', 'authenticated', true);
select tests.act_as('ann');
select set_config(
  'request.jwt.claims', jsonb_build_object('sub', tests.user('guest'), 'role', 'authenticated', 'is_anonymous', true)::text, true);
select is_empty('select from chat.friendships', 'an anonymous user cannot read friendships');
select is_empty('select from chat.posts', 'an anonymous user cannot read posts');
select is_empty('select from chat.user_status', 'an anonymous user cannot read who is online');
select throws_ok('select chat.' || call, 'PT404', 'user_not_found', 'an anonymous user has no profile: ' || split_part(call, '(', 1))
from unnest(array[
  'join_room(tests.room(''For guests''))', 'join_by_link(''x'')', 'accept_invitation(-1)', 'request_to_join(-1)'
]) as call;

select * from finish();
rollback;
