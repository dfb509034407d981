begin;
select plan(75);

-- odette owns a public group with adil, an admin, and mona and nils, members; nora is a stranger; mods and ada run the project.
select tests.sign_up('odette', 'adil', 'mona', 'nils', 'nora', 'mods', 'ada', 'zoe');
select tests.appoint('mods', 'moderator'), tests.appoint('ada', 'administrator'), tests.appoint('zoe', 'king');
select tests.act_as('odette');
select from chat.create_group_room(
  'Banned', array[tests.user('adil'), tests.user('mona'), tests.user('nils')], is_public => true, slug => 'banned'
);
select from chat.set_member_role(tests.room('Banned'), tests.user('adil'), 'admin');
select from chat.create_group_room('Odette alone');
create temporary table link as select chat.create_invite_link(tests.room('Banned'), max_uses => 1) ->> 'token' as token;
select from chat.create_direct_room(tests.user('mona'));
create function pg_temp.ban(name text, until timestamptz default null, reason text default 'Rude')
returns chat.room_bans
language sql
as $$
  select * from chat.ban_member(tests.room('Banned'), tests.user(name), until, reason);
$$;
create function pg_temp.unban(name text)
returns void
language sql
as $$
  select chat.unban_member(tests.room('Banned'), tests.user(name));
$$;
create function pg_temp.is_member(name text)
returns boolean
language sql security definer
as $$
  select exists (select from chat.room_members where room_id = tests.room('Banned') and user_id = tests.user(name));
$$;
-- The audit log, as the operator reads it.
create function pg_temp.audited()
returns table (actor uuid, action text, about uuid, reason text)
language sql security definer
as $$
  select actor_id, action, user_id, audit_log.reason from chat.audit_log where room_id = tests.room('Banned') order by id;
$$;

select policies_are('chat', 'room_bans', array['admins and moderators can read who is banned']);
select tests.act_as(null);
select throws_ok('select from chat.room_bans', '42501', null, 'anon reads no bans');
select throws_ok($$ select pg_temp.ban('mona') $$, '42501', null, 'anon bans nobody');

-- Who may ban whom.
select tests.act_as('nora');
select throws_ok($$ select pg_temp.ban('mona') $$, 'PT403', 'not_a_member', 'a stranger bans nobody');
select throws_ok($$ select pg_temp.unban('mona') $$, 'PT403', 'not_a_member', 'a stranger lifts no ban');
select throws_ok(
  $$ select chat.ban_member(tests.room('Odette alone'), tests.user('mona')) $$, 'PT404', 'room_not_found',
  'a stranger does not learn that there is a private group');
select tests.act_as('mona');
select throws_ok($$ select pg_temp.ban('nils') $$, 'PT403', 'role_required', 'a member bans nobody');
select throws_ok(
  $$ insert into chat.room_bans (room_id, user_id) values (tests.room('Banned'), tests.user('nils')) $$, '42501', null,
  'nobody writes a ban past the function');
select tests.act_as('zoe');
select throws_ok($$ select pg_temp.ban('mona') $$, 'PT403', 'not_a_member', 'another role of the project bans nobody');
select tests.act_as('adil');
select throws_ok($$ select pg_temp.ban('odette') $$, 'PT403', 'role_required', 'an admin does not ban the owner');
select throws_ok($$ select pg_temp.ban('adil') $$, 'PT400', 'invalid_members', 'nobody bans themselves');
select throws_ok(
  $$ select chat.ban_member(tests.room('Banned'), gen_random_uuid()) $$, 'PT404', 'user_not_found', 'a person who is banned exists');
select throws_ok($$ select pg_temp.ban('mona', now()) $$, 'PT400', 'invalid_until', 'a ban ends in the future');
select throws_ok($$ select pg_temp.ban('mona', null, repeat('x', 501)) $$, '23514', null, 'a reason has at most 500 characters');
select tests.act_as('odette');
select throws_ok(
  $$ select chat.ban_member(tests.direct_room('odette', 'mona'), tests.user('mona')) $$, 'PT403', 'role_required',
  'nobody is an admin of a direct chat');

-- What a ban does.
create temporary table before as select topic from chat.rooms where id = tests.room('Banned');
select tests.act_as('adil');
select tests.hush();
select is((pg_temp.ban('mona', now() + interval '1 day')).banned_by, tests.user('adil'), 'an admin bans a member');
select is(pg_temp.is_member('mona'), false, 'a ban ends the membership');
select bag_eq(
  $$ select topic, event from tests.heard() $$,
  $$ select 'user:' || tests.user('mona') as topic, unnest(array['notice.added', 'room.removed']) as event
     union all select topic, unnest(array['member.left', 'room.moved']) from before $$,
  'the person is notified, and the room moves to a topic without them');
select is(
  (select payload ->> 'reason' from tests.heard() where event = 'notice.added'), 'Rude', 'the notice says why');
select results_eq(
  $$ select user_id, reason from chat.room_bans where room_id = tests.room('Banned') $$,
  $$ values (tests.user('mona'), 'Rude') $$, 'an admin reads who is banned');
