begin;
select plan(36);

select tests.sign_up('alice', 'bob');
update chat_private.login_limits set per_account = 2, per_address = 40 where only_row;
create function pg_temp.try(login text, address text default null)
returns integer
language sql
as $$
  select wait_seconds from chat_private.begin_login(login, address);
$$;
-- Lets time pass for all counts.
create function pg_temp.pass(passed interval)
returns void
language sql
as $$
  update chat_private.login_attempts set since = since - passed, wait_until = wait_until - passed where since <= now() + '1 h';
$$;

-- An account, from an address.
select results_eq(
  $$ select email, wait_seconds from chat_private.begin_login('Alice', '10.0.0.1') $$,
  $$ values ('alice@example.com', 0) $$, 'a first attempt may go on');
select is(pg_temp.try('ALICE', '10.0.0.1'), 0, 'a second may');
select is(pg_temp.try('alice', '10.0.0.1'), 5, 'a third must wait');
select is(pg_temp.try('alice', '10.0.0.2'), 0, 'from another address the same account may be tried');
select is(pg_temp.try('alice@example.com', '10.0.0.1'), 0, 'a wait does not reveal which account has an address');
select pg_temp.pass('4 seconds');
select is(pg_temp.try('alice', '10.0.0.1'), 1, 'an attempt that must wait does not make the wait longer');
select pg_temp.pass('1 second');
select is(pg_temp.try('alice', '10.0.0.1'), 0, 'after the wait there is one more');
select is(pg_temp.try('alice', '10.0.0.1'), 10, 'the next wait is twice as long');
select chat_private.end_login('alice', '10.0.0.1', true);
select is(pg_temp.try('alice', '10.0.0.1'), 0, 'the right password ends the waiting');
select is(pg_temp.try('alice', '10.0.0.1'), 0, 'after the right password the next attempts need not wait');
select is(pg_temp.try('alice', '10.0.0.1'), 5, 'the wait begins again, too');
update chat_private.login_attempts set attempts = 60, wait_until = null where subject like 'account:%';
delete from chat_private.login_attempts where subject like 'address:%';
select is(pg_temp.try('alice', '10.0.0.1'), 0, 'after many wrong passwords there is still an attempt');
select is(pg_temp.try('alice', '10.0.0.1'), 60, 'no wait is longer than a minute');
delete from chat_private.login_attempts where subject <> '';

select results_eq(
  $$ select email, wait_seconds from chat_private.begin_login('who', null) $$,
  $$ values (null::text, 0) $$, 'an unknown name is counted the same way');
select is(pg_temp.try('who') + pg_temp.try('who'), 5, 'an unknown name must wait, too');

-- An address, for whatever accounts.
update chat_private.login_limits set per_address = 4 where only_row;
select is(sum(pg_temp.try('name ' || n, '10.0.0.1')), 0::bigint, 'an address tries accounts') from generate_series(1, 4) as n;
select is(pg_temp.try('bob', '10.0.0.1'), 5, 'until it has tried too many');
select is(pg_temp.try('bob', '10.0.0.2'), 0, 'which is nothing to another address');
select pg_temp.pass('5 seconds');
select is(pg_temp.try('erin', '10.0.0.1'), 0, 'after the wait it tries one more');
select chat_private.end_login('erin', '10.0.0.1', false);
select is(pg_temp.try('dave', '10.0.0.1'), 0, 'an attempt that was taken back does not count');
select is(pg_temp.try('erin', '10.0.0.1'), 10, 'the next one does');
delete from chat_private.login_attempts where subject <> '';
select is(
  sum(pg_temp.try('name ' || n, '2001:db8:1:2::' || n)), 0::bigint, 'addresses of one IPv6 network may try four accounts')
from generate_series(1, 4) as n;
select is(pg_temp.try('bob', '2001:db8:1:2:ffff::1'), 5, 'an IPv6 network counts as one address');
select is(pg_temp.try('bob', '2001:db8:1:3::1'), 0, 'the next IPv6 network counts as another address');
delete from chat_private.login_attempts where subject <> '';

-- Who has a password.
update auth.users set encrypted_password = 'x' where id in (tests.user('alice'), tests.user('bob'));
update auth.users set banned_until = now() + interval '1 hour' where id = tests.user('bob');
select is(array(select has_password from unnest(array['alice', 'bob', 'nobody']) as name, chat_private.begin_login(name, null)),
  array[true, false, false], 'an account that is banned needs no check of its password');
delete from chat_private.login_attempts where subject <> '';

-- An account, from everywhere.
select is(sum(pg_temp.try('alice', '10.0.1.' || n % 20)), 0::bigint, 'many addresses try one account')
from generate_series(1, 40) as n;
select is(pg_temp.try('alice', '10.0.2.1'), 0, 'one that has not failed has its attempt all the same');

update chat_private.login_attempts set since = now() - interval '6 minutes' where since <= now() + '1 h';
select is(pg_temp.try('alice', '10.0.2.1'), 0, 'after a while everyone may try again');

select tests.act_as('alice');
select throws_ok('select from chat_private.login_limits', '42501', null, 'a user cannot read the limits');
select throws_ok('select from chat_private.login_attempts', '42501', null, 'a user cannot read login attempts');

-- What an operator may set.
select tests.act_as_operator();
select throws_ok('update chat_private.login_limits set ' || change || ' where only_row', '23514', null, reason)
from (values
  ('per_account = 0', 'an account has an attempt'), ('per_address = 0', 'an address has an attempt'),
  ($$ first_wait = '0' $$, 'a wait lasts'), ($$ longest_wait = '0' $$, 'the longest, too'),
  ($$ period = '0' $$, 'a period lasts'), ('only_row = false', 'there is one row of limits')
) as refused (change, reason);

select * from finish();
rollback;
