begin;
select plan(35);

-- rita reports what rolf writes; rosa is with them; rex is a stranger; mod2 moderates.
select tests.sign_up('rita', 'rolf', 'rosa', 'rex', 'mod2');
select tests.appoint('mod2', 'moderator');
select tests.act_as('rolf');
select from chat.create_group_room('Reported', array[tests.user('rita'), tests.user('rosa')]);
select from chat.create_group_room('Reported in public', is_public => true, slug => 'reported');
select from chat.send_message(tests.room('Reported'), 'First text');
select from chat.edit_message(tests.message('First text'), 'Second text');
create temporary table about as select tests.message('Second text') as id;
select from chat.send_message(tests.room('Reported in public'), 'Unseen');
grant select on about to authenticated;

select policies_are('chat', 'reports', array['people can read their reports']);
select tests.act_as(null);
select throws_ok($$ select chat.report('spam', user_id => tests.user('rolf')) $$, '42501', null, 'anon reports nothing');
select tests.act_as('rex');
select throws_ok($$ select chat.report('spam', (select id from about)) $$, 'PT404', 'message_not_found', 'a stranger reports no message');
select throws_ok(
  $$ select chat.report('spam', room_id => tests.room('Reported')) $$, 'PT404', 'room_not_found', 'a stranger reports no private group');
select lives_ok($$ select chat.report('spam', room_id => tests.room('Reported in public')) $$, 'anybody reports a public group');
select throws_ok(
  $$ select chat.report('spam', tests.message('Unseen')) $$, 'PT404', 'message_not_found', 'nobody reports what they cannot read in it');
select lives_ok($$ select chat.report('harassment', user_id => tests.user('rolf')) $$, 'anybody reports a person');

select tests.act_as('rita');
select throws_ok($$ select chat.report('spam') $$, 'PT400', 'invalid_report', 'a report is about something');
select throws_ok(
  $$ select chat.report('spam', (select id from about), tests.user('rolf')) $$, 'PT400', 'invalid_report', 'a report is about one thing');
select throws_ok($$ select chat.report(null, (select id from about)) $$, 'PT400', 'invalid_report', 'a report has a reason');
select throws_ok(
  $$ select chat.report('word_rule', (select id from about)) $$, 'PT400', 'invalid_report', 'people make no report of a word rule');
select throws_ok($$ select chat.report('spam', user_id => tests.user('rita')) $$, 'PT400', 'invalid_report', 'nobody reports themselves');
select throws_ok(
  $$ select chat.report('spam', user_id => gen_random_uuid()) $$, 'PT404', 'user_not_found', 'a person who is reported exists');
select throws_ok(
  $$ select chat.report('spam', (select id from about), note => repeat('x', 1001)) $$, '23514', null,
  'a note has at most 1,000 characters');
select is((chat.report('spam', (select id from about), note => 'Look')).state::text, 'open', 'a member reports a message');
select is(
  (chat.report('hate', (select id from about), note => 'Look again')).id,
  (select id from chat.reports where kind = 'message'), 'a repeated report is the same one');
select results_eq(
  $$ select reason::text, note from chat.reports $$, $$ values ('hate', 'Look again') $$, 'it has the last reason and note');
select throws_ok('select snapshot from chat.reports', '42501', null, 'reporters do not read what moderators see');
select throws_ok('update chat.reports set note = $$x$$', '42501', null, 'nobody changes a report past the function');
select lives_ok($$ select chat.report('other', room_id => tests.room('Reported')) $$, 'a member reports a private group');
select throws_ok($$ select chat.report_list() $$, 'PT403', 'moderator_required', 'others do not read the queue');
select tests.act_as('rosa');
select is_empty('select id from chat.reports', 'nobody reads the reports of others');
select lives_ok($$ select chat.report('spam', (select id from about)) $$, 'another person reports the same message');
select tests.act_as('rolf');
select throws_ok(
  $$ select chat.report('spam', (select id from about)) $$, 'PT400', 'invalid_report', 'nobody reports their own message');

-- What a report keeps stays as it was.
select from chat.edit_message((select id from about), 'Harmless');
select from chat.delete_message((select id from about));
select tests.act_as('rita');
select throws_ok(
  $$ select chat.report('spam', (select id from about)) $$, 'PT404', 'message_not_found', 'a tombstone says nothing to report');
select tests.act_as('mod2');
select results_eq(
  $$ select snapshot #>> '{message,content}', snapshot #>> '{message,edits,0,content}', snapshot #>> '{user,username}',
       snapshot #>> '{room,name}', user_id, room_id
     from chat.report_list() where reporter_id = tests.user('rita') and kind = 'message' $$,
  $$ values ('Second text', 'First text', 'rolf', 'Reported', tests.user('rolf'), tests.room('Reported')) $$,
  'a report keeps the message, its earlier text, its sender and its room');
select is(
  (select snapshot #>> '{user,username}' from chat.report_list() where kind = 'user'), 'rolf', 'a report of a person keeps who it was');
select is(
  (select snapshot #>> '{room,name}' from chat.report_list() where reporter_id = tests.user('rex') and kind = 'room'),
  'Reported in public', 'a report of a room keeps what it was');

-- The queue.
select results_eq(
  $$ select kind::text, reporter_id from chat.report_list(max_rows => 2) $$,
  $$ values ('message', tests.user('rosa')), ('room', tests.user('rita')) $$, 'the queue begins with the newest');
select results_eq(
  $$ select kind::text, reporter_id from chat.report_list(
       before => (select min(id) from chat.report_list(max_rows => 2)), max_rows => 2
     ) $$,
  $$ values ('message', tests.user('rita')), ('user', tests.user('rex')) $$, 'the next page is before the last id');
select is_empty($$ select from chat.report_list('resolved') $$, 'the queue is of one state');
select is((select count(*) from chat.report_list(null)), 5::bigint, 'a null state stands for all');
select is((select count(*) from chat.report_list(max_rows => -1)), 1::bigint, 'a page has at least one report');

-- An account that is deleted.
select tests.act_as_operator();
delete from auth.users where id in (tests.user('rita'), tests.user('rosa'));
select is(
  (select count(*) from chat.reports where kind = 'message' and reporter_id is null), 2::bigint, 'reports stay when the reporter is gone');
delete from auth.users where id = tests.user('rolf');
select is(
  (select count(*) from chat.reports where snapshot #>> '{user,username}' = 'rolf'), 3::bigint, 'reports stay when the person is gone');

select * from finish();
rollback;
