begin;
select plan(12);

-- alice owns a public group with bob; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Square', array[tests.user('bob')], is_public => true);

select policies_are('chat', 'room_changes', array['members can read what happened in their rooms']);

select tests.act_as(null);
select throws_ok('select from chat.room_changes', '42501', null, 'anon cannot read changes');

select tests.act_as('bob');
select results_eq(
  $$ select version, event, payload ->> 'username' from chat.room_changes order by version $$,
  $$ values (1::bigint, 'member.joined', 'alice'), (2, 'member.joined', 'bob') $$,
  'members can read what happened in their rooms');
select throws_ok(
  $$ insert into chat.room_changes (room_id, version, event, payload) values (tests.room('Square'), 3, 'x', '{}') $$,
  '42501', null, 'a user cannot insert a change');
select throws_ok($$ update chat.room_changes set event = 'x' $$, '42501', null, 'a user cannot update a change');
select throws_ok('delete from chat.room_changes', '42501', null, 'a user cannot delete a change');
select throws_ok(
  $$ select chat_private.record_change(tests.room('Square'), 'x', '{}') $$, '42501', null, 'a user cannot record a change');
select throws_ok(
  $$ select chat_private.announce('user:' || tests.user('alice'), 'x', '{}') $$, '42501', null,
  'a user cannot send an event');

select tests.act_as('carol');
select is_empty('select from chat.room_changes', 'a stranger cannot read changes, not even of a public room');

-- Every kind of change counts the room's version, keeps the change under it, and says the same to its topic.
select tests.act_as('alice');
select tests.hush();
select from chat.send_message(tests.room('Square'), 'rules');
select from chat.pin_message(tests.message('rules'));
select from chat.update_room(tests.room('Square'), description => 'Everyone');
select from chat.set_member_role(tests.room('Square'), tests.user('bob'), 'admin');
select chat.unpin_message(tests.message('rules'));
select chat.remove_member(tests.room('Square'), tests.user('bob'));
select results_eq(
  'select version, event from chat.room_changes where version > 2 order by version',
  $$ values
    (4::bigint, 'message.pinned'), (5, 'room.updated'), (6, 'member.updated'), (7, 'message.unpinned'),
    (8, 'member.left') $$,
  'changes and messages share one count, without holes');
select results_eq(
  $$ select (payload ->> 'version')::bigint, event from tests.heard()
     where topic like 'room:%' and event not in ('message.created', 'room.moved') $$,
  'select version, event from chat.room_changes where version > 2 order by version',
  'what is kept is what was announced');
select is_empty(
  $$ select changes.event
     from chat.room_changes as changes
     join tests.heard() as heard on (heard.payload ->> 'version')::bigint = changes.version
       and heard.event = changes.event
     where not heard.payload @> (changes.payload || jsonb_build_object('room_id', changes.room_id)) $$,
  'with the same payload');

select * from finish();
rollback;
