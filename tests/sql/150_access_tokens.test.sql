begin;
select plan(12);

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

-- While Auth writes that the owner of an address has come.
select set_config('parley.taken_back', tests.user('bob')::text, true);
insert into auth.identities (id, user_id, provider, provider_id, identity_data)
values (gen_random_uuid(), tests.user('bob'), 'google', 'bob', '{"name": "Bob"}');
create function pg_temp.metadata(name text)
returns jsonb
language sql
as $$
  select chat_private.access_token(pg_temp.event(tests.user(name), '{"user_metadata": {"name": "Mallory"}}'))
    #> '{claims,user_metadata}';
$$;
select is(pg_temp.metadata('bob'), '{"name": "Bob"}', 'the token of an account taken back says what the provider says');
select is(pg_temp.metadata('ann'), '{"name": "Mallory"}', 'any other token says what Auth says');
select set_config('parley.taken_back', '', true);

select tests.act_as('ann');
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'people cannot ask for claims');
select tests.act_as(null);
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'anon cannot ask for claims');
set local role service_role;
select throws_ok($$ select chat_private.access_token('{}') $$, '42501', null, 'the service role cannot ask for claims');

select * from finish();
rollback;
