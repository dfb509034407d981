begin;
select plan(10);

select tests.sign_up('ann', 'bob');
create function pg_temp.event(account uuid, claims jsonb default '{"sub": "x", "role": "authenticated"}')
returns jsonb
language sql
as $$
  select jsonb_build_object('user_id', account, 'claims', claims, 'metadata', '{}'::jsonb);
$$;

select ok(
  has_schema_privilege('supabase_auth_admin', 'chat_private', 'usage')
  and has_function_privilege('supabase_auth_admin', 'chat_private.access_token(jsonb)', 'execute'), 'Auth may ask for claims');
select is(
  (chat_private.access_token(pg_temp.event(tests.user('ann'))) -> 'claims') - array['jti', 'user_id'],
  '{"sub": "x", "role": "authenticated", "token_type": "access"}', 'the claims stay, and say what kind of token it is');
select matches(
  chat_private.access_token(pg_temp.event(tests.user('ann'))) #>> '{claims,jti}', '^[0-9a-f-]{36}$', 'a token has an id');
select isnt(
  chat_private.access_token(pg_temp.event(tests.user('ann'))) #>> '{claims,jti}',
  chat_private.access_token(pg_temp.event(tests.user('ann'))) #>> '{claims,jti}', 'each its own');
create temporary table issued as select name, chat_private.access_token(pg_temp.event(tests.user(name))) #> '{claims,user_id}' as id
from unnest(array['ann', 'bob', 'nobody']) as name;
select is(
  (chat_private.access_token(pg_temp.event(tests.user('nobody'))) -> 'claims') - 'jti',
  '{"sub": "x", "role": "authenticated", "token_type": "access"}', 'an account without a profile has no number');
select is(
  chat_private.access_token('{"user_id": "no uuid", "claims": {"sub": "x"}}'), '{"claims": {"sub": "x"}}',
  'what it does not understand it leaves as it is');
select results_eq(
  $$ select id::bigint from issued where name in ('ann', 'bob') order by id::bigint $$,
  $$ select number from chat.profiles where username in ('ann', 'bob') order by number $$,
  'a token names its person by their number');

select tests.act_as('ann');
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'people cannot ask for claims');
select tests.act_as(null);
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'nor can anon');
set local role service_role;
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'nor can the service');

select * from finish();
rollback;
