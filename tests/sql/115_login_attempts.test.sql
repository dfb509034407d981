begin;
select plan(18);

select tests.sign_up('alice', 'bob');
update chat_private.login_limits set per_account = 2, per_address = 4 where only_row;
create function pg_temp.try(login text, address text default null)
returns integer
language sql
as $$
  select wait_seconds from chat_private.begin_login(login, address);
$$;

select results_eq(
  $$ select email, wait_seconds from chat_private.begin_login('Alice', '10.0.0.1') $$,
  $$ values ('alice@example.com', 0) $$, 'a first attempt may go on');
select is(pg_temp.try('ALICE', '10.0.0.1'), 0, 'a second may');
select is(pg_temp.try('alice', '10.0.0.2'), 300, 'a third must wait, wherever it comes from');
select is(pg_temp.try('alice@example.com'), 0, 'which does not tell whose address one has guessed');
select chat_private.end_login('alice', '10.0.0.2', true);
select is(pg_temp.try('alice', '10.0.0.2'), 0, 'the right password clears the account');

select results_eq(
  $$ select email, wait_seconds from chat_private.begin_login('who', null) $$,
  $$ values (null::text, 0) $$, 'an unknown name is counted the same way');
select is(pg_temp.try('who') + pg_temp.try('who'), 300, 'and must wait, too');

select is(pg_temp.try('bob', '10.0.0.1') + pg_temp.try('carol', '10.0.0.1'), 0, 'an address tries other accounts');
select is(pg_temp.try('dave', '10.0.0.1'), 300, 'until it has tried too many');
select chat_private.end_login('dave', '10.0.0.1', false);
select is(pg_temp.try('erin', '10.0.0.1'), 300, 'an attempt that was taken back does not count, the next one does');

update chat_private.login_attempts set since = now() - interval '6 minutes' where since <= now();
select is(pg_temp.try('dave', '10.0.0.1'), 0, 'after a while everyone may try again');
select is(
  (select count(*) from chat_private.login_attempts where since < now()), 2::bigint, 'what is old is forgotten, five at a time');

select tests.act_as('alice');
select throws_ok('select from chat_private.login_limits', '42501', null, 'nobody reads the limits');
select throws_ok('select from chat_private.login_attempts', '42501', null, 'nobody reads who tried to sign in');

-- What an operator may set.
select tests.act_as_operator();
select throws_ok('update chat_private.login_limits set ' || change || ' where only_row', '23514', null, reason)
from (values
  ('per_account = 0', 'an account has an attempt'), ('per_address = 0', 'an address has an attempt'),
  ($$ period = '0' $$, 'a period lasts'), ('only_row = false', 'there is one row of limits')
) as refused (change, reason);

select * from finish();
rollback;