select tests.hush();
select lives_ok($$ select pg_temp.ban('mona', now() + interval '1 day') $$, 'a retry is the same ban');
select is_empty($$ select from tests.heard() $$, 'a retry tells nobody');
select tests.act_as('nils');
select is_empty($$ select from chat.room_bans $$, 'a member reads no bans');

-- No way back.
select tests.act_as('mona');
select is_empty($$ select from chat.room_bans $$, 'a person who is banned does not read who banned them');
select results_eq(
  $$ select kind::text, reason, room_id, room_name, until is not null from chat.notices $$,
  $$ values ('room_ban', 'Rude', tests.room('Banned'), 'Banned', true) $$, 'they read the notice');
select throws_ok($$ select chat.join_room(tests.room('Banned')) $$, 'PT403', 'banned', 'a person who is banned cannot join');
select throws_like(
  $$ select chat.join_room(tests.room('Banned')) $$, 'banned', 'the error has the name banned');
create function pg_temp.hint_of(statement text)
returns jsonb
language plpgsql
as $$
declare
  hint text;
begin
  execute statement;
  return null;
exception when others then
  get stacked diagnostics hint = pg_exception_hint;
  return nullif(hint, '');
end;
$$;
select is(pg_temp.hint_of($$ select chat.join_room(tests.room('Banned')) $$) ->> 'reason', 'Rude', 'the error says why');
select cmp_ok(
  (pg_temp.hint_of($$ select chat.join_room(tests.room('Banned')) $$) ->> 'until')::timestamptz, '>', now(), 'the error says until when');
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.room('Banned'), tests.user('mona')) $$, '42501', null,
  'nobody inserts a membership of their own');
select tests.act_as('odette');
select throws_ok(
  $$ select chat.add_members(tests.room('Banned'), array[tests.user('nora'), tests.user('mona')]) $$, 'PT403', 'banned',
  'nobody adds a person who is banned');
select is(
  pg_temp.hint_of($$ select chat.add_members(tests.room('Banned'), array[tests.user('mona')]) $$), null,
  'who adds them learns neither until when nor why');
grant select on link to authenticated;
select tests.act_as('mona');
select throws_ok($$ select chat.join_by_link(token) from link $$, 'PT403', 'banned', 'no link leads back');
select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.room('Banned'), tests.user('mona')) $$, 'PT403', 'banned',
  'an operator adds nobody who is banned');
set local role service_role;
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.room('Banned'), tests.user('mona')) $$, 'PT403', 'banned',
  'a backend adds nobody who is banned');
select tests.act_as('mona');
select lives_ok(
  $$ select chat.send_message(tests.direct_room('odette', 'mona'), 'Sorry') $$, 'a ban from a room is about no other room');

-- It ends.
select tests.act_as_operator();
update chat.room_bans set until = now() - interval '1 second' where user_id = tests.user('mona');
select tests.act_as('mona');
select lives_ok($$ select chat.join_room(tests.room('Banned')) $$, 'a ban ends by itself');
select tests.act_as('adil');
select is((pg_temp.ban('mona', null, 'Again')).until, null, 'a person can be banned again, without an end');
select tests.act_as('nils');
select throws_ok($$ select pg_temp.unban('mona') $$, 'PT403', 'role_required', 'a member lifts no ban');
select tests.act_as('odette');
select lives_ok($$ select pg_temp.unban('mona') $$, 'the owner lifts a ban');
select lives_ok($$ select pg_temp.unban('mona') $$, 'lifting it again does nothing');
select tests.act_as('mona');
select lives_ok($$ select chat.join_room(tests.room('Banned')) $$, 'then the person joins again');
select tests.act_as('odette');
select tests.hush();
select lives_ok($$ select pg_temp.ban('nora') $$, 'a person is banned who was never in the group');
select is_empty($$ select from tests.heard() where event = 'notice.added' $$, 'nobody gets a notice from groups that they were never in');
select tests.act_as('nora');
select throws_ok($$ select chat.join_room(tests.room('Banned')) $$, 'PT403', 'banned', 'they cannot join');

-- What the person waits for ends, too.
select tests.act_as_operator();
insert into chat.invitations (room_id, user_id, invited_by) values (tests.room('Banned'), tests.user('zoe'), tests.user('odette'));
insert into chat.join_requests (room_id, user_id) values (tests.room('Banned'), tests.user('zoe'));
select tests.act_as('odette');
select lives_ok($$ select pg_temp.ban('zoe') $$, 'a person is banned who is invited and has asked to join');
select lives_ok($$ select pg_temp.unban('zoe') $$, 'that ban is lifted');
select tests.act_as_operator();
select is_empty(
  $$ select user_id from chat.invitations where user_id = tests.user('zoe')
     union all select user_id from chat.join_requests where user_id = tests.user('zoe') $$,
  'the invitation and the request are gone');

