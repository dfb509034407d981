begin;
select plan(49);

-- reader is in 40 rooms of 250 messages each; stranger has as many
select tests.sign_up('explain-reader', 'explain-stranger');
insert into chat.rooms (kind, name, last_seq, version)
select 'group', 'explain ' || n, 250, 251 from generate_series(1, 80) as n;
insert into chat.room_members (room_id, user_id)
select id, tests.user(case when id % 2 = 0 then 'explain-reader' else 'explain-stranger' end)
from chat.rooms where name like 'explain %';
insert into chat.messages (room_id, seq, version, content, created_at)
select rooms.id, n, n + 1, format('message %s of %s', md5(n::text || rooms.id), rooms.name), '2001-01-01'
from chat.rooms, generate_series(1, 250) as n where rooms.name like 'explain %';
update chat.rooms set last_message_id = messages.id, last_message_at = now(), last_seq = 250, version = 251
from chat.messages where messages.room_id = rooms.id and messages.seq = 250 and rooms.name like 'explain %';
-- Without triggers, which would announce each.
set local session_replication_role = replica;
insert into chat.reactions (message_id, room_id, user_id, emoji)
select id, room_id, tests.user('explain-stranger'), '👍'
from chat.messages where room_id in (select id from chat.rooms where name like 'explain %');
insert into chat.attachments (id, room_id, message_id, uploader_id, path, name, mime_type, bytes)
select gen_random_uuid(), room_id, id, tests.user('explain-stranger'), room_id || '/explain-' || id, 'a', 'text/plain', 1
from chat.messages where room_id in (select id from chat.rooms where name like 'explain %');
insert into chat.mentions (user_id, room_id, seq, message_id)
select members.user_id, messages.room_id, messages.seq, messages.id
from chat.messages as messages join chat.room_members as members using (room_id)
where members.user_id in (tests.user('explain-reader'), tests.user('explain-stranger'));
update chat.messages set mentions_all = true where seq = 7 and room_id in (select id from chat.rooms where name like 'explain %');
set local session_replication_role = origin;
select tests.index_messages();
analyze chat_private.search_entries, chat.attachments, chat.mentions, chat.messages, chat.reactions, chat.rooms, chat.room_members;

-- The tables that a statement would read from end to end, as the acting person.
create function pg_temp.scanned(statement text)
returns setof text
language plpgsql
as $$
declare
  plan jsonb;
begin
  execute 'explain (format json) ' || statement into plan;
  return query
    select distinct node ->> 'Relation Name'
    from jsonb_path_query(plan, 'strict $.**') as node
    where jsonb_typeof(node) = 'object' and node ->> 'Node Type' = 'Seq Scan';
end;
$$;

-- Plans inside of a function are not shown: how often Postgres has read the messages from end to end, and by index, is.
create function pg_temp.scans(statement text, out whole bigint, out by_index boolean)
language plpgsql
as $$
declare
  before record;
  after record;
begin
  select seq_scan, idx_scan into before from pg_stat_xact_user_tables where relid = 'chat.messages'::regclass;
  execute statement;
  select seq_scan, idx_scan into after from pg_stat_xact_user_tables where relid = 'chat.messages'::regclass;
  whole := after.seq_scan - before.seq_scan;
  by_index := after.idx_scan > before.idx_scan;
end;
$$;
create function pg_temp.room()
returns bigint
language sql immutable
as $$
  select max(id) from chat.rooms where name like 'explain %' and id % 2 = 0;
$$;

select tests.act_as('explain-reader');
select is(count(*), 10000::bigint, 'a reader of 10,000 messages among 20,000') from chat.messages;
select results_eq(
  $$ select * from pg_temp.scanned('select from chat.messages where content > ''m''') $$, array['messages'],
  'a scan of all messages shows in a plan');
select results_eq(
  $$ select whole from pg_temp.scans('select count(*) from chat.messages where content > ''m''') $$, array[1::bigint],
  'a scan of all messages is counted');

-- Statements of the Data API, under the policies.
select is_empty(
  format('select * from pg_temp.scanned(%L)', format(statement, pg_temp.room())),
  name || ' is read by index alone')
