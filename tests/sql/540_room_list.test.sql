begin;
select plan(30);

-- alice is in two groups and in a direct room with bob, who writes; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('bob');
select from chat.create_group_room('Elsewhere', is_public => true);
select from chat.send_message(tests.room('Elsewhere'), 'nothing to you');
select tests.act_as('alice');
select from chat.create_group_room('Quiet');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_direct_room(tests.user('bob'));
select tests.act_as('bob');
select from unnest(array['one', 'two', 'three']) as text, chat.send_message(tests.room('Team'), text);
select from chat.send_message(tests.direct_room('alice', 'bob'), 'psst');

-- As time passes: Quiet is older than Team, Team than the direct room.
select tests.act_as_operator();
create function pg_temp.active(room bigint, ago interval)
returns void
language sql
as $$
  update chat.rooms
  set created_at = now() - interval '1 day', last_message_at = case when last_seq > 0 then now() - ago end
  where id = room;
$$;
select pg_temp.active(tests.room('Quiet'), '0');
select pg_temp.active(tests.room('Team'), '2 hours');
select pg_temp.active(tests.direct_room('alice', 'bob'), '1 hour');

select tests.act_as('alice');
update chat.rooms set avatar_url = '/quiet.png' where name = 'Quiet';
select results_eq(
  'select name from chat.room_list()', array['', 'Team', 'Quiet'], 'rooms are listed, the most recently active first');
select results_eq(
  $$ select name, unread_count, last_message ->> 'content', last_message ->> 'sender_username' from chat.room_list() $$,
  $$ values ('', 1::bigint, 'psst', 'bob'), ('Team', 3, 'three', 'bob'), ('Quiet', 0, null, null) $$,
  'the list has what is unread, and the last message');
select results_eq(
  $$ select name, role::text, other_member - 'number' from chat.room_list() $$,
  $$ values
    ('', 'member', jsonb_build_object('user_id', tests.user('bob'), 'username', 'bob')), ('Team', 'owner', null),
    ('Quiet', 'owner', null) $$,
  'the list has the other member of a direct room');
select is_empty(
  $$ select list.name from chat.room_list() as list join chat.rooms using (id)
     where (list.topic, list.version, list.last_seq, list.member_count, list.avatar_url, list.slow_mode_seconds)
       is distinct from (rooms.topic, rooms.version, rooms.last_seq, rooms.member_count, rooms.avatar_url, rooms.slow_mode_seconds) $$,
  'the list has where a client continues: topic, version and last_seq');

select from chat.mark_read(tests.room('Team'), 2);
select results_eq(
  $$ select unread_count from chat.room_list(only_room_id => tests.room('Team')) $$, array[1::bigint],
  'what is read is not counted');
select from chat.send_message(tests.room('Team'), 'mine');
select results_eq(
  $$ select name, unread_count from chat.room_list() limit 1 $$, $$ values ('Team', 1::bigint) $$,
  'an answer moves the room up, and leaves unread what was unread');
select from chat.delete_message(tests.message('mine'));
select results_eq(
  $$ select last_message ->> 'content', last_message ->> 'deleted_at' is not null
     from chat.room_list(only_room_id => tests.room('Team')) $$,
  $$ values ('', true) $$, 'a last message that was deleted is shown as a tombstone');

-- Archived rooms.
update chat.room_members set archived_at = now() where room_id = tests.room('Quiet');
select results_eq('select name from chat.room_list(false)', array['Team', ''], 'archived rooms are left out');
select results_eq('select name from chat.room_list(true)', array['Quiet'], 'archived rooms are listed alone on request');
select results_eq('select name from chat.room_list(null)', array['Team', '', 'Quiet'],
  'archived rooms are listed with the rest on request');
select results_eq(
  'select name from chat.room_list(true, before_room_id => tests.room(''Team''))', array['Quiet'],
  'a list goes on after a room that it no longer shows');

