begin;
select plan(28);

-- alice owns two conversations, bob none
select tests.sign_up('alice', 'bob');
create function pg_temp.conversation(title text)
returns uuid
language sql immutable
as $$
  select md5('conversation:' || title)::uuid;
$$;
insert into chat.conversations (id, owner_id, title, updated_at)
select pg_temp.conversation(title), tests.user('alice'), title, now() - interval '1 day'
from unnest(array['Plans', 'Recipes']) as title;
insert into chat.conversation_messages (conversation_id, role, content)
values (pg_temp.conversation('Plans'), 'user', 'What next?');
create function pg_temp.message(content text)
returns bigint
language sql stable
as $$
  select max(id) from chat.conversation_messages as messages where messages.content = message.content;
$$;

select policies_are('chat', 'conversation_messages', array[
  'owners can read the messages of their conversations', 'owners can add messages to their conversations'
]);

select tests.act_as(null);
select throws_ok('select from chat.conversation_messages', '42501', null, 'anon reads no messages of conversations');

select tests.act_as('bob');
select is_empty('select from chat.conversation_messages', 'a stranger reads no messages of conversations');
select throws_ok(
  $$ insert into chat.conversation_messages (conversation_id, role, content)
     values (pg_temp.conversation('Plans'), 'user', 'x') $$,
  '42501', null, 'a stranger adds no messages to conversations');

select tests.act_as('alice');
select results_eq(
  'select content from chat.conversation_messages', array['What next?'],
  'owners can read the messages of their conversations');
select tests.hush();
select results_eq(
  $$ insert into chat.conversation_messages (conversation_id, role, content, reply_to_id)
     values (pg_temp.conversation('Plans'), 'assistant', 'Rest.', pg_temp.message('What next?'))
     returning reply_to_id $$,
  array[pg_temp.message('What next?')], 'owners can add messages to their conversations');
select results_eq(
  $$ select topic, event, payload #>> '{message,content}' from tests.heard() $$,
  $$ values ('conversation:' || pg_temp.conversation('Plans'), 'message.created', 'Rest.') $$,
  'a message is announced to its conversation');
select results_eq(
  $$ select title, updated_at = now() from chat.conversations order by title $$,
  $$ values ('Plans', true), ('Recipes', false) $$, 'a message makes its conversation new');
select throws_ok(
  $$ insert into chat.conversation_messages (conversation_id, role, content, reply_to_id)
     values (pg_temp.conversation('Recipes'), 'assistant', 'x', pg_temp.message('What next?')) $$,
  '23503', null, 'a reply stays within its conversation');
select results_eq(
  $$ select content, created_at = now() from chat.add_conversation_message(
       pg_temp.conversation('Recipes'), 'user', 'Soup?', client_id => md5('soup')::uuid) $$,
  $$ values ('Soup?', true) $$, 'a message is added by the function');
select tests.hush();
select is(
  (select id from chat.add_conversation_message(
    pg_temp.conversation('Recipes'), 'user', 'Soup?', client_id => md5('soup')::uuid)),
  pg_temp.message('Soup?'), 'a repeated one is the first one');
select is_empty('select from tests.heard()', 'a repeated one is not announced');
select throws_ok(
  format(
    'select chat.add_conversation_message(%L, %L, %L, %L, client_id => md5(''soup'')::uuid)',
    pg_temp.conversation('Recipes'), role, content, metadata
  ), 'PT409', 'client_id_reused', reason)
from (values
  ('user', 'Stew?', '{}', 'a client_id used again for other words is refused'),
  ('system', 'Soup?', '{}', 'so is one for another role'),
  ('user', 'Soup?', '{"hot": true}', 'so is one for other metadata')
) as refused (role, content, metadata, reason);
select throws_ok(
  $$ select chat.add_conversation_message(
       pg_temp.conversation('Recipes'), 'user', 'Stew?', client_id => md5('soup')::uuid) $$,
  'PT409', 'client_id_reused', 'the key of one message is not used for another');
select results_eq(
  $$ select (chat.add_conversation_message(pg_temp.conversation('Recipes'), 'user', 'Salad?', client_id => md5('salad')::uuid)).content
     from generate_series(1, 2) $$,
  array['Salad?', 'Salad?'], 'of several messages a repeated one is found by its key');
select throws_ok(
  $$ select chat.add_conversation_message(
       pg_temp.conversation('Recipes'), 'user', 'x', reply_to_id => pg_temp.message('What next?')) $$,
  'PT404', 'message_not_found', 'a reply by the function stays within its conversation, too');
select throws_ok(
  $$ select chat.add_conversation_message(gen_random_uuid(), 'user', 'x') $$,
  'PT404', 'conversation_not_found', 'there is no such conversation');
select throws_ok('update chat.conversation_messages set content = ''x''', '42501', null, 'a log is not rewritten');
select throws_ok('delete from chat.conversation_messages', '42501', null, 'a log is not shortened');

select lives_ok(
  $$ insert into chat.conversation_messages (conversation_id, role, content)
     values (pg_temp.conversation('Recipes'), repeat('я', 20), '') $$,
  'a role of 20 Cyrillic letters fits');
select throws_ok(
  format(
    'insert into chat.conversation_messages (conversation_id, role, content, metadata) values (%L, %L, %L, %L)',
    pg_temp.conversation('Recipes'), role, content, metadata
  ), '23514', null, reason)
from (values
  (repeat('я', 21), 'x', '{}', 'a role of 21 letters does not'), ('', 'x', '{}', 'a role is not empty'),
  ('user', repeat('a', 100001), '{}', 'a message has up to 100,000 characters'),
  ('user', 'x', '"text"', 'metadata is an object')
) as refused (role, content, metadata, reason);

select tests.act_as_operator();
delete from chat.conversation_messages where content = 'What next?';
select results_eq(
  $$ select reply_to_id from chat.conversation_messages where content = 'Rest.' $$,
  array[null::bigint], 'an answer outlives its question');
delete from chat.conversations where id = pg_temp.conversation('Plans');
select is_empty(
  $$ select from chat.conversation_messages where conversation_id = pg_temp.conversation('Plans') $$,
  'messages go with their conversation');

select * from finish();
rollback;
