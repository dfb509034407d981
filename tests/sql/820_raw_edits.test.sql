begin;
select plan(65);

-- alice owns a group with bob; an operator edits the rows, with SQL or in Studio
select tests.sign_up('alice', 'bob', 'carol', 'dave');
create function pg_temp.events()
returns table (event text, said text)
language sql
as $$
  select event, coalesce(payload -> 'message' ->> 'content', payload ->> 'username', payload ->> 'name', payload ->> 'user_id')
  from tests.heard() where topic like 'room:%';
$$;
create function pg_temp.team()
returns chat.rooms
language sql
as $$
  select rooms from chat.rooms where id = tests.room('Team');
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_direct_room(tests.user('bob'));
select from unnest(array['one', 'two', 'three', 'four']) as text, chat.send_message(tests.room('Team'), text, metadata => '{"a": 1}');
select from chat.pin_message(tests.message('four'));
select from chat.forward_message(tests.message('one'), tests.room('Team'));
create temporary table said as select id, seq, content from chat.messages where room_id = tests.room('Team');
grant select on said to public;
select tests.act_as_operator();

-- Messages.
select tests.hush();
delete from chat.messages where id = (select id from said where seq = 1);
select results_eq(
  $$ select messages.content, messages.metadata::text, deleted_at is not null
     from chat.messages join said using (id) where said.seq = 1 $$,
  $$ values ('', '{}', true) $$, 'a deleted row leaves its tombstone');
select results_eq('select * from pg_temp.events()', $$ values ('message.deleted', '') $$, 'a deleted row is announced');
select tests.hush();
delete from chat.messages where room_id = tests.room('Team');
select is(count(*), 5::bigint, 'all rows at once leave all tombstones') from chat.messages where room_id = tests.room('Team');
select is((pg_temp.team()).last_seq, 5::bigint, 'rows deleted at once leave no hole in the numbers');
select bag_eq(
  'select event from pg_temp.events()',
  array['message.deleted', 'message.deleted', 'message.deleted', 'message.deleted', 'message.unpinned'],
  'each is announced once, and so is the removal of a pin');
select tests.hush();
delete from chat.messages where room_id = tests.room('Team');
select is_empty('select * from pg_temp.events()', 'tombstones stay as they are');
update chat.messages set deleted_at = null, content = 'risen' where room_id = tests.room('Team');
select is_empty(
  $$ select from chat.messages where room_id = tests.room('Team') and (deleted_at is null or content <> '') $$,
  'nothing brings back what was deleted');
select is_empty('select * from pg_temp.events()', 'an update of a tombstone is not announced');
select tests.act_as('bob');
select results_eq(
  $$ select last_message ->> 'content', last_message ->> 'deleted_at' is not null from chat.room_list() where name = 'Team' $$,
  $$ values ('', true) $$, 'the inbox shows the tombstone');
select is(jsonb_array_length(chat.sync(tests.room('Team'), 8) -> 'changes'), 6, 'a client that was away finds it in sync()');
select from chat.send_message(tests.room('Team'), 'five', metadata => '{"a": 1}');
select from chat.forward_message(tests.message('five'), tests.room('Team'));
select from chat.edit_message(tests.message('five'), 'mine now');
select tests.act_as_operator();
select tests.hush();
update chat.messages set deleted_at = now() where content = 'five';
select results_eq('select * from pg_temp.events()', $$ values ('message.deleted', '') $$, 'deleted_at alone deletes');
select is_empty(
  $$ select from chat.messages where deleted_at is not null and (content, metadata) <> ('', '{}') $$, 'deleted_at alone empties the row');
select tests.hush();
update chat.messages set content = 'his now' where content = 'mine now';
select results_eq('select * from pg_temp.events()', $$ values ('message.updated', 'his now') $$, 'an edit is announced');
update chat.messages set metadata = '{"b": 2}' where content = 'his now';
select is(count(*), 2::bigint, 'so is one of the metadata') from pg_temp.events();
update chat.messages set seq = 70, version = 70, room_id = tests.direct_room('alice', 'bob') where content = 'his now';
select results_eq(
  $$ select seq, room_id, version from chat.messages where content = 'his now' $$,
  $$ values (7::bigint, tests.room('Team'), (pg_temp.team()).version) $$, 'a message keeps its place');
select tests.hush();
insert into chat.messages (room_id, sender_id, content, created_at)
values (tests.room('Team'), tests.user('bob'), 'late', now() - interval '1 day'), (tests.room('Team'), null, 'by nobody', now());
select results_eq(
  $$ select event, said from pg_temp.events() $$,
  $$ values ('message.created', 'late'), ('message.created', 'by nobody') $$, 'new rows are announced, whatever their time');
select results_eq(
  $$ select seq from chat.messages where content in ('late', 'by nobody') order by id $$, array[8::bigint, 9], 'new rows are numbered');
