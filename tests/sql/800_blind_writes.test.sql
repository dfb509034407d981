begin;
select plan(9);

-- A statement that reads no column asks no policy for reading: what it may write stands in the policies for writing alone.
-- alice has one of everything; dave has nothing, and tries to change or delete all there is
select tests.sign_up('alice', 'bob', 'dave');
select tests.act_as('alice');
insert into chat.friendships (friend_id) values (tests.user('bob'));
insert into chat.posts (title, content) values ('Post', 'Mine');
insert into chat.conversations (title) values ('Mine');
select from chat.create_group_room('Square', is_public => true);
select from chat.send_message(tests.room('Square'), 'mine');
select from chat.pin_message(tests.message('mine'));

select tests.act_as('dave');
update chat.profiles set bio = 'dave was here' where true;
update chat.posts set title = 'dave was here' where true;
update chat.conversations set title = 'dave was here' where true;
update chat.rooms set name = 'dave was here' where true;
update chat.room_members set archived_at = now() where true;
update chat.messages set content = 'dave was here' where true;

select tests.act_as_operator();
select is(bio, '', 'a blind update changes no profile of another') from chat.profiles where id = tests.user('alice');
select is(title, 'Post', 'nor a post') from chat.posts where author_id = tests.user('alice');
select is(title, 'Mine', 'nor a conversation') from chat.conversations where owner_id = tests.user('alice');
select is_empty(
  $$ select from chat.rooms where name = 'dave was here'
     union all select from chat.room_members where user_id = tests.user('alice') and archived_at is not null
     union all select from chat.messages where content = 'dave was here' $$,
  'nor a room, a member or a message');

select tests.act_as('dave');
delete from chat.friendships where true;
delete from chat.posts where true;
delete from chat.conversations where true;
delete from chat.pins where true;
delete from chat.rooms where true;

select tests.act_as_operator();
select isnt_empty(
  'select from chat.friendships where user_id = tests.user(''alice'')', 'a blind delete removes no friend of another');
select isnt_empty('select from chat.posts where author_id = tests.user(''alice'')', 'nor a post');
select isnt_empty('select from chat.conversations where owner_id = tests.user(''alice'')', 'nor a conversation');
select isnt_empty('select from chat.pins where pinned_by = tests.user(''alice'')', 'nor a pin');
select isnt_empty('select from chat.rooms where created_by = tests.user(''alice'')', 'nor a room');

select * from finish();
rollback;
