begin;
select plan(140);

-- Names that no other test has: adding a policy locks the table until the end, and nothing here may wait for another test.
-- A project with policies of its own on Realtime: those of the quick start, and wider ones.
create policy "authenticated can receive" on realtime.messages for select to authenticated using (true);
create policy "authenticated can send" on realtime.messages for insert to authenticated with check (true);
create policy "everybody can do everything" on realtime.messages for all to public using (true) with check (true);
create policy "anon can receive" on realtime.messages for select to anon using (true);
create role coach in role anon;
create role assistant_coach in role authenticated;
grant coach, assistant_coach to postgres;

-- greta and gustav are in a group that gina has left; gerd is a stranger; the coaches are gustav, in a role of the project's own.
select tests.sign_up('greta', 'gustav', 'gina', 'gerd');
insert into chat.conversations (id, owner_id) values ('60000000-0000-0000-0000-000000000006', tests.user('greta'));
select tests.act_as('greta');
select from chat.create_group_room('Guarded', array[tests.user('gustav'), tests.user('gina')]);
select tests.act_as('gina');
select chat.leave_room(tests.room('Guarded'));
select tests.act_as_operator();

create function pg_temp.act_as(who text)
returns void
language plpgsql
as $$
begin
  if who in ('coach', 'assistant_coach') then
    perform tests.act_as('gustav'), set_config('role', who, true);
  else
    perform tests.act_as(nullif(who, 'anon'));
  end if;
end;
$$;

-- As Realtime asks at a join.
create function pg_temp.receives(who text, topic text, extension text default 'broadcast')
returns boolean
language plpgsql
as $$
declare
  probe uuid := gen_random_uuid();
  seen boolean;
begin
  insert into realtime.messages (id, topic, extension) values (probe, topic, extension);
  perform pg_temp.act_as(who), set_config('realtime.topic', topic, true);
  seen := exists (select from realtime.messages where id = probe);
  perform tests.act_as_operator();
  return seen;
end;
$$;

-- As Realtime asks at a first broadcast; `current` is the topic of the channel.
create function pg_temp.sends(who text, topic text, extension text default 'broadcast', current text default null)
returns boolean
language plpgsql
as $$
begin
  perform pg_temp.act_as(who), set_config('realtime.topic', coalesce(current, topic), true);
  insert into realtime.messages (topic, extension) values (topic, extension);
  perform tests.act_as_operator();
  return true;
exception when insufficient_privilege then
  return false;
end;
$$;

-- Definer: only the rows of the project, for any caller.
create function pg_temp.own_rows()
returns bigint
language sql volatile security definer
as $$
  select count(*) from realtime.messages where topic !~ '^(room:[0-9]+:[0-9]+(:live)?|(user|conversation):[0-9a-f-]{36})$';
$$;

create function pg_temp.topic(name text)
returns text
language sql
as $$
  select case name
    when 'her conversation' then 'conversation:60000000-0000-0000-0000-000000000006'
    when 'greta herself' then 'user:' || tests.user('greta')
    else replace(name, '<room>', tests.room('Guarded')::text)
  end;
$$;

-- Who receives from Parley's topics, and who sends to them, is what it is without the project's policies.
select is(
  pg_temp.receives(who, pg_temp.topic(name)), who = any (receivers),
  format('%s %s from %s', who, case when who = any (receivers) then 'receives' else 'does not receive' end, name))
from (values
  ('room:<room>:2', array['greta', 'gustav', 'coach', 'assistant_coach']),
  ('room:<room>:2:live', array['greta', 'gustav', 'coach', 'assistant_coach']),
  ('room:<room>:1', '{}'), ('room:<room>:3', '{}'), ('room:<room>:3:live', '{}'),
  ('greta herself', array['greta']), ('her conversation', array['greta'])
) as topics (name, receivers)
cross join unnest(array['greta', 'gustav', 'gina', 'gerd', 'anon', 'coach', 'assistant_coach']) as who;
select is(
  pg_temp.sends(who, pg_temp.topic(name)), who = any (senders),
  format('%s %s to %s', who, case when who = any (senders) then 'sends' else 'does not send' end, name))
