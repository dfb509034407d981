begin;
select plan(46);

-- What Auth writes when a user signs up with a password in a project without email confirmation.
create function pg_temp.register(name text, email text)
returns void
language plpgsql
as $$
begin
  insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_user_meta_data) values (
    tests.user(name), 'authenticated', 'authenticated', email, 'a hash', now(),
    jsonb_build_object('username', name, 'first_name', 'Mallory', 'last_name', 'Evil'));
  insert into auth.identities (id, user_id, provider, provider_id, identity_data) values (
    gen_random_uuid(), tests.user(name), 'email', tests.user(name)::text,
    jsonb_build_object('sub', tests.user(name), 'email', email, 'email_verified', false, 'first_name', 'Mallory'));
  insert into auth.sessions (id, user_id) values (gen_random_uuid(), tests.user(name));
end;
$$;
-- What Auth writes when a user signs in with a provider: the metadata last.
create function pg_temp.come(name text, email text, verified boolean default true, provider text default 'google')
returns void
language plpgsql
as $$
begin
  insert into auth.identities (id, user_id, provider, provider_id, identity_data) values (
    gen_random_uuid(), tests.user(name), provider, name, jsonb_build_object(
      'sub', name, 'email', email, 'email_verified', verified, 'full_name', 'Ann Lee', 'avatar_url', 'https://x/ann.png'));
  update auth.users set raw_user_meta_data = '{"username": "mallory", "first_name": "Mallory", "full_name": "Ann Lee"}'
  where id = tests.user(name);
  insert into auth.sessions (id, user_id) values (gen_random_uuid(), tests.user(name));
end;
$$;
create function pg_temp.new_transaction()
returns void
language plpgsql
as $$
begin
  set constraints all immediate;
  set constraints all deferred;
  perform set_config('parley.new_account', '', true), set_config('parley.taken_back', '', true);
end;
$$;
create function pg_temp.is_proven(name text)
returns boolean
language sql
as $$
  select not exists (select from chat_private.unproven_addresses where user_id = tests.user(name));
$$;
create function pg_temp.has_password(name text)
returns boolean
language sql
as $$
  select encrypted_password is not null from auth.users where id = tests.user(name);
$$;
create function pg_temp.sessions(name text)
returns bigint
language sql
as $$
  select count(*) from auth.sessions where user_id = tests.user(name);
$$;

-- An address that is not proven, whose owner then signs in with Google.
select pg_temp.register('ann', 'Ann@example.com');
select pg_temp.new_transaction();
select ok(not pg_temp.is_proven('ann'), 'an address is not proven by a registration');
update chat.profiles set bio = 'I am Mallory.', show_email = true, avatar_url = 'https://x/mallory.png' where id = tests.user('ann');
update auth.users set phone = '4912345', phone_confirmed_at = now(), email_change = 'mallory@example.com',
  email_change_token_new = 'token-of-mallory', recovery_token = 'another-token'
where id = tests.user('ann');
insert into auth.identities (id, user_id, provider, provider_id, identity_data)
values (gen_random_uuid(), tests.user('ann'), 'github', 'm', '{"sub": "m", "email": "mallory@example.com"}');
insert into auth.refresh_tokens (id, token, user_id) values ('1', 'of-mallory', tests.user('ann'));
select pg_temp.come('ann', 'ann@example.com');
select ok(pg_temp.is_proven('ann'), 'Google vouches for it');
select ok(not pg_temp.has_password('ann'), 'the password is deleted');
select is(pg_temp.sessions('ann'), 1::bigint, 'the old sessions are deleted, and the new one stays');
select is(
  (select count(*) from auth.refresh_tokens where user_id::text = tests.user('ann')::text), 0::bigint, 'the refresh tokens are deleted');
select results_eq(
  $$ select phone, phone_confirmed_at, email_change, email_change_token_new, recovery_token
    from auth.users where id = tests.user('ann') $$,
  $$ values (null::text, null::timestamptz, ''::varchar, ''::varchar, ''::varchar) $$,
  'so are the phone, the address asked for and the links in the mail');
select results_eq(
  $$ select provider from auth.identities where user_id = tests.user('ann') order by 1 $$,
  $$ values ('email'), ('google') $$, 'so are the identities of others');
