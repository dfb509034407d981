begin;
select plan(37);

-- Signs up with this metadata, and gives the profile that came of it.
create function pg_temp.profile_of(meta jsonb, email text default null)
returns chat.profiles
language plpgsql
as $$
declare
  account uuid := gen_random_uuid();
  profile chat.profiles;
begin
  insert into auth.users (id, aud, role, email, raw_user_meta_data)
  values (account, 'authenticated', 'authenticated', email, meta);
  select * into profile from chat.profiles where id = account;
  return profile;
end;
$$;
create function pg_temp.username_of(meta jsonb, email text default null)
returns text
language sql
as $$
  select (pg_temp.profile_of(meta, email)).username;
$$;

-- Usernames.
select is(pg_temp.username_of('{"username": "sigrun"}'), 'sigrun', 'a username that is free is taken as it is');
select is(pg_temp.username_of('{"username": "sigrun"}'), 'sigrun2', 'a taken one gets a number');
select is(pg_temp.username_of('{"username": "SIGRUN"}'), 'SIGRUN3', 'the next gets the next, in any case');
select matches(
  (array_agg(pg_temp.username_of('{"username": "sigrun"}') order by n))[25], '^sigrun\d{2,}$',
  'the twenty-fifth of a name gets one too')
from generate_series(1, 25) as n;
select is(pg_temp.username_of('{"username": "Гость №1"}'), 'Гость1', 'what a username may not hold is left out');
select is(
  pg_temp.username_of('{"username": ""}', 'zoe.k+1@tests.example'), 'zoe.k+1',
  'without a username, the address gives one');
select is(pg_temp.username_of(null, 'yuki@tests.example'), 'yuki', 'without metadata, the address gives one');
select matches(pg_temp.username_of(null), '^user\d*$', 'without anything, it is user');
select matches(pg_temp.username_of('{"username": "🙂🙂"}'), '^user\d*$', 'without a letter, it is user');
select is(pg_temp.username_of('{"username": {"a": 1}}'), 'a1', 'a username that is an object has letters too');
select is(char_length(pg_temp.username_of(jsonb_build_object('username', repeat('ё', 400)))), 150, 'a long one is cut');
select matches(
  pg_temp.username_of(jsonb_build_object('username', repeat('ё', 400))), '^ё{140}2$',
  'a long one that is taken is cut shorter');
select is(
  pg_temp.username_of('{"user_name": "octocat-of-tests", "preferred_username": "octocat-of-tests"}',
  'cat@tests.example'),
  'octocat-of-tests', 'a provider''s name for the person is preferred to the address');

select is(
  array(
    select (pg_temp.profile_of(meta::jsonb)).show_email
    from unnest(array[null, '{}', '{"show_email": "true"}', '{"show_email": false}', '{"show_email": true}'])
      with ordinality as given (meta, n)
    order by n
  ),
  array[false, false, false, false, true], 'an address is shown only if the one who registers the account says so');

-- Metadata that is not an object.
select is(pg_temp.username_of(meta::jsonb, 'odd-' || n || '@tests.example'), 'odd-' || n, meta || ' raises nothing')
from unnest(array[
  'null', '"text"', '42', 'true', '[]', '[{"username": "x"}]', '{"username": null}', '{"name": [1, 2]}'
])
  with ordinality as odd (meta, n);

-- People's names, and their pictures.
select results_eq(
  $$ select first_name, last_name, avatar_url from pg_temp.profile_of(
       '{"iss": "https://accounts.google.com", "sub": "1", "email_verified": true, "name": "Ann Mary Lee",
         "full_name": "Ann Mary Lee", "picture": "https://example.com/a.png",
         "avatar_url": "https://example.com/a.png"}',
       'ann.of.google@tests.example') $$,
  $$ values ('Ann', 'Mary Lee', 'https://example.com/a.png') $$, 'Google gives a full name and a picture');
select results_eq(
  $$ select first_name, last_name
     from pg_temp.profile_of('{"given_name": "Ann", "family_name": "Lee", "name": "A L"}') $$,
  $$ values ('Ann', 'Lee') $$, 'a given and a family name are preferred to a full one');
select results_eq(
  $$ select first_name, last_name from pg_temp.profile_of('{"full_name": "Plato"}') $$,
  $$ values ('Plato', '') $$, 'a full name of one word is a first name');
select results_eq(
  $$ select char_length(first_name), char_length(last_name)
     from pg_temp.profile_of(jsonb_build_object('first_name', repeat('я', 300), 'last_name', repeat('я', 300))) $$,
  $$ values (150, 150) $$, 'long names are cut');
select is(
  (pg_temp.profile_of(jsonb_build_object('avatar_url', url))).avatar_url, null,
  'no picture is taken from ' || left(url, 30))
from unnest(array['javascript:alert(1)', 'x', 'https://example.com/' || repeat('a', 3000)]) as url;

-- The address to sign in with.
select tests.sign_up('alice', 'mallory');
update chat.profiles set username = 'alice@example.com' where id = tests.user('mallory');
select is(chat_private.login_email('ALICE'), 'alice@example.com', 'a username signs in, in any case');
select is(chat_private.login_email('Mallory@Example.com'), 'mallory@example.com', 'an address signs in, in any case');
select is(
  chat_private.login_email('alice@example.com'), 'alice@example.com',
  'an address is not hijacked by a username that looks like it');
select is(chat_private.login_email('nobody-has-this'), null, 'an unknown name has no address to sign in with');
select tests.act_as('mallory');
select throws_ok(
  $$ select chat_private.login_email('alice') $$, '42501', null, 'a user cannot look up the address of another user');

-- Even if the function were broken, users could sign up.
select tests.act_as_operator();
create or replace function chat_private.free_username(wanted text)
returns text
language plpgsql
as $$
begin
  raise exception 'broken';
end;
$$;
create temporary table fallback as select * from pg_temp.profile_of('{"username": "ann"}');
select is(username, 'user-' || id, 'an error leaves a username made of the id') from fallback;

select throws_ok(
  $$ insert into auth.users (id) select id from fallback $$, '23505', null, 'an account is made once');
delete from auth.users where id = (select id from fallback);
select is_empty('select from chat.profiles join fallback using (id)', 'a profile goes with its account');

select * from finish();
rollback;
