begin;
select plan(45);

-- alice owns a private and a public group; bob is an admin, carol a member, dave and erin are strangers
select tests.sign_up('alice', 'bob', 'carol', 'dave', 'erin');
create function pg_temp.roles()
returns text
language sql security definer
as $$
  select string_agg(left(profiles.username, 1) || ':' || members.role, ' ' order by username)
  from chat.room_members as members join chat.profiles on profiles.id = members.user_id
  where members.room_id = tests.room('Team');
$$;
create function pg_temp.refused(who text, call text, code text, error text)
returns text
language sql
as $$
  select throws_ok(
    format('select chat.%s', call), code, error,
    format('%s calls %s: %s', who, replace(call, 'tests.', ''), error)
  );
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select from chat.create_group_room('Square', is_public => true);
select from chat.create_direct_room(tests.user('bob'));

-- The pair of a direct room is fixed.
select pg_temp.refused('one of two', call, 'PT400', 'direct_room_fixed')
from unnest(array[
  'leave_room(tests.direct_room(''alice'', ''bob''))',
  'add_members(tests.direct_room(''alice'', ''bob''), array[tests.user(''carol'')])',
  'remove_member(tests.direct_room(''alice'', ''bob''), tests.user(''bob''))',
  'set_member_role(tests.direct_room(''alice'', ''bob''), tests.user(''alice''), ''owner'')'
]) as call;

-- Strangers.
select tests.act_as('dave');
select pg_temp.refused('a stranger', format(call, 'tests.room(''Team'')'), 'PT404', 'room_not_found')
from unnest(array[
  'join_room(%s)', 'leave_room(%s)', 'add_members(%s, array[tests.user(''dave'')])',
  'remove_member(%s, tests.user(''bob''))', 'remove_member(%s, tests.user(''dave''))',
  'set_member_role(%s, tests.user(''dave''), ''owner'')'
]) as call;
select pg_temp.refused('a stranger', format(call, 'tests.room(''Square'')'), 'PT403', 'not_a_member')
from unnest(array[
  'leave_room(%s)', 'add_members(%s, array[tests.user(''erin'')])', 'remove_member(%s, tests.user(''alice''))',
  'set_member_role(%s, tests.user(''dave''), ''owner'')'
]) as call;
select pg_temp.refused('anyone', 'join_room(0)', 'PT404', 'room_not_found');

-- join_room
select tests.hush();
select results_eq(
  $$ select user_id, role::text from chat.join_room(tests.room('Square')) $$,
  $$ values (tests.user('dave'), 'member') $$, 'anyone joins a public group, as a member');
select isnt_empty('select from tests.heard()', 'which is announced');
select tests.hush();
select results_eq(
  $$ select user_id from chat.join_room(tests.room('Square')) $$, array[tests.user('dave')],
  'joining again changes nothing');
select is_empty('select from tests.heard()', 'joining again announces nothing');
select tests.act_as_operator();
insert into chat_private.joins (room_id, user_id, joins) values (tests.room('Square'), tests.user('erin'), 10);
select tests.act_as('erin');
select pg_temp.refused('anyone', 'join_room(tests.room(''Square''))', 'PT429', 'too_many_joins');

-- A member.
select tests.act_as('carol');
select pg_temp.refused('a member', format(call, 'tests.room(''Team'')'), 'PT403', 'role_required')
from unnest(array[
  'add_members(%s, array[tests.user(''dave'')])', 'remove_member(%s, tests.user(''bob''))',
  'remove_member(%s, tests.user(''alice''))', 'set_member_role(%s, tests.user(''carol''), ''admin'')'
]) as call;
select lives_ok(
  $$ select chat.remove_member(tests.room('Team'), tests.user('carol')) $$, 'a member removes themselves');
select is(pg_temp.roles(), 'a:owner b:admin', 'a member who removes themselves is no longer in the room');

-- An admin.
select tests.act_as('bob');
select results_eq(
  $$ select user_id, role::text from chat.add_members(
       tests.room('Team'), array[tests.user('carol'), tests.user('dave'), tests.user('alice'), tests.user('dave')]
     ) order by user_id = tests.user('dave') $$,
  $$ values (tests.user('carol'), 'member'), (tests.user('dave'), 'member') $$,
  'an admin adds members, and gets the new ones');
select is(pg_temp.roles(), 'a:owner b:admin c:member d:member', 'an existing member keeps their role');
select pg_temp.refused('an admin', format(call, 'tests.room(''Team'')'), code, error)
from (values
  ('add_members(%s, array[tests.user(''nobody'')])', 'PT404', 'user_not_found'),
  ('add_members(%s, array[null::uuid])', 'PT400', 'invalid_members'),
  ('add_members(%s, array_fill(tests.user(''erin''), array[1001]))', 'PT400', 'invalid_members'),
  ('remove_member(%s, tests.user(''erin''))', 'PT404', 'member_not_found'),
  ('remove_member(%s, tests.user(''alice''))', 'PT403', 'role_required'),
  ('set_member_role(%s, tests.user(''carol''), ''admin'')', 'PT403', 'role_required')
) as refused (call, code, error);
select lives_ok(
  $$ select chat.remove_member(tests.room('Team'), tests.user('dave')) $$, 'an admin removes a member');

-- The owner.
select tests.act_as('alice');
select pg_temp.refused('an owner', format(call, 'tests.room(''Team'')'), code, error)
from (values
  ('set_member_role(%s, tests.user(''erin''), ''admin'')', 'PT404', 'member_not_found'),
  ('set_member_role(%s, tests.user(''bob''), null)', 'PT400', 'invalid_role'),
  ('set_member_role(%s, tests.user(''alice''), ''admin'')', 'PT400', 'owner_required')
) as refused (call, code, error);
select from chat.set_member_role(tests.room('Team'), tests.user('carol'), 'admin');
select tests.act_as('bob');
select pg_temp.refused('an admin', 'remove_member(tests.room(''Team''), tests.user(''carol''))', 'PT403',
  'role_required');
select tests.act_as('alice');
select lives_ok($$ select chat.remove_member(tests.room('Team'), tests.user('bob')) $$, 'an owner removes an admin');
select pg_temp.refused(
  'an owner', format('set_member_role(tests.room(''Team''), tests.user(''carol''), ''owner''%s)', confirmed), 'PT409',
  'confirmation_required')
from unnest(array['', ', null']) as confirmed;
select results_eq(
  $$ select role::text from chat.set_member_role(tests.room('Team'), tests.user('carol'), 'owner', true) $$,
  array['owner'], 'an owner makes another the owner');
select is(pg_temp.roles(), 'a:admin c:owner', 'an owner who makes another the owner becomes an admin');
select tests.act_as_operator();
select throws_ok(
  'select chat_private.require_role(-1)', 'PT404', 'room_not_found', 'a backend has the rights of an owner only in rooms that are there');

select * from finish();
rollback;
