begin;
select plan(65);

-- berta and bruno are friends in a group and a direct room; bella is in the group; boris is a stranger
select tests.sign_up('berta', 'bruno', 'bella', 'boris');
insert into chat.friendships (user_id, friend_id) values
  (tests.user('berta'), tests.user('bruno')), (tests.user('bruno'), tests.user('berta')), (tests.user('bella'), tests.user('bruno'));
select tests.act_as('berta');
select from chat.create_group_room('Bakers', array[tests.user('bruno'), tests.user('bella')]);
select from chat.create_direct_room(tests.user('bruno'));
select from chat.create_direct_room(tests.user('bella'));
select from chat.send_message(tests.direct_room('berta', 'bruno'), 'By berta');
select tests.act_as('bruno');
select from chat.send_message(tests.direct_room('berta', 'bruno'), 'By bruno');
select from chat.send_message(tests.room('Bakers'), '@berta before', mentions => array[tests.user('berta')]);
create function pg_temp.direct()
returns chat.rooms
language sql stable security definer
as $$
  select * from chat.rooms where id = tests.direct_room('berta', 'bruno');
$$;

select policies_are('chat', 'blocks', array['people can read whom they have blocked']);
select tests.act_as(null);
select throws_ok('select from chat.blocks', '42501', null, 'anon reads no blocks');
select throws_ok($$ select chat.block_user(tests.user('berta')) $$, '42501', null, 'anon blocks nobody');

-- berta blocks bruno.
select tests.act_as('berta');
select throws_ok($$ select chat.block_user(tests.user('berta')) $$, 'PT400', 'invalid_members', 'nobody blocks themselves');
select throws_ok($$ select chat.block_user(gen_random_uuid()) $$, 'PT404', 'user_not_found', 'who is blocked exists');
select throws_ok($$ select chat.block_user(null) $$, 'PT404', 'user_not_found', 'nobody is not blocked');
create temporary table before as select topic from pg_temp.direct();
select tests.hush();
select lives_ok($$ select chat.block_user(tests.user('bruno')) $$, 'people can block others');
select bag_eq(
  $$ select topic, event, payload ->> 'user_id' as about from tests.heard() $$,
  $$ select 'user:' || tests.user('berta') as topic, 'block.added' as event, tests.user('bruno')::text as about
     union all select topic, 'room.moved', null from before $$,
  'who blocks receives it on every device, and the direct room moves; who is blocked receives no more');
select tests.hush();
select lives_ok($$ select chat.block_user(tests.user('bruno')) $$, 'blocking somebody again does nothing');
select is_empty('select from tests.heard()', 'a block that is there already is not announced');
select results_eq('select user_id, blocked_id from chat.blocks',
  $$ values (tests.user('berta'), tests.user('bruno')) $$, 'people can read whom they have blocked');
select results_eq(
  'select user_id, friend_id from chat.friendships', $$ values (tests.user('bella'), tests.user('bruno')) $$,
  'a block ends the friendships of the two, and no other');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('bruno')) $$, 'PT403', 'not_reachable',
  'who blocks somebody cannot add them as a friend');
select throws_ok(
  $$ select chat.send_message(tests.direct_room('berta', 'bruno'), 'no') $$, 'PT403', 'not_reachable',
  'who blocks somebody cannot write to them');
select throws_ok(
  $$ select chat.create_direct_room(tests.user('bruno')) $$, 'PT403', 'not_reachable', 'who blocks somebody cannot open a chat with them');
select throws_ok(
  $$ select chat.create_group_room('No', array[tests.user('bruno')]) $$, 'PT403', 'not_reachable',
  'who blocks somebody cannot add them to a group');
select lives_ok($$ select chat.send_message(tests.direct_room('berta', 'bella'), 'Other') $$, 'others are reached');
select lives_ok(
  $$ select chat.delete_message(tests.message('By berta')) $$, 'messages in a direct room with a block can be deleted');

-- bruno does not learn it by reading, and reaches berta in no way.
select tests.act_as('bruno');
select is_empty('select from chat.blocks', 'nobody can read that they are blocked');
select throws_ok('delete from chat.blocks', '42501', null, 'nobody can delete a block of another');
select is((select count(*) from chat.messages where content = 'By bruno'), 1::bigint, 'who is blocked reads the direct room');
select throws_ok(
  $$ select chat.send_message(tests.direct_room('berta', 'bruno'), 'no') $$, 'PT403', 'not_reachable',
  'who is blocked cannot write to the other');
select throws_ok(
  $$ insert into chat.messages (room_id, content) values (tests.direct_room('berta', 'bruno'), 'no') $$, 'PT403', 'not_reachable',
  'who is blocked cannot write to the other by the table');