from (values
  ('room:<room>:2', '{}'), ('room:<room>:2:live', array['greta', 'gustav', 'coach', 'assistant_coach']),
  ('room:<room>:1:live', '{}'), ('greta herself', '{}'), ('her conversation', '{}')
) as topics (name, senders)
cross join unnest(array['greta', 'gustav', 'gina', 'gerd', 'anon', 'coach', 'assistant_coach']) as who;

-- Shapes that Parley could give a topic are closed, there being such a room or not.
select is(pg_temp.receives('gerd', name), false, format('a user cannot receive from %s', name))
from unnest(array[
  'room:0:1', 'room:00:1', 'room:9999999:1', 'room:99999999999999999999:1', 'room:1:99999999999999999999',
  'user:00000000-0000-0000-0000-000000000000', 'conversation:00000000-0000-0000-0000-000000000000'
]) as name;
select is(pg_temp.sends('greta', pg_temp.topic('room:<room>:2:live'), extension), false, 'a user cannot send as ' || extension)
from unnest(array['persistence', 'postgres_changes', '']) as extension;
select is(
  pg_temp.receives('greta', pg_temp.topic('room:<room>:2'), extension), false, 'a user cannot receive as ' || extension)
from unnest(array['persistence', 'postgres_changes']) as extension;

-- A row whose topic is not that of the channel.
select is(
  pg_temp.sends('greta', pg_temp.topic('room:<room>:2'), 'broadcast', pg_temp.topic('room:<room>:2:live')), false,
  'a member of a live topic does not write events of its room');
select is(
  pg_temp.sends('gerd', pg_temp.topic('room:<room>:2:live'), 'broadcast', 'lobby'), false,
  'a user in the lobby cannot write to a room');

-- The project's own topics are what its policies say.
select is(pg_temp.receives(who, name), true, format('%s receives from %s', who, name))
from unnest(array['gerd', 'anon', 'coach']) as who
cross join unnest(array[
  'room:lobby:messages', 'lobby', 'room:1', 'room:1:', 'room:a:1', 'room:1:2:typing', 'user:gerd', 'user:1', 'conversation:1'
]) as name;
select is(pg_temp.sends(who, 'room:lobby:messages', extension), true, format('%s sends %s to the lobby', who, extension))
from unnest(array['gerd', 'anon', 'coach']) as who
cross join unnest(array['broadcast', 'presence', 'persistence']) as extension;

-- Rows that are read or changed without a channel: a project may expose the schema.
select tests.act_as('greta');
select set_config('realtime.topic', '', true);
select is_empty(
  $$ select from realtime.messages where topic = 'room:' || tests.room('Guarded') || ':1' $$,
  'the log of events is not for reading, not even by a member');
-- Without "where", the policy for reading hides nothing from the one for changing.
select is(
  tests.changed('update realtime.messages set event = ''x'''), own.count, 'a user cannot change an event')
from pg_temp.own_rows() as own (count);
select throws_ok(
  $$ insert into realtime.messages (topic, extension) values ('room:' || tests.room('Guarded') || ':2', 'broadcast') $$, '42501',
  null, 'a user cannot insert an event');
select is(
  tests.changed($$ update realtime.messages set event = 'x' where topic = 'room:lobby:messages' $$) > 0, true,
  'the project''s own rows are changed as its policies say');
select throws_ok(
  $$ update realtime.messages set topic = 'room:1:1' $$, '42501', null, 'the project''s own rows cannot become events of chat');
select tests.act_as_operator();
select is_empty(
  $$ select polname from pg_policy where polrelid = 'realtime.messages'::regclass and polcmd = '*' and not polpermissive $$,
  'each restriction is for one operation');

select * from finish();
rollback;