select throws_ok(
  $$ insert into chat.messages (room_id, sender_id, content) values (tests.room('Team'), tests.user('carol'), 'x') $$,
  'PT404', 'room_not_found', 'a sender is a member');
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (0, 'x') $$, 'PT404', 'room_not_found', 'of a room that there is');

-- Rooms and people.
select tests.hush();
update chat.rooms set name = 'Crew' where id = tests.room('Team');
select results_eq('select * from pg_temp.events()', $$ values ('room.updated', 'Crew') $$, 'a renamed room is announced');
update chat.rooms set name = 'Team' where id = tests.room('Crew');
select tests.hush();
update chat.profiles set username = 'robert' where id = tests.user('bob');
select bag_eq(
  $$ select topic, event from tests.heard() where topic like 'room:%' and event = 'member.updated' $$,
  $$ select topic, 'member.updated' as event from chat.rooms where id in (tests.room('Team'), tests.direct_room('alice', 'bob')) $$,
  'a renamed person is announced to each of their rooms');
select is(payload ->> 'username', 'robert', 'by the new name') from tests.heard() where event = 'member.updated' limit 1;
select tests.act_as('alice');
select results_eq(
  $$ select change ->> 'username' from jsonb_array_elements(chat.sync(tests.room('Team'), 3) -> 'changes') as change
     where change ->> 'event' = 'member.updated' $$,
  array['robert'], 'a client that was away finds it in sync()');
select tests.act_as_operator();

-- Members.
select tests.hush();
insert into chat.room_members (room_id, user_id) values (tests.room('Team'), tests.user('carol'));
select results_eq('select * from pg_temp.events()', $$ values ('member.joined', 'carol') $$, 'an added member is announced');
select is((pg_temp.team()).member_count, 3, 'an added member is counted');
select results_eq(
  $$ select last_read_seq from chat.room_members where room_id = tests.room('Team') and user_id = tests.user('carol') $$,
  array[9::bigint], 'an added member has read everything');
select tests.hush();
update chat.room_members set role = 'admin' where room_id = tests.room('Team') and user_id = tests.user('carol');
select results_eq('select event from pg_temp.events()', array['member.updated'], 'a changed role is announced');
select tests.hush();
update chat.room_members set role = 'member' where room_id = tests.room('Team') and user_id = tests.user('alice');
set constraints all immediate;
select results_eq(
  $$ select user_id from chat.room_members where room_id = tests.room('Team') and role = 'owner' $$,
  $$ values (tests.user('carol')) $$, 'an admin becomes the owner of a group whose owner is demoted');
select results_eq(
  $$ select event, said from pg_temp.events() $$,
  $$ values ('member.updated', 'alice'), ('member.updated', 'carol') $$, 'both roles are announced');
set constraints all deferred;
update chat.room_members set role = 'admin' where room_id = tests.room('Team') and user_id = tests.user('carol');
update chat.room_members set role = 'owner' where room_id = tests.room('Team') and user_id = tests.user('alice');
set constraints all immediate;
select results_eq(
  $$ select user_id, role::text from chat.room_members where room_id = tests.room('Team') and role > 'member' order by role $$,
  $$ values (tests.user('carol'), 'admin'), (tests.user('alice'), 'owner') $$, 'whom an operator makes the owner instead stays it');
set constraints all deferred;
update chat.room_members set last_read_seq = 70, last_delivered_seq = 70 where room_id = tests.room('Team');
select is_empty(
  $$ select from chat.room_members where room_id = tests.room('Team') and greatest(last_read_seq, last_delivered_seq) > 9 $$,
  'a mark does not go past the last message');
select throws_ok(
  $$ update chat.room_members set user_id = tests.user('dave') where user_id = tests.user('carol') $$,
  'PT400', 'membership_fixed', 'a membership is not given to another person');
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.direct_room('alice', 'bob'), tests.user('carol')) $$,
  'PT400', 'direct_room_fixed', 'a third user cannot be added to a direct room');
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) values (0, tests.user('carol')) $$, 'PT404', 'room_not_found',
  'a user cannot be added to a room that does not exist');
create temporary table before as select pg_temp.team() as team;
select tests.hush();
delete from chat.room_members where room_id = tests.room('Team') and user_id = tests.user('alice');
select results_eq(
  $$ select event from pg_temp.events() $$, array['member.left', 'room.moved', 'member.updated'],
  'a deleted membership is announced, with the new owner');
select is((pg_temp.team()).member_count, 2, 'a deleted membership is counted');
select isnt((pg_temp.team()).topic, (select (team).topic from before), 'a deleted member receives nothing more');
select results_eq(
  $$ select user_id from chat.room_members where room_id = tests.room('Team') and role = 'owner' $$,
  $$ values (tests.user('carol')) $$, 'an admin follows the owner');
