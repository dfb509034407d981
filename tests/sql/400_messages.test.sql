begin;
select plan(35);

-- alice owns a private group with bob and carol; dave is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from chat.create_group_room('Square', is_public => true);
select from chat.send_message(tests.room('Team'), 'hello');
select from chat.send_message(tests.room('Square'), 'welcome');
select tests.act_as('carol');
select from chat.send_message(tests.room('Team'), 'bye', 'c0000000-0000-0000-0000-000000000001');

select policies_are('chat', 'messages', array[
  'members can read messages', 'members can send messages as themselves', 'senders can edit their messages'
]);

select tests.act_as(null);
select throws_ok('select from chat.messages', '42501', null, 'anon reads no messages');
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Square'), 'x') $$, '42501', null,
  'anon sends no messages');

select tests.act_as('bob');
select results_eq(
  'select content from chat.messages order by seq', array['hello', 'bye'], 'members can read messages');
select results_eq(
  $$ insert into chat.messages (room_id, content) values (tests.room('Team'), 'hi') returning sender_id, seq $$,
  $$ values (tests.user('bob'), 3::bigint) $$, 'members can send messages as themselves');
select throws_ok(
  format('insert into chat.messages (room_id, content, %I) values (tests.room(''Team''), ''x'', %L)', name, value),
  '42501', null, reason)
from (values
  ('sender_id', tests.user('alice')::text, 'a user cannot send a message as another user'), ('seq', '1', 'a user cannot set the seq'),
  ('version', '1', 'a user cannot set the version'), ('created_at', 'now', 'a user cannot set the time'),
  ('forwarded_username', 'alice', 'a user cannot set the sender of a forwarded message'),
  ('forwarded_content', 'x', 'a user cannot set the content of a forwarded message')
) as forged (name, value, reason);
select results_eq(
  $$ update chat.messages set content = 'hi!' where content = 'hi' returning content $$,
  array['hi!'], 'senders can edit their messages');
select is_empty(
  $$ update chat.messages set content = 'x' where content = 'hello' returning id $$,
  'a member edits no messages of others');
select throws_ok(
  format('update chat.messages set %I = default where content = ''hi!''', name), '42501', null, reason)
from (values
  ('sender_id', 'a sender does not disown a message'), ('room_id', 'a sender does not move a message'),
  ('seq', 'a sender does not renumber a message'), ('deleted_at', 'a sender does not undelete a message'),
  ('edited_at', 'a sender does not hide an edit')
) as forged (name, reason);
select throws_ok('delete from chat.messages', '42501', null, 'a user cannot delete the row of a message');

select tests.act_as('alice');
select is_empty(
  $$ update chat.messages set content = 'x' where content = 'hi!' returning id $$,
  'an owner edits no messages of others');
select from chat.delete_message(tests.message('hello'));
select is_empty(
  $$ update chat.messages set content = 'x' where room_id = tests.room('Team') and seq = 1 returning id $$,
  'a deleted message cannot be edited');

select tests.act_as('dave');
select is_empty('select from chat.messages', 'a stranger reads no messages, of public rooms neither');
select is(tests.changed($$ update chat.messages set content = 'x' $$), 0::bigint, 'a stranger edits no messages');
select throws_ok(
  format('insert into chat.messages (room_id, content) values (%s, ''x'')', tests.room(name)),
  code, error, 'a stranger sends no messages to a ' || kind || ' room')
from (values
  ('Team', 'PT404', 'room_not_found', 'private'), ('Square', 'PT403', 'not_a_member', 'public')
) as rooms (name, code, error, kind);

select tests.act_as('carol');
select chat.leave_room(tests.room('Team'));
select is_empty('select from chat.messages', 'a former member cannot read messages, not even their own');
select is(tests.changed($$ update chat.messages set content = 'x' $$), 0::bigint, 'a former member cannot edit messages');
select throws_ok(
  $$ insert into chat.messages (room_id, content, client_id)
     values (tests.room('Team'), 'bye', 'c0000000-0000-0000-0000-000000000001') on conflict do nothing $$,
  'PT404', 'room_not_found', 'a former member cannot repeat a send');

-- What a message may be.
select tests.act_as('alice');
select throws_ok(
  format(
    'insert into chat.messages (room_id, content, metadata) values (tests.room(''Team''), %L, %L)', content, metadata
  ),
  '23514', null, reason)
from (values
  ('', '{}', 'a message says something'), (E' \n\t', '{}', 'a message is not blank'),
  (repeat('я', 10001), '{}', 'a message has up to 10,000 characters'),
  ('x', '[]', 'metadata is an object'),
  ('x', jsonb_build_object('x', repeat('я', 9000))::text, 'metadata has up to 16 KiB')
) as refused (content, metadata, reason);
select lives_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Team'), repeat('я', 10000)) $$,
  '10,000 Cyrillic letters fit');
select throws_ok(
  $$ update chat.messages set content = ' ' where content = repeat('я', 10000) $$, '23514', null,
  'an edit leaves no blank');

select * from finish();
rollback;
