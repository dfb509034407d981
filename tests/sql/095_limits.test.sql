begin;
select plan(169);

-- lina does everything; luke is in her rooms, and nobody else limits him
select tests.sign_up('lina', 'luke', 'lars', 'leo');
select tests.act_as('lina');
select from chat.create_group_room('Limited', array[tests.user('luke')]);
select from chat.create_group_room('Other', array[tests.user('luke')]);
select from chat.send_message(tests.room('Limited'), 'edited');
select from chat.send_message(tests.room('Limited'), 'repeated', client_id => tests.user('key'));
insert into chat.conversations (title) values ('Asked 1'), ('Asked 2'), ('Asked 3');
insert into chat.messages (room_id, content)
select tests.room('Limited'), kind || ' ' || n from unnest(array['gone', 'pinned']) as kind, generate_series(1, 5) as n;
select from chat.messages, chat.pin_message(id) where content like 'pinned %';
insert into storage.objects (bucket_id, name) values ('avatars', tests.user('lina') || '/old.png');
select tests.act_as_operator();
insert into chat.rooms (kind, name, is_public, joining)
select 'group', 'Asked ' || n, true, 'request' from generate_series(1, 5) as n;
create function pg_temp.limit_only(action text, capacity integer default 2)
returns void
language plpgsql security definer
as $$
begin
  delete from chat_private.buckets where person_id in (tests.user('lina'), tests.user('luke'));
  update chat_private.limits as limits
  set capacity = limit_only.capacity, per_second = 0.01, cost = case when limits.action = limit_only.action then 1 else 0 end
  where limits.action <> '';
end;
$$;
create function pg_temp.pass(passed interval)
returns void
language sql security definer
as $$
  update chat_private.buckets set filled_at = filled_at - passed where person_id = tests.user('lina');
$$;
create function pg_temp.tokens(name text default 'lina')
returns double precision
language sql stable security definer
as $$
  select round(tokens::numeric, 1) from chat_private.buckets where person_id = tests.user(name);
$$;
create function pg_temp.ask(title text)
returns bigint
language sql
as $$
  select reply_id from chat.conversations, chat_private.ask(id, 'Why?', null, 'someone') where conversations.title = ask.title;
$$;
-- How often a person does something before they are refused; what they did is undone, and their tokens are back.
create function pg_temp.times(statement text, most integer default 5)
returns integer
language plpgsql
as $$
declare
  done integer := 0;
begin
  while done < most loop
    execute replace(statement, '#', (done + 1)::text);
    done := done + 1;
  end loop;
  raise exception using errcode = 'TDONE';
exception
  when sqlstate 'PT429' or insufficient_privilege then return case sqlerrm when 'rate_limited' then done else -1 end;
  when sqlstate 'TDONE' then return done;
end;
$$;

