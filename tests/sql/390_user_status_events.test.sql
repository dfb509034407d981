begin;
select plan(29);

-- alice and bob are in a group and in a direct room; alice is alone in another
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_direct_room(tests.user('bob'));
select from chat.create_group_room('Crowd');

select tests.hush();
insert into chat.friendships (friend_id) values (tests.user('bob'));
select results_eq(
  $$ select topic, event, payload - 'id' from tests.heard() $$,
  $$ values (
    'user:' || tests.user('bob'), 'friend.added',
    jsonb_build_object('user_id', tests.user('alice'), 'username', 'alice')
  ) $$,
  'a new friend is notified');
select tests.hush();
delete from chat.friendships where friend_id = tests.user('bob');
select is_empty('select from tests.heard()', 'a former friend is not notified');

-- A status is broadcast to all rooms but large ones.
select tests.act_as_operator();
update chat.rooms set member_count = 51 where id = tests.room('Crowd');
select tests.act_as('alice');
select tests.hush();
select from chat.touch_status();
select bag_eq(
  $$ select topic, event, payload -> 'is_online' as online, payload ->> 'username' as username from tests.heard() $$,
  $$ select topic, 'user.status' as event, 'true'::jsonb as online, 'alice' as username from chat.rooms
     where id in (tests.room('Team'), tests.direct_room('alice', 'bob')) $$,
  'a user who comes online is announced to their rooms, except large ones');
select is_empty(
  $$ select from tests.heard() where not payload ?& array['room_id', 'version', 'user_id', 'last_seen_at'] $$,
  'with the room and its version');
select tests.hush();
select tests.act_as_operator();
update chat.user_status set last_seen_at = now() - interval '30 seconds' where user_id = tests.user('alice');
select tests.act_as('alice');
select from chat.touch_status();
select is_empty('select from tests.heard()', 'a user who stays online is not announced again');
select from chat.touch_status(signed_out => true);
select results_eq(
  $$ select distinct payload -> 'is_online', payload ->> 'user_id' from tests.heard() $$,
  $$ values ('false'::jsonb, tests.user('alice')::text) $$, 'a user who signs out is announced');
select tests.hush();
select from chat.touch_status(signed_out => true);
select is_empty('select from tests.heard()', 'once');

-- What a new socket receives: the same as was announced.
select from chat.touch_status();
select tests.act_as('bob');
select results_eq(
  $$ select who.status from chat_private.who_is_online(tests.room('Team')) as whole (list),
     jsonb_array_elements(whole.list) as who (status) $$,
  $$ select payload - 'id' from tests.heard() where payload ->> 'room_id' = tests.room('Team')::text $$,
  'a member reads who is online in a room, as it was announced');
select is(
  chat_private.who_is_online(tests.room('Crowd')), null, 'a stranger reads nothing of a room');
select tests.act_as('alice');
select is(chat_private.who_is_online(tests.room('Crowd')), null, 'a member of a room of more than 50 reads nothing of it');

-- A job announces users who leave without signing out.
create function pg_temp.unseen(name text, ago interval)
returns void
language plpgsql
as $$
begin
  -- As time passes: nothing is announced by that.
  perform set_config('session_replication_role', 'replica', true);
  update chat.user_status set last_seen_at = now() - ago where user_id = tests.user(name);
  perform set_config('session_replication_role', 'origin', true);
end;
$$;
select tests.act_as('bob');
select from chat.touch_status();
select tests.act_as_operator();
select tests.hush();
select pg_temp.unseen('alice', '59 seconds');
select is(chat_private.job_end_status(), false, 'the job ends no status of 59 seconds ago');
select is_empty('select from tests.heard()', 'the job announces nothing when it ends no status');
select pg_temp.unseen('alice', '60 seconds');
select is(chat_private.job_end_status(), false, 'it has done all that there was to do');
select bag_eq(
  $$ select topic, event, payload ->> 'user_id' as who, payload -> 'is_online' as online from tests.heard() $$,
  $$ select topic, 'user.status' as event, tests.user('alice')::text as who, 'false'::jsonb as online from chat.rooms
     where id in (tests.room('Team'), tests.direct_room('alice', 'bob')) $$,
  'only users who were not seen for 60 seconds are announced as offline');
