begin;
select plan(26);

-- Sweeps over all objects of the schemas, including those added later.
select tables_are('chat', array[
  'audit_log', 'daily_counts', 'mutes', 'notices', 'reports', 'room_bans',
  'held_messages', 'invitations', 'join_requests',
  'attachments', 'blocks', 'conversation_messages', 'conversations', 'friendships', 'invite_links', 'mentions', 'message_edits',
  'messages', 'pins', 'posts', 'profiles', 'reactions', 'replies', 'reply_chunks', 'room_changes', 'room_members', 'rooms',
  'suspensions', 'user_status'
], 'chat holds these tables');
select tables_are('chat_private', array[
  'buckets', 'client_keys', 'departed_senders', 'event_times', 'exchanged_tokens', 'files_to_remove', 'group_slugs',
  'held_checks', 'hidden_marks',
  'imported_addresses', 'imported_rows', 'imports', 'invite_tokens', 'jobs', 'joins', 'kept_slugs', 'limits', 'linked_people',
  'function_requests', 'login_attempts', 'login_limits',
  'messages_to_index', 'old_passwords', 'counted', 'operators', 'storage_use', 'storage_walk',
  'removed_members', 'retention', 'rooms_to_prune', 'rosters',
  'search_cursor', 'search_entries', 'search_progress', 'tombstones', 'topics_to_move', 'unproven_addresses', 'word_rules'
], 'chat_private holds these');
select is_empty(
  $$ select oid::regclass from pg_class where relnamespace = 'chat'::regnamespace and relkind in ('v', 'm', 'f') $$,
  'chat holds no views');

select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and relkind in ('r', 'p') and not relrowsecurity $$,
  'every table has row-level security');
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and relkind = 'r' and obj_description(oid, 'pg_class') is null $$,
  'every table has a comment');

-- Functions.
select is_empty(
  $$ select oid::regprocedure from pg_proc where pronamespace = 'chat'::regnamespace and prosecdef $$,
  'every function of chat runs as its caller');
select is_empty(
  $$ select oid::regprocedure from pg_proc
     where pronamespace = 'chat'::regnamespace and obj_description(oid, 'pg_proc') is null $$,
  'every function of chat has a comment');
select is_empty(
  $$ select oid::regprocedure from pg_proc
     where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and not coalesce('search_path=""' = any (proconfig), false) $$,
  'every function has an empty search_path');
select is_empty(
  $$ select pg_trigger.tgname from pg_trigger
     join pg_proc on pg_proc.oid = tgfoid
     where tgrelid in (select oid from pg_class where relnamespace = 'chat'::regnamespace)
       and not tgisinternal and pronamespace <> 'chat_private'::regnamespace $$,
  'every trigger calls a function of chat_private');
create view pg_temp.triggers as
select pg_trigger.tgname::text as name, pg_proc.proname::text as function, (tgtype & 2) <> 0 as is_before
from pg_trigger
join pg_proc on pg_proc.oid = tgfoid
where pronamespace = 'chat_private'::regnamespace and not tgisinternal;
select is_empty(
  $$ select name from pg_temp.triggers where (name ~ 'ing$') <> is_before $$,
  'the name of a trigger says whether it runs before or after the change');
select is_empty(
  $$ select name, function from pg_temp.triggers
     where regexp_replace(name, '^(parley_|1_)|_on_(insert|update)$', '', 'g') <> function
       and function <> 'count_from_zero' and name <> 'profile_leaving' $$,
  'a trigger has the name of its function');
select is_empty(
  $$ select oid::regprocedure from pg_proc
     where pronamespace = 'chat_private'::regnamespace and prosecdef
       and pg_get_userbyid(proowner) not in ('postgres') $$,
  'every definer function is owned by postgres');
-- The platform refuses such a statement to all that comes through the Data API, functions included (safeupdate).
select is_empty(
  $$ select oid::regprocedure, statement from pg_proc
     cross join regexp_split_to_table(regexp_replace(prosrc, '--[^\n]*', '', 'g'), ';') as statement
     where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and statement ~* '\m(update\s+(only\s+)?\w+\.\w+|delete\s+from)\s' and statement !~* '\mwhere\M' $$,
  'no function updates or deletes without a where');

