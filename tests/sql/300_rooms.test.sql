begin;
select plan(52);

-- alice owns a private and a public group; bob is an admin, carol a member, dave a stranger, erin has left
select tests.sign_up('alice', 'bob', 'carol', 'dave', 'erin');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol'), tests.user('erin')]);
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select from chat.create_group_room('Square', is_public => true);
select from chat.create_direct_room(tests.user('carol'));
select tests.act_as('erin');
select chat.leave_room(tests.room('Team'));

select policies_are('chat', 'rooms', array[
  'members can read their rooms, and everyone the public ones', 'admins can change their rooms',
  'owners can delete rooms, and both people a direct room'
]);
select policies_are('chat', 'room_members', array[
  'members can read who is in their rooms', 'members can set their own marks'
]);

select tests.act_as(null);
select throws_ok('select from chat.rooms', '42501', null, 'anon reads no rooms, not even public ones');
select throws_ok('select from chat.room_members', '42501', null, 'anon reads no members');

select tests.act_as('carol');
select results_eq(
  $$ select name from chat.rooms where not is_public order by id $$,
  array['Team', ''], 'members can read their rooms, and everyone the public ones');
select results_eq(
  $$ select role::text from chat.room_members where room_id = tests.room('Team') order by room_members.role $$,
  array['member', 'admin', 'owner'], 'members can read who is in their rooms');
select is(tests.changed($$ update chat.rooms set name = 'x' $$), 0::bigint, 'a member changes no rooms');
select is_empty('delete from chat.rooms where id = tests.room(''Team'') returning id', 'a member deletes no group');
select throws_ok(
  $$ insert into chat.rooms (kind, name) values ('group', 'x') $$, '42501', null,
  'a user cannot insert a room');
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.room('Square'), tests.user('carol')) $$,
  '42501', null, 'a user cannot insert a membership');
select throws_ok('delete from chat.room_members', '42501', null, 'a user cannot delete memberships');
select throws_ok(
  $$ update chat.room_members set role = 'owner' where user_id = tests.user('carol') $$,
  '42501', null, 'a user cannot change their role');
select throws_ok(
  format('update chat.rooms set %I = default where id = tests.room(''Team'')', name),
  '42501', null, 'a user cannot write ' || name || ' of a room')
from unnest(array['last_seq', 'version', 'member_count', 'epoch', 'kind', 'slug', 'created_by', 'direct_key']) as name;

select results_eq(
  $$ update chat.room_members set archived_at = now(), muted_until = 'infinity'
     where room_id = tests.room('Team') returning user_id $$,
  array[tests.user('carol')], 'members can set their own marks');
select is(
  tests.changed($$ update chat.room_members set muted_until = 'infinity' $$), 2::bigint,
  'a user can set only their own marks, here in two rooms');

select tests.act_as('bob');
select results_eq(
  $$ update chat.rooms set name = 'Crew', description = 'Us' where id = tests.room('Team')
     returning name, description $$,
  $$ values ('Crew', 'Us') $$, 'admins can change their rooms');
select is_empty('delete from chat.rooms where id = tests.room(''Crew'') returning id', 'an admin deletes no group');

select tests.act_as('dave');
select is_empty('select from chat.rooms where id = tests.room(''Crew'')', 'a stranger reads no private rooms');
select results_eq(
  'select name from chat.rooms where id = tests.room(''Square'')', array['Square'], 'a stranger reads public rooms');
select is_empty('select from chat.room_members', 'a stranger reads no members, of public rooms neither');
select is(tests.changed($$ update chat.rooms set name = 'x' $$), 0::bigint, 'a stranger changes no rooms');
select is(tests.changed('delete from chat.rooms'), 0::bigint, 'a stranger deletes no rooms');

select tests.act_as('erin');
select is_empty('select from chat.rooms where id = tests.room(''Crew'')', 'a former member cannot read the room');

select tests.act_as('carol');
select results_eq(
  $$ delete from chat.rooms where kind = 'direct' returning kind::text $$,
  array['direct'], 'owners can delete rooms, and both people a direct room');
select tests.act_as('alice');
select results_eq(
  $$ delete from chat.rooms where id = tests.room('Crew') returning name $$, array['Crew'], 'an owner deletes a group');
select is_empty($$ select from chat.room_members where user_id = tests.user('bob') $$, 'its members go with it');

-- The checks of a room.
select tests.act_as_operator();
select throws_ok('insert into chat.rooms ' || text, '23514', null, reason)
from (values
  ($$ (kind, name) values ('group', ' ') $$, 'a group has a name'),
  ($$ (kind, name) values ('group', repeat('я', 256)) $$, 'a name has up to 255 characters'),
  ($$ (kind, name, slug) values ('group', 'x', 'a_b') $$, 'a slug with an underscore is that of a direct room'),
  ($$ (kind, name, description) values ('group', 'x', repeat('я', 2001)) $$,
    'a description has up to 2,000 characters'),
  ($$ (kind, name, slow_mode_seconds) values ('group', 'x', -1) $$, 'nobody waits for less than nothing'),
  ($$ (kind, name, slow_mode_seconds) values ('group', 'x', 21601) $$, 'nobody waits for more than six hours'),
  ($$ (kind, name, avatar_url) values ('group', 'x', 'javascript:') $$, 'a picture has an address'),
  ($$ (kind, name, avatar_url) values ('group', 'x', '/' || repeat('a', 2048)) $$, 'the address of a picture is not long'),
  ($$ (kind, name, slug) values ('group', 'x', 'a b') $$, 'a slug has no spaces'),
  ($$ (kind, name, slug) values ('group', 'x', '') $$, 'a slug is not empty'),
  ($$ (kind) values ('direct') $$, 'a direct room is of a pair'),
  ($$ (kind, name, direct_key) values ('group', 'x', 'a:b') $$, 'a group is of no pair'),
  ($$ (kind, direct_key, is_public) values ('direct', 'a:b', true) $$, 'a direct room is not public')
) as refused (text, reason);
select throws_ok(
  format('insert into chat.rooms (kind, deleted_at, %I) values (''group'', now(), %L)', name, value), '23514',
  'new row for relation "rooms" violates check constraint "rooms_deleted_check"', title)
from (values
  ('slug', 'gone', 'a deleted room has no slug'), ('is_public', 'true', 'a deleted room is not public'),
  ('member_count', '1', 'a deleted room has no members')
) as refused (name, value, title);
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id, role)
     values (tests.room('Square'), tests.user('bob'), 'owner') $$,
  '23505', null, 'a room has one owner');
insert into chat.rooms (kind, direct_key) values ('direct', 'pgtap:pair');
select throws_ok(
  $$ insert into chat.rooms (kind, direct_key) values ('direct', 'pgtap:pair') $$,
  '23505', null, 'two people have one direct room');
select is(topic, format('room:%s:1', id), 'a new room speaks on its first topic')
from chat.rooms where id = tests.room('Square');

select * from finish();
rollback;
