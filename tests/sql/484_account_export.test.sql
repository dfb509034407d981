begin;
select plan(15);

-- xander exports; yvonne is in Team with him, and wrote things that he did not.
select tests.sign_up('xander', 'yvonne', 'zelda');
update chat_private.limits set capacity = 2, per_second = 0.00001 where action = 'export_data';
-- What an export says, by the pages of a person or a backend.
create function pg_temp.exported(user_id uuid default null)
returns table (type text, line jsonb)
language plpgsql
as $$
declare
  page jsonb;
  cursor text;
begin
  for turn in 1..1000 loop
    page := chat.export_page(cursor, exported.user_id);
    return query select each ->> 'type', each from jsonb_array_elements(page -> 'lines') as each;
    cursor := page ->> 'cursor';
    exit when cursor is null;
  end loop;
end;
$$;
select tests.act_as('xander');
select from chat.create_group_room('Team', array[tests.user('yvonne')]);
select from chat.create_group_room('Left', array[tests.user('yvonne')]);
select from chat.create_direct_room(tests.user('yvonne'));
select from generate_series(1, 1200) as number, chat.send_message(tests.room('Team'), 'exported ' || number);
select from chat.send_message(tests.room('Left'), 'exported left');
select from chat.leave_room(tests.room('Left'));
select from chat.edit_message(tests.message('exported 7'), 'exported 7, edited');
select from chat.react(tests.message('exported 8'), '👍');
select from chat.begin_upload(tests.room('Team'), 'a.txt', 'text/plain', 1);
insert into chat.friendships (friend_id) values (tests.user('yvonne'));
select from chat.block_user(tests.user('zelda'));
select from chat.create_post('Title', 'Exported post');
insert into chat.conversations (title) values ('One'), ('Two');
select from chat.conversations as talks, generate_series(1, 300) as number,
  chat.add_conversation_message(talks.id, 'user', talks.title || ' ' || number);
select from chat.touch_status();
select from chat.create_invite_link(tests.room('Team'));
select from chat.report('spam', note => 'Exported note', user_id => tests.user('zelda'));
select tests.act_as_operator();
insert into chat.join_requests (room_id, user_id, note) values (tests.room('Left'), tests.user('xander'), 'Exported question');
select tests.act_as('yvonne');
select from chat.create_group_room('Banned');
select tests.act_as_operator();
insert into chat.room_bans (room_id, user_id, reason) values (tests.room('Banned'), tests.user('xander'), 'Exported ban');
insert into chat.mutes (user_id, reason) values (tests.user('xander'), 'Exported mute');
select tests.act_as('yvonne');
select from chat.send_message(tests.room('Team'), 'of yvonne');
select from chat.react(tests.message('exported 9'), '👍');

select tests.act_as(null);
select throws_ok('select chat.export_page()', '42501', null, 'anon exports nothing');
select tests.act_as('yvonne');
select throws_ok(
  $$ select chat.export_page(user_id => tests.user('xander')) $$, 'PT403', 'backend_required', 'nobody exports the data of somebody else');
select tests.act_as('xander');
select throws_ok($$ select chat.export_page('nothing:1') $$, 'PT400', 'invalid_cursor', 'a page begins with the cursor of the one before');
create temporary table found as select * from pg_temp.exported();
grant all on found to public;
select results_eq(
  'select type, count(*) from found group by type order by type collate "C"',
  $$ values ('account', 1::bigint), ('block', 1), ('conversation', 2), ('conversation_message', 600), ('friend', 1), ('invite_link', 1),
     ('join_request', 1),
     ('membership', 2), ('message', 1201), ('mute', 1), ('notice', 1), ('post', 1), ('profile', 1), ('reaction', 1), ('report', 1),
     ('room_ban', 1), ('status', 1), ('upload', 1) $$,
  'an export has each thing of the person once, over several pages');
select results_eq(
  $$ select type, line ->> 'reason', line ->> 'name', line ? 'banned_by' from found where type in ('mute', 'room_ban') order by type $$,
  $$ values ('mute', 'Exported mute', null, false), ('room_ban', 'Exported ban', 'Banned', false) $$,
  'so are mutes and bans from rooms, without who made them');
select is(
  (select count(distinct (type, line ->> 'id')) from found where type in ('message', 'conversation_message')), 1801::bigint,
  'none comes twice');
select is_empty($$ select from found where line::text like '%of yvonne%' $$, 'messages of others are not in it');
select is(
  (select line ->> 'content' from found where line ->> 'content' = 'exported left'), 'exported left',
  'those in rooms that they have left are');
select results_eq(
  $$ select line #>> '{edits,0,content}' from found where line ->> 'content' = 'exported 7, edited' $$, array['exported 7'],
  'what a message said before is in it');
select results_eq(
  $$ select line -> 'reactions' from found where line ->> 'content' = 'exported 9' $$, array['{"👍": 1}'::jsonb],
  'reactions of others are counts');
select results_eq(
  $$ select line ->> 'email', line ->> 'username' from found where type in ('account', 'friend') order by type $$,
  $$ values ('xander@example.com', null::text), (null, 'yvonne') $$, 'the address of the person is in it, and the names of friends');
select from chat.export_page();
select throws_ok('select chat.export_page()', 'PT429', 'rate_limited', 'a person exports only so often');
select tests.act_as_operator();
select is(
  (select count(*) from pg_temp.exported(tests.user('xander'))), (select count(*) from found),
  'a backend exports the same, without a limit');
select throws_ok(
  $$ select chat.export_page(user_id => gen_random_uuid()) $$, 'PT404', 'user_not_found', 'a backend exports nobody who is gone');
select results_eq(
  $$ select action, user_id, actor_id from chat.audit_log where user_id = tests.user('xander') and action = 'account_exported' $$,
  $$ values ('account_exported', tests.user('xander'), null::uuid) $$, 'the audit log says so');

select * from finish();
rollback;