-- Pages.
create function pg_temp.pages(page_size integer)
returns table (name text)
language sql
as $$
  with recursive pages as (
    select array(select id from chat.room_list(max_rows => page_size)) as ids
    union all
    select array(
      select id from chat.room_list(before_room_id => pages.ids[cardinality(pages.ids)], max_rows => page_size)
    )
    from pages where cardinality(pages.ids) > 0
  )
  select rooms.name from pages, unnest(pages.ids) as id join chat.rooms using (id) limit 20;
$$;
select results_eq(
  format('select name from pg_temp.pages(%s)', page_size), array['Team', '', 'Quiet'],
  format('pages of %s join without a gap or a repeat', page_size))
from unnest(array[1, 2, 3]) as page_size;
select results_eq(
  'select count(*)::integer from chat.room_list(max_rows => 0)', array[1], 'a page has one row at the least');

-- Others.
select is_empty(
  $$ select from chat.room_list(only_room_id => tests.room('Elsewhere')) $$,
  'a public room is not mine before I join it');
select throws_ok(
  format('select chat.room_list(before_room_id => %s)', room), code, error, 'a list does not end at a room of others')
from (values (tests.room('Elsewhere'), 'PT403', 'not_a_member'), (0, 'PT404', 'room_not_found')) as rooms (room, code, error);

-- The list of the REST APIs.
select results_eq(
  'select id, kind, slug, name, avatar_url, unread_count, member_count, (last_message ->> ''id'')::bigint from chat.room_list()',
  'select id, kind, slug, name, avatar_url, unread_count, member_count, last_id from chat_private.my_room_page(null, null, 100)',
  'a page of rooms has the rooms, counts and last messages of the list');
select results_eq(
  $$ select members::jsonb from chat_private.my_room_page(tests.room('Team'), null, 1) $$,
  $$ select jsonb_agg(jsonb_build_object('id', number, 'username', username) order by number) from chat.profiles
     where id in (tests.user('alice'), tests.user('bob')) $$,
  'a page of one room has its members');
select results_eq(
  $$ select last_read_id, last_id from chat_private.my_room_page(tests.room('Quiet'), null, 1) $$,
  'values (null::bigint, null::bigint)', 'a page names no messages of a room that has none');
select from chat.mark_read(tests.room('Team'), 2);
select results_eq(
  $$ select last_read_id, unread_count from chat_private.my_room_page(tests.room('Team'), null, 1) $$,
  $$ values (tests.message('two'), 1::bigint) $$, 'the page names the message up to which the caller has read');
select results_eq(
  $$ select id from chat_private.my_room_page(null, (select id from chat_private.my_room_page(null, null, 1)), 100) $$,
  $$ select id from chat.room_list() offset 1 $$, 'the next page begins after the last room');
select is_empty(
  $$ select from chat_private.my_room_page(tests.room('Elsewhere'), null, 1) $$,
  'a page of one room is empty for a room of others');
select isnt_empty(
  $$ select from chat_private.my_room_page(null, tests.room('Elsewhere'), 100) $$,
  'a page may begin after a public room that the caller is not in');
select tests.act_as('bob');
select is_empty(
  $$ select from chat_private.my_room_page(null, tests.room('Quiet'), 100) $$,
  'a page after a private room of others is empty');
select tests.act_as('carol');
select is_empty('select from chat_private.my_room_page(null, null, 100)', 'a page of rooms is empty for a stranger to all');
select is_empty('select from chat.room_list()', 'a stranger to all lists nothing');
select tests.act_as(null);
select throws_ok('select from chat.room_list()', '42501', null, 'anon lists nothing');
select tests.act_as_operator();
delete from auth.users where id = tests.user('bob');
select tests.act_as('alice');
select results_eq(
  $$ select other_member, last_message ->> 'content', last_message ->> 'sender_username'
     from chat.room_list() where kind = 'direct' $$,
  $$ values (null::jsonb, 'psst', null::text) $$, 'a direct room outlives the other member');

select * from finish();
rollback;
