begin;
select plan(72);

-- pagereader is in three rooms whose messages came in turns, 8,192 of one being searched at a time; pagewriter's are not theirs. No
-- other test has these names: it would wait for this long one to end.
select tests.sign_up('pagereader', 'pagewriter');
select setseed(0.42);
insert into chat.rooms (kind, name, last_seq, version) values
  ('group', 'long', 9000, 9001), ('group', 'short', 400, 401), ('group', 'quiet', 30, 31), ('group', 'theirs', 300, 301);
insert into chat.room_members (room_id, user_id)
select id, tests.user(case name when 'theirs' then 'pagewriter' else 'pagereader' end) from chat.rooms
where name in ('long', 'short', 'quiet', 'theirs');
insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
select rooms.id, seq, seq + 1, tests.user('pagewriter'),
  (
    select string_agg((array['tea', 'weather', 'fog', 'kettle', 'qzar', 'runs', 'Ёж', 'книги'])[1 + floor(power(random(), 3) * 8)], ' ')
    from generate_series(1, 3) where seq > 0
  ) || ' ' || seq, '2001-01-01'
from chat.rooms, generate_series(1, last_seq) as seq
where name in ('long', 'short', 'quiet', 'theirs')
order by seq::double precision / last_seq, rooms.id;
update chat.rooms set last_message_id = messages.id from chat.messages
where messages.room_id = rooms.id and messages.seq = rooms.last_seq;
-- What reading them all finds.
create temporary table texts (id bigint, room_id bigint, folded text, words tsvector);
grant select on texts to authenticated;
create function pg_temp.read_all()
returns void
language plpgsql
as $$
begin
  delete from texts;
  insert into texts
  select id, room_id, folded, to_tsvector('russian', folded)
  from (select id, room_id, chat_private.fold(content) as folded from chat.messages offset 0) as folded
  where room_id in (select room_id from chat.room_members where user_id = tests.user('pagereader'));
end;
$$;
select pg_temp.read_all();
create function pg_temp.all_found(query text, room bigint)
returns setof bigint
language sql
as $$
  select id from texts
  where (room is null or room_id = room)
    and (
      position(chat_private.fold(query) in folded) > 0
      or words @@ websearch_to_tsquery('russian', chat_private.fold(query))
    )
  order by id desc;
$$;
-- What page after page finds.
create function pg_temp.page_by_page(query text, room bigint, page_size integer)
returns setof bigint
language plpgsql
as $$
declare
  page jsonb;
  before bigint;
begin
  for pages in 1..1000 loop
    page := chat.search_page(query, room, before, page_size);
    return query select (message ->> 'id')::bigint from jsonb_array_elements(page -> 'messages') as message;
    before := page ->> 'before_id';
    exit when before is null;
  end loop;
end;
$$;

create function pg_temp.compare(state text)
returns setof text
language sql
as $$
  select results_eq(
    format('select * from pg_temp.page_by_page(%L, %s, %s)', query, coalesce(tests.room(room)::text, 'null'), page_size),
    format('select * from pg_temp.all_found(%L, %s)', query, coalesce(tests.room(room)::text, 'null')),
    format('%s in %s, %s a page, is what reading them all finds %s', query, coalesce(room, 'all rooms'), page_size, state))
  from (values
    ('needle', 'long', 1), ('needle', null, 4), ('qz', 'long', 1000), ('qz', null, 300), ('zar', 'long', 1000), ('ёж', null, 1000),
    ('книга', null, 1000), ('running', 'long', 1000), ('"tea weather"', 'long', 1000), ('"tea fog"', null, 1000),
    ('"fog kettle"', 'long', 1000), ('77', null, 100), ('x', null, 10), ('й', 'long', 10), ('fog kettle qzar', null, 1000),
    ('qzar or книги', null, 1000), ('kettle -tea -fog', null, 1000), ('e', 'quiet', 7), ('tea', 'short', 33),
    ('weather 12', null, 50)
  ) as searches (query, room, page_size);
$$;

select tests.act_as('pagereader');
select pg_temp.compare('while none is indexed');
select tests.act_as_operator();
select is(
  cardinality(chat_private.candidates(
    array[row(tests.room('long'), 0, 0, 8191)::chat_private.stretch], chat_private.search_for('needle'), 0, 9000000000000000000
  )),
  8191, 'of those that are not indexed, a stretch has its own');
select tests.index_messages();
update chat.messages set content = 'the needle' where seq in (7, 8191, 8192, 8193) and room_id = tests.room('long');
-- Both words, never side by side: each of them is a candidate for "fog kettle".
update chat.messages set content = 'fog over the kettle' where seq between 100 and 900 and room_id = tests.room('long');

select pg_temp.read_all();
select tests.act_as('pagereader');
select pg_temp.compare('while some have changed since they were indexed');
select tests.act_as_operator();
select tests.index_messages();
select tests.act_as('pagereader');
select pg_temp.compare('when all are indexed');

-- The work is bounded: of a great many candidates a page looks at some, and says where it goes on.
select tests.act_as_operator();
update chat.messages set content = repeat('fog over the kettle ', 400)
where room_id = tests.room('long') and seq > 8200;
select pg_temp.read_all();
select tests.act_as('pagereader');
create temporary table first_page as select chat.search_page('"fog kettle"', tests.room('long')) as page;
select is(
  (page ->> 'before_id')::bigint > (select min(id) from pg_temp.all_found('fog', tests.room('long')) as id), true,
  'what takes long goes on in the next page')
from first_page;
select results_eq(
  $$ select * from pg_temp.page_by_page('"fog kettle"', tests.room('long'), 50) $$,
  $$ select * from pg_temp.all_found('"fog kettle"', tests.room('long')) $$, 'all pages together find every message');
select throws_ok(
  $$ select from chat.search_messages('"fog kettle"', tests.room('long')) $$, 'PT503', 'search_too_slow',
  'rows alone cannot say that they go on');

-- Long messages make short pages. To index those of above as well takes long.
select tests.act_as_operator();
update chat.messages set content = 'fog' where room_id = tests.room('long') and seq > 8200;
update chat.messages set content = repeat('я', 9990) || ' bulky' where room_id = tests.room('short') and seq <= 120;
select tests.index_messages();
select tests.act_as('pagereader');
select is(jsonb_array_length(chat.search_page('bulky', max_rows => 1000) -> 'messages'), 52, 'a page ends after a megabyte');
select is(octet_length(chat.search_page('bulky', max_rows => 1000)::text) < 1200000, true, 'a page is little longer than a megabyte');
select is(
  (select count(*) from pg_temp.page_by_page('bulky', null, 1000)), 120::bigint, 'the next pages bring the rest');

-- Whatever is typed.
select tests.act_as_operator();
select results_eq(
  format($$ select (chat_private.search_for(%L)).part <> '' $$, query), array[true], format('%s is taken apart', left(query, 10)))
from unnest(array[repeat('ab cd ', 33), repeat('a or ', 39), repeat('"', 200), repeat('-', 200), '((((']) as query;

select * from finish();
rollback;
