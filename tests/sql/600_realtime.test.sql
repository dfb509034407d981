begin;
select plan(152);

-- alice and bob are in a group that carol has left; dave is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
insert into chat.conversations (id, owner_id) values ('a0000000-0000-0000-0000-000000000000', tests.user('alice'));
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from chat.create_group_room('Square', is_public => true);
select tests.act_as('carol');
select chat.leave_room(tests.room('Team'));
select tests.act_as_operator();

-- As Realtime asks at a join: it writes a row for the topic, and looks whether the person can see it.
create function pg_temp.receives(who text, topic text, extension text default 'broadcast')
returns boolean
language plpgsql
as $$
declare
  probe uuid := gen_random_uuid();
  seen boolean;
begin
  insert into realtime.messages (id, topic, extension) values (probe, topic, extension);
  perform tests.act_as(who), set_config('realtime.topic', topic, true);
  seen := exists (select from realtime.messages where id = probe);
  perform tests.act_as_operator();
  return seen;
end;
$$;

-- As Realtime asks at a first broadcast: it writes as the person.
create function pg_temp.sends(who text, topic text, extension text default 'broadcast')
returns boolean
language plpgsql
as $$
begin
  perform tests.act_as(who), set_config('realtime.topic', topic, true);
  insert into realtime.messages (topic, extension) values (topic, extension);
  perform tests.act_as_operator();
  return true;
exception when insufficient_privilege then
  return false;
end;
$$;

create function pg_temp.topic(name text)
returns text
language sql
as $$
  select case name
    when 'the room' then format('room:%s:2', tests.room('Team'))
    when 'its live topic' then format('room:%s:2:live', tests.room('Team'))
    when 'its old topic' then format('room:%s:1', tests.room('Team'))
    when 'its old live topic' then format('room:%s:1:live', tests.room('Team'))
    when 'a public room' then format('room:%s:1', tests.room('Square'))
    when 'a public live topic' then format('room:%s:1:live', tests.room('Square'))
    when 'alice herself' then 'user:' || tests.user('alice')
    when 'her conversation' then 'conversation:a0000000-0000-0000-0000-000000000000'
    else name
  end;
$$;

select policies_are('realtime', 'messages', array[
  'people can receive from topics of theirs', 'members can send to the live topics of their rooms',
  'topics of chat are received only by the people they are for', 'topics of chat are sent to only by members, and only live',
  'events of chat are changed by nobody'
]);

select is(
  pg_temp.receives('bob', pg_temp.topic('the room')), true, 'people can receive from topics of theirs');
select is(
  pg_temp.sends('bob', pg_temp.topic('its live topic')), true,
  'members can send to the live topics of their rooms');

-- Who receives from what, and who sends to what.
select is(
  pg_temp.receives(who, pg_temp.topic(name), extension), who = any (receivers),
  format(
    '%s %s %s from %s',
    who, case when who = any (receivers) then 'receives' else 'does not receive' end, extension, name
  ))
from (values
  ('the room', array['alice', 'bob']), ('its live topic', array['alice', 'bob']), ('its old topic', '{}'),
  ('its old live topic', '{}'), ('a public room', array['alice']), ('alice herself', array['alice']),
  ('her conversation', array['alice'])
) as topics (name, receivers)
cross join unnest(array['alice', 'bob', 'carol', 'dave']) as who
cross join unnest(array['broadcast', 'presence']) as extension;
select is(
  pg_temp.sends(who, pg_temp.topic(name), extension), who = any (senders),
  format('%s %s %s to %s', who, case when who = any (senders) then 'sends' else 'does not send' end, extension, name))
from (values
  ('the room', '{}'), ('its live topic', array['alice', 'bob']), ('its old live topic', '{}'), ('a public room', '{}'),
  ('a public live topic', array['alice']), ('alice herself', '{}'), ('her conversation', '{}')
) as topics (name, senders)
cross join unnest(array['alice', 'bob', 'carol', 'dave']) as who
cross join unnest(array['broadcast', 'presence']) as extension;

select is(pg_temp.receives(null, pg_temp.topic(name)), false, 'anon does not receive from ' || name)
from unnest(array['the room', 'its live topic', 'a public room', 'alice herself', 'user:', 'her conversation']) as name;
select is(pg_temp.sends(null, pg_temp.topic(name)), false, 'anon does not send to ' || name)
from unnest(array['its live topic', 'a public live topic']) as name;

-- What else may be asked for.
select is(pg_temp.sends('dave', name), false, 'a user cannot send to ' || name)
from unnest(array['anything', 'room:lobby:messages']) as name;
select is(
  pg_temp.receives('alice', replace(name, '<room>', tests.room('Team')::text)), false,
  'alice does not receive from ' || name)
from unnest(array[
  'anything', 'room:', 'room:<room>', 'room:<room>:', 'room:<room>:2:', 'room:<room>:2:typing',
  'room:<room>:2:live:live',
  'room:<room>:02', 'room:0<room>:2', 'ROOM:<room>:2', 'room: <room>:2', 'room:x:2', 'room:-1:1',
  'room:99999999999999999999:1', 'room:<room>:99999999999999999999', 'user:', 'user:x', 'conversation:',
  'conversation:x',
  E'room:<room>:2\n', 'room:<room>:2%'
]) as name;
select is(pg_temp.sends('alice', pg_temp.topic('its live topic'), extension), false, 'a user cannot send as ' || extension)
from unnest(array['postgres_changes', 'persistence', '']) as extension;
select is(
  pg_temp.receives('alice', pg_temp.topic('the room'), 'postgres_changes'), false,
  'a user cannot receive postgres_changes');

-- Who hides their status types, and is not seen to be there.
update chat.profiles set status_seen_by = 'nobody' where id = tests.user('bob');
select is(pg_temp.sends('bob', pg_temp.topic('its live topic'), 'presence'), false, 'who hides their status does not show presence');
select is(pg_temp.sends('bob', pg_temp.topic('its live topic')), true, 'who hides their status sends what they type');

select * from finish();
rollback;