-- Every action, by the ways there are to do it.
create temporary table ways (action text, statement text);
grant select on ways to public;
insert into ways values
  ('send_message', 'select chat.send_message(tests.room(''Limited''), ''sent'')'),
  ('send_message', 'insert into chat.messages (room_id, content) values (tests.room(''Other''), ''sent'')'),
  ('send_message', 'select chat.add_conversation_message(id, ''user'', ''Why?'') from chat.conversations where title = ''Asked 1'''),
  ('send_message', 'insert into chat.conversation_messages (conversation_id, role, content)
     select id, ''assistant'', ''Why?'' from chat.conversations where title = ''Asked 1'''),
  ('edit_message', 'select chat.edit_message(max(id), ''edited #'') from chat.messages where content like ''edited%'''),
  ('edit_message', 'update chat.messages set content = content || ''.'' where content like ''edited%'''),
  ('delete_message', 'select chat.delete_message(tests.message(''gone #''))'),
  ('pin', 'select chat.pin_message(tests.message(''gone #''))'),
  ('pin', 'insert into chat.pins (message_id) values (tests.message(''gone #''))'),
  ('pin', 'select chat.unpin_message(tests.message(''pinned #''))'),
  ('react', 'select chat.react(tests.message(''edited''), ''👍'')'),
  ('react', 'select chat.unreact(tests.message(''edited''), ''👍'')'),
  ('upload_file', 'select chat.begin_upload(tests.room(''Limited''), ''a.png'', ''image/png'', 5)'),
  ('upload_picture', 'insert into storage.objects (bucket_id, name) values (''avatars'', tests.user(''lina'') || ''/#.png'')'),
  ('upload_picture', 'update storage.objects set version = ''#'' where name like ''%/old.png'''),
  ('change_profile', 'update chat.profiles set bio = bio || ''#'' where id = tests.user(''lina'')'),
  ('change_room', 'select chat.update_room(tests.room(''Limited''), description => ''#'')'),
  ('change_room', 'update chat.rooms set description = ''#'' where name = ''Limited'''),
  ('create_group', 'select chat.create_group_room(''New'')'),
  ('create_direct_room', 'select chat.create_direct_room(tests.user((array[''luke'', ''lars'', ''leo''])[#]))'),
  ('add_member', 'select chat.create_group_room(''New'', array[tests.user(''luke'')])'),
  ('add_member', 'select chat.add_members(tests.room(''Limited''), array[tests.user(''lars'')])'),
  ('request_to_join', 'select chat.request_to_join(tests.room(''Asked #''))'),
  ('create_invite_link', 'select chat.create_invite_link(tests.room(''Limited''))'),
  ('add_friend', 'insert into chat.friendships (friend_id) values (tests.user(''luke'')) on conflict do nothing'),
  ('report', 'select from chat.report(''spam'', user_id => tests.user((array[''luke'', ''lars'', ''leo''])[#]))'),
  ('ban_member', 'select from chat.ban_member(tests.room(''Limited''), tests.user((array[''luke'', ''lars'', ''leo''])[#]))'),
  ('block_person', 'select chat.block_user(tests.user((array[''luke'', ''lars'', ''leo''])[#]))'),
  ('export_data', 'select chat.export_page()'),
  ('write_post', 'select chat.create_post(''Title'', ''Text'')'),
  ('write_post', 'insert into chat.posts (title, content) values (''Title'', ''Text'')'),
  ('search', 'select chat.search_messages(''edited'')'),
  ('search', 'select chat.search_page(''edited'')'),
  ('search', 'select chat.search_people(''luke'')'),
  ('search', 'select chat.search_conversations(''why'')'),
  ('search', 'select chat.find_rooms(''limited'')'),
  ('search', 'select chat.find_conversations(''asked'')'),
  ('set_status', 'select chat.touch_status(# % 2 = 0)'),
  ('start_conversation', 'insert into chat.conversations (title) values (''#'')'),
  ('ask_assistant', 'select pg_temp.ask(''Asked #'')');
select is(
  array(select distinct action from ways union select 'use_tokens' order by 1), array(select action from chat_private.limits order by 1),
  'each limit is of something that people do');
select tests.act_as('lina');
select is(
  (select pg_temp.times(statement) from pg_temp.limit_only(action)), 2, format('%s, %s, is limited', action, split_part(statement, '(', 1)))
from ways;
select pg_temp.limit_only('nothing');
select is(
  pg_temp.times(statement, 3), 3, format('%s, %s, is not, when its limit is lifted', action, split_part(statement, '(', 1)))
from ways;

-- A token that was taken before, for a search on a replica.
select pg_temp.limit_only('search', 1);
select set_config('chat.taken', 'search', true);
select is(pg_temp.times('select chat_private.take_tokens(''search'')', 3), 3, 'a search whose token was taken takes no other');
select set_config('chat.taken', 'react', true);
select is(pg_temp.times('select chat_private.take_tokens(''search'')', 3), 1, 'a token of another action is none for a search');
select set_config('chat.taken', '', true);

-- A bucket.
select pg_temp.limit_only('send_message', 3);
create function pg_temp.send(room text, texts text[])
returns void
language sql
as $$
  insert into chat.messages (room_id, content) select tests.room(room), text from unnest(texts) as text;
$$;
select pg_temp.send('Limited', array['1']);
select is(pg_temp.tokens(), 2.0::double precision, 'a message takes a token');
select throws_ok(
  $$ select pg_temp.send('Limited', array['2', '3', '4']) $$, 'PT429', 'rate_limited', 'messages of one statement take one each');
select is(pg_temp.tokens(), 2.0::double precision, 'a refused statement takes none');
select throws_ok(
  $$ select chat.send_message(tests.room('Limited'), ' ') $$, '23514', null, 'a message that cannot be sent is refused');
