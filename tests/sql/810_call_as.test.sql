begin;
select plan(29);

-- casann and casbob are in a group, cascat is a stranger; a backend calls functions as them
select tests.sign_up('casann', 'casbob', 'cascat');
select tests.act_as('casann');
select from chat.create_group_room('Calls', array[tests.user('casbob')]);
create function pg_temp.call(name text, called text, arguments jsonb default '{}')
returns jsonb
language sql
as $$
  select chat.call_as(tests.user(name), called, arguments);
$$;
create function pg_temp.in_room(arguments jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object('room_id', tests.room('Calls')) || arguments;
$$;
select tests.act_as_operator();
set local role service_role;

-- What the functions return.
select is(
  pg_temp.call('casbob', 'send_message', pg_temp.in_room('{"content": "by a backend", "metadata": {"bot": true}}')) ->> 'sender_id',
  tests.user('casbob')::text, 'a message is sent as a person');
select is(metadata, '{"bot": true}', 'all arguments arrive') from chat.messages where content = 'by a backend';
select is(
  pg_temp.call('casann', 'add_members', pg_temp.in_room(jsonb_build_object('user_ids', array[tests.user('cascat')]))) -> 0 ->> 'user_id',
  tests.user('cascat')::text, 'a list is an array, as an argument and as an answer');
select is(
  pg_temp.call('casann', 'add_members', pg_temp.in_room('{"user_ids": []}')), '[]', 'an empty list is one');
select is(pg_temp.call('cascat', 'leave_room', pg_temp.in_room()), null, 'what answers nothing returns null');
select is(
  jsonb_array_length(pg_temp.call('casbob', 'room_list')), 1, 'a function without arguments reads what the person reads');
select is(pg_temp.call('casbob', 'username_available', '{"username": "casann"}'), 'false', 'a yes or no is one');

-- Afterwards it is the backend again.
select is(
  current_user::text || ' ' || coalesce(auth.uid()::text, 'nobody'), 'service_role nobody', 'afterwards the caller is the backend again');
select set_config('request.jwt.claims', '{"role": "service_role"}', true);
select is(pg_temp.call('casbob', 'version'), to_jsonb(chat.version()), 'a text is a text');
select is(current_setting('request.jwt.claims'), '{"role": "service_role"}', 'the claims are those from before');

-- Every rule of that person applies.
select throws_ok(
  $$ select pg_temp.call('cascat', 'send_message', pg_temp.in_room('{"content": "x"}')) $$, 'PT404', 'room_not_found',
  'a stranger stays a stranger');
select throws_ok(
  $$ select pg_temp.call('casbob', 'update_room', pg_temp.in_room('{"name": "x"}')) $$, 'PT403', 'role_required',
  'a member stays a member');
select is(current_user::text, 'service_role', 'a refusal leaves the caller the backend');
select throws_ok(
  $$ select pg_temp.call(
       'casbob', 'send_message', pg_temp.in_room(jsonb_build_object('content', 'x', 'sender_id', tests.user('casann')))
     ) $$,
  'PT403', 'sender_required', 'nobody sends as somebody else again');
select throws_ok(
  $$ select pg_temp.call('casbob', 'delete_account', jsonb_build_object('user_id', tests.user('casann'), 'confirmed', true)) $$,
  'PT403', 'administrator_required', 'no rights of the backend are left');
select tests.act_as_operator();
select tests.appoint('casbob', 'administrator');
insert into chat.suspensions (user_id, reason) values (tests.user('cascat'), 'Spam');
set local role service_role;
select throws_ok($$ select pg_temp.call('casbob', 'report_list') $$, 'PT403', 'moderator_required',
  'an administrator has only the rights of a person');
select throws_ok($$ select pg_temp.call('cascat', 'version') $$, 'PT403', 'suspended', 'who is suspended does nothing');

-- What can be called.
select throws_ok(format('select pg_temp.call(''casbob'', %L, %L)', called, given), 'PT400', 'invalid_call', 'not ' || what)
from (values
  ('nothing', '{}', 'a function that is not there'),
  ('call_as', format('{"user_id": "%s", "function_name": "version"}', tests.user('casann')), 'a function of backends'),
  ('version', '{"x": 1}', 'an argument that it does not have'),
  ('send_message', '{"content": "x"}', 'without an argument that it needs'),
  ('version() from chat.messages; --', '{}', 'a text that is not a name')
) as calls (called, given, what);
select throws_ok(
  $$ select chat.call_as(gen_random_uuid(), 'version') $$, 'PT404', 'user_not_found', 'there must be such a person');

-- The audit log.
select results_eq(
  $$ select actor_id, user_id, room_id, details from chat.audit_log where action = 'called_as' order by id limit 2 $$,
  $$ values (null::uuid, tests.user('casbob'), tests.room('Calls'), '{"function": "send_message"}'::jsonb),
    (null, tests.user('casann'), tests.room('Calls'), '{"function": "add_members"}') $$,
  'each call is in the audit log');
select is(room_id, null, 'a call that is about no room is there, too') from chat.audit_log
where action = 'called_as' and details ->> 'function' = 'version';

-- Who may do it.
select tests.act_as('casann');
select throws_ok(
  $$ select chat.call_as(tests.user('casbob'), 'version') $$, '42501', null, 'a person cannot act as another');
select throws_ok(
  $$ select chat_private.begin_call_as(tests.user('casbob'), 'version', '{}') $$, '42501', null, 'a person cannot begin it');
select tests.act_as(null);
select throws_ok($$ select chat.call_as(tests.user('casbob'), 'version') $$, '42501', null, 'anon cannot act as a person');
select tests.act_as_operator();
select set_config('request.jwt.claims', jsonb_build_object('sub', tests.user('casann'))::text, true);
select throws_ok(
  $$ select chat.call_as(tests.user('casbob'), 'version') $$, 'PT403', 'backend_required',
  'a function of an operator does not let a person act as another');

select * from finish();
rollback;
