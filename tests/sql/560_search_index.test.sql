begin;
select plan(19);

-- alice writes in a busy group, and has one that is quiet
select tests.sign_up('alice');
select tests.act_as('alice');
select from chat.create_group_room('Busy');
select from chat.create_group_room('Quiet');
select from generate_series(1, 31) as n, chat.send_message(tests.room('Busy'), 'apple ' || n);
select from chat.send_message(tests.room('Quiet'), 'pear');
create function pg_temp.indexed(room text)
returns bigint
language sql
as $$
  select count(*) from chat_private.search_entries where room_id = tests.room(room);
$$;

select tests.act_as_operator();
select is(chat_private.job_index_messages(), false, 'the job has nothing more to do');
select is(pg_temp.indexed('Busy'), 0::bigint, 'the job waits for more messages of a room');
select tests.act_as('alice');
select from chat.send_message(tests.room('Busy'), 'apple 32');
select is(
  (select count(*) from chat.search_messages('apple')), 32::bigint, 'a search finds messages that are not in the index yet');
select tests.act_as_operator();
select from chat_private.job_index_messages();
select is(pg_temp.indexed('Busy'), 32::bigint, 'the job indexes the 32 messages of a room together');
select is(pg_temp.indexed('Quiet'), 0::bigint, 'the job leaves the only message of another room');
update chat.rooms set last_message_at = now() - interval '3 minutes' where id = tests.room('Quiet');
select from chat_private.job_index_messages();
select is(pg_temp.indexed('Quiet'), 1::bigint, 'the job indexes the last messages of a room that has become quiet');

select tests.act_as('alice');
select is((select count(*) from chat.search_messages('apple')), 32::bigint, 'a search finds messages in the index');
select from chat.edit_message(tests.message('pear'), 'plum');
select is((select count(*) from chat.search_messages('pear')), 0::bigint, 'a search does not find the old text of a message');
select is((select count(*) from chat.search_messages('plum')), 1::bigint, 'a search finds the new text before the job runs');
select tests.act_as_operator();
select is(pg_temp.indexed('Quiet'), 0::bigint, 'the old text leaves the index with the edit');
-- As if the job had read the old text before the edit, and written it afterwards.
insert into chat_private.search_entries (message_id, room_id, entries)
select id, room_id, chat_private.message_entries(room_id, seq, 'pear') from chat.messages where content = 'plum';
select from chat_private.job_index_messages();
select results_eq(
  $$ select entries from chat_private.search_entries where room_id = tests.room('Quiet') $$,
  $$ select chat_private.message_entries(room_id, seq, content) from chat.messages where content = 'plum' $$,
  'the job replaces what it had of an edited message');
select is_empty('select from chat_private.messages_to_index', 'no changed message is left to index');

select tests.act_as('alice');
select from chat.delete_message(tests.message('plum'));
select tests.act_as_operator();
select is(pg_temp.indexed('Quiet'), 0::bigint, 'a deleted message leaves the index at once');
select from chat_private.job_index_messages();
select is(pg_temp.indexed('Quiet'), 0::bigint, 'the job does not index a deleted message again');

-- In small steps.
select tests.act_as('alice');
select from generate_series(1, 10) as n, chat.send_message(tests.room('Busy'), 'cherry ' || n);
select tests.act_as_operator();
select is(
  chat_private.index_rooms(tests.room('Busy'), 4, 1), tests.room('Busy'), 'a step names the room in which it has to continue');
select is(pg_temp.indexed('Busy'), 36::bigint, 'a step adds as many messages as it may');
delete from chat.rooms where id = tests.room('Busy');
select is_empty(
  'select from chat_private.search_progress where room_id not in (select id from chat.rooms)',
  'the progress of a deleted room is deleted');
select is((select count(*) from chat_private.search_entries), 0::bigint, 'the entries of a deleted room are deleted');

select throws_ok(
  'insert into chat_private.search_cursor (only_row, next_room_id) values (false, 0)', '23514', null,
  'the job has one cursor');

select * from finish();
rollback;