delete from chat.room_members where room_id = tests.room('Team');
select is_empty('select from chat.rooms where id = (select (team).id from before)', 'a private group goes with its last member');

-- Pins, reactions, and whole rooms.
select tests.act_as('alice');
select from chat.create_group_room('Board', array[tests.user('dave')]);
select from chat.send_message(tests.room('Board'), 'news');
select tests.act_as_operator();
select tests.hush();
insert into chat.pins (message_id) values (tests.message('news'));
insert into chat.reactions (message_id, user_id, emoji) values (tests.message('news'), tests.user('dave'), '👍');
select is(reactions, '{"👍": 1}', 'an added reaction is counted') from chat.messages where content = 'news';
delete from chat.pins where message_id = tests.message('news');
delete from chat.reactions where message_id = tests.message('news');
select is(reactions, '{}', 'a deleted reaction is counted') from chat.messages where content = 'news';
select results_eq(
  $$ select event from pg_temp.events() $$,
  array['message.pinned', 'message.reactions', 'message.unpinned', 'message.reactions'],
  'added and deleted pins and reactions are announced');
select throws_ok(
  $$ update chat.rooms set deleted_at = now() where id = tests.room('Board') $$, '23514', null, 'deleted_at alone does not hide a room');
select throws_ok(
  $$ update chat.messages set content = '' where content = 'news' $$, '23514', null, 'a message is not emptied without being deleted');
select throws_ok(format('truncate chat.%s', name), 'PT400', 'truncate_refused', format('%s is not truncated', name))
from unnest(array['room_changes', 'pins', 'reactions', 'attachments']) as name;
select throws_ok(format('truncate %s cascade', name), 'PT400', 'truncate_refused', format('%s is not truncated', name))
from unnest(array[
  'chat.room_members', 'chat.conversation_messages', 'chat.profiles', 'chat.rooms', 'chat.messages', 'chat.conversations'
]) as name;
select tests.hush();
delete from chat.rooms where id = tests.room('Board');
select bag_eq(
  $$ select split_part(topic, ':', 1), event from tests.heard() $$,
  $$ values ('room', 'room.deleted'), ('user', 'room.removed'), ('user', 'room.removed') $$,
  'a deleted room is announced to its topic and to its members');

-- Accounts.
select is(current_user::text || ' ' || rolsuper, 'postgres false', 'all of this is done as Studio does it, by no superuser')
from pg_roles where rolname = current_user;
select tests.sign_up('erin');
select tests.act_as('erin');
select from chat.create_group_room('Orphans', array[tests.user('dave'), tests.user('bob')]);
select from chat.send_message(tests.room('Orphans'), 'kept');
select tests.act_as_operator();
delete from auth.users where id = tests.user('erin');
select results_eq(
  $$ select user_id, role::text from chat.room_members where room_id = tests.room('Orphans') order by role desc $$,
  $$ values (least(tests.user('bob'), tests.user('dave')), 'owner'), (greatest(tests.user('bob'), tests.user('dave')), 'member') $$,
  'a deleted account leaves its rooms, and the group has another owner');
select results_eq(
  $$ select content, sender_id from chat.messages where room_id = tests.room('Orphans') $$, $$ values ('kept', null::uuid) $$,
  'what it has sent stays, without a sender');
select tests.hush();
delete from chat.profiles where id = tests.user('carol');
select lives_ok($$ delete from auth.users where id = tests.user('carol') $$, 'a profile may be deleted before its account');
select from chat.create_group_room('Backend', array[tests.user('dave'), tests.user('alice')]);
select results_eq(
  $$ select user_id, role::text from chat.room_members where room_id = tests.room('Backend') order by role desc $$,
  $$ values (tests.user('dave'), 'owner'), (tests.user('alice'), 'member') $$,
  'a group that an operator makes belongs to the first of its members');
select results_eq(
  $$ select sender_id, seq from chat.send_message(tests.room('Backend'), 'x', sender_id => tests.user('alice')) $$,
  $$ values (tests.user('alice'), 1::bigint) $$, 'an operator can send as a member');
select throws_ok(
  $$ select chat.send_message(tests.room('Backend'), 'x', sender_id => tests.user('bob')) $$, 'PT404', 'room_not_found',
  'an operator cannot send as a stranger');
select tests.act_as('alice');
select throws_ok(
  $$ select chat.send_message(tests.room('Backend'), 'x', sender_id => tests.user('dave')) $$, 'PT403', 'sender_required',
  'a member cannot send as another user');
select tests.act_as_operator();
select throws_ok(format('select chat.%s', call), 'PT400', 'caller_required', format('%s is about a signed-in user', call))
from unnest(array['room_list()', 'join_room(1)']) as call;

select * from finish();
rollback;
