begin;
select plan(47);

-- sysann owns a group; what happens in it stands among its messages
select tests.sign_up('sysann', 'sysbob', 'syscat', 'sysdan', 'syseve');
-- The system messages that the acting person reads: kind, after which seq, in words.
create function pg_temp.lines(name text default 'Systems')
returns table (kind text, after_seq bigint, text text)
language sql
as $$
  select lines.kind::text, lines.after_seq, lines.text from chat.system_messages(tests.room(name)) as lines;
$$;
select tests.act_as('sysann');
select from chat.create_group_room('Systems', array[tests.user('sysbob'), tests.user('syscat'), tests.user('sysdan')], is_public => true);
select results_eq(
  'select * from pg_temp.lines()',
  $$ values ('created', 0::bigint, 'sysann created the group'), ('added', 0, 'sysann added sysbob and 2 others') $$,
  'a new group says who made it, and in one message whom they added');
select results_eq(
  $$ select array(select person ->> 'username' from jsonb_array_elements(people) as person order by 1)
     from chat.system_messages(tests.room('Systems')) where kind = 'added' $$,
  $$ values (array['sysbob', 'syscat', 'sysdan']) $$, 'it names everyone');
select from chat.send_message(tests.room('Systems'), 'first');

-- Joining, leaving, being removed.
select tests.act_as('syseve');
select tests.hush();
select from chat.join_room(tests.room('Systems'));
select results_eq(
  $$ select payload -> 'system_message' ->> 'kind', payload -> 'system_message' ->> 'after_seq',
       payload -> 'system_message' ->> 'actor_username', payload -> 'system_message' ->> 'username'
     from tests.heard() where event = 'member.joined' $$,
  $$ values ('joined', '1', 'syseve', 'syseve') $$, 'the event of the change has the system message');
select is(
  (select change from jsonb_array_elements(chat.sync(tests.room('Systems'), 5) -> 'changes') as change
   where change ->> 'event' = 'member.joined'),
  (select payload - 'id' || '{"event": "member.joined"}' from tests.heard() where event = 'member.joined'), 'sync() has it too');
select is(count(*), 1::bigint, 'no other event says it') from tests.heard() where topic like 'room:%';
select chat.leave_room(tests.room('Systems'));
select tests.act_as('sysann');
select chat.remove_member(tests.room('Systems'), tests.user('sysdan'));
select results_eq(
  'select * from pg_temp.lines() offset 2',
  $$ values ('joined', 1::bigint, 'syseve joined'), ('left', 1, 'syseve left'), ('removed', 1, 'sysann removed sysdan') $$,
  'people join by themselves, leave, and are removed');
-- The room itself.
select from chat.send_message(tests.room('Systems'), 'second');
select from chat.pin_message(tests.message('second'));
select from chat.update_room(tests.room('Systems'), description => 'What we do');
select from chat.update_room(tests.room('Systems'), avatar_url => '/group.png');
select from chat.update_room(tests.room('Systems'), locked => true);
select from chat.update_room(tests.room('Systems'), locked => false);
select from chat.update_room(tests.room('Systems'), pinning => 'admins');
select chat.unpin_message(tests.message('second'));
select from chat.set_member_role(tests.room('Systems'), tests.user('syscat'), 'admin');
select from chat.update_room(tests.room('Systems'), name => 'Systems II');
select results_eq(
  $$ select * from pg_temp.lines('Systems II') offset 5 $$,
  $$ values ('pinned', 2::bigint, 'sysann pinned a message'), ('description', 2, 'sysann changed the description'),
    ('picture', 2, 'sysann changed the picture'), ('locked', 2, 'sysann locked the group'), ('unlocked', 2, 'sysann unlocked the group'),
    ('renamed', 2, 'sysann renamed the group to Systems II') $$,
  'pins, names, pictures, descriptions and locks are shown; switches, roles and what is unpinned are not');
select is(message_id, tests.message('second'), 'a pin names its message')
from chat.system_messages(tests.room('Systems II')) where kind = 'pinned';

-- Pages.
select results_eq(
  $$ select kind::text from chat.system_messages(tests.room('Systems II'), 1, 1) $$, array['joined', 'left', 'removed'],
  'a page of messages has those between its seqs');
select results_eq(
  $$ select kind::text from chat.system_messages(tests.room('Systems II'), max_rows => 2) $$, array['unlocked', 'renamed'],
  'a page has the newest');
select results_eq(
  $$ select kind::text from chat.system_messages(tests.room('Systems II'), max_rows => 2, before_version => (
       select version from chat.system_messages(tests.room('Systems II')) where kind = 'unlocked')) $$,
  array['picture', 'locked'], 'the next page goes on before it');
select is(count(*), 1::bigint, 'a page has at least one') from chat.system_messages(tests.room('Systems II'), max_rows => 0);

