begin;
select plan(18);

-- What signed-in people may do to each table, and to which columns of it.
create view pg_temp.table_grants as
select tables.relname::text as name, lower(privilege) as privilege,
  case
    when has_table_privilege('authenticated', tables.oid, privilege) then 'all'
    else string_agg(columns.attname, ', ' order by columns.attnum)
  end as columns
from pg_class as tables
cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) as privilege
left join pg_attribute as columns
  on columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
  and case when privilege in ('SELECT', 'INSERT', 'UPDATE')
    then has_column_privilege('authenticated', tables.oid, columns.attnum, privilege) end
where tables.relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and tables.relkind in ('r', 'v')
group by tables.oid, tables.relname, privilege
having has_table_privilege('authenticated', tables.oid, privilege) or count(columns.attname) > 0;

select bag_eq(
  $$ select name, columns from pg_temp.table_grants where privilege = 'insert' $$,
  $$ values
    ('conversation_messages', 'conversation_id, role, content, metadata, reply_to_id, client_id'),
    ('conversations', 'title, metadata'),
    ('friendships', 'friend_id'),
    ('messages', 'room_id, content, metadata, reply_to_id, forwarded_from_id, client_id'),
    ('pins', 'message_id'),
    ('posts', 'title, content, client_id') $$,
  'people may give these columns of a new row, and none that says who they are');
select bag_eq(
  $$ select name, columns from pg_temp.table_grants where privilege = 'update' $$,
  $$ values
    ('conversations', 'title, archived, metadata'),
    ('messages', 'content'),
    ('notices', 'read_at'),
    ('posts', 'title, content'),
    ('profiles',
      'username, first_name, last_name, bio, avatar_url, show_email, share_receipts, direct_from, added_by, found_by, status_seen_by'),
    ('room_members', 'last_read_seq, last_delivered_seq, archived_at, muted_until'),
    ('rooms',
      'name, description, is_public, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason, joining') $$,
  'people may change these columns, and none that counts or ranks');
select bag_eq(
  $$ select name from pg_temp.table_grants where privilege = 'delete' $$,
  array['conversations', 'friendships', 'pins', 'posts', 'rooms'],
  'people may delete rows of these tables; messages leave a tombstone');
select bag_eq(
  $$ select name from pg_temp.table_grants where privilege = 'select' and columns = 'all' $$,
  array[
    'audit_log', 'daily_counts', 'mutes', 'notices', 'room_bans',
    'held_messages', 'invitations', 'join_requests',
    'attachments', 'blocks', 'conversation_messages', 'conversations', 'friendships', 'invite_links', 'mentions', 'message_edits',
    'messages', 'pins', 'posts', 'profiles', 'reactions', 'replies', 'reply_chunks', 'room_changes', 'room_members', 'rooms', 'user_status'
  ],
  'people may read every table of chat, as far as its policies go, and none of chat_private');
select bag_eq(
  $$ select name, columns from pg_temp.table_grants where privilege = 'select' and columns <> 'all' $$,
  $$ values
    ('reports', 'id, reporter_id, kind, message_id, user_id, room_id, reason, note, state, created_at, resolved_at'),
    ('suspensions', 'user_id, until, reason, created_at') $$,
  'people may not read who has suspended them, nor what moderators read of reports');
select is_empty(
  $$ select name from pg_temp.table_grants where privilege in ('truncate', 'trigger') $$,
  'people may not truncate a table, past its policies');

select bag_eq(
  $$ select proname::text from pg_proc
     where pronamespace = 'chat'::regnamespace and has_function_privilege('authenticated', oid, 'execute') $$,
  array[
    'find_conversations', 'search_conversations', 'running_reply', 'stop_reply',
    'ban_member', 'unban_member', 'mute_user', 'unmute_user', 'suspend_user', 'unsuspend_user', 'report', 'report_list', 'resolve_report',
    'delete_account', 'export_page',
    'moderated_people', 'moderated_reports', 'moderation_counts', 'warn_user', 'moderated_rooms', 'moderated_person_rooms',
    'moderated_room_members', 'moderated_messages', 'set_room_lock', 'operator_list', 'set_operator_role', 'limit_list', 'set_limit',
    'retention_list', 'set_retention',
    'word_rule_list', 'add_word_rule', 'remove_word_rule', 'storage_by_bucket', 'connections_by_state', 'slow_statements', 'job_list',
    'table_sizes',
    'add_conversation_message', 'add_members', 'begin_upload', 'block_user', 'cancel_upload', 'create_direct_room', 'create_group_room',
    'create_invite_link', 'create_post', 'invite_link_preview', 'join_by_link', 'revoke_invite_link',
    'request_to_join', 'withdraw_join_request', 'accept_join_request', 'decline_join_request',
    'accept_invitation', 'decline_invitation', 'ignore_invitation', 'invitation_list', 'room_invitations', 'withdraw_invitation',
    'delete_message', 'delete_room', 'edit_message', 'email', 'find_rooms', 'forward_message', 'forwarded_name', 'messages_around',
    'is_online', 'join_room', 'leave_room', 'mark_delivered', 'mark_delivered_many', 'mark_read', 'mention_list', 'own_reactions',
    'pin_message', 'profiles', 'react', 'remove_member', 'room_list', 'search_messages', 'search_page', 'search_people',
    'send_message', 'set_member_role', 'sync', 'system_messages', 'newest_system_messages',
    'touch_status', 'unblock_user', 'unpin_message', 'unreact', 'update_room', 'username_available', 'version'
  ],
  'people may call these functions');
