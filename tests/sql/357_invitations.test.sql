begin;
select plan(52);

-- gwen owns a group with gabi, a member; greta is her friend, and gustav is with her in a private group; goran is a stranger
select tests.sign_up('gwen', 'gabi', 'greta', 'gustav', 'goran', 'gina');
insert into chat.friendships (user_id, friend_id) values (tests.user('greta'), tests.user('gwen'));
select tests.act_as('gwen');
select from chat.create_group_room('Inviting', array[tests.user('gabi')]);
select from chat.create_group_room('Shared', array[tests.user('gustav')]);
select tests.act_as_operator();
create function pg_temp.let(name text, level chat.who_reaches)
returns void
language sql security definer
as $$
  update chat.profiles set added_by = level where id = tests.user(name);
$$;
-- Who adds somebody, and whether they are added or invited; undone.
create function pg_temp.adding(by text, name text)
returns text
language plpgsql
as $$
declare
  came_of text;
begin
  perform tests.act_as(by);
  select 'added' into came_of from chat.add_members(tests.room('Inviting'), array[tests.user(name)]);
  perform tests.act_as(name);
  came_of := concat_ws(' and ', came_of, (select 'invited' from chat.invitations where room_id = tests.room('Inviting')));
  raise sqlstate 'DONE0' using message = came_of;
exception
  when sqlstate 'DONE0' or sqlstate 'PT403' or sqlstate 'PT409' then return sqlerrm;
end;
$$;

select policies_are('chat', 'invitations', array['people can read their own invitations']);
select tests.act_as(null);
select throws_ok('select from chat.invitations', '42501', null, 'anon reads no invitations');
select throws_ok('select chat.accept_invitation(1)', '42501', null, 'anon accepts none');

-- Whom a person lets add them.
select is(pg_temp.adding('gwen', 'goran'), 'added', 'by default everyone is added at once');
select pg_temp.let('goran', 'shared_rooms'), pg_temp.let('gustav', 'shared_rooms'), pg_temp.let('greta', 'friends');
select is(pg_temp.adding('gwen', 'goran'), 'invited', 'a stranger invites a person who lets people of shared rooms add them');
select is(pg_temp.adding('gwen', 'gustav'), 'added', 'a member of a private group adds them');
select is(pg_temp.adding('gwen', 'greta'), 'added', 'a friend adds a person who lets friends add them');
select pg_temp.let('gustav', 'friends'), pg_temp.let('greta', 'nobody');
select is(pg_temp.adding('gwen', 'gustav'), 'invited', 'a member of a private group only invites a person who lets friends add them');
select is(pg_temp.adding('gwen', 'greta'), 'invited', 'everybody only invites a person who lets nobody add them');
select is(pg_temp.adding('gabi', 'goran'), 'role_required', 'a member invites nobody where admins add people');
select tests.act_as_operator();
update chat.profiles set direct_from = 'nobody' where id = tests.user('greta');
select is(pg_temp.adding('gwen', 'greta'), 'not_reachable', 'whom direct_from does not admit, does not even invite');
select tests.act_as_operator();
update chat.profiles set direct_from = 'everyone' where id = tests.user('greta');
insert into chat.room_bans (room_id, user_id, banned_by) values (tests.room('Inviting'), tests.user('greta'), tests.user('gwen'));
select is(pg_temp.adding('gwen', 'greta'), 'banned', 'a person who is banned is not invited');
select tests.act_as_operator();
delete from chat.room_bans where room_id = tests.room('Inviting');
select results_eq(
  $$ select user_id from chat.add_members(tests.room('Inviting'), array[tests.user('greta')]) $$, array[tests.user('greta')],
  'a backend adds everyone');
select from chat.remove_member(tests.room('Inviting'), tests.user('greta'));

-- Inviting.
select tests.act_as('gwen');
select tests.hush();
select results_eq(
  $$ select user_id from chat.add_members(tests.room('Inviting'), array[tests.user('goran'), tests.user('gina'), tests.user('greta')]) $$,
  array[tests.user('gina')], 'of several people some are added, and the others invited');
