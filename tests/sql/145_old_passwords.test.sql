begin;
select plan(18);

select tests.sign_up('alice', 'bob', 'carol');
update auth.users set encrypted_password = null, raw_app_meta_data = '{"imported_from": "old"}' where email like '%@example.com';
delete from chat_private.exchanged_tokens where jti <> '';
insert into chat_private.old_passwords (user_id, hash) values (tests.user('alice'), 'pbkdf2_sha256$1$s$a');

select results_eq(
  $$ select user_id, hash, has_imported from chat_private.old_password('ALICE') $$,
  $$ values (tests.user('alice'), 'pbkdf2_sha256$1$s$a', false) $$, 'a sign-in by username finds the hash');
select results_eq(
  $$ select hash from chat_private.old_password('alice@example.com') $$,
  $$ values ('pbkdf2_sha256$1$s$a') $$, 'a sign-in by address finds it');
select results_eq(
  $$ select user_id, hash, other_hash from chat_private.old_password('nobody') $$,
  $$ values (null::uuid, null, 'pbkdf2_sha256$1$s$a') $$, 'an unknown name gets the hash of anybody');
insert into chat_private.imports (name, kind) values ('old', 'messenger');
select results_eq(
  $$ select user_id, has_imported from chat_private.old_password('bob') $$,
  $$ values (null::uuid, true) $$, 'it is known that people were imported');
update auth.users set banned_until = now() + interval '1 day' where id = tests.user('alice');
select results_eq(
  $$ select user_id from chat_private.old_password('alice') $$, $$ values (null::uuid) $$, 'a banned account has no hash');
update auth.users set banned_until = null where id = tests.user('alice');

select throws_ok(
  $$ insert into chat_private.old_passwords values (tests.user('bob'), '') $$, '23514', null, 'a hash names its kind');
select throws_ok(
  $$ insert into chat_private.old_passwords values (tests.user('bob'), 'md5$' || repeat('a', 500)) $$, '23514', null,
  'a hash has at most 500 characters');

select is(chat_private.adopt_password(tests.user('alice'), 'other$', 'new'), false, 'another hash is not adopted');
select is(
  chat_private.adopt_password(tests.user('alice'), 'pbkdf2_sha256$1$s$a', 'new'), true, 'a hash that has matched is adopted');
select is((select encrypted_password from auth.users where id = tests.user('alice')), 'new', 'Auth has the new one');
select is(
  chat_private.adopt_password(tests.user('alice'), 'pbkdf2_sha256$1$s$a', 'again'), false, 'a hash is adopted once');
select is_empty(
  'select from chat_private.exchanged_tokens', 'the first sign-in leaves the old refresh tokens of other devices alone');

insert into chat_private.old_passwords values (tests.user('bob'), 'scrypt$b'), (tests.user('carol'), 'scrypt$c');
update auth.users set encrypted_password = 'by mail' where id = tests.user('bob');
select is_empty(
  $$ select from chat_private.old_passwords where user_id = tests.user('bob') $$, 'a new password ends the old one');
select results_eq(
  'select jti, expires_at from chat_private.exchanged_tokens',
  $$ values ('account:' || tests.user('bob'), 'infinity'::timestamptz) $$, 'a new password ends the old refresh tokens');
select chat_private.shut_out(tests.user('carol'));
select is_empty('select from chat_private.old_passwords', 'the proof of an address ends the old password');
select is(
  (select count(*) from chat_private.exchanged_tokens), 2::bigint, 'the proof of an address ends the old refresh tokens');

select tests.act_as('alice');
select throws_ok('select from chat_private.old_passwords', '42501', null, 'a user cannot read old passwords');
select tests.act_as_operator();
set local role service_role;
select throws_ok('select from chat_private.old_passwords', '42501', null, 'the secret key cannot read old passwords');

select * from finish();
rollback;
