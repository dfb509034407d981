begin;
select plan(12);

-- alice and bob are in a group
select tests.sign_up('alice', 'bob');
create function pg_temp.heard()
returns table (event text, version bigint, content text)
language sql
as $$
  select event, (payload ->> 'version')::bigint, payload #>> '{message,content}'
  from tests.heard()
  where topic = (select topic from chat.rooms where id = tests.room('Team'));
$$;

select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);

select tests.hush();
select from chat.send_message(tests.room('Team'), 'hello', metadata => '{"mood": "good"}');
select results_eq(
  'select * from pg_temp.heard()', $$ values ('message.created', 3::bigint, 'hello') $$,
  'a message is announced to its room');
select results_eq(
  $$ select payload -> 'message' from tests.heard() $$,
  $$ select to_jsonb(messages) - 'search'
       || jsonb_build_object('sender_number', profiles.number, 'sender_username', 'alice')
     from chat.messages join chat.profiles on profiles.id = sender_id where content = 'hello' $$,
  'with everything that its row says, and its sender''s name and number');
select results_eq(
  $$ select payload -> 'room_id' from tests.heard() $$, array[to_jsonb(tests.room('Team'))],
  'the event names the room, beside the version');

select tests.hush();
insert into chat.messages (room_id, content) values (tests.room('Team'), 'direct');
select results_eq(
  'select * from pg_temp.heard()', $$ values ('message.created', 4::bigint, 'direct') $$,
  'a plain insert is announced alike');

select tests.hush();
select from chat.edit_message(tests.message('hello'), 'hello!');
update chat.messages set content = 'direct!' where content = 'direct';
select results_eq(
  'select * from pg_temp.heard()',
  $$ values ('message.updated', 5::bigint, 'hello!'), ('message.updated', 6, 'direct!') $$, 'edits are announced');

select tests.hush();
select from chat.edit_message(tests.message('hello!'), 'hello!');
select is_empty('select from tests.heard()', 'an edit that changes nothing is not');

select from chat.pin_message(tests.message('hello!'));
select tests.hush();
select from chat.delete_message(tests.message('hello!'));
select results_eq(
  'select * from pg_temp.heard()',
  $$ values ('message.deleted', 8::bigint, ''), ('message.unpinned', 9, null) $$,
  'a deletion is announced without the content, and then the removal of the pin');

select tests.hush();
select from chat.delete_message((select id from chat.messages where deleted_at is not null));
select is_empty('select from tests.heard()', 'a second deletion is not');

select tests.hush();
savepoint undone;
select from chat.send_message(tests.room('Team'), 'undone');
rollback to savepoint undone;
select is_empty('select from tests.heard()', 'what is rolled back was never announced');

select throws_ok($$ select chat.send_message(tests.room('Team'), '') $$, '23514', null, 'a message that is refused');
select is_empty('select from tests.heard()', 'is not announced either');

select tests.act_as_operator();
select tests.hush();
delete from auth.users where id = tests.user('bob');
update chat.messages set content = 'mended' where content = 'direct!';
select results_eq(
  $$ select topic from tests.heard() where event = 'message.updated' $$,
  $$ select topic from chat.rooms where id = tests.room('Team') $$, 'a change by the operator is announced as well');

select * from finish();
rollback;
