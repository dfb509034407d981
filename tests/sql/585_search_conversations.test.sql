begin;
select plan(24);

-- kate has conversations about tea, of which the newest is about running; liam has one of his own
select tests.sign_up('kate', 'liam');
insert into chat.conversations (id, owner_id, title, created_at)
select md5(title)::uuid, tests.user(owner), title, now() - age
from (
  values ('Tea', 'kate', interval '9 days'), ('Coffee', 'kate', interval '8 days'), ('Empty', 'kate', interval '7 days'),
    ('Sport', 'kate', interval '6 days'), ('Secrets', 'liam', interval '5 days')
) as talks (title, owner, age);
insert into chat.conversation_messages (conversation_id, role, content, created_at)
select md5(title)::uuid, role, content, now() - age
from (
  values (1, 'Tea', 'user', 'Which teas are GREEN?', interval '9 days'), (2, 'Tea', 'assistant', 'Sencha, a Café tea', interval '9 days'),
    (3, 'Coffee', 'user', 'Is coffee older than tea?', interval '8 days'), (4, 'Sport', 'user', 'He runs 100% daily', interval '2 hours'),
    (5, 'Secrets', 'user', 'Tea of Liam', interval '5 days')
) as said (place, title, role, content, age)
order by place;
create function pg_temp.said(found jsonb)
returns text[]
language sql immutable
as $$
  select coalesce(array_agg(message ->> 'content' order by place), '{}')
  from jsonb_array_elements(found -> 'messages') with ordinality as messages (message, place);
$$;

select tests.act_as('kate');
select is(
  pg_temp.said(chat.search_conversations('tea')), array['Is coffee older than tea?', 'Sencha, a Café tea', 'Which teas are GREEN?'],
  'messages are found, the newest conversation and in it the newest message first, and none of others');
select is(
  chat.search_conversations('sencha') #- '{messages,0,created_at}',
  (
    select jsonb_build_object('messages', jsonb_build_array(jsonb_build_object(
      'id', id, 'conversation_id', conversation_id, 'title', 'Tea', 'role', role, 'content', content
    )), 'before_id', null)
    from chat.conversation_messages where content like 'Sencha%'
  ),
  'what is found says where it is');
select is(pg_temp.said(chat.search_conversations('running')), array['He runs 100% daily'], 'words are found in any form');
select is(
  pg_temp.said(chat.search_conversations('zebra or "green, teas"')), '{}'::text[], 'words in quotes must be side by side');
select is(
  pg_temp.said(chat.search_conversations('zebra or cafes')), array['Sencha, a Café tea'], 'one of two words is enough');
select is(pg_temp.said(chat.search_conversations('ün')), array['He runs 100% daily'], 'a part is found without accents');
select is(pg_temp.said(chat.search_conversations('CAFE')), array['Sencha, a Café tea'], 'case and accents do not matter');
select is(pg_temp.said(chat.search_conversations('%')), array['He runs 100% daily'], 'what people type is text');
select is(
  pg_temp.said(chat.search_conversations('tea -older', md5('Coffee')::uuid)), '{}'::text[], 'a word can be left out, in one conversation');
select is(
  pg_temp.said(chat.search_conversations('tea', md5('Coffee')::uuid)), array['Is coffee older than tea?'],
  'one conversation is searched alone');
select is(
  pg_temp.said(chat.search_conversations('e', sent_after => now() - interval '1 day')), array['He runs 100% daily'],
  'a search finds only what was said after a time');
select is(
  pg_temp.said(chat.search_conversations('tea', sent_before => now() - interval '8 days 1 hour')),
  array['Sencha, a Café tea', 'Which teas are GREEN?'], 'a search finds only what was said before a time');

-- Pages.
create function pg_temp.pages(query text, size integer)
returns setof text[]
language plpgsql
as $$
declare
  page jsonb := chat.search_conversations(query, max_rows => size);
begin
  loop
    return next pg_temp.said(page);
    exit when page ->> 'before_id' is null;
    page := chat.search_conversations(query, before_id => (page ->> 'before_id')::bigint, max_rows => size);
  end loop;
end;
$$;
select results_eq(
  $$ select * from pg_temp.pages('tea', 2) $$,
  $$ values (array['Is coffee older than tea?', 'Sencha, a Café tea']), (array['Which teas are GREEN?']) $$,
  'the next page begins after the last message of the one before');
select is(
  jsonb_array_length(chat.search_conversations('tea', max_rows => 0) -> 'messages'), 1, 'a page has one message at least');

-- A later reply takes the place of the earlier.
insert into chat.conversation_messages (conversation_id, role, content, reply_to_id)
select md5('Tea')::uuid, 'assistant', text, id
from chat.conversation_messages, unnest(array['Oolong early', 'Oolong late']) as text
where content like 'Which teas%'
order by text;
select is(pg_temp.said(chat.search_conversations('oolong')), array['Oolong late'], 'a reply that was written again is found once');

-- A call reads no more than 1,000 messages, or 300,000 characters.
insert into chat.conversation_messages (conversation_id, role, content)
select md5('Sport')::uuid, 'user', 'filler' from generate_series(1, 1100);
select is(
  (select array_agg(cardinality(page)) from pg_temp.pages('sencha', 50) as page), array[0, 1],
  'a search of many messages goes on in the next page');
insert into chat.conversation_messages (conversation_id, role, content)
select md5('Sport')::uuid, 'user', repeat('x', 100000) from generate_series(1, 7);
select is(
  (select array_agg(cardinality(page)) from pg_temp.pages('sencha', 50) as page), array[0, 0, 0, 1],
  'so does one of long messages');

select throws_ok($$ select chat.search_conversations(' ') $$, 'PT400', 'invalid_query', 'a blank text is refused');
select throws_ok($$ select chat.search_conversations(repeat('x', 201)) $$, 'PT400', 'invalid_query', 'a long text is refused');
select throws_ok(
  $$ select chat.search_conversations('tea', md5('Secrets')::uuid) $$, 'PT404', 'conversation_not_found',
  'a conversation of another is not searched');
select tests.act_as_operator();
select is(chat_private.word_patterns(chat_private.search_for('dying daily_100% or running')), array['%dai%', '%r%'],
  'a text is taken apart only if a word of it may begin so');
create temporary table theirs as select id from chat.conversation_messages where content = 'Tea of Liam';
grant select on theirs to authenticated;
select tests.act_as('kate');
select throws_ok(
  'select chat.search_conversations(''tea'', before_id => id) from theirs', 'PT404', 'message_not_found',
  'no page begins at a message of another');
select tests.act_as('liam');
select is(pg_temp.said(chat.search_conversations('tea')), array['Tea of Liam'], 'a stranger finds only their own');
select tests.act_as(null);
select throws_ok($$ select chat.search_conversations('tea') $$, '42501', null, 'anon searches nothing');

select * from finish();
rollback;
