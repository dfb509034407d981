begin;
select plan(33);

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

-- Who sees whose status: seen decides, sid looks on.
select tests.act_as_operator();
select tests.sign_up('seen', 'sid', 'sue');
select tests.act_as('seen');
select from chat.touch_status();
select tests.act_as('sue');
select from chat.create_group_room('Watched', array[tests.user('sid')]);
select tests.act_as_operator();
create temporary table place as select tests.room('Watched') as id;
create function pg_temp.let(who text)
returns void
language sql security definer
as $$
  update chat.profiles set status_seen_by = who::chat.who_finds where id = tests.user('seen');
$$;
create function pg_temp.sees(who text)
returns boolean
language plpgsql
as $$
begin
  perform tests.act_as(who);
  return exists (select from chat.user_status where user_id = tests.user('seen'));
end;
$$;
-- What somebody sees after a statement of an operator.
create function pg_temp.sees_with(statement text, who text)
returns boolean
language plpgsql
as $$
declare
  sees boolean;
begin
  perform tests.act_as_operator();
  execute replace(statement, '#', (select id::text from place));
  sees := pg_temp.sees(who);
  raise exception using errcode = 'TDONE', message = sees::text;
exception when sqlstate 'TDONE' then
  return sqlerrm::boolean;
end;
$$;
select is(pg_temp.sees('sid'), true, 'everyone sees the status of who decides nothing');
select pg_temp.let('contacts');
select is(pg_temp.sees('sid'), false, 'a stranger sees no status that is for contacts');
select is(pg_temp.sees('seen'), true, 'people see their own status');
select pg_temp.let('nobody');
select is(pg_temp.sees('seen'), true, 'also one that nobody sees');
select is(
  pg_temp.sees_with(
    format($$ update chat.profiles set status_seen_by = %L where id = tests.user('seen'); $$, seen_by) || statement, who
  ),
  sees, title
)
from (values
  ('contacts', $$ insert into chat.room_members (room_id, user_id) values (#, tests.user('seen')) $$, 'sid', true,
    'people of one room see a status that is for contacts'),
  ('nobody', $$ insert into chat.room_members (room_id, user_id) values (#, tests.user('seen')) $$, 'sid', false,
    'people of one room do not see a status that is for nobody'),
  ('contacts', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('seen'), tests.user('sid')) $$, 'sid', true,
    'whom a person calls a friend sees a status that is for contacts'),
  ('contacts', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('seen'), tests.user('sue')) $$, 'sid', false,
    'somebody else does not see it'),
  ('contacts', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('sue'), tests.user('sid')) $$, 'sid', false,
    'the friend of somebody else does not see it'),
  ('contacts', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('sid'), tests.user('seen')) $$, 'sid', false,
    'to call the person a friend is not enough'),
  ('nobody', $$ insert into chat.friendships (user_id, friend_id) values (tests.user('seen'), tests.user('sid')) $$, 'sid', false,
    'a friend does not see a status that is for nobody'),
  ('nobody', $$ update auth.users set raw_app_meta_data = '{"parley_role": "moderator"}' where id = tests.user('sid') $$, 'sid', true,
    'moderators see every status')
) as cases (seen_by, statement, who, sees, title);
select tests.act_as_operator();
delete from chat.user_status where user_id = tests.user('seen');
select tests.act_as('seen');
select from chat.touch_status();
select is(pg_temp.sees('sid'), false, 'who is seen for the first time is seen by nobody either');
select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.user_status (user_id) values (gen_random_uuid()) $$, '23503', null, 'nobody has a status without a profile');

select * from finish();
rollback;
