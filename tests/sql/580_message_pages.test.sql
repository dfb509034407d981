begin;
select plan(35);

-- alice and bob are in Team; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_group_room('Elsewhere');
select from chat.send_message(tests.room('Elsewhere'), 'not for bob');
select from unnest(array['one', 'two', 'three', 'four']) as text, chat.send_message(tests.room('Team'), text);

create function pg_temp.page(
  before_id bigint default null, after_id bigint default null, max_rows integer default 50, around_id bigint default null,
  at timestamptz default null
)
returns text
language sql
as $$
  select string_agg(content, ' ' order by place)
  from unnest(chat_private.message_page(tests.room('Team'), before_id, after_id, max_rows, around_id, at)) with ordinality as page
    (id, room_id, seq, version, sender_id, content, metadata, reply_to_id, forwarded_from_id, forwarded_sender_id,
     forwarded_username, forwarded_content, client_id, created_at, edited_at, deleted_at, place);
$$;

-- Who has received and read each message of Team, as the acting user sees it.
create function pg_temp.receipts()
returns setof text
language sql
as $$
  select format('%s %s/%s', content, delivered_count, read_count)
  from chat_private.with_receipts(
    tests.room('Team'), array(select messages from chat.messages as messages where room_id = tests.room('Team') order by seq)
  )
  order by seq;
$$;

-- Pages
select tests.act_as('bob');
select is(pg_temp.page(max_rows => 2), 'four three', 'without a cursor, a page has the newest messages');
select is(pg_temp.page(before_id => tests.message('three')), 'two one', 'a page before a message has those before it');
select is(pg_temp.page(after_id => tests.message('two')), 'three four', 'a page after a message has those after it, oldest first');
select is(pg_temp.page(after_id => tests.message('one'), max_rows => 1), 'two', 'a page has at most max_rows messages');
select is(pg_temp.page(after_id => tests.message('four')), null, 'after the last message there is nothing');
select is(pg_temp.page(before_id => tests.message('not for bob')), null, 'a message of another room is no cursor: before');
select is(pg_temp.page(after_id => tests.message('not for bob')), null, 'a message of another room is no cursor: after');
select is(
  pg_temp.page(around_id => tests.message('three'), max_rows => 3), 'two three four',
  'a page around a message has it in the middle');
select is(pg_temp.page(around_id => tests.message('not for bob')), null, 'a message of another room is no cursor: around');
select is(pg_temp.page(at => '-infinity', max_rows => 2), 'one two', 'a page at a time has the first message after it');
select tests.act_as('carol');
select is(pg_temp.page(), null, 'a stranger gets no page');
select is(pg_temp.page(at => '-infinity'), null, 'a stranger gets no page at a time');

-- Delivery
select tests.act_as('bob');
select is(
  (select last_delivered_seq from chat.room_members where room_id = tests.room('Team') and user_id = tests.user('bob')),
  4::bigint, 'the messages of a page are delivered to the caller');
select tests.act_as('alice');
select from chat.send_message(tests.room('Team'), 'five');
select tests.act_as('bob');
update chat.profiles set share_receipts = false where id = tests.user('bob');
select is(pg_temp.page(max_rows => 1), 'five', 'a member who does not share receipts gets pages as well');
select is(
  (select last_delivered_seq from chat.room_members where room_id = tests.room('Team') and user_id = tests.user('bob')),
  4::bigint, 'a page says nothing about a member who does not share receipts');
update chat.profiles set share_receipts = true where id = tests.user('bob');

-- Receipts
select from chat.mark_read(tests.room('Team'), 2);
select tests.act_as('alice');
select results_eq(
  'select pg_temp.receipts()', array['one 1/1', 'two 1/1', 'three 1/0', 'four 1/0', 'five 0/0'],
  'messages are counted as received and read up to the marks of the others');
select tests.act_as('bob');
select from chat.send_message(tests.room('Team'), 'six');
select tests.act_as('alice');
select from chat.mark_read(tests.room('Team'), 6);
select is(
  (select array_agg(receipt order by receipt) from pg_temp.receipts() as receipt where receipt like 'six%'), array['six 1/1'],
  'the sender is not counted');
select results_eq(
  $$ select receipt - 'delivered_at' - 'read_at' from chat_private.with_receipts(
       tests.room('Team'), array(select messages from chat.messages as messages where id = tests.message('three'))
     ) as page, jsonb_array_elements(page.receipts::jsonb) as receipt $$,
  $$ select jsonb_build_object('user', number, 'username', 'bob', 'delivered', true, 'read', false)
     from chat.profiles where username = 'bob' $$,
  'the receipts of a message name the others');
select results_eq(
  $$ select receipt ->> 'read_at' is null, receipt ->> 'delivered_at' is null from chat_private.with_receipts(
       tests.room('Team'), array(select messages from chat.messages as messages where id = tests.message('two'))
     ) as page, jsonb_array_elements(page.receipts::jsonb) as receipt $$,
  $$ values (false, false) $$, 'the receipts have the times of what the last movement of a mark passed');