select throws_ok(
  $$ select chat.forward_message(tests.message('@berta before'), tests.direct_room('berta', 'bruno')) $$, 'PT403', 'not_reachable',
  'who is blocked cannot forward to the other');
select throws_ok(
  $$ select chat.edit_message(tests.message('By bruno'), 'no') $$, 'PT403', 'not_reachable', 'who is blocked cannot edit a message there');
select throws_ok($$ select chat.react(tests.message('By bruno'), '👍') $$, 'PT403', 'not_reachable', 'who is blocked cannot react there');
select throws_ok(
  $$ select chat.begin_upload(tests.direct_room('berta', 'bruno'), 'a.txt', 'text/plain', 3) $$, 'PT403', 'not_reachable',
  'who is blocked cannot upload a file there');
select throws_ok($$ select chat.pin_message(tests.message('By bruno')) $$, 'PT403', 'not_reachable', 'who is blocked cannot pin there');
select throws_ok(
  $$ select chat.create_direct_room(tests.user('berta')) $$, 'PT403', 'not_reachable', 'who is blocked cannot open a chat with the other');
select throws_ok(
  $$ select chat.create_group_room('No', array[tests.user('boris'), tests.user('berta')]) $$, 'PT403', 'not_reachable',
  'who is blocked cannot make a group with the other');
select lives_ok($$ select chat.create_group_room('Only bruno') $$, 'groups of others are made');
select throws_ok(
  $$ select chat.add_members(tests.room('Only bruno'), array[tests.user('boris'), tests.user('berta')]) $$, 'PT403', 'not_reachable',
  'who is blocked cannot add the other to a group');
select lives_ok(
  $$ select chat.add_members(tests.room('Only bruno'), array[tests.user('boris'), tests.user('bruno')]) $$,
  'who is blocked adds others to a group');
select throws_ok(
  $$ insert into chat.friendships (friend_id) values (tests.user('berta')) $$, 'PT403', 'not_reachable',
  'who is blocked cannot add the other as a friend');
select is(chat_private.is_my_topic((pg_temp.direct()).topic), true, 'who is blocked receives from the topic of the direct room');
select is(chat_private.is_my_topic((pg_temp.direct()).topic || ':live'), false, 'who is blocked does not join its live topic');

-- Nobody whom berta has blocked sees that she is online; the others do.
select tests.act_as('berta');
select tests.hush();
select from chat.touch_status();
select bag_eq(
  $$ select payload ->> 'room_id' from tests.heard() where event = 'user.status' $$,
  array[tests.direct_room('berta', 'bella')::text], 'a status is not sent to rooms with somebody who is blocked');
select is(
  (select count(*) from chat.user_status where user_id = tests.user('berta')), 1::bigint, 'people can read their own status');
select tests.act_as('bella');
select is((select count(*) from chat.user_status where user_id = tests.user('berta')), 1::bigint, 'others can read it');
select tests.act_as('bruno');
select is_empty($$ select from chat.user_status where user_id = tests.user('berta') $$, 'who is blocked cannot read it');
select is(chat_private.who_is_online(tests.room('Bakers')), '[]', 'who is online in a group leaves out those who have blocked a member');
select is(chat_private.who_is_online(tests.direct_room('berta', 'bruno')), null, 'one of the direct room shows nobody');

-- Mentions in a group.
create function pg_temp.mention(names text[])
returns chat.messages
language sql volatile
as $$
  select chat.send_message(
    tests.room('Bakers'), '@berta after', client_id => '00000000-0000-4000-8000-000000000165',
    mentions => array(select tests.user(name) from unnest(names) as name)
  );