select results_eq(
  $$ select identity_data from auth.identities where user_id = tests.user('ann') and provider = 'email' $$,
  $$ select jsonb_build_object('sub', tests.user('ann'), 'email', 'Ann@example.com', 'email_verified', true) $$,
  'the address says what is known of it');
select results_eq(
  $$ select username, first_name, last_name, bio, avatar_url, show_email from chat.profiles where id = tests.user('ann') $$,
  $$ values ('ann', 'Ann', 'Lee', '', 'https://x/ann.png', false) $$, 'the profile is that of the person who signed in with Google');
select pg_temp.new_transaction();
select is(
  (select raw_user_meta_data ->> 'first_name' from auth.users where id = tests.user('ann')), null,
  'the metadata is theirs, too, once the sign-in is complete');
update auth.users set encrypted_password = 'her own hash' where id = tests.user('ann');
update auth.identities set identity_data = identity_data || '{"name": "Ann"}' where user_id = tests.user('ann');
select ok(pg_temp.has_password('ann'), 'a later sign-in with Google takes nothing away');
select pg_temp.come('ann', 'ann@example.com', provider => 'apple');
select ok(pg_temp.has_password('ann'), 'a sign-in with another provider that vouches for the address takes nothing away');

-- Accounts that a provider creates.
insert into auth.users (id, email) values (tests.user('bob'), 'bob@example.com');
select pg_temp.come('bob', 'bob@example.com');
select ok(pg_temp.is_proven('bob'), 'an account that Google makes has a proven address');
select is(pg_temp.sessions('bob'), 1::bigint, 'an account that Google makes keeps its session');
insert into auth.users (id, email) values (tests.user('cat'), 'cat@example.com');
select lives_ok($$ select pg_temp.come('cat', 'cat@example.com', verified => false) $$, 'a provider may make an account without proof');
select ok(not pg_temp.is_proven('cat'), 'the address of an account made without proof is not proven');

-- What proves nothing.
select pg_temp.register('dan', 'dan@example.com');
select pg_temp.new_transaction();
select pg_temp.come('dan', 'other@example.com');
select ok(not pg_temp.is_proven('dan') and pg_temp.has_password('dan'), 'an identity of another address proves nothing');
select throws_ok(
  $$ select pg_temp.come('dan', 'dan@example.com', verified => false, provider => 'github') $$,
  'PT403', 'provider_email_needs_verification', 'an address that the provider has not verified is refused');
update auth.users set email_confirmed_at = now() + '1 s' where id = tests.user('dan');
select ok(not pg_temp.is_proven('dan'), 'that Auth calls it confirmed proves nothing');
update auth.users set encrypted_password = 'another', recovery_token = '' where id = tests.user('dan');
select ok(not pg_temp.is_proven('dan'), 'a new password proves nothing');

-- The mail that asks for a confirmation.
select pg_temp.register('eve', 'eve@example.com');
select pg_temp.new_transaction();
update auth.identities set identity_data = identity_data || '{"email_verified": true}'
where user_id = tests.user('eve') and provider = 'email';
select ok(pg_temp.is_proven('eve'), 'a link that confirms the address was answered');
select ok(pg_temp.has_password('eve'), 'the password stays, as the user who registered used the link');
select pg_temp.come('eve', 'eve@example.com');
select ok(pg_temp.has_password('eve'), 'also when Google comes later');

-- A mail that signs in.
select pg_temp.register('fay', 'fay@example.com');
update auth.users set recovery_token = 'a-token-by-mail' where id = tests.user('fay');
select ok(not pg_temp.is_proven('fay'), 'a link that is only sent proves nothing');
update auth.users set recovery_token = 'another-by-mail' where id = tests.user('fay');
select ok(not pg_temp.is_proven('fay'), 'a second link that is only sent proves nothing');
update auth.users set recovery_token = '', encrypted_password = 'new' where id = tests.user('fay');
select ok(not pg_temp.is_proven('fay'), 'a new password, which ends the link, proves nothing');
update auth.users set recovery_token = 'one-more-by-mail' where id = tests.user('fay');
update auth.users set recovery_token = null where id = tests.user('fay');
select ok(pg_temp.is_proven('fay'), 'a link that is used proves the address');
select ok(not pg_temp.has_password('fay') and pg_temp.sessions('fay') = 0, 'the old password and the old sessions are deleted');
select is((select first_name from chat.profiles where id = tests.user('fay')), 'Mallory', 'the profile stays, with nothing known');

