begin;
select plan(59);

-- alice has conversations named after what she asks in them, bob one
select tests.sign_up('alice', 'bob');
create function pg_temp.conversation(name text)
returns uuid
language sql immutable
as $$
  select md5('conversation:' || name)::uuid;
$$;
insert into chat.conversations (id, owner_id)
select pg_temp.conversation(name), tests.user('alice')
from unnest(array['tea', 'coffee', 'milk', 'water', 'wine', 'beer', 'rum']) as name;
insert into chat.conversations (id, owner_id) values (pg_temp.conversation('bob'), tests.user('bob'));

create function pg_temp.ask(name text, content text default 'What is it?', key text default null)
returns table (question_id bigint, asked_at timestamptz, is_new boolean, reply_id bigint, is_begun boolean)
language sql
as $$
  select * from chat_private.ask(pg_temp.conversation(name), content, md5(key)::uuid, 'tea-1');
$$;
create function pg_temp.reply(name text)
returns bigint
language sql volatile
as $$
  select max(id) from chat.replies where conversation_id = pg_temp.conversation(name);
$$;
create function pg_temp.log(name text)
returns table (role text, content text, metadata jsonb)
language sql stable
as $$
  select role, content, metadata from chat.conversation_messages
  where conversation_id = pg_temp.conversation(name)
  order by id;
$$;
-- Makes the worker of a reply count as lost.
create function pg_temp.lose(name text)
returns void
language sql security definer
as $$
  update chat.replies set lease_until = now() - interval '1 second' where id = pg_temp.reply(name);
$$;

-- asking
select tests.act_as('alice');
select results_eq(
  $$ select is_new, is_begun, reply_id = pg_temp.reply('tea') from pg_temp.ask('tea', key => 'k') $$,
  $$ values (true, true, true) $$, 'a question begins a reply');
select results_eq(
  $$ select is_new, is_begun, reply_id = pg_temp.reply('tea') from pg_temp.ask('tea', key => 'k') $$,
  $$ values (false, false, true) $$, 'asked again with the same key, the reply is the one that is being written');
select throws_ok(
  $$ select pg_temp.ask('tea', 'Other words', 'k') $$, 'PT409', 'client_id_reused', 'with other words it is refused');
select throws_ok(
  $$ select pg_temp.ask('tea', 'And now?') $$, 'PT409', 'reply_running', 'one reply is written at a time');
select is((select count(*) from pg_temp.log('tea')), 1::bigint, 'a refused question is not kept');
select throws_ok(
  $$ select pg_temp.ask('bob') $$, 'PT404', 'conversation_not_found', 'a user cannot ask in a conversation of another user');
select throws_ok(
  $$ select chat_private.begin_reply(pg_temp.conversation('bob'), 1, null) $$,
  'PT404', 'conversation_not_found', 'a user cannot begin a reply in a conversation of another user');
select throws_ok(
  $$ select chat_private.begin_reply(pg_temp.conversation('coffee'), (select question_id from chat.replies), null) $$,
  'PT404', 'message_not_found', 'a reply answers a question of its conversation');

-- writing
select tests.hush();
select is(chat_private.write_reply(pg_temp.reply('tea'), 0, 0, 'Tea '), 'running', 'a part is written');
select is(chat_private.write_reply(pg_temp.reply('tea'), 0, 0, 'Tea '), 'running', 'again it is the same part');
select is(chat_private.write_reply(pg_temp.reply('tea'), 1, 4, ''), 'running', 'a beat writes nothing');
select is(chat_private.write_reply(pg_temp.reply('tea'), 1, 4, 'is '), 'running', 'the next part is written');
select results_eq(
  $$ select topic, event, payload - 'id' - 'reply_id' - 'reply_to_id' from tests.heard() $$,
  $$ select 'conversation:' || pg_temp.conversation('tea'), 'reply.delta', jsonb_build_object(
       'conversation_id', pg_temp.conversation('tea'), 'index', index, 'position', position, 'delta', delta
     )
     from (values (0, 0, 'Tea '), (1, 4, 'is ')) as parts (index, position, delta) $$,
  'each part is announced once');
select results_eq(
  $$ select text, parts from chat.running_reply(pg_temp.conversation('tea')) $$,
  $$ values ('Tea is ', 2) $$, 'the running reply has its text so far');
select is_empty(
  $$ select * from chat.running_reply(pg_temp.conversation('coffee')) $$, 'where none is written, there is none');

select tests.act_as('bob');
select is(chat_private.write_reply(pg_temp.reply('tea'), 2, 7, 'x'), 'gone', 'a user cannot write the reply of another user');
select throws_ok(
  $$ select chat_private.finish_reply((select min(id) from chat.replies), 'x', 'complete', null) $$,
  'PT404', 'conversation_not_found', 'a user cannot end the reply of another user');
