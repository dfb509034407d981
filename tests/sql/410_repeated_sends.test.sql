begin;
select plan(19);

-- alice sends to bob, and does not hear whether it arrived: so she sends again, with the same client_id
select tests.sign_up('alice', 'bob');
create function pg_temp.key(n integer)
returns uuid
language sql immutable
as $$
  select md5('key:' || n)::uuid;
$$;

-- What a function says besides the row that it returns. Here all have the same now(), as two requests may have.
create function pg_temp.calls(call text)
returns text
language plpgsql
as $$
begin
  execute format('select from chat.%s', call);
  return current_setting('chat.repeated');
end;
$$;
create function pg_temp.asks()
returns table (call text)
language sql stable
as $$
  select format('add_conversation_message(%L, ''user'', ''x'', client_id => pg_temp.key(1))', id) from chat.conversations;
$$;

select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select results_eq(
  $$ select seq from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1)) $$, array[1::bigint],
  'a send with a client_id');
select tests.hush();
select results_eq(
  $$ select id, seq, content from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1)) $$,
  $$ values (tests.message('one'), 1::bigint, 'one') $$, 'a repeated send returns the first message');
select is_empty('select from tests.heard()', 'a repeated send announces nothing');
select is_empty(
  $$ insert into chat.messages (room_id, content, client_id) values (tests.room('Team'), 'one', pg_temp.key(1))
     on conflict do nothing returning id $$,
  'a repeated insert is skipped, where conflicts do nothing');
select is_empty(
  $$ insert into chat.messages (room_id, content, client_id) values (tests.room('Team'), 'one', pg_temp.key(1))
     on conflict (sender_id, client_id) do nothing returning id $$,
  'a repeated insert is skipped where a conflict of the client_id does nothing');
select throws_ok(
  $$ insert into chat.messages (room_id, content, client_id) values (tests.room('Team'), 'one', pg_temp.key(1)) $$,
  '23505', null, 'a repeated insert is refused where nothing is said about conflicts');
select results_eq(
  $$ insert into chat.messages (room_id, content, client_id)
     values (tests.room('Team'), 'two', pg_temp.key(2)), (tests.room('Team'), 'two', pg_temp.key(2)),
       (tests.room('Team'), 'three', null)
     on conflict do nothing returning seq, content $$,
  $$ values (2::bigint, 'two'), (3, 'three') $$, 'of rows that repeat each other the first counts');
select results_eq(
  $$ select last_seq, version from chat.rooms where id = tests.room('Team') $$, $$ values (3::bigint, 5::bigint) $$,
  'repeated sends leave no hole');
select from chat.create_group_room('Other');
select throws_ok(
  $$ select chat.send_message(tests.room('Other'), 'x', pg_temp.key(1)) $$,
  'PT409', 'client_id_reused', 'a client_id is not used again in another room');
select from chat.delete_message(tests.message('one'));
select results_eq(
  $$ select seq, content from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1)) $$,
  $$ values (1::bigint, '') $$, 'a client_id is not free again when its message is deleted');
select tests.act_as('bob');
select results_eq(
  $$ select seq from chat.send_message(tests.room('Team'), 'four', pg_temp.key(1)) $$,
  array[4::bigint], 'a client_id is its sender''s: another may use the same');

insert into chat.conversations (title) values ('Notes');
select is(pg_temp.calls('send_message(tests.room(''Team''), ''x'', pg_temp.key(5))'), 'false', 'a message is new');
select is(pg_temp.calls('send_message(tests.room(''Team''), ''x'', pg_temp.key(5))'), 'true', 'the same message is reported as repeated');
select is(pg_temp.calls('pin_message(tests.message(''two''))'), 'false', 'a pin is new');
select is(pg_temp.calls('pin_message(tests.message(''two''))'), 'true', 'the same pin is reported as repeated');
select is(pg_temp.calls('create_direct_room(tests.user(''alice''))'), 'false', 'a direct room is new');
select is(pg_temp.calls('create_direct_room(tests.user(''alice''))'), 'true', 'the same direct room is reported as repeated');
select is(pg_temp.calls(call), 'false', 'a message of a conversation is new') from pg_temp.asks();
select is(pg_temp.calls(call), 'true', 'the same message of a conversation is reported as repeated') from pg_temp.asks();

select * from finish();
rollback;