select is(pg_temp.tokens(), 2.0::double precision, 'a message that cannot be sent takes no token');
select from chat.send_message(tests.room('Limited'), 'repeated', client_id => tests.user('key'));
select is(pg_temp.tokens(), 2.0::double precision, 'a repeated send takes none');
select pg_temp.send('Limited', array['2', '3']);
select is(pg_temp.tokens(), 0.0::double precision, 'a bucket may be emptied');
create function pg_temp.refusal()
returns jsonb
language plpgsql
as $$
declare
  sentence text;
  hint text;
begin
  perform pg_temp.send('Limited', array['4']);
exception when sqlstate 'PT429' then
  get stacked diagnostics sentence = pg_exception_detail, hint = pg_exception_hint;
  return hint::jsonb || jsonb_build_object('sentence', sentence);
end;
$$;
select is(
  pg_temp.refusal(),
  '{"action": "send_message", "limit": 3, "window": 300, "retry_after": 100,
    "sentence": "You have done this too often. Try again in 100 seconds."}', 'a refusal says when to try again');
select pg_temp.pass('99.5 seconds');
select is(
  pg_temp.refusal() - 'limit' - 'window' - 'action',
  '{"retry_after": 1, "sentence": "You have done this too often. Try again in 1 second."}', 'the wait gets shorter');
select pg_temp.pass('1 second');
select lives_ok($$ select pg_temp.send('Limited', array['4']) $$, 'after the wait there is one more');
select throws_ok($$ select pg_temp.send('Limited', array['5']) $$, 'PT429', 'rate_limited', 'a second one must wait again');
select tests.act_as('luke');
select lives_ok($$ select pg_temp.send('Limited', array['of luke']) $$, 'another person has a bucket of their own');
select tests.act_as('lina');
select pg_temp.pass('1 day');
select pg_temp.send('Limited', array['5']);
select is(pg_temp.tokens(), 2.0::double precision, 'a bucket holds no more than its capacity');
select pg_temp.pass('-1 day');
select pg_temp.send('Limited', array['6']);
select is(pg_temp.tokens(), 1.0::double precision, 'a clock that goes back takes nothing away');
select pg_temp.send('Limited', array['7']);
select from chat.delete_message(tests.message('7'));
select pass('a message can be deleted with an empty bucket');

-- Who is not limited.
select tests.act_as_operator();
set local role service_role;
select lives_ok(
  $$ select chat.send_message(tests.room('Limited'), 'sent for lina', sender_id => tests.user('lina')) from generate_series(1, 5) $$,
  'a backend is not limited');
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.messages (room_id, sender_id, content)
     select tests.room('Limited'), tests.user('lina'), 'of an operator' from generate_series(1, 5) $$, 'an operator is not limited');
select is(pg_temp.tokens(), 0.0::double precision, 'a person loses no tokens by what others send in their name');
update chat_private.limits set cost = 2 where action = 'send_message';
select tests.act_as('luke');
select throws_ok($$ select pg_temp.send('Limited', array['1', '2']) $$, 'PT429', 'rate_limited', 'an action may cost more');

-- Drawing from a bucket.
select tests.act_as_operator();
select pg_temp.limit_only('react', 10);
select is(
  array[round(chat_private.draw(tests.user('lina'), 'react', 4)), round(chat_private.draw(tests.user('lina'), 'react', 7))],
  array[6, -1]::double precision[], 'a draw says what is left, or missing');
select is(pg_temp.tokens(), 6.0::double precision, 'a draw of too many takes none');
select is(current_setting('chat.drawn'), 'react 10 1000 6 400', 'it says what is left and when the bucket is full');
select is(round(chat_private.draw(tests.user('lina'), 'react', 7, true)), -1::double precision, 'a draw may go into debt');
select is(chat_private.draw(tests.user('lina'), 'search', 1), null, 'what has no limit has nothing to draw');
update chat_private.buckets set tokens = 0, filled_at = clock_timestamp() - interval '10 hours' where person_id = tests.user('lina');
select is(chat_private.draw(tests.user('lina'), 'react', 1), 9::double precision, 'a bucket overflows');
update chat_private.buckets set tokens = 0, filled_at = clock_timestamp() where person_id = tests.user('lina');
update chat_private.limits set per_second = 1e6, capacity = 1e9 where action = 'react';
create temporary table drawn as select filled_at from chat_private.buckets where person_id = tests.user('lina');
select count(chat_private.draw(tests.user('lina'), 'react', 1)) from generate_series(1, 200);
select is(
  (select round((tokens - 1e6 * extract(epoch from buckets.filled_at - drawn.filled_at))::numeric)
    from chat_private.buckets, drawn where person_id = tests.user('lina')),
  -200::numeric, 'each moment fills the bucket, also those between two draws');