-- Another address.
select pg_temp.register('gus', 'gus@example.com');
update auth.identities set identity_data = identity_data || '{"email_verified": true}' where user_id = tests.user('gus');
update auth.users set email = 'GUS@example.com' where id = tests.user('gus');
select ok(pg_temp.is_proven('gus'), 'the same address in other letters is as good as before');
update auth.users set email = 'victim@example.com' where id = tests.user('gus');
select ok(not pg_temp.is_proven('gus'), 'another one is not proven');
update auth.identities set identity_data = identity_data || '{"email": "victim@example.com"}'
where user_id = tests.user('gus');
select ok(not pg_temp.is_proven('gus'), 'also when the identity of the old one takes it over');
select pg_temp.new_transaction();
select pg_temp.come('gus', 'victim@example.com');
select ok(not pg_temp.has_password('gus'), 'so that its owner gets the account alone');

select pg_temp.register('hal', 'hal@example.com');
update auth.users set email_change = 'hal@new.example' where id = tests.user('hal');
update auth.users set email = 'hal@new.example' where id = tests.user('hal');
select ok(not pg_temp.is_proven('hal'), 'to have asked for an address proves nothing when it is then set');
update auth.users set email = 'hal@example.com', email_change = 'hal@last.example' where id = tests.user('hal');
update auth.users set email = 'hal@last.example', email_change = '' where id = tests.user('hal');
select ok(pg_temp.is_proven('hal'), 'the mail that asks for a change was answered');
update auth.users set email = 'hal@set.example' where id = tests.user('hal');
update auth.users set email = 'x@users.parley.invalid' where id = tests.user('hal');
select ok(pg_temp.is_proven('hal'), 'a placeholder address needs no proof');
insert into auth.users (id, email) values (tests.user('ida'), 'y@users.parley.invalid');
select ok(pg_temp.is_proven('ida'), 'a placeholder address of a new account needs no proof');
insert into auth.users (id) values (tests.user('jo'));
select ok(pg_temp.is_proven('jo'), 'an account without an address needs no proof');

-- A service that says of an address that it is confirmed writes that first.
select pg_temp.register('kim', 'kim@example.com');
update auth.identities set identity_data = identity_data || '{"email": "kim@new.example", "email_verified": true}'
where user_id = tests.user('kim');
select ok(not pg_temp.is_proven('kim'), 'an identity alone is no address');
update auth.users set email = 'kim@new.example' where id = tests.user('kim');
select ok(pg_temp.is_proven('kim'), 'an address that comes with its confirmation is proven');

-- An anonymous user who gives an address.
insert into auth.users (id, is_anonymous) values (tests.user('lea'), true);
select pg_temp.new_transaction();
insert into auth.identities (id, user_id, provider, provider_id, identity_data) values (
  gen_random_uuid(), tests.user('lea'), 'email', 'lea', '{"sub": "lea", "email": "lea@example.com", "email_verified": true}');
update auth.users set is_anonymous = false where id = tests.user('lea');
update auth.users set email = 'lea@example.com', email_change = '' where id = tests.user('lea');
select ok(not pg_temp.is_proven('lea'), 'the first address of an anonymous user is not proven without a mail');
select is(
  (select count(*) from chat.profiles where id = tests.user('lea')), 0::bigint, 'an anonymous user has no profile');
select pg_temp.new_transaction();
select is((select username from chat.profiles where id = tests.user('lea')), 'lea', 'a former anonymous user has a profile');

delete from auth.users where id = tests.user('dan');
select ok(pg_temp.is_proven('dan'), 'nothing remains of a deleted account');

-- Access to the table.
select tests.act_as('eve');
select throws_ok('select from chat_private.unproven_addresses', '42501', null, 'a user cannot read which addresses are not proven');
select throws_ok(format('select chat_private.shut_out(%L)', tests.user('eve')), '42501', null, 'a user cannot lock out another user');

select * from finish();
rollback;
