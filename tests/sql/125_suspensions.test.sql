begin;
select plan(9);

select tests.sign_up('sybil', 'simon', 'mona');
insert into chat.suspensions (user_id, reason, created_by) values
  (tests.user('sybil'), 'Spam', tests.user('mona')), (tests.user('simon'), null, tests.user('mona'));

select tests.act_as('sybil');
select results_eq(
  'select user_id, until, reason from chat.suspensions',
  $$ values (tests.user('sybil'), null::timestamptz, 'Spam') $$, 'people read why they are suspended, and of nobody else');
select throws_ok('select created_by from chat.suspensions', '42501', null, 'people cannot read who has suspended them');
select throws_ok('delete from chat.suspensions where true', '42501', null, 'nobody lifts their own suspension');
select throws_ok(
  $$ insert into chat.suspensions (user_id) values (tests.user('mona')) $$, '42501', null, 'people suspend nobody');
select tests.act_as('mona');
select is_empty('select from chat.suspensions', 'others read of no suspension');
select tests.act_as(null);
select throws_ok('select from chat.suspensions', '42501', null, 'a stranger cannot read suspensions');

select tests.act_as_operator();
select throws_ok(
  $$ update chat.suspensions set reason = '' where user_id = tests.user('sybil') $$, '23514', null, 'a reason says something');
select throws_ok(
  $$ update chat.suspensions set until = 'infinity' where user_id = tests.user('sybil') $$, '23514', null,
  'no end is null, which JSON knows');
delete from auth.users where id in (tests.user('mona'), tests.user('simon'));
select results_eq(
  $$ select user_id, created_by from chat.suspensions where user_id in (tests.user('sybil'), tests.user('simon')) $$,
  $$ values (tests.user('sybil'), null::uuid) $$, 'a suspension goes with its account, and stays without who has made it');

select * from finish();
rollback;