-- Asking whether there is a token.
select tests.act_as('lina');
select pg_temp.limit_only('upload_picture', 1);
select lives_ok($$ select chat_private.require_token('upload_picture') $$, 'a person who has done nothing may do it');
select is(
  pg_temp.times('select chat_private.require_token(''upload_picture''), chat_private.require_token(''upload_picture'')'), 5,
  'asking takes no token');
select from chat_private.take_tokens('upload_picture');
select throws_like(
  $$ select chat_private.require_token('upload_picture') $$, 'rate_limited', 'a person without a token is refused');
select lives_ok($$ select chat_private.require_token('react') $$, 'a token of another action is not asked for');
select pg_temp.pass('100 seconds');
select lives_ok($$ select chat_private.require_token('upload_picture') $$, 'the bucket fills');
select from chat_private.take_tokens('upload_picture');
select tests.act_as('luke');
select lives_ok($$ select chat_private.require_token('upload_picture') $$, 'the token of another person is not asked for');
-- As the service of Storage writes a row, after its trial.
select pg_temp.limit_only('upload_picture', 1);
select tests.act_as_operator();
create function pg_temp.store(owner text)
returns text
language sql
as $$
  insert into storage.objects (bucket_id, name, owner_id) values ('avatars', gen_random_uuid()::text, owner) returning 'stored';
$$;
select is(pg_temp.store(tests.user('lina')::text), 'stored', 'a person stores a picture');
select throws_ok(
  $$ select pg_temp.store(tests.user('lina')::text) $$, '42501', 'rate_limited', 'it counts, also when the service writes it');
select is(array(select pg_temp.store(owner) from unnest(array[null, 'shop-7', null]) as owner), array['stored', 'stored', 'stored'],
  'pictures of a backend, and of people whom Auth does not know, are not limited');
select is(tests.changed(format('update storage.objects set version = %L where owner_id = %L', 'new', 'shop-7')), 1::bigint,
  'so are they when they are replaced');
insert into storage.objects (bucket_id, name, owner_id) values ('chat-files', 'limited', tests.user('lina'));
select is(tests.changed($$ update storage.objects set version = 'new' where bucket_id = 'chat-files' and name = 'limited' $$), 1::bigint,
  'other files are no pictures');
select is(tests.changed(format('update storage.objects set metadata = %L where owner_id = %L and bucket_id = %L',
  '{}', tests.user('lina'), 'avatars')), 1::bigint, 'a picture that stays the same takes none');

