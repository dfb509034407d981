begin;
select plan(29);

-- alice asks in a conversation of hers, bob owns another
select tests.sign_up('alice', 'bob');
create function pg_temp.conversation(name text)
returns uuid
language sql immutable
as $$
  select md5('conversation:' || name)::uuid;
$$;
insert into chat.conversations (id, owner_id)
select pg_temp.conversation(name), tests.user(name) from unnest(array['alice', 'bob']) as name;
select tests.act_as('alice');
create temporary table asked as
select * from chat_private.ask(pg_temp.conversation('alice'), 'What is tea?', null, 'tea-1');
select chat_private.write_reply(reply_id, 0, 0, 'Tea ') from asked;
grant select on asked to public;

select tests.act_as_operator();
select policies_are('chat', 'replies', array['owners can read the replies in their conversations']);
select policies_are('chat', 'reply_chunks', array['owners can read the text of their running replies']);

select tests.act_as(null);
select throws_ok('select from chat.replies', '42501', null, 'anon cannot read replies');
select throws_ok('select from chat.reply_chunks', '42501', null, 'anon cannot read the text of replies');

select tests.act_as('bob');
select is_empty('select from chat.replies', 'a stranger cannot read replies');
select is_empty('select from chat.reply_chunks', 'a stranger cannot read the text of replies');
select is_empty(
  $$ select * from chat.running_reply(pg_temp.conversation('alice')) $$, 'a stranger finds no running reply');
select throws_ok(
  $$ select chat.stop_reply((select reply_id from asked)) $$, 'PT404', 'reply_not_found', 'a stranger cannot stop a reply');

select tests.act_as('alice');
select results_eq(
  'select state, question_id, responder from chat.replies',
  $$ select 'running', question_id, 'tea-1' from asked $$, 'owners can read the replies in their conversations');
select results_eq(
  'select index, chars_before, text from chat.reply_chunks',
  $$ values (0, 0, 'Tea ') $$, 'owners can read the text of their running replies');
select throws_ok(
  $$ insert into chat.replies (conversation_id, owner_id, question_id)
     values (pg_temp.conversation('alice'), tests.user('alice'), (select question_id from asked)) $$,
  '42501', null, 'an owner cannot insert a reply');
select throws_ok('update chat.replies set state = ''complete''', '42501', null, 'an owner cannot update a reply');
select throws_ok('delete from chat.replies', '42501', null, 'an owner cannot delete a reply');
select throws_ok('delete from chat.reply_chunks', '42501', null, 'an owner cannot delete the text of a reply');

select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.replies (conversation_id, owner_id, question_id)
     values (pg_temp.conversation('alice'), tests.user('alice'), (select question_id from asked)) $$,
  '23505', null, 'one reply is written at a time in a conversation');
select throws_ok(
  $$ insert into chat.replies (conversation_id, owner_id, question_id)
     values (pg_temp.conversation('bob'), tests.user('bob'), (select question_id from asked)) $$,
  '23503', null, 'a reply stays in the conversation of its question');
select throws_ok(
  $$ insert into chat.reply_chunks select reply_id, 1, tests.user('alice'), 4, repeat('a', 30001) from asked $$,
  '23514', null, 'a chunk has up to 30,000 characters');
select throws_ok(
  $$ update chat.replies set state = 'complete' where id = (select reply_id from asked) $$,
  '23514', null, 'a reply that has ended says when');
select throws_ok(
  format('update chat.replies set %s where id = (select reply_id from asked)', change), '23514', null, reason)
from (values
  ($$state = 'ended', ended_at = now()$$, 'a reply has one of four states'),
  ($$reason = 'bored'$$, 'a reply has one of the reasons'),
  ($$responder = repeat('a', 201)$$, 'the name of a responder has up to 200 characters'),
  ('base = -1', 'a reply takes over no negative number of characters'),
  ($$usage = '[]'$$, 'usage is an object'),
  ($$usage = jsonb_build_object('x', repeat('a', 4096))$$, 'usage has up to 4 KiB')
) as refused (change, reason);
select throws_ok(
  format(
    'insert into chat.reply_chunks select reply_id, %s, tests.user(''alice''), %s, %L from asked', index, before, text
  ), '23514', null, reason)
from (values
  (-1, 0, 'a', 'chunks are numbered from 0'), (1, 100001, 'a', 'a reply has up to 100,000 characters'),
  (1, 0, '', 'a chunk is not empty')
) as refused (index, before, text, reason);
select throws_ok(
  $$ insert into chat.replies (conversation_id, owner_id, question_id, client_id, state, ended_at)
     select pg_temp.conversation('alice'), tests.user('alice'), question_id, md5('key')::uuid, 'complete', now()
     from asked, generate_series(1, 2) $$,
  '23505', null, 'a key names one reply of a conversation');
delete from chat.conversations where id = pg_temp.conversation('alice');
select is_empty(
  $$ select from chat.replies where owner_id = tests.user('alice')
     union all select from chat.reply_chunks where owner_id = tests.user('alice') $$,
  'replies go with their conversation');

select * from finish();
rollback;
