begin;
select plan(35);

-- sifter is in two rooms, where sifted_ann and sifted_bob have written in turns, one message a minute; outsider's is not theirs.
-- Triggers are off: the rows are as sends would leave them. No other test has these names: it would wait for this one to end.
select tests.sign_up('sifter', 'outsider', 'sifted_ann', 'sifted_bob');
set local session_replication_role = replica;
insert into chat.rooms (kind, name, last_seq, version) values
  ('group', 'long', 70000, 70001), ('group', 'short', 400, 401), ('group', 'theirs', 300, 301);
insert into chat.room_members (room_id, user_id)
select id, tests.user(case name when 'theirs' then 'outsider' else 'sifter' end) from chat.rooms
where name in ('long', 'short', 'theirs');
insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
select rooms.id, seq, seq + 1, tests.user(case when seq % 3 = 0 or seq = 10 then 'sifted_bob' else 'sifted_ann' end),
  case when seq % 7 = 0 then 'tea ' else 'fog ' end || seq, '2026-01-01T00:00:00Z'::timestamptz + seq * interval '1 minute'
from chat.rooms, generate_series(1, last_seq) as seq
where name in ('long', 'short', 'theirs')
order by rooms.id, seq;
update chat.messages set sender_id = tests.user('outsider') where seq = 3 and room_id = tests.room('long');
update chat.messages
set attachments = jsonb_build_array('{"mime_type": "text/plain"}'::jsonb, jsonb_build_object('mime_type', type))
from (values (2, 'image/png'), (8, 'video/mp4'), (60000, 'image/jpeg'), (69999, 'audio/ogg')) as files (place, type)
where seq = place;
update chat.messages set content = 'tea at https://tea.example' where seq in (4, 62000);
update chat.messages set content = '', deleted_at = now() where seq % 50 = 0 and room_id = tests.room('short');
update chat.rooms set last_message_id = messages.id from chat.messages
where messages.room_id = rooms.id and messages.seq = rooms.last_seq;
set local session_replication_role = origin;

create function pg_temp.all_found(word text, room text, sender text, sent_after timestamptz, sent_before timestamptz, has text)
returns setof bigint
language sql
as $$
  select id from chat.messages
  where room_id in (tests.room('long'), tests.room('short'))
    and deleted_at is null
    and (room is null or room_id = tests.room(room))
    and (word is null or position(word in content) > 0)
    and (sender is null or sender_id = tests.user(sender))
    and (sent_after is null or created_at >= sent_after)
    and (sent_before is null or created_at < sent_before)
    and (has is null or content like '%https://%' and has = 'link' or attachments <> '[]' and has = 'file'
      or strpos(attachments::text, has || '/') > 0 and has <> 'link')
  order by id desc;
$$;
create function pg_temp.page_by_page(
  word text, room text, sender text, sent_after timestamptz, sent_before timestamptz, has text, page_size integer
)
returns setof bigint
language plpgsql
as $$
declare
  page jsonb;
  before bigint;
begin
  for pages in 1..1000 loop
    page := chat.search_page(word, tests.room(room), before, page_size, tests.user(sender), sent_after, sent_before, has);
    return query select (message ->> 'id')::bigint from jsonb_array_elements(page -> 'messages') as message;
    before := page ->> 'before_id';
    exit when before is null;
  end loop;
end;
$$;
create function pg_temp.compare()
returns setof text
language sql
as $$
  select results_eq(
    format('select * from pg_temp.page_by_page(%s, %s)', arguments, page_size),
    format('select * from pg_temp.all_found(%s)', arguments),
    format('%s, %s a page, is what reading them all finds', arguments, page_size))
  from (
    select page_size,
      format('%L, %L, %L, %L::timestamptz, %L::timestamptz, %L', word, room, sender, sent_after, sent_before, has) as arguments
    from (values
      (null, null, null, null, null, 3, 'file'),
      (null, 'long', null, null, null, 3, 'image'),
      ('fog', null, null, null, null, 3, 'video'),
      (null, null, 'sifted_bob', null, null, 3, 'audio'),
      (null, null, null, null, null, 3, 'link'),
      ('tea', null, null, null, null, 1, 'link'),
      ('tea', 'short', 'sifted_bob', null, null, 10, null),
      ('tea', null, 'sifted_bob', '2026-02-15T00:00:00Z', null, 500, null),
      ('tea', null, null, '2026-01-06T00:00:00Z', '2026-01-06T03:00:00Z', 5, null),
      ('tea', null, null, null, '2026-01-01T02:00:00Z', 100, null),
      ('999', null, 'sifted_ann', null, null, 20, null),
      (null, 'short', 'sifted_bob', null, null, 30, null),
      (null, null, 'sifted_ann', '2026-02-18T00:00:00Z', null, 1000, null),
      (null, null, 'outsider', null, null, 50, null),
      (null, 'long', null, '2026-01-06T16:30:00Z', '2026-01-06T16:40:00Z', 50, null),
      (null, 'long', null, null, '2026-01-01T00:07:00Z', 5, null),
      (null, null, null, '2026-01-01T00:01:00Z', '2026-01-01T00:01:01Z', 5, null),
      (null, null, 'sifted_bob', '2098-01-01T00:00:00Z', null, 5, null),
      (null, null, 'sifted_bob', null, '2025-01-01T00:00:00Z', 5, null)
    ) as searches (word, room, sender, sent_after, sent_before, page_size, has)
  ) as written;