select throws_ok(
  $$ select chat_private.request_stop(1) $$, 'PT404', 'reply_not_found', 'a user cannot stop the reply of another user');
select tests.act_as_operator();
update chat.replies set lease_until = now() + interval '1 second' where id = pg_temp.reply('tea');
select tests.act_as('alice');
select chat_private.write_reply(pg_temp.reply('tea'), 2, 7, '');
select ok(
  (select lease_until > now() + interval '9 seconds' from chat.replies where id = pg_temp.reply('tea')),
  'writing extends the lease');

-- ending
select tests.hush();
select results_eq(
  $$ select state, reason, ended_at is not null from chat_private.finish_reply(
       pg_temp.reply('tea'), 'Tea is a drink.', 'complete', null, '{"total_tokens": 7}') $$,
  $$ values ('complete', null, true) $$, 'a reply is ended');
select results_eq(
  $$ select role, content, metadata from pg_temp.log('tea') offset 1 $$,
  $$ values ('assistant', 'Tea is a drink.', '{"responder": "tea-1"}'::jsonb) $$, 'an ended reply is kept as a message');
select is_empty('select from chat.reply_chunks', 'its parts go');
select results_eq(
  $$ select event, payload ? 'error', payload -> 'message_id' <> 'null' from tests.heard() $$,
  $$ values ('message.created', false, null), ('reply.done', false, true) $$, 'its end is announced');
select is(
  (select content from pg_temp.log('tea') offset 2),
  (select null::text from chat_private.finish_reply(pg_temp.reply('tea'), 'Other', 'complete', null)),
  'ended again it stays as it is');
select is(chat_private.write_reply(pg_temp.reply('tea'), 3, 7, 'x'), 'stopped', 'nothing is written after its end');
select results_eq(
  $$ select is_begun, reply_id from pg_temp.ask('tea', key => 'k') $$,
  $$ values (false, null::bigint) $$, 'a question repeated with the same key has no reply to wait for');

-- failing
select pg_temp.ask('coffee', key => 'k');
select tests.hush();
select chat_private.finish_reply(pg_temp.reply('coffee'), E' \n', 'partial', 'responder_failed');
select results_eq(
  $$ select state, message_id from chat.replies where id = pg_temp.reply('coffee') $$,
  $$ values ('failed', null::bigint) $$, 'a reply without text has failed');
select results_eq(
  $$ select event, payload ->> 'error', payload -> 'message_id' from tests.heard() $$,
  $$ values ('reply.done', 'responder_failed', 'null'::jsonb) $$, 'its end is announced, too');
select results_eq(
  $$ select is_new, is_begun from pg_temp.ask('coffee', key => 'k') $$,
  $$ values (false, true) $$, 'asked again with the same key, it is begun again');
select chat_private.finish_reply(pg_temp.reply('coffee'), 'Cof', 'partial', 'worker_ended');
select results_eq(
  $$ select content, metadata from pg_temp.log('coffee') offset 1 $$,
  $$ values ('Cof', '{"responder": "tea-1", "partial": true}'::jsonb) $$, 'what came of it is kept as partial');
select ok((select is_begun from pg_temp.ask('coffee', key => 'k')), 'a partial one that failed is begun again');
select chat_private.finish_reply(pg_temp.reply('coffee'), 'Coffee', 'partial', 'length');
select ok(
  (select not is_begun from pg_temp.ask('coffee', key => 'k')), 'one that the model was made to end is not');

-- stopping
select pg_temp.ask('milk');
select chat_private.write_reply(pg_temp.reply('milk'), 0, 0, 'Milk ');
select results_eq(
  $$ select state, lease_until <= now() + interval '1 second' from chat.stop_reply(pg_temp.reply('milk')) $$,
  $$ values ('running', true) $$, 'a reply that is to stop has a second left');
select is(chat_private.write_reply(pg_temp.reply('milk'), 1, 5, 'is '), 'stopped', 'its worker reads that it is to stop');
select ok(
  (select lease_until <= now() + interval '1 second' from chat.replies where id = pg_temp.reply('milk')),
  'a worker that must stop does not extend its lease');
select pg_temp.lose('milk');
select tests.hush();
select chat_private.settle_replies();
select results_eq(
  $$ select state, reason from chat.replies where id = pg_temp.reply('milk') $$,
  $$ values ('partial', 'cancelled') $$, 'after that it ends with what was stored');
select results_eq(
  $$ select event, payload ->> 'error' from tests.heard() $$,
  $$ values ('message.created', null), ('reply.done', 'cancelled') $$, 'as stopped');