-- With the room, as its newest messages are read.
create function pg_temp.newest(room text)
returns table (complete_from bigint, kinds text[])
language sql
as $$
  select (newest ->> 'complete_from')::bigint,
    array(select line ->> 'kind' from jsonb_array_elements(newest -> 'messages') with ordinality as lines (line, place) order by place)
  from chat.rooms, chat.newest_system_messages(rooms) as newest
  where id = tests.room(room);
$$;
select results_eq(
  $$ select complete_from, kinds from pg_temp.newest('Systems II') $$,
  $$ select 0::bigint, array_agg(kind::text order by version) from chat.system_messages(tests.room('Systems II')) $$,
  'the newest of a room are all of them while they are few');

-- They are no messages.
select tests.act_as('sysbob');
select results_eq(
  $$ select last_seq, unread_count, last_message ->> 'content' from chat.room_list() where name = 'Systems II' $$,
  $$ values (2::bigint, 2::bigint, 'second') $$, 'they are not unread, and the inbox shows the last message');
select results_eq(
  $$ select content from chat.messages where room_id = tests.room('Systems II') order by seq $$, array['first', 'second'],
  'the messages do not list them');

-- Who reads them.
select tests.act_as('syseve');
select throws_ok(
  $$ select chat.system_messages(tests.room('Systems II')) $$, 'PT403', 'not_a_member', 'a stranger cannot read system messages');
select results_eq(
  $$ select chat.newest_system_messages(rooms) from chat.rooms where id = tests.room('Systems II') $$, array[null::jsonb],
  'a stranger reads a public group without them');
select tests.act_as(null);
select throws_ok('select chat.system_messages(1)', '42501', null, 'anon cannot read system messages');

-- A backend.
select tests.act_as_operator();
set local role service_role;
select tests.hush();
select set_config('tests.sent', chat.send_system_message(tests.room('Systems II'), 'Your order was sent.', tests.user('key'))::text, true);
select is(
  current_setting('tests.sent')::jsonb -> 'system_message' ->> 'content', 'Your order was sent.', 'a backend says something');
select is(
  chat.send_system_message(tests.room('Systems II'), 'Your order was sent.', tests.user('key')), current_setting('tests.sent')::jsonb,
  'a retry returns the same');
select is(
  chat.send_system_message(tests.room('Systems II'), 'Your order was sent.', tests.user('key')),
  (select payload - 'id' from tests.heard() where topic like 'room:%'), 'a retry returns the first, and is announced once');
select is(current_setting('chat.repeated'), 'true', 'it says that it is a retry');
select throws_ok(
  $$ select chat.send_system_message(tests.room('Systems II'), 'Another', tests.user('key')) $$, 'PT409', 'client_id_reused',
  'a key is not for another text');
select is(
  chat.send_system_message(tests.room('Systems II'), 'Another') -> 'system_message' ->> 'kind', 'text', 'a key is not needed');
select is(current_setting('chat.repeated'), 'false', 'which is no retry');
select throws_ok(
  format('select chat.send_system_message(tests.room(''Systems II''), %L)', said), 'PT400', 'invalid_system_message', 'not ' || what)
from (values (' ', 'nothing'), (null, 'null'), (repeat('x', 10001), 'more than 10,000 characters')) as texts (said, what);
select lives_ok(
  $$ select chat.send_system_message(tests.room('Systems II'), repeat('x', 10000)) $$, '10,000 characters are allowed');
select throws_ok($$ select chat.send_system_message(0, 'x') $$, 'PT404', 'room_not_found', 'there must be such a room');
select from chat.add_members(tests.room('Systems II'), array[tests.user('sysdan'), tests.user('syseve')]);
select from chat.update_room(tests.room('Systems II'), name => 'Systems');
select results_eq(
  $$ select text from chat.system_messages(tests.room('Systems')) order by version desc limit 2 $$,
  array['the group was renamed to Systems', (
    select string_agg(username, ' and ' order by ordinality) || ' were added'
    from (
      select people.person ->> 'username' as username, ordinality from chat.system_messages(tests.room('Systems')) as lines,
        jsonb_array_elements(lines.people) with ordinality as people (person, ordinality)
      where lines.kind = 'added' and lines.actor_id is null
    ) as named
  )], 'what a backend does names nobody');
select tests.act_as('sysann');
select results_eq(
  $$ select text from pg_temp.lines() where kind = 'text' and length(text) < 100 $$, array['Your order was sent.', 'Another'],
  'members read what a backend has said');
select throws_ok(
  $$ select chat.send_system_message(tests.room('Systems'), 'x') $$, '42501', null, 'a person sends no system message');
select tests.act_as_operator();
select set_config('request.jwt.claims', jsonb_build_object('sub', tests.user('sysann'))::text, true);
select throws_ok(
  $$ select chat.send_system_message(tests.room('Systems'), 'x') $$, 'PT403', 'backend_required', 'not in the name of a person either');
select tests.act_as_operator();