-- Foreign keys.
select is_empty(
  $$ select conrelid::regclass, conname from pg_constraint
     where connamespace = 'chat'::regnamespace and contype = 'f' and confdeltype not in ('c', 'n')
       and confrelid not in ('chat.rooms'::regclass, 'chat.conversations'::regclass) $$,
  'every foreign key says what becomes of its row: it goes too, or forgets; but what rooms and conversations have, their triggers remove');
select bag_eq(
  $$ select conrelid::regclass::text || ' ' || conname from pg_constraint
     where connamespace = 'chat'::regnamespace and contype = 'f' and confdeltype = 'n' $$,
  array[
    'chat.conversation_messages conversation_messages_conversation_id_reply_to_id_fkey',
    'chat.invitations invitations_invited_by_fkey',
    'chat.messages messages_reply_to_id_fkey',
    'chat.pins pins_pinned_by_fkey', 'chat.reports reports_reporter_id_fkey', 'chat.rooms rooms_created_by_fkey',
    'chat.suspensions suspensions_created_by_fkey'
  ],
  'what forgets stays: messages, pins, reports, rooms, invitations and suspensions of people who left');
select is_empty(
  $$ select conrelid::regclass, conname from pg_constraint
     where connamespace = 'chat'::regnamespace and contype = 'f' and not exists (
       select from pg_index
       where indrelid = conrelid and (indkey::smallint[])[0:cardinality(conkey) - 1] @> conkey
         and (indpred is null or pg_get_expr(indpred, indrelid) like '(% IS NOT NULL)')
     ) $$,
  'every foreign key has an index that leads with it');

-- Policies: those of chat, and those that chat puts on the messages of Realtime and the objects of Storage.
create view pg_temp.policies as
select * from pg_policies where schemaname = 'chat' or (schemaname, tablename) in (('realtime', 'messages'), ('storage', 'objects'));

select is_empty('select policyname from pg_temp.policies where cmd = ''ALL''', 'every policy is for one operation');
select is_empty(
  $$ select policyname from pg_temp.policies where permissive = 'PERMISSIVE' and roles <> '{authenticated}' $$,
  'every policy that permits is for signed-in people');
select is_empty(
  $$ select policyname from pg_temp.policies where permissive = 'RESTRICTIVE' and roles <> '{public}' $$,
  'every policy that restricts is for every role');
select bag_eq(
  $$ select tablename || ' ' || lower(cmd) from pg_temp.policies where permissive = 'RESTRICTIVE' $$,
  array[
    'messages select', 'messages insert', 'messages update', 'objects select', 'objects insert', 'objects update', 'objects delete'
  ],
  'policies that restrict are those of Realtime and Storage, which a project has policies for as well');
select is_empty(
  $$ select policyname from pg_temp.policies
     where replace(concat(qual, with_check), '( SELECT auth.uid() AS uid)', '') like '%auth.uid()%' $$,
  'every policy asks for the caller once per statement, not once per row');
-- Storage asks for one object at a time, by its name; few profiles are not found, and few statuses not seen, by everyone.
select is_empty(
  $$ select policyname from pg_temp.policies
     where regexp_replace(
       concat(qual, with_check),
       'SELECT chat_private\.|chat_private.(is_chat_topic\(topic\)|is_my_room_now\(room_id\)|'
         'finds\(id, found_by\)|sees_status\(user_id, seen_by\)|(is_chat_file|is_my_upload|may_read_file)\((bucket_id|name)\))',
       '', 'g')
       ~ 'chat_private\.' $$,
  'every policy calls its helper once per statement, not once per row');
select bag_eq(
  $$ select policyname::text from pg_temp.policies
     where schemaname <> 'storage' and concat(qual, with_check) ~ 'chat_private\.[^()]+\([^()]*_id\)' $$,
  array['senders can edit their messages', 'members can unpin messages', 'members can send messages as themselves'],
  'except for those that lock the room of the row before it changes, and the one for new messages, of which one is sent');
select is_empty(
  $$ select policyname from pg_temp.policies
     where schemaname = 'chat' and concat(qual, with_check) ~ '\mFROM chat\.' $$,
  'no policy reads a table itself, its own least of all');
select is_empty(
  $$ select policyname from pg_temp.policies where policyname !~ '^[a-z][a-z ,]+$' $$,
  'every policy is named by a sentence');
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace = 'chat'::regnamespace and relkind = 'r'
       and not exists (select from pg_policy where polrelid = pg_class.oid and polcmd = 'r') $$,
  'every table says who can read it');

select * from finish();
rollback;
