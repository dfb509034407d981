begin;
select plan(30);

-- alice and bob have talked in a group; carol has left it, dave is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave');
create function pg_temp.sync(since bigint, max_rows integer default null)
returns jsonb
language sql
as $$
  select chat.sync(tests.room('Team'), since, max_rows);
$$;
create function pg_temp.told(answer jsonb)
returns text[]
language sql
as $$
  select array_agg((change ->> 'version') || ' ' || (change ->> 'event') order by place)
  from jsonb_array_elements(answer -> 'changes') with ordinality as list (change, place);
$$;
select tests.act_as('alice');
select from chat.create_group_room('Square', is_public => true);
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select from unnest(array['one', 'two', 'three']) as text, chat.send_message(tests.room('Team'), text);
select from chat.pin_message(tests.message('one'));
select from chat.edit_message(tests.message('one'), 'uno');
select from chat.delete_message(tests.message('two'));
select from chat.update_room(tests.room('Team'), description => 'Us');
select tests.act_as('carol');
select chat.leave_room(tests.room('Team'));

select tests.act_as('bob');
select is(pg_temp.told(pg_temp.sync(0)), array[
  '1 member.joined', '2 member.joined', '3 member.joined', '6 message.created', '7 message.pinned', '8 message.updated',
  '9 message.deleted', '10 room.updated', '11 member.left'
], 'everything comes in order of version, a message once, at its last change');
select results_eq(
  $$ select answer - 'changes' - 'read_marks' from pg_temp.sync(0) as answer $$,
  $$ select jsonb_build_object('room_id', id, 'topic', topic, 'version', 11, 'last_seq', 3, 'has_more', false,
       'unread_count', 2, 'mention_count', 0, 'own_reactions', '{}'::jsonb)
     from chat.rooms where id = tests.room('Team') $$,
  'with the version reached, and the topic to listen to from now on');
select results_eq(
  $$ select change #>> '{message,content}', change #>> '{message,seq}'
     from jsonb_array_elements(pg_temp.sync(0) -> 'changes') as change where change ? 'message' $$,
  $$ values ('three', '3'), ('uno', '1'), ('', '2') $$, 'a message is returned as it is now');
select is_empty(
  $$ select from jsonb_array_elements(pg_temp.sync(0) -> 'changes') as change
     where (change ->> 'room_id')::bigint <> tests.room('Team')
       or not change ?& array['room_id', 'version', 'event'] $$,
  'every change names its room and version, as an event does');
select is_empty(
  $$ select heard.event from tests.heard() as heard
     join jsonb_array_elements(pg_temp.sync(0) -> 'changes') as change
       on change -> 'room_id' = heard.payload -> 'room_id' and change -> 'version' = heard.payload -> 'version'
     where change ->> 'event' = heard.event and heard.payload - 'id' - 'read_marks' <> change - 'event' - 'id' $$,
  'what is synced is what was announced');

select is(
  pg_temp.told(pg_temp.sync(8)), array['9 message.deleted', '10 room.updated', '11 member.left'],
  'only what came after');
select is(pg_temp.told(pg_temp.sync(null)), pg_temp.told(pg_temp.sync(0)), 'no version means from the beginning');
select is(pg_temp.sync(11) - 'read_marks' - 'topic', jsonb_build_object(
  'room_id', tests.room('Team'), 'version', 11, 'last_seq', 3, 'has_more', false, 'changes', '[]'::jsonb, 'unread_count', 2,
  'mention_count', 0, 'own_reactions', '{}'::jsonb
), 'a client that has everything gets no changes');
select is(pg_temp.sync(1000) -> 'changes', '[]', 'so does who claims to have more');

-- Pages.
create function pg_temp.pages(page_size integer)
returns table (page jsonb)
language sql
as $$
  with recursive pages as (
    select pg_temp.sync(0, page_size) as page
    union all
    select pg_temp.sync((page ->> 'version')::bigint, page_size) from pages where (page ->> 'has_more')::boolean
  )
  select page from pages limit 20;
$$;
select results_eq(
  format('select unnest(pg_temp.told(page)) from pg_temp.pages(%s)', page_size),
  'select unnest(pg_temp.told(pg_temp.sync(0)))', format('pages of %s join without a gap or a repeat', page_size))
from unnest(array[1, 2, 4, 8, 9, 10]) as page_size;
select results_eq(
  'select page -> ''has_more'' from pg_temp.pages(4)', array['true', 'true', 'false']::jsonb[],
  'only the last page says so');
select is(pg_temp.sync(0, 9) -> 'has_more', 'false', 'a full page that is the last says so too');
select is(pg_temp.sync(0, 5) -> 'version', '7', 'a page reaches the version of its last change');
select is(jsonb_array_length(pg_temp.sync(0, size) -> 'changes'), 1, format('a page of %s has one row', size))
from unnest(array[0, -1]) as size;

select tests.act_as_operator();
insert into chat.messages (room_id, seq, version, content, created_at)
select tests.room('Team'), n, n, 'old', '2001-01-01' from generate_series(12, 1100) as n;
update chat.rooms set version = 1100 where id = tests.room('Team');
select tests.act_as('bob');
select is(jsonb_array_length(pg_temp.sync(0) -> 'changes'), 500, 'a page has 500 rows unless more are asked for');
select is(jsonb_array_length(pg_temp.sync(0, 5000) -> 'changes'), 1000, 'a page has at most 1,000 rows');
select is(pg_temp.sync(0, 5000) -> 'has_more', 'true', 'never without saying that there is more');

-- Read marks.
select from chat.mark_read(tests.room('Team'), 2);
select results_eq(
  $$ select mark ->> 'user_id', mark ->> 'last_read_seq', mark ->> 'last_delivered_seq'
     from jsonb_array_elements(pg_temp.sync(11) -> 'read_marks') as mark order by mark -> 'last_read_seq' $$,
  $$ values (tests.user('bob')::text, '2', '2'), (tests.user('alice')::text, '3', '3') $$, 'how far everyone has read');
select tests.act_as_operator();
update chat.rooms set member_count = 51 where id = tests.room('Team');
select tests.act_as('bob');
select is(jsonb_path_query_array(pg_temp.sync(11), '$.read_marks[*].user_id'), jsonb_build_array(tests.user('bob')),
  'in a room of more than 50, only the caller');

-- Others.
select throws_ok('select chat.sync(0)', 'PT404', 'room_not_found', 'what never was is not found');
select tests.act_as('carol');
select throws_ok('select pg_temp.sync(0)', 'PT404', 'room_not_found', 'a former member cannot sync');
select tests.act_as('dave');
select throws_ok(
  'select pg_temp.sync(0)', 'PT404', 'room_not_found',
  'for a stranger the room does not exist');
select throws_ok(
  'select chat.sync(tests.room(''Square''))', 'PT403', 'not_a_member', 'a stranger must join a public room first');
select tests.act_as(null);
select throws_ok('select pg_temp.sync(0)', '42501', null, 'anon syncs nothing');

select * from finish();
rollback;
