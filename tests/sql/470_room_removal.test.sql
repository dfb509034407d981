begin;
select plan(41);

-- alice owns a group with bob, and has a direct room with him: each holds more than is removed at once
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Big', array[tests.user('bob')], slug => 'big');
select from chat.create_direct_room(tests.user('bob'));
select from chat.create_group_room('Alone');
insert into chat.conversations (title) values ('Long');
select tests.act_as_operator();
create temporary table big as select * from chat.rooms where id in (
  tests.room('Big'), tests.direct_room('alice', 'bob'), tests.room('Alone')
);
create temporary table talks as select id from chat.conversations where title = 'Long';
grant select on big, talks to public;
insert into chat.messages (room_id, seq, version, sender_id, content, created_at, client_id)
select big.id, n, big.version + n, tests.user('alice'), 'word ' || n, now() - interval '1 day', gen_random_uuid()
from big, generate_series(1, 1500) as n;
update chat.rooms set last_seq = 1500, version = version + 1500, last_message_id = (
  select max(id) from chat.messages where room_id = rooms.id
)
where id in (select id from big);
insert into chat.conversation_messages (conversation_id, role, content)
select id, 'user', 'word ' || n from talks, generate_series(1, 1500) as n;

create function pg_temp.work_off()
returns void
language plpgsql
as $$
begin
  while chat_private.job_remove_rooms() or chat_private.job_remove_conversations() or chat_private.job_forget_senders() loop
    null;
  end loop;
end;
$$;
create function pg_temp.left_in(room text)
returns bigint
language sql
as $$
  select (select count(*) from chat.messages where room_id = big.id) + (select count(*) from chat.rooms where id = big.id)
    + (select count(*) from chat.room_changes where room_id = big.id) + (select count(*) from chat.pins where room_id = big.id)
    + (select count(*) from chat.reactions where room_id = big.id)
  from big where name = room;
$$;

-- A room of many messages is deleted at once, for everyone.
select tests.act_as('alice');
select from chat.pin_message((select last_message_id from chat.rooms where id = tests.room('Big')));
select from chat.react((select last_message_id from chat.rooms where id = tests.room('Big')), '👍');
select tests.hush();
select results_eq(
  $$ delete from chat.rooms where id = tests.room('Big') returning name $$, array['Big'],
  'a delete of a room with many messages returns the room');
select bag_eq(
  'select topic, event from tests.heard()',
  $$ select 'user:' || tests.user(name) as topic, 'room.removed' as event from unnest(array['alice', 'bob']) as name
     union all select topic, 'room.deleted' from big where name = 'Big' $$,
  'its topic and its members are notified');
select is_empty('select from chat.rooms where id = (select id from big where name = ''Big'')', 'its owner sees no room');
select tests.act_as('bob');
select is_empty(format('select from chat.%I where room_id = (select id from big where name = ''Big'')', name),
  format('a member sees no %s of it', name))
from unnest(array['messages', 'room_members', 'room_changes', 'pins', 'reactions']) as name;
select is_empty('select from chat.room_list() where name = ''Big''', 'a member does not find a deleted room in the inbox');
select is_empty('select from chat.search_messages(''word 77'') where room_id = (select id from big where name = ''Big'')',
  'a member does not find the messages of a deleted room');
select throws_ok(format('select chat.%s', call), 'PT404', 'room_not_found', format('a member cannot reach it by %s', call))
from unnest(array['sync(', 'mark_read(', 'leave_room(', 'join_room(', 'delete_room(']) as name,
  lateral (select name || (select id from big where big.name = 'Big') || ')') as calls (call);
select throws_ok(
  $$ insert into chat.messages (room_id, content) select id, 'x' from big where name = 'Big' $$,
  'PT404', 'room_not_found', 'a member cannot write into a deleted room');
select ok(not chat_private.is_my_topic((select topic from big where name = 'Big')), 'a member cannot join the topic of a deleted room');
select lives_ok($$ select from chat.create_group_room('Big', slug => 'bigger') $$, 'others go on');
select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.room_members (room_id, user_id) select id, tests.user('carol') from big where name = 'Big' $$,
  'PT404', 'room_not_found', 'an operator cannot add members to it');
