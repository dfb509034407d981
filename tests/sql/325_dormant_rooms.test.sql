begin;
select plan(25);

-- alice owns a group with bob, and with dave, who is suspended; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('dave')], is_public => true);
select from chat.create_group_room('Empty', array[tests.user('bob')]);
select from unnest(array['one', 'two']) as text, chat.send_message(tests.room('Team'), text);
select tests.act_as_operator();
insert into chat.suspensions (user_id, reason) values (tests.user('dave'), 'spam');

-- As time passes without messages; then alice acts.
create function pg_temp.rest(room bigint, ago interval)
returns void
language plpgsql volatile
as $$
begin
  perform tests.act_as_operator();
  update chat.messages set created_at = clock_timestamp() - ago where room_id = room;
  update chat.rooms
  set created_at = clock_timestamp() - ago, last_message_at = case when last_seq > 0 then clock_timestamp() - ago end
  where id = room;
  perform set_config('chat.woken', '', true), tests.hush(), tests.act_as('alice');
end;
$$;
create view pg_temp.notified as select topic, payload from tests.heard() where event = 'room.changed';
grant select on pg_temp.notified to public;

select tests.act_as('alice');
select tests.hush();
select from chat.send_message(tests.room('Team'), 'three');
select results_eq('select event from tests.heard()', array['message.created'], 'a message in a busy room is announced to the room alone');

select pg_temp.rest(tests.room('Team'), '9 minutes');
select from chat.send_message(tests.room('Team'), 'four');
select is_empty('select from pg_temp.notified', 'after nine minutes, too');

select pg_temp.rest(tests.room('Team'), '11 minutes');
select from chat.send_message(tests.room('Team'), 'five');
select bag_eq(
  'select topic, payload - ''id'' from pg_temp.notified',
  $$ select 'user:' || tests.user(name) as topic, jsonb_build_object('room_id', tests.room('Team')) as payload
     from unnest(array['alice', 'bob']) as name $$,
  'a message in a dormant room is announced to each member who is not suspended, with the id of the room only');
select isnt_empty($$ select from tests.heard() where event = 'message.created' $$, 'the room receives it as well');
select is(count(distinct payload ->> 'id'), 2::bigint, 'each event has an id of its own') from pg_temp.notified;
select set_config('chat.woken', '', true), tests.hush();
select from chat.send_message(tests.room('Team'), 'six');
select is_empty('select from pg_temp.notified', 'the next message is announced to the room alone');

select pg_temp.rest(tests.room('Empty'), '11 minutes');
select from chat.send_message(tests.room('Empty'), 'first');
select is(count(*), 2::bigint, 'the first message of a room counts from when that was made') from pg_temp.notified;
select pg_temp.rest(tests.room('Empty'), '11 minutes');
select from unnest(array['second', 'third']) as text, chat.send_message(tests.room('Empty'), text);
select is(count(*), 2::bigint, 'two messages of a transaction are announced once') from pg_temp.notified;
select pg_temp.rest(tests.room('Empty'), '11 minutes');
select from chat.update_room(tests.room('Empty'), 'Empty', 'One');
select from chat.update_room(tests.room('Empty'), 'Empty', 'Two');
select is(count(*), 2::bigint, 'so are two changes of a room that stays dormant') from pg_temp.notified;

-- The last message of a room, for what follows.
create function pg_temp.last(room bigint)
returns bigint
language sql stable security definer
as $$ select last_message_id from chat.rooms where id = room; $$;

create function pg_temp.tells(statement text)
returns bigint
language plpgsql volatile
as $$
begin
  perform pg_temp.rest(tests.room('Team'), '11 minutes');
  execute statement;
  return (select count(*) from pg_temp.notified);
end;
$$;
select is(pg_temp.tells(statement), 2::bigint, what || ' a dormant room')
from (values
  ('select from chat.edit_message(pg_temp.last(tests.room(''Team'')), ''6'')', 'an edit tells the members of'),
  ('select from chat.pin_message(pg_temp.last(tests.room(''Team'')))', 'so does a pin in'),
  ('select from chat.react(pg_temp.last(tests.room(''Team'')), ''👍'')', 'so does a reaction in'),
  ('select from chat.delete_message(pg_temp.last(tests.room(''Team'')))', 'so does a deletion in'),
  ('select from chat.update_room(tests.room(''Team''), ''Team'', ''Us'')', 'so does a new description of')
) as statements (statement, what);
select is(pg_temp.tells('select from chat.mark_read(tests.room(''Team''))'), 0::bigint, 'a mark that does not move tells nobody');

-- Who comes and goes.
select is(
  pg_temp.tells('select tests.act_as(''carol''); select from chat.join_room(tests.room(''Team''))'), 3::bigint,
  'a person who joins receives the event like the others');
select is(
  pg_temp.tells('select from chat.remove_member(tests.room(''Team''), tests.user(''bob''))'), 2::bigint,
  'the removal of a person is announced to those who stay');
select is_empty(
  $$ select from pg_temp.notified where topic = 'user:' || tests.user('bob') $$, 'the person who is removed receives no such event');
select is(
  pg_temp.tells('select from chat.send_message(tests.room(''Team''), ''seven'')'), 2::bigint,
  'a former member receives none of what comes after');

-- Large rooms.
create function pg_temp.tells_of(members integer)
returns bigint
language plpgsql volatile
as $$
begin
  perform tests.act_as_operator();
  update chat.rooms set member_count = members where id = tests.room('Team');
  return pg_temp.tells('select from chat.send_message(tests.room(''Team''), ''again'')');
end;
$$;
select is(pg_temp.tells_of(51), 2::bigint, 'the change that makes a room large is announced to each member');
select is(pg_temp.tells_of(52), 0::bigint, 'in a room of 52 nothing is announced to each member');

-- What a list says.
create function pg_temp.listed(members integer, ago interval)
returns boolean
language plpgsql volatile
as $$
begin
  perform tests.act_as_operator();
  update chat.rooms set member_count = members where id = tests.room('Team');
  perform pg_temp.rest(tests.room('Team'), ago);
  return (select is_dormant from chat.room_list(only_room_id => tests.room('Team')));
end;
$$;
select is(pg_temp.listed(50, '12 minutes'), true, 'a room of 50 is dormant after twelve minutes');
select is(pg_temp.listed(51, '12 minutes'), false, 'a large room is never dormant');
select is(pg_temp.listed(2, '10 minutes 30 seconds'), false, 'a room is not listed as dormant for another minute');

-- An event that fails.
select tests.act_as_operator();
create or replace function chat_private.is_heard(topic text)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  if topic like 'user:%' then
    raise exception 'no partition';
  end if;
  return true;
end;
$$;
update chat.rooms set member_count = 2 where id = tests.room('Team');
select pg_temp.rest(tests.room('Team'), '11 minutes');
set local client_min_messages = error;
select lives_ok($$ select chat.send_message(tests.room('Team'), 'eight') $$, 'a message is sent even if the event to its members fails');

select * from finish();
rollback;