-- Direct chats and large groups.
select tests.act_as('sysann');
select from chat.create_direct_room(tests.user('sysbob'));
select tests.act_as_operator();
select from chat.send_system_message(tests.direct_room('sysann', 'sysbob'), 'Your parcel is here.');
select results_eq(
  $$ select kind::text from chat.room_changes where room_id = tests.direct_room('sysann', 'sysbob') and kind is not null $$,
  array['text'], 'a direct chat shows only what a backend says');
select tests.sign_up(variadic array(select 'syscrowd' || number from generate_series(1, 50) as number));
select tests.act_as('sysann');
select from chat.create_group_room('Crowd', array(select tests.user('syscrowd' || number) from generate_series(1, 49) as number));
select results_eq(
  $$ select text from pg_temp.lines('Crowd') $$,
  $$ select unnest(array['sysann created the group', (
       select 'sysann added ' || (people -> 0 ->> 'username') || ' and 48 others' from chat.system_messages(tests.room('Crowd'))
       where kind = 'added')]) $$,
  'a group of 50 shows everything');
select from chat.add_members(tests.room('Crowd'), array[tests.user('syscrowd50')]);
select from chat.update_room(tests.room('Crowd'), name => 'The crowd');
select is(count(*), 2::bigint, 'a larger one shows nothing more') from pg_temp.lines('The crowd');
select from chat.create_group_room('Mob', array(select tests.user('syscrowd' || number) from generate_series(1, 50) as number));
select results_eq($$ select kind from pg_temp.lines('Mob') $$, array['created'], 'a group that is larger at once shows who made it');

-- With the newest messages: the seq from which on none is missing.
select from chat.create_group_room('Busy');
select from chat.send_message(tests.room('Busy'), 'busy');
create function pg_temp.describe(times integer)
returns void
language plpgsql
as $$
begin
  perform tests.act_as_operator();
  for number in 1 .. times loop
    update chat.rooms set description = description || '.' where id = tests.room('Busy');
  end loop;
  perform tests.act_as('sysann');
end;
$$;
select pg_temp.describe(99);
select results_eq(
  $$ select complete_from, cardinality(kinds) from pg_temp.newest('Busy') $$, $$ values (0::bigint, 100) $$, '100 of a room are all');
select pg_temp.describe(1);
select results_eq(
  $$ select complete_from, cardinality(kinds) from pg_temp.newest('Busy') $$, $$ values (1::bigint, 100) $$,
  'of 101, the first is left out');
select pg_temp.describe(1);
select results_eq(
  $$ select complete_from, cardinality(kinds) from pg_temp.newest('Busy') $$, $$ values (2::bigint, 0) $$,
  'those after a message are there together or not at all');

-- Moderators who are not in the room, and accounts that are gone.
select tests.act_as_operator();
select tests.appoint('syseve', 'moderator');
delete from chat.room_members where room_id = tests.room('Systems') and user_id = tests.user('syseve');
select tests.act_as('syseve');
select from chat.ban_member(tests.room('Systems'), tests.user('sysdan'), null, 'Spam');
select tests.act_as('sysann');
select is(text, 'syseve and sysdan were removed', 'a moderator who is not in the room is not named')
from chat.system_messages(tests.room('Systems')) order by version desc limit 1;
select tests.act_as_operator();
delete from auth.users where id = tests.user('sysbob');
select tests.act_as('sysann');
select is(text, 'a deleted account left', 'a deleted account leaves, and has no name')
from pg_temp.lines() where kind = 'left' and text <> 'syseve left';
select is(count(*), 0::bigint, 'its name is nowhere') from pg_temp.lines() where text ~ 'sysbob';
select tests.act_as_operator();
update chat.profiles set username = 'sysadam' where id = tests.user('sysann');
select tests.act_as('sysann');
select is(text, 'sysadam created the group', 'names are those of now') from pg_temp.lines() where kind = 'created';

-- The log stays small, and what is shown stays longer.
select tests.act_as_operator();
select count(chat_private.record_change(tests.room('Systems'), 'member.updated', jsonb_build_object('user_id', tests.user('sysann'))))
from generate_series(1, 1100);
delete from chat_private.rooms_to_prune where true;
insert into chat_private.rooms_to_prune values (tests.room('Systems'));
create temporary table shown as
select version, kind from chat.room_changes where room_id = tests.room('Systems') and kind is not null;
select chat_private.prune_room_changes();
select results_eq(
  $$ select kind::text, count(*) from shown where version not in (
       select version from chat.room_changes where room_id = tests.room('Systems')) group by kind order by kind::text $$,
  $$ values ('added', 4::bigint), ('description', 1), ('joined', 1), ('left', 1), ('locked', 1), ('picture', 1), ('pinned', 1),
    ('removed', 1), ('renamed', 1), ('unlocked', 1) $$, 'superseded ones go after 1,000 other changes, what backends have said stays');
select is(
  (select count(*) from chat.room_changes where room_id = tests.room('Systems') and payload ->> 'user_id' = tests.user('sysann')::text
    and event = 'member.updated'), 100::bigint,
  'of what is not shown the newest 100 stay');

select * from finish();
rollback;