select results_eq(
  $$ select topic, payload ->> 'room_name', payload ->> 'invited_by_username' from tests.heard() where event = 'invitation.added'
     order by topic = 'user:' || tests.user('goran') $$,
  $$ values ('user:' || tests.user('greta'), 'Inviting', 'gwen'), ('user:' || tests.user('goran'), 'Inviting', 'gwen') $$,
  'who is invited receives it, and who invites them');
select tests.hush();
select is_empty(
  $$ select chat.add_members(tests.room('Inviting'), array[tests.user('goran')]) $$, 'inviting again adds nobody');
select is_empty('select from tests.heard()', 'inviting again is not announced');
select is_empty('select from chat.invitations', 'those who invite read no rows of others');
select results_eq(
  $$ select username, invited_by from chat.room_invitations(tests.room('Inviting')) $$,
  $$ values ('goran', tests.user('gwen')), ('greta', tests.user('gwen')) $$, 'an admin lists who is invited, the latest first');
select results_eq(
  $$ select username from chat.room_invitations(tests.room('Inviting'),
       (select max(id) from chat.room_invitations(tests.room('Inviting')))) $$,
  array['greta'], 'a page continues before an invitation');
select throws_ok(
  $$ select chat.room_invitations(tests.room('Inviting'), null, 1) from tests.act_as('gabi') $$, 'PT403', 'role_required',
  'a member does not list them where admins add people');

-- Who is invited.
select tests.act_as('goran');
select is_empty($$ select from chat.rooms where id = tests.room('Inviting') $$, 'who is invited does not see the room');
select results_eq(
  'select room_id, name, member_count, invited_by_username from chat.invitation_list()',
  $$ values (tests.room('Inviting'), 'Inviting', 3, 'gwen') $$, 'who is invited sees its name, how many are in, and who invites');
select is_empty('select from chat.invitation_list((select min(id) from chat.invitation_list()))', 'a page ends');
select tests.hush();
select lives_ok($$ select chat.ignore_invitation(tests.room('Inviting')) $$, 'who is invited ignores it');
select results_eq('select topic, event from tests.heard()',
  $$ values ('user:' || tests.user('goran'), 'invitation.removed') $$, 'only their own devices learn of it');
select tests.hush();
select lives_ok($$ select chat.ignore_invitation(tests.room('Inviting')) $$, 'ignoring again does nothing');
select is_empty('select from tests.heard()', 'ignoring again is not announced');
select is_empty('select from chat.invitation_list()', 'what is ignored is not listed');
select tests.act_as('gwen');
select is_empty($$ select chat.add_members(tests.room('Inviting'), array[tests.user('goran')]) $$, 'who ignores is not added');
select is_empty($$ select from tests.heard() where event = 'invitation.added' $$, 'who ignores is not invited again');
select is((select count(*) from chat.room_invitations(tests.room('Inviting'))), 2::bigint, 'for the group it stays open');
select tests.act_as('goran');
select results_eq(
  $$ select role::text from chat.accept_invitation(tests.room('Inviting')) $$, array['member'], 'who has ignored it may still accept');
select results_eq(
  $$ select role::text from chat.accept_invitation(tests.room('Inviting')) $$, array['member'], 'accepting again returns the membership');
select is_empty('select from chat.invitations', 'the invitation is gone with it');
select pg_temp.let('goran', 'nobody');
select tests.act_as('gwen');
select from chat.add_members(tests.room('Inviting'), array[tests.user('goran')]);
select is_empty(
  $$ select from chat.room_invitations(tests.room('Inviting')) where user_id = tests.user('goran') $$, 'who is a member is not invited');

select tests.act_as('greta');
select tests.hush();
select lives_ok($$ select chat.decline_invitation(tests.room('Inviting')) $$, 'who is invited declines');
select results_eq('select topic, event from tests.heard()',
  $$ values ('user:' || tests.user('greta'), 'invitation.removed') $$, 'a decline reaches only their own devices');