-- Moderators.
select tests.act_as('mods');
select is((pg_temp.ban('adil')).is_by_moderator, true, 'a moderator bans anyone from any group');
select throws_ok($$ select pg_temp.ban('ada') $$, 'PT403', 'moderator_required', 'a moderator does not act against an administrator');
select throws_ok($$ select pg_temp.ban('mods') $$, 'PT403', 'moderator_required', 'a moderator does not act against themselves');
select throws_ok(
  $$ select chat.ban_member(0, tests.user('mona')) $$, 'PT404', 'room_not_found', 'a moderator bans nobody from a room that is not there');
select throws_ok(
  $$ select chat.ban_member(tests.direct_room('odette', 'mona'), tests.user('mona')) $$, 'PT400', 'direct_room_fixed',
  'nobody is banned from a direct chat');
select cmp_ok((select count(*) from chat.room_bans), '>=', 2::bigint, 'a moderator reads all bans');
select is_empty($$ select from chat.rooms where name = 'Odette alone' $$, 'a moderator reads no private rooms');
select tests.act_as('odette');
select throws_ok($$ select pg_temp.unban('adil') $$, 'PT403', 'moderator_required', 'the owner does not lift what a moderator made');
select throws_ok(
  $$ select pg_temp.ban('adil', now() + interval '1 second') $$, 'PT403', 'moderator_required', 'the owner does not shorten it');
select tests.act_as('ada');
select lives_ok($$ select pg_temp.ban('mods') $$, 'an administrator acts against a moderator');
select lives_ok($$ select pg_temp.unban('adil') $$, 'an administrator lifts what a moderator made');

-- The audit log.
select results_eq(
  $$ select actor, action, about, reason from pg_temp.audited() where actor is not null $$,
  $$ values
    (tests.user('odette'), 'role_changed', tests.user('adil'), ''),
    (tests.user('adil'), 'room_ban', tests.user('mona'), 'Rude'), (tests.user('adil'), 'room_ban', tests.user('mona'), 'Again'),
    (tests.user('odette'), 'room_unban', tests.user('mona'), ''), (tests.user('odette'), 'room_ban', tests.user('nora'), 'Rude'),
    (tests.user('odette'), 'room_ban', tests.user('zoe'), 'Rude'), (tests.user('odette'), 'room_unban', tests.user('zoe'), ''),
    (tests.user('mods'), 'room_ban', tests.user('adil'), 'Rude'), (tests.user('ada'), 'room_ban', tests.user('mods'), 'Rude'),
    (tests.user('ada'), 'room_unban', tests.user('adil'), '') $$,
  'each ban, and each end of one, is in the audit log once');
select cmp_ok((select count(*) from chat.audit_log), '>', 7::bigint, 'an administrator reads the log');
select throws_ok('update chat.audit_log set reason = $$x$$', '42501', null, 'nobody changes it');
select tests.act_as('odette');
select is_empty('select from chat.audit_log', 'others do not read it');
select tests.act_as_operator();
set local role service_role;
select throws_ok('delete from chat.audit_log where id > 0', '42501', null, 'not even a backend deletes from it');

-- What is over, and what goes with an account.
select tests.act_as('mods');
select throws_ok(
  $$ select chat.unban_member(tests.direct_room('odette', 'mona'), tests.user('mona')) $$, 'PT400', 'direct_room_fixed',
  'a direct chat has no bans to lift');
select lives_ok($$ select pg_temp.ban('nils') $$, 'a moderator bans a member');
select tests.act_as_operator();
update chat.room_bans set until = now() - interval '1 second' where user_id = tests.user('nils');
select tests.act_as('odette');
select lives_ok($$ select pg_temp.ban('nils') $$, 'a ban by a moderator that is over binds nobody');
select tests.act_as_operator();
delete from auth.users where id = tests.user('nils');
select is_empty(
  $$ select from pg_temp.audited() where action = 'room_unban' and about = tests.user('nils') and actor is null $$,
  'a ban that goes with its account is lifted by nobody');

-- A role that was taken away ends at once, whatever the token says.
select tests.act_as('mods');
select lives_ok($$ select pg_temp.ban('mona') $$, 'a moderator has the role');
set local role postgres;
select tests.appoint('mods', null);
set local role authenticated;
select throws_ok($$ select pg_temp.ban('nils') $$, 'PT403', 'not_a_member',
  'a moderator who has lost the role does nothing, also with an old token');

select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.room_bans (room_id, user_id) values (tests.direct_room('odette', 'mona'), tests.user('mona')) $$,
  'PT400', 'direct_room_fixed', 'not even an operator bans a person from a direct chat');

-- The end of a room, of an account, and of a person who was imported.
select tests.act_as('odette');
select lives_ok($$ select chat.delete_room(tests.room('Banned')) $$, 'a room with bans is deleted');
select tests.act_as_operator();
select is_empty($$ select from chat.room_bans $$, 'its bans go with it');
select lives_ok($$ delete from auth.users where id = tests.user('mona') $$, 'an account that was banned is deleted');
select is_empty($$ select from chat.notices where user_id = tests.user('mona') $$, 'its notices go with it');

select * from finish();
rollback;
