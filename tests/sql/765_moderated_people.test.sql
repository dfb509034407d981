begin;
select plan(32);

-- pavla and peer are people; modp moderates, and admp administers.
select tests.sign_up('pavla', 'peer', 'modp', 'admp');
select tests.appoint('modp', 'moderator'), tests.appoint('admp', 'administrator');
update chat.profiles set first_name = 'Pavlína', last_name = 'Quist' where id = tests.user('pavla');
insert into chat.suspensions (user_id, until, reason) values (tests.user('pavla'), now() + interval '1 day', 'Spam');
insert into chat.mutes (user_id, until, reason) values (tests.user('peer'), now() - interval '1 day', 'Over');
insert into chat.user_status (user_id, last_seen_at) values (tests.user('peer'), '2026-01-02 03:04Z');
update auth.users set last_sign_in_at = '2026-01-01' where id = tests.user('peer');
insert into chat.reports (reporter_id, kind, user_id, reason, snapshot) values
  (tests.user('modp'), 'user', tests.user('peer'), 'spam', '{}'), (tests.user('pavla'), 'user', tests.user('peer'), 'hate', '{}'),
  (tests.user('peer'), 'user', tests.user('pavla'), 'hate', '{}');
update chat.reports set state = 'dismissed', action = 'dismiss', resolved_at = now() where reporter_id = tests.user('pavla');

select tests.act_as('peer');
select throws_ok($$ select chat.moderated_people() $$, 'PT403', 'moderator_required', 'others list no people');
select throws_ok($$ select chat.moderated_reports(tests.user('peer')) $$, 'PT403', 'moderator_required', 'others list no reports');
select throws_ok($$ select chat.moderation_counts() $$, 'PT403', 'moderator_required', 'others count nothing');
select throws_ok($$ select chat.warn_user(tests.user('pavla'), 'x') $$, 'PT403', 'moderator_required', 'others warn nobody');

select tests.act_as('modp');
select results_eq(
  $$ select username, email, role::text, is_suspended, suspended_until, suspension_reason, is_muted from chat.moderated_people('quist') $$,
  $$ values ('pavla', null, null, true, now() + interval '1 day', 'Spam', false) $$,
  'a moderator finds a person by a part of the name, and reads the suspension and no address');
select results_eq(
  $$ select username, is_suspended, is_muted, mute_reason, last_seen_at, open_reports, room_count
     from chat.moderated_people(tests.user('peer')::text) $$,
  $$ values ('peer', false, false, null, '2026-01-02 03:04Z'::timestamptz, 1, 0) $$,
  'a moderator finds a person by the id, and reads how many reports are open, and no mute that has ended');
select is(
  (select role::text from chat.moderated_people('#' || (select number from chat.profiles where id = tests.user('modp')))), 'moderator',
  'a moderator finds a person by the number, and reads the role');
select is_empty($$ select from chat.moderated_people('peer@example.com') $$, 'a moderator finds nobody by an address');
select results_eq(
  $$ select username from chat.moderated_people('', null, 2) $$, $$ values ('admp'), ('modp') $$, 'without a query the newest come first');
select results_eq(
  $$ select username from chat.moderated_people(null, (select number from chat.profiles where id = tests.user('modp')), 2) $$,
  $$ values ('peer'), ('pavla') $$, 'the next page is after the last number');
select is(
  (select count(*) from chat.moderated_people('pavla', (select number from chat.profiles where id = tests.user('pavla')))), 0::bigint,
  'a search goes on after the last number');
select is_empty(
  $$ select from chat.moderated_people(tests.user('peer')::text, 0) $$, 'a search by id has one page');
select is_empty(
  $$ select from chat.moderated_people('#' || (select number from chat.profiles where id = tests.user('modp')), 0) $$,
  'a search by number has one page');
select is((select count(*) from chat.moderated_people('', null, 0)), 1::bigint, 'a page has a row at least');
select throws_ok(
  $$ select chat.moderated_people(repeat('x', 201)) $$, 'PT400', 'invalid_query', 'a query has at most 200 characters');

select results_eq(
  $$ select reason::text, state::text from chat.moderated_reports(tests.user('peer')) $$,
  $$ values ('hate', 'dismissed'), ('spam', 'open') $$, 'a moderator reads all reports about a person');