select results_eq(
  $$ select sender, sender_username from chat_private.with_receipts(
       tests.room('Team'), array(select messages from chat.messages as messages where id = tests.message('six'))
     ) $$,
  $$ select number, username from chat.profiles where username = 'bob' $$, 'a message has its sender');
select is_empty(
  $$ select from chat_private.with_receipts(tests.room('Team'), '{}') $$, 'no messages have no receipts');
select is_empty(
  $$ select from chat_private.with_receipts(
       tests.room('Team'), array(select messages from chat.messages as messages where id = tests.message('not for bob'))
     ) $$,
  'a message of another room is left out');

create temporary table team as select messages from chat.messages as messages where room_id = tests.room('Team');
grant select on team to authenticated;
select tests.act_as('carol');
select is_empty(
  $$ select from chat_private.with_receipts(tests.room('Team'), array(select messages from team)) $$,
  'a stranger who knows the messages does not see who has read them');

-- In a room of more than 20 members they are only counted.
select tests.act_as_operator();
select tests.sign_up(variadic array(select 'member' || n from generate_series(1, 19) as n));
insert into chat.room_members (room_id, user_id)
select tests.room('Team'), tests.user('member' || n) from generate_series(1, 19) as n;
select tests.act_as('alice');
select results_eq(
  $$ select distinct receipts::text from chat_private.with_receipts(
       tests.room('Team'), array(select messages from chat.messages as messages where room_id = tests.room('Team') order by seq)
     ) $$,
  array['[]'], 'in a room of more than 20 members no receipt names anybody');
select results_eq(
  'select pg_temp.receipts()',
  array['one 20/20', 'two 20/20', 'three 20/19', 'four 20/19', 'five 19/19', 'six 20/20'],
  'in a room of more than 20 members receipts are counted');
select is(chat_private.new_receipts(tests.room('Team'))::text, '[]', 'a new message of a large room names nobody');

-- A new message
select is(
  chat_private.new_receipts(tests.room('Elsewhere'))::text, '[]', 'a new message in a room without others has no receipts');
select from chat.create_direct_room(tests.user('bob'));
select is(
  chat_private.new_receipts(tests.direct_room('alice', 'bob'))::jsonb,
  jsonb_build_array(jsonb_build_object(
    'user', (select number from chat.profiles where username = 'bob'), 'username', 'bob',
    'delivered', false, 'read', false, 'delivered_at', null, 'read_at', null
  )),
  'a new message is neither delivered to the others nor read');
select tests.act_as('carol');
select is(
  chat_private.new_receipts(tests.direct_room('alice', 'bob'))::text, '[]', 'a stranger does not see who is in a room');

-- Long messages
select tests.act_as_operator();
insert into chat.messages (room_id, sender_id, content)
select tests.room('Elsewhere'), tests.user('alice'), repeat('🙂', 10000) from generate_series(1, 30);
select tests.act_as('alice');
select is(
  cardinality(chat_private.message_page(tests.room('Elsewhere'), null, null, 50)), 27,
  'a page ends with the message that makes it longer than page_bytes()');
select is(
  cardinality(chat_private.message_page(tests.room('Elsewhere'), null, tests.message('not for bob'), 50)), 27,
  'so does a page after a message');
select is(
  cardinality(chat_private.message_page(tests.room('Elsewhere'), null, null, 20)), 20, 'a page of 800 kB is whole');

-- Sending runs as the definer.
select tests.act_as('carol');
select throws_ok(
  format(
    'select chat_private.send_message(%s, ''x'', null, null, null, null, %L, null, null, null)', tests.room('Team'), tests.user('carol')
  ),
  'PT404', 'room_not_found', 'a stranger cannot send');
select throws_ok(
  format(
    'select chat_private.send_message(%s, ''x'', null, null, null, null, %L, null, null, null)', tests.room('Team'), tests.user('alice')
  ),
  'PT403', 'sender_required', 'a user cannot send as another one');

-- A message that came after what was delivered.
select tests.act_as('alice');
select from chat.create_group_room('Delivered', array[tests.user('bob')]);
select from chat.send_message(tests.room('Delivered'), 'delivered');
select tests.act_as('bob');
select from chat.mark_delivered(tests.room('Delivered'), 1);
select tests.act_as('alice');
select from chat.send_message(tests.room('Delivered'), 'on its way');
select results_eq(
  $$ select receipt ->> 'delivered', receipt ->> 'delivered_at' from chat_private.with_receipts(
       tests.room('Delivered'), array(select messages from chat.messages as messages where id = tests.message('on its way'))
     ) as page, jsonb_array_elements(page.receipts::jsonb) as receipt $$,
  $$ values ('false', null::text) $$, 'what was not delivered has no time');

select * from finish();
rollback;