select bag_eq(
  $$ select proname::text from pg_proc
     where pronamespace = 'chat'::regnamespace and not has_function_privilege('authenticated', oid, 'execute') $$,
  array['send_system_message', 'call_as'], 'only backends may call these');
select is_empty(
  $$ select oid::regprocedure from pg_proc
     where pronamespace = 'chat_private'::regnamespace
       and (
         prorettype = 'trigger'::regtype
         or proname in (
           'login_email', 'begin_login', 'end_login', 'old_password', 'adopt_password', 'end_old_ways', 'exchange_old_token',
           'announce', 'record_change', 'insert_members', 'invite', 'send_system_message',
           'begin_call_as', 'call_of', 'claim_checks', 'held_checked'
         )
       )
       and has_function_privilege('authenticated', oid, 'execute') $$,
  'people may not call a trigger, look up an address, or announce');

select is_empty(
  $$ select name from unnest(array[
       'plain', 'fold', 'look', 'prototype', 'prototypes_1', 'prototypes_2', 'prototypes_3', 'prototypes_4',
       'grams', 'entries', 'person_entries'
     ]) as name
     join pg_proc on proname = name and pronamespace = 'chat_private'::regnamespace
     where not has_function_privilege('authenticated', pg_proc.oid, 'execute') $$,
  'a user who changes their profile may call the functions of its indexes');

-- anon has no rights; neither has any other role.
select is_empty(
  $$ select nspname from pg_namespace
     where nspname in ('chat', 'chat_private')
       and (has_schema_privilege('anon', oid, 'usage') or has_schema_privilege('anon', oid, 'create')) $$,
  'anon has no use of the schemas');
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and case
         when relkind = 'S' then has_sequence_privilege('anon', oid, 'usage, select, update')
         when relkind in ('r', 'v', 'm', 'p', 'f') then
           has_table_privilege('anon', oid, 'select, insert, update, delete, truncate, references, trigger')
           or has_any_column_privilege('anon', oid, 'select, insert, update, references')
       end $$,
  'anon has no privilege on a table, view or sequence');
select is_empty(
  $$ select oid::regprocedure from pg_proc
     where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
       and proname not in ('is_chat_topic', 'is_my_topic', 'is_chat_file', 'is_my_upload', 'may_read_file', 'has_access',
         'shows_presence')
       and has_function_privilege('anon', oid, 'execute') $$,
  'anon may call no function');
select bag_eq(
  $$ select oid::regproc::text from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
     where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and acl.grantee = 0 $$,
  array[
    'chat_private.is_chat_topic', 'chat_private.is_my_topic', 'chat_private.is_chat_file', 'chat_private.is_my_upload',
    'chat_private.may_read_file', 'chat_private.has_access', 'chat_private.shows_presence'
  ],
  'no function is open to every role, but those that policies for every role call');
select tests.act_as(null);
select throws_ok(
  $$ select chat_private.is_my_topic('room:1:1') $$, '42501', null, 'anon cannot call the functions of policies by name');
select tests.act_as_operator();
select is_empty(
  $$ select nspname from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) as acl
     where nspname in ('chat', 'chat_private') and acl.grantee = 0 $$,
  'no schema is open to every role');

-- The secret key.
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace = 'chat'::regnamespace and relkind = 'r' and not (
       has_table_privilege('service_role', oid, 'select') and relname = 'audit_log'
       or has_table_privilege('service_role', oid, 'select') and has_table_privilege('service_role', oid, 'insert')
       and has_table_privilege('service_role', oid, 'update') and has_table_privilege('service_role', oid, 'delete')
     ) $$,
  'the secret key may read and write every table but the audit log, which it may read');
select is_empty(
  $$ select privilege from unnest(array['insert', 'update', 'delete', 'truncate']) as privilege
     where has_table_privilege('service_role', 'chat.audit_log', privilege) $$,
  'the audit log is written by nobody but the database');

select * from finish();
rollback;
