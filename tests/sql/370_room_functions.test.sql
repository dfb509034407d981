begin;
select plan(43);

-- alice makes rooms; bob is an admin, carol a member, dave a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
create function pg_temp.members(room bigint)
returns table (name text, role text)
language sql security definer
as $$
  select profiles.username, members.role::text
  from chat.room_members as members join chat.profiles on profiles.id = members.user_id
  where members.room_id = members.room order by members.role desc, username;
$$;

select tests.act_as(null);
select throws_ok('select ' || call, '42501', null, 'anon may not ' || what)
from (values
  ('chat.create_direct_room(tests.user(''alice''))', 'open a direct room'),
  ('chat.create_group_room(''x'')', 'make a group'),
  ('chat.update_room(1)', 'change a room'), ('chat.delete_room(1)', 'delete a room')
) as refused (call, what);

-- create_direct_room
select tests.act_as('alice');
select results_eq(
  $$ select kind::text, name, is_public, created_by, member_count from chat.create_direct_room(tests.user('bob')) $$,
  $$ values ('direct', '', false, tests.user('alice'), 2) $$, 'a direct room has two members');
select results_eq(
  $$ select * from pg_temp.members(tests.direct_room('alice', 'bob')) $$,
  $$ values ('alice', 'member'), ('bob', 'member') $$, 'neither of whom owns it');
select tests.hush();
select results_eq(
  $$ select id from chat.create_direct_room(tests.user('bob')) $$,
  $$ select tests.direct_room('alice', 'bob') $$, 'it is made once');
select tests.act_as('bob');
select results_eq(
  $$ select id from chat.create_direct_room(tests.user('alice')) $$,
  $$ select tests.direct_room('alice', 'bob') $$, 'a direct room is the same for both members');
select is_empty('select from tests.heard()', 'a direct room is announced once');
select throws_ok(
  format('select chat.create_direct_room(%s)', id), code, name, 'a direct room with ' || who || ': ' || name)
from (values
  ('tests.user(''bob'')', 'PT400', 'invalid_members', 'oneself'), ('null', 'PT400', 'invalid_members', 'nobody'),
  ('tests.user(''nobody'')', 'PT404', 'user_not_found', 'an unknown person')
) as refused (id, code, name, who);

-- create_group_room
select tests.act_as_operator();
insert into chat.rooms (kind, direct_key, slug) values ('direct', 'of other people', 'alice_carol');
select tests.act_as('alice');
select results_eq(
  $$ select slug from chat.create_direct_room(tests.user('carol'))
     union all select slug from chat.rooms where id = tests.direct_room('alice', 'bob') $$,
  $$ values ('alice_carol_2'), ('alice_bob') $$,
  'a direct room has a slug of both names, or the next one when other people have that');
select results_eq(
  $$ select kind::text, name, description, is_public, slug, created_by, member_count, version
     from chat.create_group_room(
       'Team', array[tests.user('bob'), tests.user('carol'), tests.user('bob'), tests.user('alice')],
       false, 'Us', 'pgtap-team'
     ) $$,
  $$ values ('group', 'Team', 'Us', false, 'pgtap-team', tests.user('alice'), 3, 3::bigint) $$,
  'a group has its first members, each once');
select results_eq(
  $$ select * from pg_temp.members(tests.room('Team')) $$,
  $$ values ('alice', 'owner'), ('bob', 'member'), ('carol', 'member') $$, 'the creator owns the group');
select results_eq(
  $$ select is_public, description, slug = 'room-' || id, member_count
     from chat.create_group_room('Square', null, true, null) $$,
  $$ values (true, '', true, 1) $$, 'what is null is as if it were not given; the slug is made of the id');
select throws_ok('select chat.create_group_room(' || arguments || ')', code, name, reason)
from (values
  ($$ 'x', array[tests.user('nobody')] $$, 'PT404', 'user_not_found', 'a group with an unknown person: user_not_found'),
  ($$ 'x', array[null::uuid] $$, 'PT400', 'invalid_members', 'a group with nobody: invalid_members'),
  ($$ 'x', array_fill(tests.user('bob'), array[1001]) $$, 'PT400', 'invalid_members',
    'a group of 1,002: invalid_members'),
  ($$ ' ' $$, '23514', null, 'a group without a name is refused'), ('null', '23502', null, 'a group with null as its name is refused'),
  ($$ 'x', slug => 'pgtap-team' $$, '23505', null, 'a slug is taken once'),
  ($$ 'x', slug => 'pgtap team' $$, '23514', null, 'a slug has no spaces'),
  ($$ 'x', slug => 'bob_carol' $$, '23514', null, 'a group does not pass for the room of two people')
) as refused (arguments, code, name, reason);

-- update_room
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select results_eq(
  $$ select name, description, is_public from chat.update_room(tests.room('Team'), description => '') $$,
  $$ values ('Team', '', false) $$, 'what is not given stays');
select results_eq(
  $$ select (chat.update_room(tests.room('Team'), avatar_url => url)).avatar_url from unnest(array['/a.png', null, '']) as url $$,
  array['/a.png', '/a.png', null], 'an empty address takes the picture away');
select throws_ok(
  $$ select chat.update_room(tests.room('Team'), avatar_url => 'a.png') $$, '23514', null, 'a picture has an address');
select tests.act_as('bob');
select results_eq(
  $$ select name from chat.update_room(tests.room('Team'), 'Crew') $$, array['Crew'], 'an admin changes a group');
select throws_ok(
  $$ select chat.update_room(tests.direct_room('alice', 'bob'), 'x') $$, 'PT403', 'role_required',
  'a member cannot name a direct room');
select throws_ok(
  $$ select chat.update_room(tests.room('Crew'), ' ') $$, '23514', null, 'a group keeps a name');
select tests.act_as('carol');
select throws_ok(
  $$ select chat.update_room(tests.room('Crew'), 'x') $$, 'PT403', 'role_required',
  'a member changes a group: role_required');

select tests.act_as('dave');
select throws_ok(
  format('select chat.%s(%s)', name, room), code, error,
  format('a stranger calls %s of a %s room: %s', name, kind, error))
from unnest(array['update_room', 'delete_room']) as name
cross join (values
  (tests.room('Crew'), 'private', 'PT404', 'room_not_found'), (tests.room('Square'), 'public', 'PT403', 'not_a_member'),
  (0, 'missing', 'PT404', 'room_not_found')
) as refused (room, kind, code, error);

-- delete_room
select tests.act_as('bob');
select throws_ok(
  $$ select chat.delete_room(tests.room('Crew')) $$, 'PT403', 'role_required',
  'an admin deletes a group: role_required');
select lives_ok(
  $$ select chat.delete_room(tests.direct_room('alice', 'bob')) $$,
  'either of two deletes their direct room');
select is(tests.direct_room('alice', 'bob'), null, 'a deleted direct room no longer exists');
select tests.act_as('alice');
select lives_ok($$ select chat.delete_room(tests.room('Crew')) $$, 'an owner deletes a group');
select is(tests.room('Crew'), null, 'a deleted group no longer exists');
select throws_ok(
  $$ select chat.delete_room(tests.room('Crew')) $$, 'PT404', 'room_not_found', 'a deleted group cannot be deleted again');

select * from finish();
rollback;
