begin;
select plan(19);

-- cora is in a group, a public group, a direct room and a large group.
select tests.sign_up('cora', 'carl', 'cleo');
select tests.act_as('carl');
select from chat.create_group_room('Crew', array[tests.user('cora')]);
select from chat.create_group_room('Commons', is_public => true);
select from chat.create_group_room('Crowd', array[tests.user('cora')]);
select tests.act_as('cora');
select from chat.join_room(tests.room('Commons'));
select from chat.create_direct_room(tests.user('carl'));
select from chat.touch_status();
select tests.act_as_operator();
update chat.rooms set member_count = 51 where id = tests.room('Crowd');

create function pg_temp.called(topic text)
returns text
language sql stable
as $$
  select case when rooms.direct_key is null then rooms.name else 'Direct' end
  from chat.rooms as rooms where rooms.id = split_part(called.topic, ':', 2)::bigint;
$$;
-- Which rooms have moved since the last hush().
create function pg_temp.moved()
returns setof text
language sql volatile
as $$
  select pg_temp.called(topic) from tests.heard() where event = 'room.moved';
$$;

-- Suspensions.
select tests.hush();
insert into chat.suspensions (user_id, until) values (tests.user('cora'), now() + interval '1 hour');
select bag_eq(
  'select pg_temp.moved()', array['Crew', 'Commons', 'Crowd', 'Direct'],
  'the topics of all rooms of who is suspended move, where their open channels cannot follow');
select results_eq(
  $$ select distinct event, payload ->> 'is_online' from tests.heard() where event = 'user.status' $$,
  $$ values ('user.status', 'false') $$, 'they are shown as offline');
select tests.act_as('cora');
select is(
  chat_private.is_my_topic((select 'user:' || tests.user('cora'))), false, 'who is suspended joins no topic, not even their own');
select tests.act_as_operator();
select tests.hush();
insert into chat.conversations (owner_id, title) values (tests.user('cora'), 'Cut'), (tests.user('carl'), 'Kept');
insert into chat.conversation_messages (conversation_id, role, content)
select id, 'assistant', title from chat.conversations where title in ('Cut', 'Kept');
select results_eq(
  $$ select payload #>> '{message,content}' from tests.heard() where topic like 'conversation:%' $$, array['Kept'],
  'the conversations of who is suspended announce nothing');
insert into chat.friendships (user_id, friend_id)
select tests.user('cleo'), tests.user(name) from unnest(array['cora', 'carl']) as name;
select results_eq(
  $$ select topic from tests.heard() where event = 'friend.added' $$, array['user:' || tests.user('carl')],
  'events for one person are not sent to who is suspended');
select tests.hush();
update chat.suspensions set until = now() + interval '2 hours' where user_id = tests.user('cora');
select is_empty('select pg_temp.moved()', 'a longer suspension moves nothing again');
update chat.suspensions set until = now() - interval '1 hour' where user_id = tests.user('cora');
select is_empty('select pg_temp.moved()', 'the end of a suspension moves nothing');
update chat.suspensions set until = null where user_id = tests.user('cora');
select isnt_empty('select pg_temp.moved()', 'a suspension after an earlier one moves them again');
delete from chat.suspensions where user_id = tests.user('cora');
insert into chat.friendships (user_id, friend_id) values (tests.user('carl'), tests.user('cora'));
select results_eq(
  $$ select topic from tests.heard() where event = 'friend.added' $$, array['user:' || tests.user('cora')],
  'after a suspension events for one person are sent again');
select tests.hush();
insert into chat.suspensions (user_id, until) values (tests.user('cora'), now() - interval '1 hour');
select is_empty('select pg_temp.moved()', 'one that is over moves nothing');
delete from chat.suspensions where user_id = tests.user('cora');

-- Bans.
select tests.hush();
update auth.users set banned_until = now() + interval '1 hour' where id = tests.user('cora');
select bag_eq('select pg_temp.moved()', array['Crew', 'Commons', 'Crowd', 'Direct'], 'they move for who is banned in Auth');
select tests.hush();
update auth.users set banned_until = null where id = tests.user('cora');
select is_empty('select pg_temp.moved()', 'the end of a ban moves nothing');
update auth.users set deleted_at = now() where id = tests.user('cora');
select isnt_empty('select pg_temp.moved()', 'they move for an account of which Auth keeps only the row');
update auth.users set deleted_at = null where id = tests.user('cora');

-- Sessions.
insert into auth.sessions (id, user_id, created_at, refreshed_at) values
  (md5('recent')::uuid, tests.user('cora'), now() - interval '1 year', now() at time zone 'UTC'),
  (md5('other')::uuid, tests.user('cora'), now(), null),
  (md5('forgotten')::uuid, tests.user('cora'), now() - interval '1 year', now() at time zone 'UTC' - interval '8 days');
select tests.hush();
delete from auth.sessions where id = md5('forgotten')::uuid;
select is_empty('select pg_temp.moved()', 'a session without a token that could be valid moves nothing');
delete from auth.sessions where user_id = tests.user('cora');
select bag_eq(
  'select pg_temp.moved()', array['Crew', 'Direct'],
  'for sessions that end the small private rooms move, once: anybody can join a public one');
select results_eq(
  'select room_id from chat_private.topics_to_move', $$ values (tests.room('Crowd')) $$, 'a large one is left to a job');
select tests.hush();
select is(chat_private.job_move_topics(), true, 'a job finds a large room to move');
select results_eq('select pg_temp.moved()', array['Crowd'], 'a job moves a large room once for all');
select is(chat_private.job_move_topics(), false, 'a job without a room to move has nothing to do');

select * from finish();
rollback;
