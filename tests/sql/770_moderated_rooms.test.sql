begin;
select plan(34);

-- rita and rolf are in rooms; modr moderates, and is in none of them.
select tests.sign_up('rita', 'rolf', 'modr');
select tests.appoint('modr', 'moderator');
select tests.act_as('rita');
select from chat.create_group_room('Zebra', '{}');
select from chat.create_direct_room(tests.user('rolf'));
select from chat.create_group_room('Röntgen one', array[tests.user('rolf')]);
select from chat.create_group_room('rontgen two', array[tests.user('rolf')], is_public => true, slug => 'rontgen-2');
select from chat.create_group_room('No röntgen', '{}');
select from chat.send_message(tests.room('Röntgen one'), 'Hello');
select from chat.report('spam', room_id => tests.room('rontgen two'));
select throws_ok($$ select chat.moderated_rooms() $$, 'PT403', 'moderator_required', 'others list no rooms');
select throws_ok(
  $$ select chat.moderated_person_rooms(tests.user('rolf')) $$, 'PT403', 'moderator_required', 'others list no rooms of a person');
select throws_ok(
  $$ select chat.moderated_room_members(tests.room('rontgen two')) $$, 'PT403', 'moderator_required', 'others list no members');
select throws_ok(
  $$ select chat.set_room_lock(tests.room('rontgen two'), true) $$, 'PT403', 'moderator_required', 'others lock no room as moderators');

select tests.act_as_operator();
insert into chat.suspensions (user_id, until) values (tests.user('rolf'), now() + interval '1 day'), (tests.user('rita'), now());
insert into chat.mutes (user_id, until) values (tests.user('rita'), now() + interval '1 day'), (tests.user('rolf'), now());
select tests.act_as('modr');
select results_eq(
  $$ select name, message_count, member_count, usernames, open_reports from chat.moderated_rooms('RONTGEN') $$,
  $$ values ('Röntgen one', 1::bigint, 2, array['rita'], 0), ('rontgen two', 0, 2, array['rita'], 1) $$,
  'a moderator finds groups by the beginning of the name');
select results_eq(
  $$ select name from chat.moderated_rooms('rontgen', null, 1) $$, $$ values ('Röntgen one') $$, 'a page has max_rows rooms');
select results_eq(
  $$ select name from chat.moderated_rooms('rontgen', tests.room('Röntgen one')) $$, $$ values ('rontgen two') $$,
  'the next page of a search is after the last id');
select results_eq(
  $$ select name from chat.moderated_rooms('rontgen-2') $$, $$ values ('rontgen two') $$, 'a moderator finds a group by the slug');
select is_empty($$ select from chat.moderated_rooms('rontgen-2', 0) $$, 'a search by slug has one page');
select results_eq(
  $$ select id, kind::text, usernames from chat.moderated_rooms('#' || tests.direct_room('rita', 'rolf')) $$,
  $$ values (tests.direct_room('rita', 'rolf'), 'direct', array['rita', 'rolf']) $$, 'a moderator finds a room by the id');
select is_empty(
  $$ select from chat.moderated_rooms('#' || tests.room('No röntgen'), 0) $$, 'a search by id has one page');
select results_eq(
  $$ select id from chat.moderated_rooms('#0 #' || tests.room('Röntgen one') || ' #' || tests.room('No röntgen')) $$,
  $$ values (tests.room('No röntgen')), (tests.room('Röntgen one')) $$, 'a moderator finds several rooms by their ids');
select is_empty($$ select from chat.moderated_rooms('#0' || repeat(' #0', 99)) $$, 'they are 100 at most');
select throws_ok(
  $$ select chat.moderated_rooms('#0' || repeat(' #0', 100)) $$, 'PT400', 'invalid_query', 'more of them are refused');
select results_eq(
  $$ select name from chat.moderated_rooms(max_rows => 2) $$, $$ values ('No röntgen'), ('rontgen two') $$,
  'without a query the newest come first');
