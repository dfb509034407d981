begin;
select plan(40);

-- jana owns a public group that wants to be asked, with jens, an admin, and jule, a member; joel and june ask
select tests.sign_up('jana', 'jens', 'jule', 'joel', 'june');
select tests.act_as('jana');
select from chat.create_group_room('Asking', array[tests.user('jens'), tests.user('jule')], is_public => true);
select from chat.set_member_role(tests.room('Asking'), tests.user('jens'), 'admin');
create temporary table before as select topic from chat.rooms where id = tests.room('Asking');
select is((chat.update_room(tests.room('Asking'), joining => 'request')).joining::text, 'request', 'an admin says that people ask first');
select isnt(topic, (select topic from before), 'who has left receives no more from then on')
from chat.rooms where id = tests.room('Asking');
select tests.act_as('jule');
select throws_ok(
  $$ select chat.update_room(tests.room('Asking'), joining => 'open') $$, 'PT403', 'role_required', 'a member does not say so');

select policies_are('chat', 'join_requests', array['people can read their own requests, and admins those of their groups']);
select tests.act_as(null);
select throws_ok('select from chat.join_requests', '42501', null, 'anon reads no requests');
select throws_ok('select chat.request_to_join(1)', '42501', null, 'anon asks nobody');

-- Asking.
select tests.act_as('joel');
select throws_ok($$ select chat.join_room(tests.room('Asking')) $$, 'PT403', 'request_required', 'nobody joins without asking');
select throws_ok('select chat.request_to_join(-1)', 'PT404', 'room_not_found', 'nobody asks to join a room that is not there');
select throws_ok(
  $$ select chat.request_to_join(tests.room('Asking'), repeat('x', 501)) $$, '23514', null, 'a note has at most 500 characters');
select tests.hush();
select results_eq(
  $$ select user_id, note from chat.request_to_join(tests.room('Asking'), 'Please') $$, $$ values (tests.user('joel'), 'Please') $$,
  'a stranger asks, with a note');
select bag_eq(
  $$ select topic, payload ->> 'username' as who, payload ->> 'note' as note from tests.heard() where event = 'join_request.added' $$,
  $$ select 'user:' || tests.user(name) as topic, 'joel' as who, 'Please' as note from unnest(array['jana', 'jens', 'joel']) as name $$,
  'the owner, the admins and the devices of the person receive it, and no member');
select tests.hush();
select results_eq(
  $$ select note from chat.request_to_join(tests.room('Asking'), 'Again') $$, array['Please'], 'who asks again gets the open request');
select is_empty('select from tests.heard()', 'asking again is not announced');
select results_eq('select room_id from chat.join_requests', $$ values (tests.room('Asking')) $$, 'people read their own requests');
select is_empty($$ select from chat.messages where room_id = tests.room('Asking') $$, 'who asks reads nothing yet');
select tests.act_as('june');
select is_empty('select from chat.join_requests', 'a stranger reads no request of another');
select tests.act_as('jule');
select is_empty('select from chat.join_requests', 'a member reads none');
select throws_ok(
  $$ select chat.request_to_join(tests.room('Asking')) $$, 'PT409', 'request_not_needed', 'a member need not ask');
select throws_ok(
  $$ select chat.accept_join_request(tests.room('Asking'), tests.user('joel')) $$, 'PT403', 'role_required', 'a member lets nobody in');
select throws_ok(
  $$ select chat.decline_join_request(tests.room('Asking'), tests.user('joel')) $$, 'PT403', 'role_required', 'a member declines nobody');
select tests.act_as('jens');
select results_eq('select user_id from chat.join_requests', $$ values (tests.user('joel')) $$, 'an admin reads the requests of the group');

-- The answers.
select throws_ok(
  $$ select chat.accept_join_request(tests.room('Asking'), tests.user('june')) $$, 'PT404', 'request_not_found',
  'an admin lets nobody in who does not ask');
select tests.hush();
select results_eq(
  $$ select role::text from chat.accept_join_request(tests.room('Asking'), tests.user('joel')) $$, array['member'],
  'an admin lets in who asks, as a member');
select bag_eq(
  $$ select topic from tests.heard() where event = 'join_request.removed' $$,
  $$ select 'user:' || tests.user(name) from unnest(array['jana', 'jens', 'joel']) as name $$, 'the end reaches the same people');
select results_eq(
  $$ select role::text from chat.accept_join_request(tests.room('Asking'), tests.user('joel')) $$, array['member'],
  'accepting again returns the membership');
select is_empty('select from chat.join_requests', 'the request is gone with it');
select tests.act_as('june');
select from chat.request_to_join(tests.room('Asking'));
select lives_ok($$ select chat.withdraw_join_request(tests.room('Asking')) $$, 'who asks takes it back');
select lives_ok($$ select chat.withdraw_join_request(tests.room('Asking')) $$, 'taking it back again does nothing');
select is_empty('select from chat.join_requests', 'what was taken back is gone');
select from chat.request_to_join(tests.room('Asking'));
select tests.act_as('jana');
select lives_ok($$ select chat.decline_join_request(tests.room('Asking'), tests.user('june')) $$, 'the owner declines');
select lives_ok($$ select chat.decline_join_request(tests.room('Asking'), tests.user('june')) $$, 'declining again does nothing');
select tests.act_as('june');
select lives_ok($$ select chat.request_to_join(tests.room('Asking')) $$, 'who was declined may ask again');

-- Other ways in, bans, and a group that nobody is in.
select tests.act_as_operator();
update chat.profiles set added_by = 'nobody' where id = tests.user('june');
select tests.act_as('jana');
select results_eq(
  $$ select user_id from chat.add_members(tests.room('Asking'), array[tests.user('june')]) $$, $$ values (tests.user('june')) $$,
  'who asks is added at once, whatever their setting');
select is_empty('select from chat.join_requests', 'who was added asks no more');
create temporary table epochs as select epoch from chat.rooms where id = tests.room('Asking');
select tests.act_as('june');
select chat.leave_room(tests.room('Asking'));
select tests.act_as('jana');
select is(
  (select epoch from chat.rooms where id = tests.room('Asking')), (select epoch + 1 from epochs),
  'who leaves a group that wants to be asked receives no more from it');
select from chat.ban_member(tests.room('Asking'), tests.user('june'));
select tests.act_as('june');
select throws_ok($$ select chat.request_to_join(tests.room('Asking')) $$, 'PT403', 'banned', 'who is banned does not ask');
select throws_ok($$ select chat.join_room(tests.room('Asking')) $$, 'PT403', 'banned', 'who is banned learns it before they ask');
select tests.act_as('jana');
select from chat.unban_member(tests.room('Asking'), tests.user('june'));
select tests.act_as_operator();
insert into auth.users (id, aud, role)
select md5('asking ' || n)::uuid, 'authenticated', 'authenticated' from generate_series(1, 1000) as n;
insert into chat.join_requests (room_id, user_id)
select tests.room('Asking'), md5('asking ' || n)::uuid from generate_series(1, 1000) as n;
select tests.act_as('june');
select throws_ok(
  $$ select chat.request_to_join(tests.room('Asking')) $$, 'PT409', 'too_many_requests', 'a group has at most 1,000 open requests');
select tests.act_as_operator();
delete from chat.room_members where room_id = tests.room('Asking');
select is_empty($$ select from chat.join_requests where user_id = tests.user('june') $$, 'june does not ask');
select tests.act_as('june');
select results_eq(
  $$ select role::text from chat.join_room(tests.room('Asking')) $$, array['owner'], 'an empty group is joined without asking');

select * from finish();
rollback;
