begin;
select plan(24);

-- maud writes with moe in a group; mod1 moderates, adm1 administers.
select tests.sign_up('maud', 'moe', 'mod1', 'adm1');
select tests.appoint('mod1', 'moderator'), tests.appoint('adm1', 'administrator');
select tests.act_as('maud');
select from chat.create_group_room('Muted', array[tests.user('moe')]);
select from chat.send_message(tests.room('Muted'), 'Before', client_id => tests.user('key of maud'));

select policies_are('chat', 'mutes', array['people can read their mute, and moderators all']);
select throws_ok($$ select chat.mute_user(tests.user('moe')) $$, 'PT403', 'moderator_required', 'others mute nobody');
select throws_ok($$ select chat.unmute_user(tests.user('moe')) $$, 'PT403', 'moderator_required', 'others lift no mute');
select throws_ok(
  $$ insert into chat.mutes (user_id) values (tests.user('moe')) $$, '42501', null, 'nobody writes a mute past the function');

select tests.act_as('mod1');
select throws_ok($$ select chat.mute_user(tests.user('maud'), now()) $$, 'PT400', 'invalid_until', 'a mute ends in the future');
select throws_ok(
  $$ select chat.mute_user(tests.user('maud'), 'infinity') $$, 'PT400', 'invalid_until',
  'a mute ends at a time, or not by itself');
select throws_ok($$ select chat.mute_user(gen_random_uuid()) $$, 'PT404', 'user_not_found', 'a person who is muted exists');
select throws_ok(
  $$ select chat.mute_user(tests.user('adm1')) $$, 'PT403', 'moderator_required',
  'a moderator does not mute an administrator');
select tests.hush();
select is(
  (chat.mute_user(tests.user('maud'), now() + interval '1 hour', 'Shouting')).reason, 'Shouting', 'a moderator mutes a person');
select results_eq(
  $$ select topic, event, payload ->> 'kind', payload ->> 'reason' from tests.heard() $$,
  $$ select 'user:' || tests.user('maud'), 'notice.added', 'mute', 'Shouting' $$, 'the person receives a notice');
select tests.hush();
select lives_ok($$ select chat.mute_user(tests.user('maud'), now() + interval '1 hour', 'Shouting') $$, 'a retry is the same mute');
select is_empty('select from tests.heard()', 'a retry sends no notice');

-- What is refused, and what is not.
select tests.act_as('maud');
select is((select reason from chat.mutes), 'Shouting', 'people read their mute');
select throws_ok($$ select chat.send_message(tests.room('Muted'), 'x') $$, 'PT403', 'muted', 'a person who is muted sends nothing');
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (tests.room('Muted'), 'x') $$, 'PT403', 'muted',
  'a person who is muted inserts no message');
select throws_ok($$ select chat.edit_message(tests.message('Before'), 'x') $$, 'PT403', 'muted', 'a person who is muted edits nothing');
select lives_ok(
  $$ select chat.send_message(tests.room('Muted'), 'Before', client_id => tests.user('key of maud')) $$,
  'a retry of an earlier message gets its first result');
select lives_ok($$ select chat.delete_message(tests.message('Before')) $$, 'a person who is muted deletes their messages');
select tests.act_as('moe');
select is_empty('select from chat.mutes', 'nobody reads the mutes of others');
select lives_ok($$ select chat.send_message(tests.room('Muted'), 'By moe') $$, 'others write');

-- The end of it.
select tests.act_as('mod1');
select lives_ok($$ select chat.unmute_user(tests.user('maud')) $$, 'a moderator lifts a mute');
select tests.act_as('maud');
select lives_ok($$ select chat.send_message(tests.room('Muted'), 'Again') $$, 'then the person writes again');
select tests.act_as_operator();
insert into chat.mutes (user_id, until) values (tests.user('maud'), now() - interval '1 second');
select tests.act_as('maud');
select lives_ok($$ select chat.send_message(tests.room('Muted'), 'And again') $$, 'a mute ends by itself');
select tests.act_as('adm1');
select results_eq(
  $$ select actor_id, action from chat.audit_log where user_id = tests.user('maud') order by id $$,
  $$ values (tests.user('mod1'), 'mute'), (tests.user('mod1'), 'unmute'), (null, 'mute') $$, 'each is in the audit log once');

select * from finish();
rollback;