select results_eq(
  $$ select deleted_at is not null, name, slug, member_count from chat.rooms
     where id = (select id from big where name = 'Big') $$,
  $$ values (true, '', null::text, 0) $$, 'an operator sees that it is being removed');
select cmp_ok(pg_temp.left_in('Big'), '>', 1500::bigint, 'its messages are still there');
select tests.hush();
select pg_temp.work_off();
select is(pg_temp.left_in('Big'), 0::bigint, 'until the job has removed them');
select is_empty('select from tests.heard()', 'the job sends no events');

-- By other deletions.
select tests.act_as('bob');
select chat.delete_room(tests.direct_room('alice', 'bob'));
select isnt((chat.create_direct_room(tests.user('alice'))).id, (select id from big where kind = 'direct'),
  'two people whose direct room is deleted make another at once');
select tests.act_as('alice');
select chat.leave_room(tests.room('Alone'));
select is_empty('select from chat.room_list() where name = ''Alone''', 'the last member leaves a room of many messages');
delete from chat.conversations where id = (select id from talks);
select is_empty('select from chat.conversations', 'a conversation of many messages is deleted at once');
select is_empty('select from chat.conversation_messages', 'the messages of a deleted conversation are hidden');
select throws_ok(
  format('select chat.add_conversation_message(%L, ''user'', ''x'')', (select id from talks)),
  'PT404', 'conversation_not_found', 'a user cannot add messages to it');
select tests.act_as_operator();
select is(owner_id, null, 'it has no owner') from chat.conversations where id = (select id from talks);
select pg_temp.work_off();
select is_empty('select from chat.messages where room_id in (select id from big)', 'all of it is removed');
select is_empty('select from chat.conversations join talks using (id)', 'the conversation too');
select is_empty('select from chat.conversation_messages join talks on talks.id = conversation_id', 'with its messages');

-- An account with many messages is deleted at once; its messages stay, without a sender.
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select tests.act_as_operator();
insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
select tests.room('Team'), n, 2 + n, tests.user('bob'), 'by bob ' || n, now() - interval '1 day'
from generate_series(1, 500) as n;
update chat.rooms set last_seq = 500, version = 502 where id = tests.room('Team');
delete from auth.users where id = tests.user('bob');
select cmp_ok(count(*), '>', 0::bigint, 'many messages keep the id of their sender for a while')
from chat.messages where sender_id = tests.user('bob');
select tests.act_as('alice');
select is_empty(
  $$ select from jsonb_array_elements(chat.sync(tests.room('Team'), 0, 1000) -> 'changes') as change
     where change -> 'message' -> 'sender_id' <> 'null' or change -> 'message' -> 'sender_number' <> 'null' $$,
  'the id of a deleted sender is not returned');
select is_empty(
  $$ select from chat.messages, chat.profiles(messages) where room_id = tests.room('Team') $$,
  'the profile of a deleted sender is not embedded');
select ok(chat.username_available('bob'), 'the username is free');
select tests.act_as_operator();
select tests.hush();
select pg_temp.work_off();
select results_eq(
  $$ select count(*), count(sender_id), max(version) from chat.messages where room_id = tests.room('Team') $$,
  $$ values (500::bigint, 0::bigint, 502::bigint) $$, 'until the job has removed it, and nothing else');
select is_empty('select from tests.heard()', 'the job sends no events');
select is_empty('select from chat_private.departed_senders', 'the job leaves no departed sender behind');

-- The job notifies those whom the deletion itself did not.
select tests.act_as_operator();
insert into chat_private.removed_members (room_id, user_id) values (-1, tests.user('bob'));
select tests.hush();
select is(chat_private.notify_removed_members(-1, 10), 1, 'a job notifies the other members of a large room');
select results_eq(
  $$ select topic, event from tests.heard() $$, $$ values ('user:' || tests.user('bob'), 'room.removed') $$,
  'each learns that the room is gone');

select * from finish();
rollback;
