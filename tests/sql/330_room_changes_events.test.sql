begin;
select plan(8);

-- alice owns a group with bob
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select tests.hush();
select from chat.create_group_room('Team', array[tests.user('bob')]);
select bag_eq(
  $$ select topic from tests.heard() where event = 'room.added' $$,
  array['user:' || tests.user('alice'), 'user:' || tests.user('bob')],
  'a new room is announced to each of its members');

select tests.hush();
select from chat.update_room(tests.room('Team'), 'Crew', 'Us', true);
select results_eq(
  $$ select topic, event, payload - 'id' - 'system_message' from tests.heard() $$,
  $$ select topic, 'room.updated', jsonb_build_object(
       'room_id', id, 'version', version, 'name', 'Crew', 'description', 'Us', 'is_public', true, 'avatar_url', null,
       'slow_mode_seconds', 0, 'posting', 'everyone', 'inviting', 'admins', 'pinning', 'everyone', 'joining', 'open', 'locked_at', null,
       'locked_reason', null
     ) from chat.rooms where name = 'Crew' and version = 3 $$,
  'a change of the room is announced to it');
select results_eq(
  $$ select event, payload ->> 'name' from chat.room_changes where version = 3 and room_id = tests.room('Crew') $$,
  $$ values ('room.updated', 'Crew') $$, 'a change of the room is kept');

select tests.hush();
update chat.rooms set name = 'Team' where id = tests.room('Crew');
select results_eq('select event from tests.heard()', array['room.updated'], 'a plain update is announced alike');

select tests.hush();
update chat.rooms set avatar_url = '/team.png' where id = tests.room('Team');
select results_eq(
  $$ select event, payload ->> 'avatar_url' from tests.heard() $$, $$ values ('room.updated', '/team.png') $$,
  'another picture is announced');

select tests.hush();
select from chat.update_room(tests.room('Team'), 'Team');
select is_empty('select from tests.heard()', 'an update that changes nothing is not announced');
select is(version, 5::bigint, 'an update that changes nothing is not counted') from chat.rooms where id = tests.room('Team');

create temporary table gone as select topic from chat.rooms where id = tests.room('Team');
select tests.hush();
select chat.delete_room(tests.room('Team'));
select bag_eq(
  'select topic, event from tests.heard()',
  $$ select 'user:' || tests.user(name) as topic, 'room.removed' as event from unnest(array['alice', 'bob']) as name
     union all select topic, 'room.deleted' from gone $$,
  'a deleted room notifies its topic and each of its members only');

select * from finish();
rollback;
