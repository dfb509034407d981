begin;
select plan(38);

-- alice owns a private group; bob is an admin, carol and dave are members; erin is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dave', 'erin');
create function pg_temp.refused(who text, call text, code text, error text)
returns text
language sql
as $$
  select throws_ok(
    format('select chat.%s', call), code, error,
    format('%s calls %s: %s', who, replace(call, 'tests.', ''), coalesce(error, 'refused'))
  );
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol'), tests.user('dave')]);
select from chat.set_member_role(tests.room('Team'), tests.user('bob'), 'admin');
select from chat.create_group_room('Square', is_public => true);
select from chat.send_message(tests.room('Square'), 'welcome');
select from chat.send_message(tests.room('Team'), 'from alice');

-- For a stranger the message does not exist.
select tests.act_as('erin');
select pg_temp.refused('a stranger', call, code, error)
from (values
  ('send_message(tests.room(''Team''), ''x'')', 'PT404', 'room_not_found'),
  ('send_message(tests.room(''Square''), ''x'')', 'PT403', 'not_a_member'),
  ('send_message(0, ''x'')', 'PT404', 'room_not_found'),
  ('edit_message(tests.message(''from alice''), ''x'')', 'PT404', 'message_not_found'),
  ('edit_message(0, ''x'')', 'PT404', 'message_not_found'),
  ('delete_message(tests.message(''from alice''))', 'PT404', 'message_not_found'),
  ('delete_message(tests.message(''welcome''))', 'PT404', 'message_not_found'),
  ('forward_message(tests.message(''welcome''), tests.room(''Square''))', 'PT404', 'message_not_found')
) as refused (call, code, error);
select throws_ok(
  $$ select chat_private.delete_message(tests.message('from alice')) $$, 'PT404', 'room_not_found',
  'what deletes past the policies asks for the role itself');

-- send_message
select tests.act_as('carol');
select results_eq(
  $$ select sender_id, content, metadata::text, client_id from chat.send_message(
       tests.room('Team'), 'from carol', 'c0000000-0000-0000-0000-000000000001', metadata => '{"a": 1}'
     ) $$,
  $$ values (tests.user('carol'), 'from carol', '{"a": 1}', 'c0000000-0000-0000-0000-000000000001'::uuid) $$,
  'a member sends a message, as themselves');
select is((chat.send_message(tests.room('Team'), 'plain', metadata => null)).metadata, '{}', 'no metadata is none');
select pg_temp.refused('a member', call, code, error)
from (values
  ('send_message(tests.room(''Team''), '' '')', '23514', null),
  ('send_message(tests.room(''Team''), null)', '23502', null),
  ('send_message(tests.room(''Team''), ''x'', reply_to_id => tests.message(''welcome''))',
    'PT404', 'message_not_found'),
  ('edit_message(tests.message(''from alice''), ''x'')', 'PT403', 'sender_required'),
  ('delete_message(tests.message(''from alice''))', 'PT403', 'role_required')
) as refused (call, code, error);

-- edit_message
select results_eq(
  $$ select content, metadata::text, edited_at is not null
     from chat.edit_message(tests.message('from carol'), 'by carol') $$,
  $$ values ('by carol', '{"a": 1}', true) $$, 'a sender edits a message, and its metadata stays');
select pg_temp.refused('a sender', 'edit_message(tests.message(''by carol''), '' '')', '23514', null);
select tests.act_as('bob');
select pg_temp.refused('an admin', 'edit_message(tests.message(''by carol''), ''x'')', 'PT403', 'sender_required');

-- forward_message
select results_eq(
  $$ select content, forwarded_from_id, forwarded_username, forwarded_content, reply_to_id
     from chat.forward_message(
       tests.message('by carol'), tests.room('Team'), 'b0000000-0000-0000-0000-000000000001'
     ) $$,
  $$ select content, id, 'carol', content, null::bigint
     from chat.messages where content = 'by carol' order by id limit 1 $$,
  'a member forwards what a message says');