-- What changes nothing takes no tokens.
select tests.act_as('luke');
select pg_temp.limit_only('write_post');
select from generate_series(1, 2), chat.create_post('Title', 'Text', tests.user('post'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a repeated post takes none');
select tests.act_as('lina');
select pg_temp.limit_only('edit_message');
select throws_ok(
  $$ update chat.messages set content = content || '!' where content in ('1', '2', '3') $$, 'PT429', 'rate_limited',
  'edits of one statement take one each');
select tests.act_as('luke');
select pg_temp.limit_only('send_message');
insert into chat.conversations (title) values ('Of luke');
select from generate_series(1, 2), chat.conversations, chat.add_conversation_message(id, 'user', 'Hello', client_id => tests.user('said'))
where title = 'Of luke';
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a repeated message of a conversation takes none');
select pg_temp.limit_only('create_group');
select from generate_series(1, 2), chat.create_group_room('Once', client_id => tests.user('group'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a repeated group takes none');
select pg_temp.limit_only('create_direct_room');
select from chat.create_direct_room(tests.user('leo'));
select from chat.create_direct_room(tests.user('leo'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a direct chat that is there takes none');
select pg_temp.limit_only('upload_file');
select from chat.begin_upload(tests.room('Limited'), 'a', 'image/png', 5, client_id => tests.user('file'));
select from chat.begin_upload(tests.room('Limited'), 'a', 'image/png', 5, client_id => tests.user('file'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a file that is announced again takes none');
select pg_temp.limit_only('set_status');
select from chat.touch_status();
select from chat.touch_status();
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a status that changes nothing takes none');
select pg_temp.limit_only('change_profile');
update chat.profiles set bio = bio where id = tests.user('luke');
select is(pg_temp.tokens('luke'), null, 'a profile that stays the same takes none');
update chat.profiles set bio = 'New' where id = tests.user('luke');
select is(pg_temp.tokens('luke'), 1.0::double precision, 'one that changes takes one');
select pg_temp.limit_only('pin');
select from chat.send_message(tests.room('Limited'), 'pinned twice');
select from generate_series(1, 2), chat.pin_message(tests.message('pinned twice'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a message that is pinned already takes none');
select from chat.delete_message(tests.message('pinned twice'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a pin that goes with its message takes none');
select from chat.unpin_message(tests.message('of luke'));
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a message that is not pinned takes none');
select pg_temp.limit_only('delete_message');
select from chat.send_message(tests.room('Limited'), 'deleted twice');
create temporary table gone as select tests.message('deleted twice') as id;
select from gone, chat.delete_message(id);
select from gone, chat.delete_message(id);
select is(pg_temp.tokens('luke'), 1.0::double precision, 'a message that is deleted already takes none');
select pg_temp.limit_only('change_room');
select tests.act_as('lina');
select from chat.update_room(tests.room('Limited'), 'Limited');
select is(pg_temp.tokens(), null, 'a room that stays the same takes none');
select tests.act_as('luke');
select from chat.create_direct_room(tests.user('lars'));
update chat.profiles set username = 'luke-renamed' where id = tests.user('luke');
select is(pg_temp.tokens('luke'), null, 'a direct chat whose slug follows a username takes none');
update chat.profiles set username = 'luke' where id = tests.user('luke-renamed');
select pg_temp.limit_only('start_conversation', 3);
insert into chat.conversations (title) values ('One'), ('Two');
select is(pg_temp.tokens('luke'), 1.0::double precision, 'each conversation of a statement takes one');
select pg_temp.limit_only('edit_message');
select from chat.edit_message(tests.message('of luke'), 'of luke');
select is(pg_temp.tokens('luke'), null, 'an edit that changes nothing takes none');

-- Tokens of the model.
select pg_temp.limit_only('use_tokens', 100);
select tests.act_as('lina');
create temporary table asked as select pg_temp.ask('Asked 1') as id;
select is(pg_temp.tokens(), 100.0::double precision, 'a question takes no tokens of the model');
select from chat_private.finish_reply((select id from asked), 'Because.', 'complete', null, '{"total_tokens": 150}');
select is(pg_temp.tokens(), -50.0::double precision, 'a reply takes what it has used');
select throws_ok($$ select pg_temp.ask('Asked 2') $$, 'PT429', 'rate_limited', 'who has used too much waits before the next question');
select pg_temp.pass('5001 seconds');
create temporary table asked_again as select pg_temp.ask('Asked 2') as id;
select from chat_private.finish_reply((select id from asked_again), 'Because.', 'complete', null, '{"total_tokens": "many"}');
select is(pg_temp.tokens(), 0.0::double precision, 'a usage that says nothing takes nothing');

-- Slow mode.
select pg_temp.limit_only('nothing');
select tests.act_as('luke');
select throws_ok(
  $$ select chat.update_room(tests.room('Limited'), slow_mode_seconds => 30) $$, 'PT403', 'role_required',
  'a member cannot make a group slow');
select tests.act_as('lina');
select is(
  (select slow_mode_seconds from chat.update_room(tests.room('Limited'), slow_mode_seconds => 30)), 30, 'an admin can make a group slow');
select is((select slow_mode_seconds from chat.update_room(tests.room('Limited'), 'Limited')), 30, 'a group stays slow');
select lives_ok($$ select pg_temp.send('Limited', array['a', 'b']) $$, 'an admin does not wait in a slow group');
select tests.act_as('luke');
select lives_ok(
  $$ select chat.send_message(tests.room('Limited'), 'slow', client_id => tests.user('slow')) $$, 'a member writes in a slow group');
create function pg_temp.slow_refusal()
returns jsonb
language plpgsql
as $$
declare
  sentence text;
  hint text;
begin
  perform pg_temp.send('Limited', array['too fast']);
exception when sqlstate 'PT429' then
  get stacked diagnostics sentence = pg_exception_detail, hint = pg_exception_hint;
  return jsonb_build_object('name', sqlerrm, 'retry_after', hint::jsonb -> 'retry_after', 'sentence', sentence);
end;
$$;
select is(
  pg_temp.slow_refusal(),
  '{"name": "slow_mode", "retry_after": 30,
    "sentence": "In this group a member writes one message in 30 seconds. Try again in 30 seconds."}', 'a second message waits');
select lives_ok(
  $$ select chat.send_message(tests.room('Limited'), 'slow', client_id => tests.user('slow')) $$, 'a repeated message does not wait');
select lives_ok($$ select chat.edit_message(tests.message('slow'), 'Slow') $$, 'an edit does not wait');
select lives_ok($$ select pg_temp.send('Other', array['elsewhere']) $$, 'a slow group slows no other');
select tests.act_as_operator();
update chat_private.buckets set filled_at = filled_at - interval '20 seconds' where person_id = tests.user('luke');
select tests.act_as('lina');
select chat.remove_member(tests.room('Limited'), tests.user('luke'));
select from chat.add_members(tests.room('Limited'), array[tests.user('luke')]);
select tests.act_as('luke');
select is(pg_temp.slow_refusal() -> 'retry_after', '10', 'who leaves and comes back has to wait, too');
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.messages (room_id, sender_id, content)
     select tests.room('Limited'), tests.user('luke'), 'of an operator' from generate_series(1, 2) $$, 'an operator does not wait');
update chat_private.buckets set filled_at = filled_at - interval '10 seconds' where person_id = tests.user('luke');
select tests.act_as('luke');
select lives_ok($$ select pg_temp.send('Limited', array['after the wait']) $$, 'after the wait a member writes again');
select tests.act_as('lina');
select from chat.update_room(tests.room('Limited'), slow_mode_seconds => 0);
select tests.act_as('luke');
select lives_ok($$ select pg_temp.send('Limited', array['c', 'd']) $$, 'a group that is slow no more slows nobody');
select throws_ok('select chat_private.keep_slow(1, 1)', '42501', null, 'a person cannot call keep_slow');

-- Buckets and limits.
select throws_ok('select from chat_private.limits', '42501', null, 'a person cannot read the limits');
select throws_ok('select from chat_private.buckets', '42501', null, 'a person cannot read the buckets');
select throws_ok(
  format('select chat_private.%s', call), '42501', null, format('a person cannot call %s', split_part(call, '(', 1)))
from unnest(array['draw(null, null, 0)', 'use_tokens(null, 0)', 'refuse_haste(null, null, null, 0)', 'prune_buckets()']) as call;
select tests.act_as_operator();
select throws_ok('update chat_private.limits set ' || change || ' where action = ''search''', '23514', null, reason)
from (values
  ('capacity = 0, cost = 0', 'a bucket holds something'), ('per_second = 0', 'a bucket fills'),
  ('cost = -1', 'an action gives no tokens'), ('cost = capacity + 1', 'a full bucket is enough for an action'),
  ('action = ''Search''', 'an action has a name in small letters')
) as changes (change, reason);
delete from chat_private.buckets where person_id = tests.user('lina');
update chat_private.limits set capacity = 100, per_second = 1.0 / 3600, cost = 1 where action <> '';
insert into chat_private.buckets (person_id, action, tokens, filled_at) values
  (tests.user('lina'), 'search', 50, now() - interval '51 hours'), (tests.user('lina'), 'react', 50, now() - interval '49 hours'),
  (tests.user('lina'), 'add_friend', 99, now() - interval '23 hours'), (tests.user('lina'), 'gone', 0, now() - interval '25 hours');
select is(chat_private.prune_buckets(), false, 'the job has nothing more to do');
select is(
  array(select action from chat_private.buckets where person_id = tests.user('lina') order by 1), array['add_friend', 'react'],
  'it forgets buckets that are full, or of no limit, after a day');

select * from finish();
rollback;