select results_eq(
  $$ select name from chat.moderated_rooms('', tests.room('No röntgen'), 2) $$, $$ values ('rontgen two'), ('Röntgen one') $$,
  'the next page is after the last id');
select throws_ok($$ select chat.moderated_rooms(repeat('x', 201)) $$, 'PT400', 'invalid_query', 'a query has at most 200 characters');

select results_eq(
  $$ select name, role::text from chat.moderated_person_rooms(tests.user('rolf'), max_rows => 2) $$,
  $$ values ('rontgen two', 'member'), ('Röntgen one', 'member') $$, 'a moderator reads which rooms a person is in');
select results_eq(
  $$ select id, role::text from chat.moderated_person_rooms(tests.user('rolf'), tests.room('Röntgen one')) $$,
  $$ values (tests.direct_room('rita', 'rolf'), 'member') $$, 'the next page of these is after the last id');
select bag_eq(
  $$ select username, role::text, is_suspended, is_muted from chat.moderated_room_members(tests.room('Röntgen one')) $$,
  $$ values ('rita', 'owner', false, true), ('rolf', 'member', true, false) $$, 'a moderator reads who is in a room');
select is(
  (select count(*) from chat.moderated_room_members(tests.room('Röntgen one'), max_rows => 1)), 1::bigint, 'a page has max_rows members');
select results_eq(
  $$ select user_id from chat.moderated_room_members(tests.room('Röntgen one'), least(tests.user('rita'), tests.user('rolf'))) $$,
  $$ select greatest(tests.user('rita'), tests.user('rolf')) $$, 'the next page is after the last member');
select results_eq(
  $$ select reason::text from chat.moderated_reports(room_id => tests.room('rontgen two')) $$, $$ values ('spam') $$,
  'a moderator reads the reports about a room');
select is_empty(
  $$ select from chat.moderated_reports(room_id => tests.room('rontgen two'), before => 1) $$, 'these have pages, too');

select tests.act_as_operator();
update chat.rooms set joining = 'request' where name = 'rontgen two';
select tests.act_as('modr');
select results_eq(
  $$ select name, joining::text from chat.moderated_rooms('rontgen') $$, $$ values ('Röntgen one', 'open'), ('rontgen two', 'request') $$,
  'a moderator reads which groups people ask to join');

select throws_ok($$ select chat.set_room_lock(0, true) $$, 'PT404', 'room_not_found', 'a room that is locked exists');
select throws_ok(
  $$ select chat.set_room_lock(tests.direct_room('rita', 'rolf'), true) $$, 'PT400', 'direct_room_fixed', 'a direct room is not locked');
select lives_ok(
  $$ select chat.set_room_lock(tests.room('Röntgen one'), true, 'Calm down') $$, 'a moderator locks a group that they are not in');
select lives_ok($$ select chat.set_room_lock(tests.room('Röntgen one'), true, 'Calm down') $$, 'a retry locks it once');
select results_eq(
  $$ select locked_at, locked_reason from chat.moderated_rooms('#' || tests.room('Röntgen one')) $$, $$ values (now(), 'Calm down') $$,
  'the room is locked with a reason');
select lives_ok(
  $$ select chat.set_room_lock(tests.room('Röntgen one'), false, 'Calm now') $$, 'a moderator unlocks it');
select lives_ok(
  $$ select chat.set_room_lock(tests.room('Röntgen one'), false), chat.set_room_lock(tests.room('Röntgen one'), false, 'Again') $$,
  'a room that is not locked stays so');
select results_eq(
  $$ select action, actor_id, reason from chat.audit_log where room_id = tests.room('Röntgen one') order by id $$,
  $$ values ('room_locked', tests.user('modr'), 'Calm down'), ('room_unlocked', tests.user('modr'), 'Calm now') $$,
  'the audit log has both');
select is(
  (select locked_at from chat.moderated_rooms('#' || tests.room('Röntgen one'))), null, 'the room is not locked any more');

select * from finish();
rollback;