from (values
  ('a page of history', 'select * from chat.messages where room_id = %s order by seq desc limit 50'),
  ('an older page', 'select * from chat.messages where room_id = %s and seq < 100 order by seq desc limit 50'),
  ('what lies above a read mark', 'select * from chat.messages where room_id = %s and seq > 240 order by seq'),
  ('a message', 'select * from chat.messages where id = %s'),
  ('what changed', 'select * from chat.messages where room_id = %s and version > 240 order by version limit 500'),
  ('a repeated send', 'select * from chat.messages where sender_id = auth.uid() and client_id = md5(''%s'')::uuid'),
  ('the answers to a message', 'select * from chat.messages where reply_to_id = %s'),
  ('whose reactions changed',
    'select * from chat.messages where room_id = %s and reactions_version > 240 order by reactions_version limit 500'),
  ('who has reacted', 'select * from chat.reactions where room_id = %1$s and message_id = %1$s and emoji = ''👍''
     order by created_at, user_id limit 50'),
  ('the mentions of a person', 'select * from chat.mentions where user_id = auth.uid() order by message_id desc limit 50'),
  ('the files of a room', 'select * from chat.attachments where room_id = %s order by created_at desc limit 50'),
  ('what a person has put on messages', 'select * from chat.reactions where message_id in (%1$s, 5) and user_id = auth.uid()')
) as statements (name, statement);

-- What unread_mentions() asks, of the indexes alone.
select tests.act_as_operator();
create function pg_temp.ways(statement text)
returns setof text
language plpgsql
as $$
declare
  plan jsonb;
begin
  execute 'explain (format json) ' || statement into plan;
  return query
    select distinct node ->> 'Node Type' from jsonb_path_query(plan, 'strict $.**') as node
    where jsonb_typeof(node) = 'object' and node ? 'Relation Name';
end;
$$;
set local enable_bitmapscan = off;
select results_eq(
  format('select * from pg_temp.ways(%L)', format(statement, tests.user('explain-reader'), pg_temp.room())), array['Index Only Scan'],
  name || ' are counted in an index')
from (values
  ('unread mentions of a person', 'select count(*) from chat.mentions where user_id = %L and room_id = %s and seq > 5'),
  ('unread mentions of everyone',
    'select count(*) from chat.messages where mentions_all and sender_id is distinct from %L and room_id = %s and seq > 5')
) as statements (name, statement);
reset enable_bitmapscan;
select tests.act_as('explain-reader');

-- What Storage asks for each object.
create function pg_temp.scans_of_files(statement text)
returns bigint
language plpgsql
as $$
declare
  before bigint := (select seq_scan from pg_stat_xact_user_tables where relid = 'chat.attachments'::regclass);
begin
  execute statement;
  return (select seq_scan from pg_stat_xact_user_tables where relid = 'chat.attachments'::regclass) - before;
end;
$$;
select is(
  pg_temp.scans_of_files(format(
    'select chat_private.%s(path) from generate_series(1, 100) as n, format(''7/explain-%%s'', n) as path', name)),
  0::bigint, name || '() reads files by index alone')
from unnest(array['may_read_file', 'is_my_upload']) as name;

select is(
  pg_temp.scans_of_files(format('select chat.begin_upload(%s, ''a.txt'', ''text/plain'', 3)', pg_temp.room())),
  0::bigint, 'begin_upload() reads files by index alone');
-- Functions, as they are called.
select results_eq(
  format('select * from pg_temp.scans(%L)', format(statement, pg_temp.room())), 'values (0::bigint, true)',
  name || ' reads messages by index alone')
from (values
  ('sync() from the beginning', 'select chat.sync(%s, 0)'), ('sync() of the latest', 'select chat.sync(%s, 250)'),
  ('room_list()', 'select * from chat.room_list()'),
  ('a page of room_list()', 'select * from chat.room_list(max_rows => 5)'),
  ('my_room_page()', 'select * from chat_private.my_room_page(null, null, 20)'),
  ('a later page of my_room_page()', 'select * from chat_private.my_room_page(null, %s, 20)'),
  ('my_room_page() of one room', 'select * from chat_private.my_room_page(%s, null, 1)'),
  ('search_messages() for a rare word', 'select * from chat.search_messages(md5(''7'' || %s))'),
  ('search_messages() for a part', 'select * from chat.search_messages(left(md5(''7'' || %s), 8))'),
  ('search_messages() for nothing', 'select * from chat.search_messages(''nothing of the kind'')'),
  ('search_messages() for two letters', 'select * from chat.search_messages(''zz'')'),
  ('search_messages() in a room', 'select * from chat.search_messages(md5(''7'' || %1$s), %1$s)'),
  ('search_messages() in a room, for two letters', 'select * from chat.search_messages(''zz'', %s)'),
  ('mention_list()', 'select chat.mention_list()'),
  ('search_messages() for mentions', 'select * from chat.search_messages(mentions_me => true, max_rows => 20)'),
  ('search_messages() for a word of a sender', 'select * from chat.search_messages(md5(''7'' || %s), sender_id => auth.uid())'),
  ('search_messages() of a sender', 'select * from chat.search_messages(room_id => %s, sender_id => auth.uid())'),
  ('search_messages() after a time', 'select * from chat.search_messages(room_id => %s, sent_after => ''2001-01-01'')'),
  ('search_messages() before a time', 'select * from chat.search_messages(room_id => %s, sent_before => ''2001-01-02'')'),
  ('search_messages() for files', 'select * from chat.search_messages(room_id => %s, has => ''file'')'),
  ('messages_around() one', 'select * from chat.messages_around(%s, 125)'),
  ('messages_around() a time', 'select * from chat.messages_around(%s, at => ''2001-01-01'')'),
  ('send_message()', 'select chat.send_message(%s, ''hello'', gen_random_uuid())'),
  ('edit_message()', 'select chat.edit_message((select last_message_id from chat.rooms where id = %s), ''hello!'')'),
  ('react()', 'select chat.react((select last_message_id from chat.rooms where id = %s), ''👍'')'),
  ('sync() of reactions', 'select chat.sync(%s, 251)'),
  ('unreact()', 'select chat.unreact((select last_message_id from chat.rooms where id = %s), ''👍'')'),
  ('delete_message()', 'select chat.delete_message((select last_message_id from chat.rooms where id = %s))')
) as functions (name, statement);
select results_eq(
  format('select whole from pg_temp.scans(%L)', format('select chat.mark_read(%s)', pg_temp.room())), array[0::bigint],
  'mark_read() reads no messages');

select * from finish();
rollback;