select tests.hush();
select from chat_private.job_end_status();
select is_empty('select from tests.heard()', 'once');
select tests.act_as('alice');
select from chat.touch_status();
select results_eq(
  $$ select distinct payload -> 'is_online' from tests.heard() $$, array['true'::jsonb],
  'a user who comes back is announced again');
select tests.act_as_operator();
select tests.hush();
insert into auth.users (id, aud, role, email, raw_user_meta_data)
select gen_random_uuid(), 'authenticated', 'authenticated', n || '@many.example', jsonb_build_object('username', 'many' || n)
from generate_series(1, 120) as n;
insert into chat.user_status (user_id) select id from chat.profiles where username like 'many%';
set local session_replication_role = replica;
update chat.user_status set last_seen_at = now() - interval '2 minutes'
where user_id in (select id from chat.profiles where username like 'many%');
set local session_replication_role = origin;
select from chat_private.job_end_status();
select is_empty(
  $$ select from chat.user_status as status where announced_online <> chat.is_online(status) $$,
  'many who went at once are all announced');

select tests.hush();
delete from auth.users where id = tests.user('alice');
select results_eq(
  $$ select payload ->> 'user_id', payload -> 'is_online' from tests.heard()
     where event = 'user.status' and topic like 'room:' || tests.room('Team') || ':%' $$,
  $$ values (tests.user('alice')::text, 'false'::jsonb) $$, 'whose account goes is announced as offline');

-- Who hides their status: alan and beth are in a group; alan hides.
select tests.sign_up('alan', 'beth');
select tests.act_as('alan');
select from chat.create_group_room('Shy', array[tests.user('beth')]);
select from chat.touch_status();
select tests.hush();
update chat.profiles set status_seen_by = 'contacts' where id = tests.user('alan');
select is_empty('select from tests.heard()', 'a status for contacts is announced to rooms as before');
select results_eq(
  $$ select cardinality(chat_private.unseen_members(tests.room('Shy'))) $$, array[0],
  'such a member is not among those whose status the room is not sent');
update chat.profiles set status_seen_by = 'nobody' where id = tests.user('alan');
select results_eq(
  $$ select payload ->> 'username', payload -> 'is_online' from tests.heard() where event = 'user.status' $$,
  $$ values ('alan', 'false'::jsonb) $$, 'who hides their status is announced as offline');
select tests.act_as('beth');
select is(chat_private.who_is_online(tests.room('Shy')), '[]', 'who hides their status is not among those who are online');
select is(chat_private.unseen_members(tests.room('Shy')), array[tests.user('alan')], 'a relay reads whose status it does not send');
select tests.act_as_operator();
select results_eq(
  $$ select room_id from chat_private.topics_to_move $$, array[tests.room('Shy')],
  'their channels leave the live topics of their rooms, which move');
update chat.profiles set status_seen_by = 'everyone' where id = tests.user('beth');
update chat.profiles set status_seen_by = 'contacts' where id = tests.user('beth');
delete from chat_private.topics_to_move where true;
select tests.hush();
select tests.act_as('alan');
update chat.profiles set status_seen_by = 'nobody', bio = 'Shy' where id = tests.user('alan');
select from chat.touch_status(signed_out => true);
select from chat.touch_status();
select is_empty($$ select from tests.heard() where event = 'user.status' $$, 'who hides their status is never announced');
update chat.profiles set status_seen_by = 'everyone' where id = tests.user('alan');
select results_eq(
  $$ select payload ->> 'username', payload -> 'is_online' from tests.heard() where event = 'user.status' $$,
  $$ values ('alan', 'true'::jsonb) $$, 'who shows it again is announced as online');
select tests.act_as_operator();
select is_empty('select from chat_private.topics_to_move', 'no topic moves for a setting that stays, nor for a wider one');
insert into chat.blocks (user_id, blocked_id) values (tests.user('alan'), tests.user('beth'));
select is(
  chat_private.unseen_members(tests.room('Shy')), array[tests.user('alan')], 'the room is not sent the status of who has blocked a member');
select is(chat_private.who_is_online(tests.room('Shy')), '[]', 'who has blocked a member is not among those who are online');

select * from finish();
rollback;
