begin;
select plan(13);

-- The column grants keep people from giving another's id. Were they wider, the policies would still refuse it.
grant insert (owner_id), update (owner_id) on chat.conversations to authenticated;
grant insert (user_id) on chat.friendships to authenticated;
grant insert (author_id), update (author_id) on chat.posts to authenticated;
grant insert (pinned_by, room_id) on chat.pins to authenticated;
grant update (id) on chat.profiles to authenticated;
grant update (id) on chat.rooms to authenticated;
grant update (user_id) on chat.room_members to authenticated;
grant insert (sender_id), update (sender_id) on chat.messages to authenticated;
grant update (user_id) on chat.notices to authenticated;

-- alice owns a room that bob is in; dave is a stranger
select tests.sign_up('alice', 'bob', 'dave');
insert into chat.notices (user_id, kind) values (tests.user('alice'), 'warning');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
insert into chat.conversations (title) values ('Mine');
insert into chat.posts (title, content) values ('Post', 'Mine');
select from chat.send_message(tests.room('Team'), 'mine');

select throws_ok(statement, '42501', format('new row violates row-level security policy for table "%s"', name), title)
from (values
  ('conversations', $$ insert into chat.conversations (title, owner_id) values ('x', tests.user('bob')) $$,
    'a user cannot start a conversation for another user'),
  ('conversations', $$ update chat.conversations set owner_id = tests.user('bob') $$, 'a user cannot give a conversation away'),
  ('friendships', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('bob'), tests.user('dave')) $$,
    'a user cannot add friends for another user'),
  ('posts', $$ insert into chat.posts (title, content, author_id) values ('x', 'x', tests.user('bob')) $$,
    'a user cannot post as another user'),
  ('posts', $$ update chat.posts set author_id = tests.user('bob') $$, 'a user cannot give a post away'),
  ('pins', $$ insert into chat.pins (message_id, pinned_by) values (tests.message('mine'), tests.user('bob')) $$,
    'a user cannot pin as another user'),
  ('profiles', $$ update chat.profiles set id = tests.user('bob') where id = tests.user('alice') $$,
    'a user cannot become another user'),
  ('notices', $$ update chat.notices set user_id = tests.user('bob') $$, 'a user cannot give a notice away'),
  ('rooms', $$ update chat.rooms set id = default where true $$, 'a user cannot renumber a room'),
  ('room_members',
    $$ update chat.room_members set user_id = tests.user('dave') where user_id = tests.user('alice') $$,
    'a user cannot give a membership away'),
  ('messages',
    $$ insert into chat.messages (room_id, content, sender_id) values (tests.room('Team'), 'x', tests.user('bob')) $$,
    'a user cannot send a message as another user'),
  ('messages', $$ update chat.messages set sender_id = tests.user('bob') where content = 'mine' $$,
    'a user cannot edit the message of another user')
) as forged (name, statement, title);

-- Without the trigger that refuses strangers first.
select tests.act_as_operator();
set local session_replication_role = replica;
select tests.act_as('dave');
select throws_ok(
  $$ insert into chat.pins (message_id, room_id) values (tests.message('mine'), tests.room('Team')) $$, '42501',
  'new row violates row-level security policy for table "pins"', 'a stranger cannot pin');

select * from finish();
rollback;
