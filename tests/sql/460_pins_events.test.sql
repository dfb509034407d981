begin;
select plan(10);

-- alice and bob are in a group
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.send_message(tests.room('Team'), 'rules');

select tests.act_as('bob');
select tests.hush();
select results_eq(
  $$ select room_id, message_id, pinned_by from chat.pin_message(tests.message('rules')) $$,
  $$ values (tests.room('Team'), tests.message('rules'), tests.user('bob')) $$, 'a member pins a message');
create temporary table first_pin as select * from chat.pins;
select results_eq(
  $$ select topic, event, payload - 'id' - 'system_message' from tests.heard() $$,
  $$ select topic, 'message.pinned', jsonb_build_object('room_id', rooms.id, 'version', 4, 'pin', to_jsonb(first_pin))
     from chat.rooms, first_pin where rooms.id = first_pin.room_id $$,
  'a pin is announced');

select tests.act_as('alice');
select tests.hush();
select results_eq(
  $$ select id, pinned_by from chat.pin_message(tests.message('rules')) $$,
  $$ select id, tests.user('bob') from chat.pins where message_id = tests.message('rules') $$,
  'pinned again, the first pin is returned');
select is_empty('select from tests.heard()', 'a message that is pinned again sends no event');
select is(version, 4::bigint, 'a message that is pinned again is not counted as a change') from chat.rooms where id = tests.room('Team');

select chat.unpin_message(tests.message('rules'));
select results_eq(
  $$ select event, payload -> 'message_id', payload -> 'version' from tests.heard() $$,
  $$ values ('message.unpinned', to_jsonb(tests.message('rules')), '5'::jsonb) $$,
  'another member unpins it, which is announced');
select tests.hush();
select chat.unpin_message(tests.message('rules'));
select is_empty('select from tests.heard()', 'unpinned again, nothing changes');

select from chat.pin_message(tests.message('rules'));
select tests.hush();
select chat.delete_room(tests.room('Team'));
select is_empty(
  $$ select from tests.heard() where event = 'message.unpinned' $$, 'the pins of a room that goes are not announced');

-- Errors.
select throws_ok(
  $$ select chat.pin_message(0) $$, 'PT404', 'message_not_found', 'a message that never was is not pinned');
select throws_ok(
  $$ select chat.unpin_message(0) $$, 'PT404', 'message_not_found', 'a message that never was is not unpinned');

select * from finish();
rollback;