$$;

select tests.act_as('sifter');
select pg_temp.compare();

-- The work is bounded.
select is(
  jsonb_array_length(chat.search_page(sender_id => tests.user('outsider')) -> 'messages'), 0,
  'a page passes through a bounded number of messages');
select is(
  (chat.search_page(sender_id => tests.user('outsider')) -> 'before_id') <> 'null', true, 'such a page says where the next one continues');
select is(
  array(select content from chat.search_messages('tea', tests.room('short'), max_rows => 2, sender_id => tests.user('sifted_bob'))),
  array['tea 399', 'tea 378'], 'search_messages() has the filters as well');
select throws_ok(
  $$select from chat.search_messages(sender_id => tests.user('outsider'))$$, 'PT503', 'search_too_slow',
  'search_messages() refuses what takes several pages');

-- What is refused
select throws_ok($$select chat.search_page(has => 'money')$$, 'PT400', 'invalid_query', 'nothing else can be had');
select throws_ok('select chat.search_page()', 'PT400', 'invalid_query', 'without a text and a filter there is nothing to find');
select throws_ok(
  $$select chat.search_page('', sender_id => tests.user('sifted_bob'))$$, 'PT400', 'invalid_query',
  'an empty text is refused with a filter too');
select is(
  chat.search_page(room_id => tests.room('short'), sender_id => tests.user('nobody')), '{"messages": [], "before_id": null}',
  'nobody has written nothing');
select tests.act_as('outsider');
select throws_ok(
  $$select chat.search_page(room_id => tests.room('short'), sender_id => tests.user('sifted_bob'))$$, 'PT404', 'room_not_found',
  'a stranger cannot search the room by a filter');
select is(
  jsonb_array_length(chat.search_page(sender_id => tests.user('sifted_bob'), max_rows => 1000) -> 'messages'), 101,
  'a filter finds only what is in the rooms of the caller');

-- The work for a page is spent on a few long messages, just above the next stretch: a page that began there again would never end.
select tests.act_as_operator();
set local session_replication_role = replica;
update chat.messages set content = repeat('я', 9990) where room_id = tests.room('long') and seq between 57900 and 58200;
select tests.act_as('sifter');
select throws_ok(
  $$select chat.search_page('nowhere', tests.room('long'), id) from chat.messages where room_id = tests.room('long') and seq = 58300$$,
  'PT503', 'search_too_slow', 'a page that cannot say where the next one continues is refused');
select tests.act_as_operator();

-- Stretches of another time are left out.
create function pg_temp.numbers_of_stretches(filters jsonb)
returns bigint[]
language sql
as $$
  select array(
    select number
    from unnest(chat_private.stretches(
      array[tests.room('long')], 9000000000000000000, jsonb_populate_record(null::chat_private.search_filters, filters)
    )) as stretches
    order by number
  );
$$;
select is(
  pg_temp.numbers_of_stretches('{"sent_before": "2026-01-01T01:00:00Z"}'), array[0::bigint], 'what was sent later is not passed through');
select is(
  pg_temp.numbers_of_stretches('{"sent_after": "2026-02-17T12:00:00Z"}'), array[8::bigint], 'what was sent earlier is not passed through');

-- Each stretch of 8,192 messages is passed through by itself.
insert into chat.mentions (user_id, room_id, seq, message_id)
select tests.user('sifter'), room_id, seq, id from chat.messages where room_id = tests.room('long') and seq in (5, 9000);
update chat.messages set mentions_all = true where room_id = tests.room('long') and seq in (6, 9001);
update chat.messages set content = '', deleted_at = now() where room_id = tests.room('long') and seq = 100;
set local session_replication_role = origin;
select set_config('request.jwt.claims', jsonb_build_object('sub', tests.user('sifter'))::text, true);
create function pg_temp.first_stretch(have_files boolean, mention_me boolean)
returns bigint[]
language sql
as $$
  select array(
    select messages.seq
    from unnest(chat_private.messages_of(
      array[row(tests.room('long'), 0, 0, 8191)::chat_private.stretch], 0, 9000000000000000000, have_files, mention_me
    )) as id
    join chat.messages as messages using (id)
    order by messages.seq
  );
$$;
select is(pg_temp.first_stretch(false, true), array[5::bigint, 6], 'a stretch has the mentions of the caller, and of everyone');
select is(pg_temp.first_stretch(true, false), array[2::bigint, 8], 'a stretch has the messages with files');
select is(cardinality(pg_temp.first_stretch(false, false)), 8190, 'a stretch has its messages, without the deleted one');

select * from finish();
rollback;