select results_eq(
  $$ select reason::text from chat.moderated_reports(
       tests.user('peer'), before => (select max(id) from chat.moderated_reports(tests.user('peer')))
     ) $$, $$ values ('spam') $$, 'the next page is before the last id');
select is_empty($$ select from chat.moderated_reports(tests.user('peer'), 0) $$, 'a moderator reads reports of one room about a person');
select is((select count(*) from chat.moderated_reports(tests.user('peer'), max_rows => 1)), 1::bigint, 'a page has max_rows reports');

select throws_ok($$ select chat.warn_user(tests.user('peer'), ' ') $$, 'PT400', 'reason_required', 'a warning has a reason');
select throws_ok(
  $$ select chat.warn_user(tests.user('peer'), repeat('x', 501)) $$, 'PT400', 'reason_required', 'a reason has at most 500 characters');
select throws_ok($$ select chat.warn_user(tests.user('admp'), 'x') $$, 'PT403', 'moderator_required', 'a moderator warns no administrator');
select throws_ok($$ select chat.warn_user(gen_random_uuid(), 'x') $$, 'PT404', 'user_not_found', 'who is warned exists');
select lives_ok(
  $$ select chat.warn_user(tests.user('peer'), 'Be kind'), chat.warn_user(tests.user('peer'), 'Be kind'),
       chat.warn_user(tests.user('peer'), 'Be brief') $$, 'a moderator warns a person');
select bag_eq(
  $$ select action, reason, actor_id from chat.audit_log where user_id = tests.user('peer') and action = 'warning' $$,
  $$ values ('warning', 'Be kind', tests.user('modp')), ('warning', 'Be brief', tests.user('modp')) $$,
  'the audit log has it once');
select chat.resolve_report(max(id), 'warn', 'Be neat'), chat.warn_user(tests.user('peer'), 'Be neat')
from chat.moderated_reports(tests.user('peer')) where state = 'open';
select is(
  (select count(*) from chat.audit_log where user_id = tests.user('peer') and reason = 'Be neat'), 2::bigint,
  'a warning without a report is no retry of one with a report');
select tests.act_as('peer');
select bag_eq(
  $$ select kind::text, reason from chat.notices where kind = 'warning' $$,
  $$ values ('warning', 'Be kind'), ('warning', 'Be brief'), ('warning', 'Be neat'), ('warning', 'Be neat') $$,
  'the person reads it');

select tests.act_as('admp');
select results_eq(
  $$ select username, email from chat.moderated_people('PEER@example.com') $$, $$ values ('peer', 'peer@example.com') $$,
  'an administrator finds a person by the address');
select is_empty($$ select from chat.moderated_people('peer@example.com', 0) $$, 'a search by address has one page');
select tests.act_as_operator();
delete from chat.reports where true;
delete from chat.mutes where true;
delete from chat.suspensions where true;
insert into chat.reports (reporter_id, kind, user_id, reason, snapshot) values
  (tests.user('modp'), 'user', tests.user('peer'), 'spam', '{}'), (tests.user('peer'), 'user', tests.user('pavla'), 'hate', '{}');
update chat.reports set state = 'dismissed', action = 'dismiss', resolved_at = now() where reporter_id = tests.user('peer');
insert into chat.mutes (user_id, until) select id, now() from chat.profiles where username in ('peer', 'modp');
insert into chat.mutes (user_id) select id from chat.profiles where username in ('pavla', 'admp');
insert into chat.suspensions (user_id, until) values (tests.user('peer'), now()), (tests.user('pavla'), now() + interval '1 day');
select results_eq(
  $$ select open_reports, suspended, muted from chat.moderation_counts() $$, $$ values (1, 1, 2) $$,
  'a moderator reads how many reports are open, and how many people are suspended and muted now');
select is((select is_muted from chat.moderated_people('pavla')), true, 'a mute without an end is one');
select is(
  (select suspended_until from chat.moderated_people('#' || (select number from chat.profiles where id = tests.user('peer')))), null,
  'a suspension that has ended is none');

select * from finish();
rollback;