select results_eq(
  $$ select id, seq from chat.forward_message(
       (select min(id) from chat.messages where content = 'by carol'), tests.room('Team'),
       'b0000000-0000-0000-0000-000000000001'
     ) $$,
  $$ values (tests.message('by carol'), 4::bigint) $$, 'a repeated forward returns the first');
select from chat.create_direct_room(tests.user('alice'));
select pg_temp.refused('a member', call, code, error)
from (values
  ('forward_message(tests.message(''plain''), tests.room(''Square''))', 'PT403', 'not_a_member'),
  ('forward_message(tests.message(''plain''), 0)', 'PT404', 'room_not_found'),
  (
    'forward_message(tests.message(''plain''), tests.direct_room(''alice'', ''bob''), '
      || '''b0000000-0000-0000-0000-000000000001'')',
    'PT409', 'client_id_reused'
  ),
  (
    'forward_message(tests.message(''plain''), tests.room(''Team''), ''b0000000-0000-0000-0000-000000000001'')',
    'PT409', 'client_id_reused'
  )
) as refused (call, code, error);

-- delete_message
select results_eq(
  $$ select seq, sender_id, content, forwarded_username, forwarded_content, deleted_at is not null
     from chat.delete_message(tests.message('by carol')) $$,
  $$ values (4::bigint, tests.user('bob'), '', null::text, null::text, true) $$,
  'a tombstone says neither what was sent nor what was forwarded');
select results_eq(
  $$ select content, deleted_at is not null from chat.delete_message(tests.message('from alice')) $$,
  $$ values ('', true) $$, 'an admin deletes what the owner wrote');
create temporary table deleted as select id from chat.messages where room_id = tests.room('Team') and seq = 1;
grant select on deleted to public;
select results_eq(
  $$ select messages.id, messages.version from chat.delete_message((select id from deleted)) as messages $$,
  $$ select messages.id, messages.version from chat.messages join deleted using (id) $$,
  'deleted again, nothing changes');
select tests.act_as('alice');
select lives_ok($$ select chat.delete_message(tests.message('plain')) $$, 'an owner deletes what a member wrote');
select pg_temp.refused('a sender', 'edit_message((select id from deleted), ''x'')', 'PT404', 'message_not_found');
select pg_temp.refused(
  'a sender', 'forward_message((select id from deleted), tests.room(''Square''))', 'PT404', 'message_not_found');
select tests.act_as('dave');
select from chat.send_message(tests.room('Team'), 'from dave');
select results_eq(
  $$ select content from chat.delete_message(tests.message('from dave')) $$, array[''], 'a sender deletes a message');
select from chat.send_message(tests.room('Team'), 'from dave');
select chat.leave_room(tests.room('Team'));
select pg_temp.refused('a former member', 'delete_message(tests.message(''from dave''))', 'PT404', 'message_not_found');
select throws_ok(
  $$ select chat_private.edit_message(tests.message('from dave'), 'x', null, null) $$, 'PT404', 'room_not_found',
  'a former member edits nothing, past the function in chat neither');
select tests.act_as_operator();
select tests.hush();
delete from auth.users where id = tests.user('dave');
select tests.act_as('bob');
select lives_ok(
  $$ select chat.delete_message(tests.message('from dave')) $$,
  'an admin deletes what an account that left has written');
select tests.act_as('carol');
select results_eq(
  $$ select content from chat.delete_message(tests.message('by carol')) $$, array[''],
  'a sender deletes an edited message');
select tests.act_as('alice');
select throws_ok(
  $$ select chat.send_message(tests.room('Team'), 'x', forwarded_from_id => 1, attachment_ids => array[gen_random_uuid()]) $$,
  'PT400', 'invalid_attachment', 'a forwarded message gets no files of its own');
select set_config('request.jwt.claims', '{"role": "authenticated"}', true);
select throws_ok(
  $$ select chat.send_message(tests.room('Team'), 'x') $$, 'PT400', 'caller_required', 'a token without a user sends nothing');

select * from finish();
rollback;