select lives_ok($$ select chat.decline_invitation(tests.room('Inviting')) $$, 'declining again does nothing');
select throws_ok(
  $$ select chat.accept_invitation(tests.room('Inviting')) $$, 'PT404', 'invite_not_found', 'who has declined does not join');
select throws_ok($$ select chat.accept_invitation(-1) $$, 'PT404', 'invite_not_found', 'of no room there is no invitation');
select is(pg_temp.adding('gwen', 'greta'), 'invited', 'who has declined may be invited again');

-- Withdrawing, joining in another way, a block, and the end of the room.
select tests.act_as_operator();
update chat.rooms set inviting = 'everyone' where id = tests.room('Inviting');
select tests.act_as('gabi');
select from chat.add_members(tests.room('Inviting'), array[tests.user('greta')]);
select tests.act_as('gwen');
select from chat.add_members(tests.room('Inviting'), array[tests.user('gustav')]);
select tests.act_as('gabi');
select throws_ok(
  $$ select chat.withdraw_invitation(tests.room('Inviting'), tests.user('gustav')) $$, 'PT403', 'role_required',
  'a member does not withdraw an invitation by another');
select lives_ok($$ select chat.withdraw_invitation(tests.room('Inviting'), tests.user('greta')) $$, 'a member withdraws their own');
select tests.act_as('greta');
select is_empty('select from chat.invitation_list()', 'what is withdrawn is gone');
select tests.act_as('gwen');
create temporary table by_link as select chat.create_invite_link(tests.room('Inviting')) ->> 'token' as token;
grant select on by_link to public;
select tests.act_as('gustav');
select from by_link, chat.join_by_link(token);
select is_empty('select from chat.invitations', 'who joins by a link needs no invitation any more');
select tests.act_as('gabi');
select from chat.add_members(tests.room('Inviting'), array[tests.user('greta')]);
select tests.act_as('greta');
select chat.block_user(tests.user('gabi'));
select is_empty('select from chat.invitations', 'a block ends the invitations between the two');
select tests.act_as_operator();
insert into chat_private.joins (room_id, user_id, joins) values (tests.room('Inviting'), tests.user('greta'), 10);
insert into chat.invitations (room_id, user_id) values (tests.room('Inviting'), tests.user('greta'));
select tests.act_as('greta');
select throws_ok(
  $$ select chat.accept_invitation(tests.room('Inviting')) $$, 'PT429', 'too_many_joins', 'nobody accepts again and again');
select tests.act_as_operator();
delete from chat.invitations where user_id = tests.user('greta');
select tests.act_as('gwen');
select from chat.add_members(tests.room('Inviting'), array[tests.user('greta')]);
select from chat.create_group_room('Full', array[tests.user('greta'), tests.user('gabi')]);
select is(
  (select count(*) from chat.room_members where room_id = tests.room('Full')), 2::bigint, 'first members are invited in the same way');
select tests.act_as_operator();
insert into auth.users (id, aud, role)
select md5('invited ' || n)::uuid, 'authenticated', 'authenticated' from generate_series(1, 999) as n;
insert into chat.invitations (room_id, user_id) select tests.room('Full'), md5('invited ' || n)::uuid from generate_series(1, 999) as n;
select pg_temp.let('gina', 'nobody');
select tests.act_as('gwen');
select throws_ok(
  $$ select chat.add_members(tests.room('Full'), array[tests.user('gina')]) $$, 'PT409', 'too_many_invitations',
  'a group has at most 1,000 open invitations');
select tests.hush();
select chat.delete_room(tests.room('Inviting'));
select bag_eq(
  $$ select topic from tests.heard() where event = 'invitation.removed' $$, $$ values ('user:' || tests.user('greta')) $$,
  'who is invited learns that the room is gone');
select tests.act_as_operator();
delete from auth.users where id = tests.user('gwen');
select results_eq(
  $$ select invited_by from chat.invitations where user_id = tests.user('greta') $$, array[null::uuid],
  'an invitation outlives the account of who made it');

select * from finish();
rollback;