select is((select state from chat.stop_reply(pg_temp.reply('milk'))), 'partial', 'stopped again it stays as it is');

-- lost workers
select pg_temp.ask('water');
select chat_private.write_reply(pg_temp.reply('water'), 0, 0, 'Wa');
select chat_private.settle_replies();
select is(
  (select state from chat.replies where id = pg_temp.reply('water')), 'running', 'a worker with a lease is not lost');
select pg_temp.lose('water');
select tests.act_as('bob');
select chat_private.settle_replies();
select tests.act_as('alice');
select is((select state from chat.replies where id = pg_temp.reply('water')), 'running', 'others do not end it');
select is_empty(
  $$ select * from chat.running_reply(pg_temp.conversation('water')) $$, 'reading ends a reply without a worker');
select results_eq(
  $$ select content, metadata -> 'partial' from pg_temp.log('water') offset 1 $$,
  $$ values ('Wa', 'true'::jsonb) $$, 'as partial, with what was stored');
select is(chat_private.write_reply(pg_temp.reply('water'), 1, 2, 'ter'), 'lost', 'a worker that comes back reads that');
select is(
  (select state from chat_private.finish_reply(pg_temp.reply('water'), 'Water', 'complete', null)), 'complete',
  'a worker that comes back may bring the rest');
select is((select content from pg_temp.log('water') offset 2), 'Water', 'which is the newest reply');
select pg_temp.ask('wine');
select pg_temp.lose('wine');
select lives_ok(
  $$ select * from pg_temp.ask('wine', 'Is it red?') $$, 'the next question ends a reply without a worker');
select is(
  (select state from chat_private.finish_reply(
    (select min(id) from chat.replies where conversation_id = pg_temp.conversation('wine')), 'Wine', 'complete', null)),
  'failed', 'whose rest is not taken any more');

-- limits
select pg_temp.ask('tea', 'Again?');
select pg_temp.ask('coffee', 'Again?');
select pg_temp.ask('milk', 'Again?');
select pg_temp.ask('beer');
select throws_ok(
  $$ select pg_temp.ask('rum') $$, 'PT429', 'too_many_replies', 'five replies are written at once for a person');
select is((select count(*) from pg_temp.log('rum')), 0::bigint, 'the sixth question is not kept');
select pg_temp.lose('beer');
select lives_ok($$ select * from pg_temp.ask('rum') $$, 'one without a worker does not count');

select is(chat_private.reply_text(pg_temp.reply('rum')), '', 'the owner can read how much of a reply is written');

select tests.act_as('bob');
select lives_ok($$ select * from pg_temp.ask('bob') $$, 'what others ask does not count');

-- the job
select tests.act_as_operator();
select is(chat_private.job_end_replies(), false, 'the job has no more to do');
select is(
  (select state from chat.replies where id = pg_temp.reply('beer')), 'failed', 'the job ends replies without a worker');

-- Of several questions in a conversation, and of callers who may not ask.
select tests.act_as_operator();
update chat.replies set ended_at = now(), state = 'failed' where ended_at is null;
select tests.act_as('alice');
create temporary table questions as
select n, id from generate_series(1, 2) as n, chat.add_conversation_message(
  pg_temp.conversation('beer'), 'user', 'Beer ' || n, client_id => md5('beer ' || n)::uuid);
select chat_private.begin_reply(pg_temp.conversation('beer'), id, null, md5('begun')::uuid) from questions where n = 1;
select throws_ok(
  $$ select chat_private.begin_reply(pg_temp.conversation('beer'), id, null, md5('begun')::uuid) from questions where n = 2 $$,
  'PT409', 'client_id_reused', 'the key of one reply begins none to another question');
insert into chat.conversation_messages (conversation_id, role, content, reply_to_id)
select pg_temp.conversation('beer'), 'assistant', 'An answer', id from questions where n = 2;
select results_eq(
  $$ select is_begun, reply_id from pg_temp.ask('beer', 'Beer 2', 'beer 2') $$, $$ values (false, null::bigint) $$,
  'a question that another API has answered is not answered again');
select throws_ok(
  $$ select chat_private.begin_reply(pg_temp.conversation('beer'), max(id), null) from chat.conversation_messages $$,
  'PT404', 'message_not_found', 'a reply answers no answer');
select tests.act_as_operator();
insert into chat.suspensions (user_id) values (tests.user('alice'));
select tests.act_as('alice');
select throws_ok(
  $$ select chat_private.begin_reply(pg_temp.conversation('tea'), 1, null) $$, 'PT403', 'suspended', 'who is suspended begins no reply');
select throws_ok('select chat_private.request_stop(1)', 'PT403', 'suspended', 'who is suspended stops none');

select * from finish();
rollback;
