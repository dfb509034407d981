begin;
select plan(19);

-- saul is reported; mod7 moderates, and sven is with saul.
select tests.sign_up('saul', 'sven', 'mod7', 'adm7');
select tests.appoint('mod7', 'moderator'), tests.appoint('adm7', 'administrator');
select tests.act_as('saul');
select from chat.create_group_room('Suspended', array[tests.user('sven')]);
select tests.act_as('sven');
select from chat.report('violence', user_id => tests.user('saul'));
select throws_ok($$ select chat.suspend_user(tests.user('saul')) $$, 'PT403', 'moderator_required', 'others suspend nobody');
select throws_ok($$ select chat.unsuspend_user(tests.user('saul')) $$, 'PT403', 'moderator_required', 'others lift no suspension');

select tests.act_as('mod7');
select throws_ok(
  $$ select chat.suspend_user(tests.user('saul'), now()) $$, 'PT400', 'invalid_until', 'a suspension ends in the future');
select throws_ok($$ select chat.suspend_user(gen_random_uuid()) $$, 'PT404', 'user_not_found', 'a person who is suspended exists');
select throws_ok(
  $$ select chat.suspend_user(tests.user('adm7')) $$, 'PT403', 'moderator_required', 'a moderator does not suspend an administrator');
select is(
  (chat.resolve_report((select max(id) from chat.report_list()), 'suspend', 'Threats', now() + interval '7 days')).action::text, 'suspend',
  'a moderator suspends a person who was reported');
select results_eq(
  $$ select actor_id, action, reason, report_id is not null from chat.audit_log where user_id = tests.user('saul') $$,
  $$ values (tests.user('mod7'), 'suspension', 'Threats', true) $$, 'the suspension is in the audit log once');
select results_eq(
  $$ select user_id, reason from chat.suspensions $$, $$ values (tests.user('saul'), 'Threats') $$, 'a moderator reads who is suspended');
select lives_ok(
  $$ select chat.suspend_user(tests.user('saul'), now() + interval '7 days', 'Threats') $$, 'a retry is the same suspension');
select is(
  (select count(*) from chat.audit_log where user_id = tests.user('saul')), 1::bigint, 'a retry is not in the log');

select tests.act_as('saul');
select throws_ok($$ select chat.send_message(tests.room('Suspended'), 'x') $$, 'PT403', 'suspended', 'the suspension holds');
select is((select reason from chat.suspensions), 'Threats', 'the person reads why');
select tests.act_as('mod7');
select lives_ok($$ select chat.unsuspend_user(tests.user('saul')) $$, 'a moderator lifts it');
select is(
  (select count(*) from chat.audit_log where user_id = tests.user('saul') and action = 'suspension_lifted'), 1::bigint,
  'that is in the audit log, too');
select tests.act_as('saul');
select results_eq(
  $$ select kind::text, reason from chat.notices $$, $$ values ('suspension', 'Threats') $$, 'then the person reads the notice');

-- A moderator who is suspended.
select tests.act_as('adm7');
select lives_ok($$ select chat.suspend_user(tests.user('mod7')) $$, 'an administrator suspends a moderator');
select tests.act_as('mod7');
select throws_ok(
  $$ select chat.mute_user(tests.user('saul')) $$, 'PT403', 'suspended', 'a moderator who is suspended does nothing');
select is((select count(*) from chat.suspensions), 1::bigint, 'a moderator who is suspended reads only their own suspension');
select tests.act_as('adm7');
select from unnest(array['One', 'Two']) as reason, chat.suspend_user(tests.user('saul'), null, reason);
select is(reason, 'Two', 'a suspension for another reason is no retry') from chat.suspensions where user_id = tests.user('saul');

select * from finish();
rollback;
