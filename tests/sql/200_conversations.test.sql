begin;
select plan(27);

-- alice owns a conversation, bob does not
select tests.sign_up('alice', 'bob');
insert into chat.conversations (owner_id, title, updated_at)
values (tests.user('alice'), 'Plans', now() - interval '1 day');

select policies_are('chat', 'conversations', array[
  'owners can read their conversations', 'people can start conversations of their own',
  'owners can change their conversations', 'owners can delete their conversations'
]);

select tests.act_as(null);
select throws_ok('select from chat.conversations', '42501', null, 'anon reads no conversations');
select throws_ok('insert into chat.conversations default values', '42501', null, 'anon starts no conversations');

select tests.act_as('bob');
select is_empty('select from chat.conversations', 'a stranger reads no conversations');
select is(
  tests.changed($$ update chat.conversations set title = 'x' $$), 0::bigint, 'a stranger changes no conversations');
select is(tests.changed('delete from chat.conversations'), 0::bigint, 'a stranger deletes no conversations');
select throws_ok(
  $$ insert into chat.conversations (owner_id) values (tests.user('alice')) $$,
  '42501', null, 'a stranger starts no conversations as another');

select tests.act_as('alice');
select results_eq('select title from chat.conversations', array['Plans'], 'owners can read their conversations');
select results_eq(
  $$ update chat.conversations set archived = true, metadata = '{"model": "x"}' where title = 'Plans'
     returning archived, updated_at = now() $$,
  $$ values (true, true) $$, 'owners can change their conversations');
select results_eq(
  $$ insert into chat.conversations (metadata) values ('{}') returning owner_id, title, archived $$,
  $$ values (tests.user('alice'), 'New Chat', false) $$, 'people can start conversations of their own');
select throws_ok(
  $$ insert into chat.conversations (id, title) values (gen_random_uuid(), 'x') $$,
  '42501', null, 'an owner does not choose the id of a conversation');
select throws_ok(
  $$ update chat.conversations set owner_id = tests.user('bob') $$, '42501', null,
  'an owner cannot give a conversation away');
select throws_ok(
  $$ update chat.conversations set updated_at = now() $$, '42501', null,
  'an owner does not say when a conversation changed');
select results_eq(
  $$ delete from chat.conversations where title = 'Plans' returning title $$,
  array['Plans'], 'owners can delete their conversations');

select throws_ok(
  format('insert into chat.conversations (title, metadata) values (%L, %L)', title, metadata), '23514', null, reason)
from (values
  ('', '{}', 'a conversation has a title'), (' ', '{}', 'a title is not blank'),
  (repeat('a', 256), '{}', 'a title has up to 255 characters'),
  ('x', '[]', 'metadata is an object, no array'), ('x', 'null', 'metadata is an object, not null'),
  ('x', jsonb_build_object('x', repeat('я', 9000))::text, 'metadata has up to 16 KiB')
) as refused (title, metadata, reason);

create function pg_temp.titled(given text, new_title text, variadic said text[])
returns text
language plpgsql
as $$
declare
  conversation chat.conversations;
  content text;
begin
  insert into chat.conversations (title) values (given) returning * into conversation;
  if new_title is not null then
    update chat.conversations set title = new_title where id = conversation.id;
  end if;
  update chat.conversations set archived = true where id = conversation.id;
  foreach content in array said loop
    perform chat.add_conversation_message(conversation.id, 'system', 'Be brief.');
    perform chat.add_conversation_message(conversation.id, 'user', content);
  end loop;
  return (select title from chat.conversations where id = conversation.id);
end;
$$;
select is(
  pg_temp.titled('New Chat', null, ' ', E' What is\n  tea? ', 'And coffee?'), 'What is tea?',
  'the first message that says something gives an untitled conversation its title');
select is(pg_temp.titled('New Chat', null, repeat('я', 61)), repeat('я', 59) || '…', 'a long one is cut');
select is(pg_temp.titled('Drinks', null, 'What is tea?'), 'Drinks', 'a title that was given stays');
select is(pg_temp.titled('New Chat', 'New Chat', 'What is tea?'), 'New Chat', 'a title that was set stays, whatever it is');

select tests.act_as_operator();
delete from auth.users where id = tests.user('alice');
select is_empty(
  $$ select from chat.conversations where owner_id = tests.user('alice') $$, 'conversations go with their owner');

insert into chat.conversations (owner_id) values (tests.user('bob'));
select throws_ok(
  statement, '23514', 'new row for relation "conversations" violates check constraint "conversations_owner_id_check"', title)
from (values
  ($$ insert into chat.conversations (owner_id) values (null) $$, 'a conversation has an owner'),
  ($$ update chat.conversations set deleted_at = now() where owner_id = tests.user('bob') $$,
    'a deleted conversation has no owner')
) as refused (statement, title);
select * from finish();
rollback;
