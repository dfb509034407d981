begin;
select plan(25);

-- oona and otto administer, olaf moderates, and olga has no role.
select tests.sign_up('oona', 'otto', 'olaf', 'olga');
delete from chat_private.operators where true;
select tests.appoint('oona', 'administrator'), tests.appoint('olaf', 'moderator');
insert into auth.users (id, aud, role, email, raw_app_meta_data)
values (tests.user('oskar'), 'authenticated', 'authenticated', 'oskar@example.com', '{"parley_role": "moderator"}');
select bag_eq(
  $$ select user_id, role::text from chat_private.operators $$,
  $$ values (tests.user('oona'), 'administrator'), (tests.user('olaf'), 'moderator'), (tests.user('oskar'), 'moderator') $$,
  'the table follows the metadata of accounts, new ones included');
select bag_eq(
  $$ select user_id, actor_id, details ->> 'before' as before, details ->> 'after' as after from chat.audit_log
     where action = 'operator_role_changed' and created_at = now() $$,
  $$ values
    (tests.user('oona'), null::uuid, null, 'administrator'),
    (tests.user('olaf'), null, null, 'moderator'),
    (tests.user('oskar'), null, null, 'moderator') $$,
  'each role is in the audit log, whatever gives it');
select tests.appoint('oskar', 'boss');
select is_empty(
  $$ select from chat_private.operators where user_id = tests.user('oskar') $$, 'a word that is no role takes the role away');
select tests.appoint('oskar', 'king');
select is(
  (select count(*) from chat.audit_log where user_id = tests.user('oskar')), 2::bigint, 'another word that is no role changes nothing');

select tests.act_as('olaf');
select throws_ok(
  $$ select chat.operator_list() $$, 'PT403', 'administrator_required', 'a moderator does not list who has a role');
select throws_ok(
  $$ select chat.set_operator_role(tests.user('olga'), 'moderator') $$, 'PT403', 'administrator_required', 'a moderator appoints nobody');
select tests.act_as('oona');
select results_eq(
  $$ select username, email, role::text from chat.operator_list() $$,
  $$ values ('oona', 'oona@example.com', 'administrator'), ('olaf', 'olaf@example.com', 'moderator') $$,
  'an administrator lists them, administrators first');
select throws_ok(
  $$ select chat.set_operator_role(gen_random_uuid(), 'moderator') $$, 'PT404', 'user_not_found', 'who gets a role exists');
select throws_ok(
  $$ select chat.set_operator_role(tests.user('oona')) $$, 'PT409', 'last_administrator', 'the last administrator stays one');
select throws_ok(
  $$ select chat.set_operator_role(tests.user('oona'), 'moderator') $$, 'PT409', 'last_administrator',
  'the last administrator does not become a moderator');
select throws_ok(
  $$ select chat.delete_account('keep', true) $$, 'PT409', 'last_administrator', 'the last administrator keeps the account');
select lives_ok($$ select chat.set_operator_role(tests.user('oona'), 'administrator') $$, 'the last administrator may repeat it');
select lives_ok($$ select chat.set_operator_role(tests.user('otto'), 'administrator') $$, 'an administrator makes another');
select lives_ok($$ select chat.set_operator_role(tests.user('otto'), 'administrator') $$, 'a retry does nothing');
select results_eq(
  $$ select actor_id, details ->> 'after' from chat.audit_log where user_id = tests.user('otto') $$,
  $$ values (tests.user('oona'), 'administrator') $$, 'the audit log says once who did it');
select lives_ok($$ select chat.set_operator_role(tests.user('olaf')) $$, 'an administrator takes a role away');
select tests.act_as_operator();
select is(
  (select raw_app_meta_data from auth.users where id = tests.user('olaf')), '{}'::jsonb, 'then the account has none');

-- Who cannot act is no administrator to rely on.
insert into chat.suspensions (user_id) values (tests.user('otto'));
select tests.act_as('oona');
select throws_ok(
  $$ select chat.set_operator_role(tests.user('oona')) $$, 'PT409', 'last_administrator', 'one who is suspended does not count');
select tests.act_as_operator();
delete from chat.suspensions where user_id = tests.user('otto');
select tests.act_as('oona');
select lives_ok($$ select chat.set_operator_role(tests.user('oona')) $$, 'one of two administrators leaves');
select throws_ok(
  $$ select chat.operator_list() $$, 'PT403', 'administrator_required', 'the role ends at once');
select tests.act_as_operator();
select lives_ok($$ select chat.set_operator_role(tests.user('otto')) $$, 'a backend takes the last role away');

-- Accounts of administrators.
select tests.act_as('olga');
select lives_ok($$ select chat.delete_account('keep', true) $$, 'people delete their accounts also where nobody administers');
select tests.act_as_operator();
select tests.appoint('oona', 'administrator'), tests.appoint('otto', 'administrator');
select tests.act_as('oona');
select lives_ok($$ select chat.delete_account('keep', true) $$, 'one of two administrators deletes the account');
select tests.act_as('otto');
select lives_ok($$ select chat.delete_account('keep', true, tests.user('olaf')) $$, 'the last one deletes accounts of others');
select tests.act_as_operator();
select lives_ok($$ select chat.delete_account('keep', true, tests.user('otto')) $$, 'a backend deletes the last one');

select * from finish();
rollback;
