begin;
select plan(42);

-- ann and bob came with an export. dora has an account here, and so has erin.
create function pg_temp.import(name text, email text)
returns void
language plpgsql
as $$
begin
  insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data) values (
    tests.user(name), 'authenticated', 'authenticated', tests.user(name) || '@users.parley.invalid',
    '{"imported_from": "slack"}', jsonb_build_object('username', name));
  insert into chat_private.imported_addresses values (tests.user(name), email);
end;
$$;
create function pg_temp.links()
returns setof text
language sql
as $$
  select imported.username || ' is ' || people.username
  from chat_private.linked_people as links
  join chat.profiles as imported on imported.id = links.imported_id
  join chat.profiles as people on people.id = links.user_id
  order by 1;
$$;
select pg_temp.import('ann', 'ann@example.com'), pg_temp.import('bob', 'bob@example.com'), pg_temp.import('bob_2', 'bob@example.com');
select tests.sign_up('dora', 'erin', 'frank');
insert into chat_private.imports (name, kind) values ('slack', 'slack');
insert into chat_private.imported_rows
select imports.id, 'person', profiles.number, profiles.number from chat_private.imports, chat.profiles
where username in ('ann', 'bob', 'bob_2');

-- What an export brings: a group, two direct chats, and messages in them.
select tests.act_as('ann');
select from chat.create_group_room('Tea', array[tests.user('bob'), tests.user('frank')]);
select from chat.create_direct_room(tests.user('bob'));
select from chat.create_direct_room(tests.user('frank'));
select from unnest(array[tests.room('Tea'), tests.direct_room('ann', 'bob'), tests.direct_room('ann', 'frank')]) as room,
  chat.send_message(room, 'by ann in ' || room, gen_random_uuid()) as sent, chat.pin_message(sent.id);
select tests.act_as('bob');
select from chat.send_message(tests.room('Tea'), 'by bob', gen_random_uuid());
select from chat.react((select id from chat.messages where content = 'by bob'), '👍');
select tests.act_as('ann');
select from chat.messages, (values ('👍'), ('🎉')) as two (emoji), chat.react(messages.id, two.emoji) as reacted
where messages.content = 'by bob';
-- dora is in one of these rooms already, and has a direct chat with frank.
select tests.act_as('dora');
select from chat.create_direct_room(tests.user('frank'));
select tests.act_as_operator();
create temporary table rooms as
select tests.room('Tea') as tea, tests.direct_room('ann', 'bob') as with_bob, tests.direct_room('ann', 'frank') as with_frank;
grant select on rooms to public;
update chat.messages set client_id = null where client_id is not null;

-- Who may claim.
create function pg_temp.set_address(name text, address text)
returns void
language sql
as $$
  update auth.users set email = address where id = tests.user(name);
$$;
select pg_temp.set_address('dora', 'Ann@Example.com');
select is_empty('select pg_temp.links()', 'an address that was only typed claims nothing');
update auth.users set recovery_token = 'mailed' where id = tests.user('erin');
update auth.users set recovery_token = '' where id = tests.user('erin');
select is_empty('select pg_temp.links()', 'another proven address claims nothing');
update auth.users set recovery_token = 'mailed' where id = tests.user('dora');
update auth.users set recovery_token = '' where id = tests.user('dora');
select results_eq('select pg_temp.links()', array['ann is dora'], 'a mailed link claims, in any case of letters');
update auth.users set email_change = 'bob@example.com' where id = tests.user('erin');
update auth.users set email = 'bob@example.com', email_change = '' where id = tests.user('erin');
select results_eq(
  'select pg_temp.links()', array['ann is dora', 'bob is erin', 'bob_2 is erin'],
  'a proven address that was changed by a mailed link claims everybody who has it');
delete from chat_private.linked_people where imported_id <> tests.user('ann');
insert into auth.users (id, aud, role, email, raw_user_meta_data) values (
  tests.user('gina'), 'authenticated', 'authenticated', 'bob@example.com.invalid', '{"username": "gina"}');
select chat_private.claim_history(tests.user('gina'));
select results_eq('select pg_temp.links()', array['ann is dora'], 'a placeholder claims nothing');
select tests.sign_up('hugo');
update auth.users set email = 'ann@example.com' where id = tests.user('hugo');
select chat_private.claim_history(tests.user('hugo'));
select results_eq('select pg_temp.links()', array['ann is dora'], 'who is not proven claims nothing, and nobody is claimed twice');

-- The job.
create function pg_temp.finish_job()
returns boolean
language plpgsql
as $$
begin
  for run in 1..100 loop
    exit when not chat_private.job_link_people();
  end loop;
  return not exists (select from chat_private.linked_people);
end;
$$;
insert into chat.mentions (user_id, room_id, seq, message_id)
select tests.user('ann'), room_id, seq, id from chat.messages where room_id = (select tea from rooms) order by seq limit 1;
insert into chat.blocks (user_id, blocked_id) values (tests.user('erin'), tests.user('ann')), (tests.user('dora'), tests.user('ann'));
select tests.hush();
select ok(pg_temp.finish_job(), 'the job comes to its end');
select results_eq(
  'select user_id, blocked_id from chat.blocks', $$ values (tests.user('erin'), tests.user('dora')) $$,
  'who has blocked the imported account has blocked the person; nobody blocks themselves');
select is_empty($$ select from auth.users where id = tests.user('ann') $$, 'the imported account is gone');
select results_eq(
  $$ select username::text, role::text from chat.room_members join chat.profiles on id = user_id
     where room_id = (select tea from rooms) order by 1 $$,
  $$ values ('bob', 'member'), ('dora', 'owner'), ('frank', 'member') $$, 'the person has the place and the role in a group');
