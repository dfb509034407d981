begin;
select plan(27);

-- dave owns a group with carol, a direct room with her, and a group of his own; then his account is deleted
select tests.sign_up('carol', 'dave');
select tests.act_as('dave');
select from chat.create_group_room('Team', array[tests.user('carol')]);
select from chat.create_group_room('Alone');
select from chat.create_direct_room(tests.user('carol'));
select from unnest(array[tests.room('Team'), tests.room('Alone'), tests.direct_room('carol', 'dave')]) as room,
  chat.send_message(room, 'from dave in ' || room, gen_random_uuid()) as sent, chat.pin_message(sent.id);
insert into chat.friendships (friend_id) values (tests.user('carol'));
insert into chat.posts (title, content) values ('Mine', 'Of dave');
insert into chat.conversations (title) values ('Of dave');
select from chat.touch_status();
select tests.act_as('carol');
insert into chat.friendships (friend_id) values (tests.user('dave'));
select from chat.send_message(tests.room('Team'), 'reply', reply_to_id => (
  select last_message_id from chat.rooms where id = tests.room('Team')
));
select from chat.create_group_room('Square', is_public => true);
select from chat.forward_message(
  (select last_message_id from chat.rooms where id = tests.direct_room('carol', 'dave')), tests.room('Team')
);
create temporary table before as
select rooms.*, (select count(*) from chat.messages where room_id = rooms.id) as messages
from chat.rooms where id in (tests.room('Team'), tests.direct_room('carol', 'dave'));
grant select on before to public;

select tests.act_as_operator();
select tests.hush();
select lives_ok(
  $$ delete from auth.users where id = tests.user('dave') $$, 'an account in the middle of everything can be deleted');

-- What was theirs goes.
select is_empty(
  format('select from chat.%I where %I = tests.user(''dave'')', name, owner), what)
from (values
  ('profiles', 'id', 'their profile goes'), ('user_status', 'user_id', 'their status goes'),
  ('posts', 'author_id', 'their posts go'), ('conversations', 'owner_id', 'their conversations go'),
  ('friendships', 'user_id', 'their friendships go'), ('friendships', 'friend_id', 'friendships with them go'),
  ('room_members', 'user_id', 'their memberships go')
) as tables (name, owner, what);
select is(tests.room('Alone'), null, 'a private group in which they were alone goes');

-- What is also of others stays.
select results_eq(
  $$ select id, (select count(*) from chat.messages where room_id = rooms.id)
     from chat.rooms join before using (id) order by id $$,
  'select id, messages from before order by id', 'the rooms of others stay, with all their messages');
select results_eq(
  $$ select count(*) from chat.messages join before on before.id = room_id
     where sender_id is null and content like 'from%' $$,
  array[2::bigint], 'their messages say what they said, with no sender');
select results_eq(
  $$ select reply_to_id is not null from chat.messages where content = 'reply' and room_id = tests.room('Team') $$,
  array[true], 'an answer to them still is one');
select results_eq(
  $$ select forwarded_username, forwarded_from_id is not null from chat.messages
     where room_id = tests.room('Team') and seq = 3 $$,
  $$ values ('dave', true) $$, 'a forwarded message still shows its original sender');
select results_eq(
  $$ select pinned_by, rooms.created_by from chat.pins
     join before on before.id = room_id join chat.rooms on rooms.id = room_id $$,
  $$ values (null::uuid, null::uuid), (null, null) $$, 'pins and rooms stay, without their creator');
select results_eq(
  $$ select user_id, role::text from chat.room_members where room_id = tests.room('Team') $$,
  $$ values (tests.user('carol'), 'owner') $$, 'the ownership of a group passes');

-- And it is announced like any other going.
select results_eq(
  $$ select heard.topic = before.topic, heard.event from before, tests.heard() as heard
     where before.name = 'Team' and heard.topic like format('room:%s:%%', before.id) $$,
  $$ values (true, 'user.status'), (true, 'member.left'), (true, 'room.moved'), (false, 'member.updated') $$,
  'the rooms move on, away from a channel left open');
select tests.act_as('carol');
select results_eq(
  $$ select content is not null, sender_id from chat.messages
     where room_id = (select id from before where kind = 'direct') $$,
  $$ values (true, null::uuid) $$, 'the other still reads a direct room');
select tests.act_as('dave');
select throws_ok(
  $$ select chat.create_direct_room(tests.user('carol')) $$, 'PT401', 'no_account',
  'a token that outlives its account finds no room with it');
select throws_ok(
  $$ select chat.create_group_room('Haunted') $$, 'PT401', 'no_account', 'a token that outlives its account makes no room');
select throws_ok(
  $$ select chat.join_room(tests.room('Square')) $$, 'PT401', 'no_account', 'a token that outlives its account joins no room');
select tests.act_as_operator();
delete from auth.users where id = tests.user('carol');
select is_empty('select from chat.rooms join before using (id)', 'a private room is deleted with its last member');

-- What it is for takes several sessions to see: tests/model/turns.test.ts.
select has_trigger('auth', 'users', 'parley_account_leaving', 'an account that goes locks its rooms first');

select has_trigger('chat', 'profiles', 'profile_leaving', 'the deletion of a profile alone locks its rooms in order, too');

-- What one step of the job does not reach.
select tests.sign_up('edda');
set local session_replication_role = replica;
insert into chat.rooms (kind, name, deleted_at) values ('group', 'Being removed', now());
insert into chat.reactions (message_id, room_id, user_id, emoji) values (0, tests.room('Being removed'), tests.user('edda'), '👍');
insert into chat.attachments (room_id, uploader_id, path, name, mime_type, bytes)
select tests.room('Being removed'), tests.user('edda'), 'edda', 'tea.txt', 'text/plain', 1;
set local session_replication_role = origin;
delete from auth.users where id = tests.user('edda');
select chat_private.job_forget_senders();
select isnt_empty(
  $$ select from chat_private.departed_senders where user_id = tests.user('edda') $$,
  'a job comes back while there is a reaction in a room that another job removes');
update chat_private.departed_senders set is_erased = true where user_id = tests.user('edda');
select chat_private.erase_more_of(tests.user('edda'));
select isnt_empty($$ select from chat_private.departed_senders where user_id = tests.user('edda') $$, 'it does so, too, when it erases');
delete from chat_private.departed_senders where user_id = tests.user('edda');
select tests.sign_up('egon');
set local session_replication_role = replica;
insert into chat.attachments (room_id, uploader_id, path, name, mime_type, bytes)
select tests.room('Being removed'), tests.user('egon'), 'egon ' || n, 'tea.txt', 'text/plain', 1 from generate_series(1, 101) as n;
set local session_replication_role = origin;
delete from auth.users where id = tests.user('egon');
select isnt_empty(
  $$ select from chat_private.departed_senders where user_id = tests.user('egon') $$,
  'the job also looks after who has left nothing but files');
select chat_private.job_forget_senders();
select is_empty($$ select from chat.attachments where uploader_id = tests.user('egon') $$, 'it removes the sender of all of them');

select * from finish();
rollback;
