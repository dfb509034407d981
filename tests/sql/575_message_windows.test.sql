begin;
select plan(21);

-- alice and bob are in Team; carol is a stranger. A message an hour, from midnight on.
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_group_room('Empty');
select from chat.create_group_room('Square', is_public => true);
select from generate_series(1, 9) as number, chat.send_message(tests.room('Team'), 'm' || number);
select tests.act_as_operator();
update chat.messages set created_at = '2026-03-13T00:00:00Z'::timestamptz + seq * interval '1 hour'
where room_id = tests.room('Team');

create function pg_temp.around(seq bigint default null, at timestamptz default null, max_rows integer default 3, room text default 'Team')
returns text
language sql
as $$
  select string_agg(content, ' ' order by place)
  from chat.messages_around(tests.room(room), seq, at, max_rows) with ordinality as page
    (id, room_id, number, version, sender_id, content, metadata, reply_to_id, forwarded_from_id, forwarded_sender_id,
     forwarded_username, forwarded_content, client_id, created_at, edited_at, deleted_at, reactions, reactions_version, place);
$$;

select tests.act_as('bob');
select is(pg_temp.around(5), 'm4 m5 m6', 'a window is around a seq, oldest first');
select is(pg_temp.around(5, max_rows => 4), 'm3 m4 m5 m6', 'an even window has one more before it');
select is(pg_temp.around(5, max_rows => 1), 'm5', 'a window of one has the message itself');
select is(pg_temp.around(1), 'm1 m2 m3', 'a window at the beginning is full');
select is(pg_temp.around(9), 'm7 m8 m9', 'a window at the end is full');
select is(pg_temp.around(-5), 'm1 m2 m3', 'a seq before the first message shows the first ones');
select is(pg_temp.around(9000000000000000000), 'm7 m8 m9', 'a seq after the last message shows the last ones');
select is(pg_temp.around(3, max_rows => 100), 'm1 m2 m3 m4 m5 m6 m7 m8 m9', 'a window that is larger than the room has all of it');
select is(pg_temp.around(5, max_rows => -1), 'm5', 'a window has at least one message');

select is(pg_temp.around(at => '2026-03-13T05:00:00Z'), 'm4 m5 m6', 'a time shows the message that was sent then');
select is(pg_temp.around(at => '2026-03-13T04:00:01Z'), 'm4 m5 m6', 'a time between two messages shows the later one');
select is(pg_temp.around(at => '-infinity'), 'm1 m2 m3', 'a time before all messages shows the first ones');
select is(pg_temp.around(at => 'infinity'), 'm7 m8 m9', 'a time after all messages shows the last ones');
select is(
  array(select seq from chat.messages_around(tests.room('Team'), at => '2026-03-13T07:30:00Z', max_rows => 1)), '{8}',
  'a window of one tells which message is the first at or after a time');

select tests.act_as('alice');
select is(pg_temp.around(1, room => 'Empty'), null, 'an empty room has an empty window');
select is(pg_temp.around(at => '2026-03-13T05:00:00Z', room => 'Empty'), null, 'at a time as well');

select throws_ok($$select chat.messages_around(tests.room('Team'))$$, 'PT400', 'invalid_window');
select throws_ok($$select chat.messages_around(tests.room('Team'), 1, now())$$, 'PT400', 'invalid_window');
select tests.act_as('carol');
select throws_ok($$select chat.messages_around(tests.room('Team'), at => now())$$, 'PT404', 'room_not_found');
select throws_ok($$select chat.messages_around(tests.room('Square'), 1)$$, 'PT403', 'not_a_member');
select tests.act_as_operator();
select throws_ok('select chat_private.seq_at(-1, now())', 'PT404', 'room_not_found', 'a room in which a time is looked for is there');

select * from finish();
rollback;