select results_eq(
  $$ select kind::text, direct_key, slug from chat.rooms where id = (select with_bob from rooms) $$,
  $$ values ('direct', least(tests.user('bob')::text, tests.user('dora')::text) || ':'
       || greatest(tests.user('bob')::text, tests.user('dora')::text), 'bob_dora') $$,
  'a direct chat is one of the person');
select is(tests.direct_room('bob', 'dora'), (select with_bob from rooms), 'that direct chat is found by its two members');
select results_eq(
  $$ select kind::text, direct_key, is_public, name, member_count from chat.rooms where id = (select with_frank from rooms) $$,
  $$ values ('group', null::text, false, 'dora, frank', 2) $$, 'a second direct chat of two people becomes a private group');
select results_eq(
  $$ select count(*) from chat.messages where content like 'by ann%' and sender_id = tests.user('dora') $$,
  array[3::bigint], 'all messages are those of the person');
select results_eq(
  'select distinct user_id from chat.mentions', array[tests.user('dora')], 'the mentions are those of the person');
select results_eq(
  $$ select count(*) from chat.pins where pinned_by = tests.user('dora') $$, array[3::bigint], 'the pins are those of the person');
select results_eq(
  $$ select count(*) from chat.rooms where created_by = tests.user('dora') and id in (select tea from rooms) $$,
  array[1::bigint], 'the rooms that they made are those of the person');
select results_eq(
  $$ select count(*) from chat_private.imported_rows as imported join chat.profiles on number = target_id
     where kind = 'person' and username = 'dora' $$,
  array[1::bigint], 'the next import finds the person');
select is_empty(
  $$ select rooms.id from chat.rooms where last_seq <> (select count(*) from chat.messages where room_id = rooms.id)
       or member_count <> (select count(*) from chat.room_members where room_id = rooms.id) $$,
  'the counts of the rooms are right');
select results_eq(
  $$ select count(*) from chat.messages where edited_at is not null $$, array[0::bigint], 'no message counts as edited');
select isnt_empty(
  $$ select from realtime.messages where topic = 'user:' || tests.user('dora') and event = 'room.added' $$,
  'the person receives an event for the rooms');
select tests.act_as('dora');
select results_eq(
  $$ select unread_count::bigint from chat.room_list() where id = (select tea from rooms) $$, array[0::bigint],
  'everything in them is read');
select lives_ok(
  $$ select from chat.send_message((select with_bob from rooms), 'here I am', gen_random_uuid()) $$, 'the person writes there');
select lives_ok(
  $$ select from chat.delete_message((select id from chat.messages where content like 'by ann%' and room_id = (select tea from rooms))) $$,
  'the person may delete what was imported as theirs');
select tests.act_as('frank');
select results_eq(
  $$ select count(*) from chat.room_members where room_id = (select tea from rooms) $$, array[3::bigint],
  'the others stay in the room');

select results_eq(
  $$ select username::text, emoji from chat.reactions join chat.profiles on id = user_id order by 1, 2 $$,
  $$ values ('bob', '👍'), ('dora', '🎉'), ('dora', '👍') $$, 'the reactions are those of the person');

-- By hand.
select tests.act_as_operator();
select throws_ok(
  $$ select chat_private.link_people('erin', 'dora') $$, 'erin did not come with the export of another chat.',
  'only an imported person is linked');
select throws_ok($$ select chat_private.link_people('zoe', 'dora') $$, 'Nobody is called zoe.', 'an unknown name is refused');
select throws_ok($$ select chat_private.link_people('bob', 'zoe') $$, 'Nobody is called zoe.', 'an unknown name is named on either side');
select throws_ok(
  $$ select chat_private.link_people('bob', 'bob') $$, 'bob and bob are the same person.', 'nobody is linked to themselves');
select chat_private.link_people('bob', 'dora');
select throws_ok(
  $$ select chat_private.link_people('bob', 'erin') $$, 'bob is already being linked.', 'nobody is linked twice');
select ok(pg_temp.finish_job(), 'a chat with oneself does not stop the job');
select results_eq(
  $$ select kind::text, is_public, member_count from chat.rooms where id = (select with_bob from rooms) $$,
  $$ values ('group', false, 1) $$, 'it becomes a private group');
select results_eq(
  $$ select username::text, role::text from chat.room_members join chat.profiles on id = user_id
     where room_id = (select tea from rooms) order by 1 $$,
  $$ values ('dora', 'owner'), ('frank', 'member') $$, 'who was in the room twice is in it once, in the higher role');

select results_eq(
  $$ select username::text, emoji from chat.reactions join chat.profiles on id = user_id order by 1, 2 $$,
  $$ values ('dora', '🎉'), ('dora', '👍') $$, 'what two have put on a message that are one now is there once');
select results_eq(
  $$ select reactions from chat.messages where content = 'by bob' $$, array['{"👍": 1, "🎉": 1}'::jsonb],
  'a message counts it once');

select tests.act_as('dora');
select throws_ok('select from chat_private.imported_addresses', '42501', null, 'a user cannot read the addresses');
select throws_ok('select from chat_private.linked_people', '42501', null, 'a user cannot read who is linked');
select throws_ok($$ select chat_private.link_people('bob_2', 'dora') $$, '42501', null, 'a user links nobody');

select tests.act_as_operator();
select throws_ok(
  $$insert into chat_private.linked_people (imported_id, user_id) values (tests.user('ann'), tests.user('ann'))$$,
  '23514', null, 'nobody is linked to themselves');
select throws_ok(
  format('insert into chat_private.imported_addresses values (tests.user(%L), %L)', 'nobody', email), '23514', null,
  format('an address of %s characters like %s is not kept', length(email), left(email, 9)))
from unnest(array['Ann@A.example', repeat('a', 255)]) as email;

select * from finish();
rollback;