$$;
select is(
  (pg_temp.mention(array['berta', 'bella'])).mentions #>> '{0,name}', 'bella', 'who has blocked the sender is not mentioned');
select is(
  (select count(*) from chat.messages where content = '@berta after' and mentions @> jsonb_build_array(
    jsonb_build_object('user_id', tests.user('berta'))
  )), 0::bigint, 'the message does not name who has blocked the sender');
select lives_ok($$ select pg_temp.mention(array['berta', 'bella']) $$, 'a retry with the same mentions is the same message');
select throws_ok($$ select pg_temp.mention(array['bella']) $$, 'PT409', 'client_id_reused', 'with others it is not');
select is(
  jsonb_array_length((chat.edit_message(tests.message('@berta before'), '@berta edited')).mentions), 1,
  'an edit keeps the mention from before the block');
select throws_ok(
  $$ select chat.send_message(tests.room('Only bruno'), 'no', mentions => array[tests.user('berta')]) $$, 'PT404', 'member_not_found',
  'in a room of others she is no member, as for everybody');

-- A backend, and the end of it.
select tests.act_as_operator();
select throws_ok(
  $$ insert into chat.messages (room_id, content, sender_id) values (tests.direct_room('berta', 'bruno'), 'no', tests.user('bruno')) $$,
  'PT403', 'not_reachable', 'nobody else writes for who is blocked');
select lives_ok(
  $$ insert into chat.messages (room_id, content, sender_id) values (tests.direct_room('berta', 'bruno'), 'News', null) $$,
  'a backend writes for itself');
select lives_ok(
  $$ insert into chat.pins (message_id, pinned_by) values (tests.message('By bruno'), null) $$, 'a backend pins for itself');
select lives_ok(
  $$ update chat.messages set content = 'Edited' where id = tests.message('By bruno') $$, 'an operator edits what is there');
select tests.act_as('bruno');
select lives_ok($$ select chat.unblock_user(tests.user('berta')) $$, 'who is blocked cannot undo it');
select tests.act_as('berta');
select tests.hush();
select chat.unblock_user(tests.user('bruno'));
select results_eq(
  $$ select topic, event, payload ->> 'user_id' from tests.heard() $$,
  $$ select 'user:' || tests.user('berta'), 'block.removed', tests.user('bruno')::text $$,
  'the end of a block is announced in the same way');
select tests.act_as('bruno');
select lives_ok($$ select chat.send_message(tests.direct_room('berta', 'bruno'), 'Again') $$, 'then both reach each other again');
select is(chat_private.is_my_topic((pg_temp.direct()).topic || ':live'), true, 'both join the live topic again');

-- Who may write to bodo first, and add him to groups: he calls birgit a friend, is with benno in a private group and with boris in
-- a public one.
select tests.act_as_operator();
select tests.sign_up('bodo', 'birgit', 'benno');
insert into chat.friendships (user_id, friend_id) values
  (tests.user('bodo'), tests.user('birgit')), (tests.user('boris'), tests.user('bodo'));
select tests.act_as('bodo');
select from chat.create_group_room('Private', array[tests.user('benno')]);
select from chat.create_group_room('Public', array[tests.user('boris')], is_public => true);
select from chat.create_direct_room(tests.user('bella'));
create function pg_temp.try(statement text)
returns text
language plpgsql
as $$
begin
  execute statement;
  raise sqlstate 'DONE0';
exception
  when sqlstate 'DONE0' then return 'allow';
  when sqlstate 'PT403' then return sqlerrm;
end;
$$;
create function pg_temp.try_as(name text)
returns text
language plpgsql
as $$
begin
  perform tests.act_as(name);
  return pg_temp.try('select chat.create_direct_room(tests.user(''bodo''))') || ' '
    || pg_temp.try('select chat.create_group_room(''New'', array[tests.user(''bodo'')])');
end;
$$;
create function pg_temp.admitted(level text)
returns text[]
language plpgsql
as $$
begin
  perform tests.act_as('bodo');
  update chat.profiles set direct_from = level::chat.who_reaches where id = tests.user('bodo');
  return array(
    select name from unnest(array['birgit', 'benno', 'boris', 'bruno']) as name where pg_temp.try_as(name) = 'allow allow'
    union all
    select name || '!' from unnest(array['birgit', 'benno', 'boris', 'bruno']) as name
    where pg_temp.try_as(name) not in ('allow allow', 'not_reachable not_reachable')
  );
end;
$$;
select is(pg_temp.admitted('everyone'), array['birgit', 'benno', 'boris', 'bruno'], 'everyone reaches a person who admits everyone');
select is(
  pg_temp.admitted('shared_rooms'), array['birgit', 'benno'], 'with shared_rooms, members of private groups and friends do, and no others');
select is(pg_temp.admitted('friends'), array['birgit'], 'with friends, those do whom the person calls a friend');
select is(pg_temp.admitted('nobody'), array[]::text[], 'with nobody, no one does');
select tests.act_as('bella');
select lives_ok($$ select chat.create_direct_room(tests.user('bodo')) $$, 'a direct chat that is there is opened');
select lives_ok($$ select chat.send_message(tests.direct_room('bella', 'bodo'), 'Hello') $$, 'it is written in');
select tests.act_as('bodo');
select is(pg_temp.try('select chat.create_direct_room(tests.user(''benno''))'), 'allow', 'who admits nobody still writes to others');
select is(
  pg_temp.try('select chat.add_members(tests.room(''Private''), array[tests.user(''birgit''), tests.user(''bodo'')])'), 'allow',
  'who admits nobody adds others, and is a member already');
select tests.act_as_operator();
select lives_ok(
  $$ insert into chat.room_members (room_id, user_id) values (tests.room('Bakers'), tests.user('bodo')) $$, 'an operator adds everyone');

select * from finish();
rollback;
