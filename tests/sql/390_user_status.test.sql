begin;
select plan(19);

-- alice comes and goes; bob looks on
select tests.sign_up('alice', 'bob');

-- As if alice had been seen that long ago.
create function pg_temp.seen(ago interval)
returns void
language sql
as $$
  update chat.user_status
  set last_seen_at = now() - ago, signed_out_at = signed_out_at - ago where user_id = tests.user('alice');
$$;
-- What bob sees of alice.
create function pg_temp.online()
returns boolean
language sql
as $$
  select chat.is_online(status) from chat.user_status as status where user_id = tests.user('alice');
$$;

select policies_are('chat', 'user_status', array['people can read who is online']);

select tests.act_as(null);
select throws_ok('select from chat.user_status', '42501', null, 'anon cannot read who is online');
select throws_ok('select chat.touch_status()', '42501', null, 'anon is never online');

select tests.act_as('alice');
select results_eq(
  'select user_id, last_seen_at = now(), signed_out_at from chat.touch_status()',
  $$ values (tests.user('alice'), true, null::timestamptz) $$, 'people say that they are here');
select throws_ok(
  $$ update chat.user_status set last_seen_at = 'infinity' where user_id = tests.user('alice') $$,
  '42501', null, 'a user cannot write their status without the throttle');
select throws_ok(
  $$ insert into chat.user_status (user_id) values (tests.user('bob')) $$, '42501', null,
  'a user cannot write the status of another user');
select throws_ok('delete from chat.user_status', '42501', null, 'a user cannot delete a status');

select tests.act_as('bob');
select results_eq(
  $$ select user_id from chat.user_status where user_id = tests.user('alice') $$,
  array[tests.user('alice')], 'people can read who is online');
select is(pg_temp.online(), true, 'a user who was seen just now is online');
select is_empty(
  $$ select from chat.user_status where user_id = tests.user('bob') $$, 'looking on is not being here');

select tests.act_as_operator();
select pg_temp.seen('61 seconds');
select is(pg_temp.online(), false, 'a user who was seen 61 seconds ago is not online');
select pg_temp.seen('59 seconds');
select is(pg_temp.online(), true, 'a user who was seen 59 seconds ago is online');

-- The throttle.
select pg_temp.seen('19 seconds');
select tests.act_as('alice');
select results_eq(
  $$ select now() - last_seen_at from chat.touch_status() $$,
  array[interval '19 seconds'], 'within 20 seconds a touch writes nothing, and returns the status as it is');
select tests.act_as_operator();
select pg_temp.seen('21 seconds');
select tests.act_as('alice');
select results_eq(
  $$ select now() - last_seen_at from chat.touch_status() $$,
  array[interval '0'], 'after 20 seconds it writes again');

-- Signing out is not throttled, nor is coming back.
select results_eq(
  'select chat.is_online(touched) from chat.touch_status(signed_out => true) as touched',
  array[false], 'a user who signs out is offline at once');
select results_eq(
  'select chat.is_online(touched) from chat.touch_status(signed_out => true) as touched',
  array[false], 'a user who signs out twice stays offline');
select results_eq(
  'select signed_out_at from chat.touch_status()', array[null::timestamptz], 'a user who comes back is no longer signed out');
select is(pg_temp.online(), true, 'a user who comes back is online at once');

select tests.act_as_operator();
delete from auth.users where id = tests.user('alice');
select is_empty(
  $$ select from chat.user_status where user_id = tests.user('alice') $$, 'a status goes with its account');

select * from finish();
rollback;
