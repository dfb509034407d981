begin;
select plan(31);

-- alice sends, edits, makes and publishes, each with a key; and repeats it, or uses the key for something else
select tests.sign_up('alice', 'bob');
create function pg_temp.key(n integer)
returns uuid
language sql immutable
as $$
  select md5('key:' || n)::uuid;
$$;
create function pg_temp.reused(call text, title text)
returns setof text
language sql
as $$
  select throws_ok(format('select * from %s', call), 'PT409', 'client_id_reused', title);
$$;
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_group_room('Other');
select from chat.send_message(tests.room('Team'), 'zero');

-- Messages.
select from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1), metadata => '{"a": 1}');
select results_eq(
  $$ select seq from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1), metadata => '{"a": 1}') $$,
  array[2::bigint], 'the same message is sent once');
select pg_temp.reused(format('chat.send_message(%s)', arguments), 'its key does not send ' || what)
from (values
  ('tests.room(''Team''), ''two'', pg_temp.key(1), metadata => ''{"a": 1}''', 'another text'),
  ('tests.room(''Team''), ''one'', pg_temp.key(1)', 'other metadata'),
  ('tests.room(''Team''), ''one'', pg_temp.key(1), tests.message(''zero''), metadata => ''{"a": 1}''', 'a reply'),
  ('tests.room(''Team''), ''one'', pg_temp.key(1), null, tests.message(''zero''), ''{"a": 1}''', 'a forward'),
  ('tests.room(''Other''), ''one'', pg_temp.key(1), metadata => ''{"a": 1}''', 'to another room')
) as others (arguments, what);
select throws_ok(
  $$ insert into chat.messages (room_id, content, client_id) values (tests.room('Team'), 'two', pg_temp.key(1))
     on conflict do nothing $$,
  'PT409', 'client_id_reused', 'another message with the key is refused, not skipped as if it had been sent');
select from chat.edit_message(tests.message('one'), 'uno');
select results_eq(
  $$ select content from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1), metadata => '{"a": 1}') $$,
  array['uno'], 'after an edit, the first text is still what was sent');
select pg_temp.reused(
  'chat.send_message(tests.room(''Team''), ''uno'', pg_temp.key(1), metadata => ''{"a": 1}'')',
  'after an edit, the new text is not what was sent');
select from chat.edit_message(tests.message('uno'), 'eins');
select pg_temp.reused(
  'chat.send_message(tests.room(''Team''), ''uno'', pg_temp.key(1), metadata => ''{"a": 1}'')',
  'after two edits, the text of the first edit is not what was sent');
select from chat.delete_message(tests.message('eins'));
select results_eq(
  $$ select content from chat.send_message(tests.room('Team'), 'one', pg_temp.key(1), metadata => '{"a": 1}') $$,
  array[''], 'a deletion does not free the key');
select pg_temp.reused('chat.send_message(tests.room(''Team''), ''x'', pg_temp.key(1))', 'for another text');
select tests.act_as('bob');
select lives_ok(
  $$ select chat.send_message(tests.room('Team'), 'by bob', pg_temp.key(1)) $$, 'keys are each sender''s own');

-- Forwards.
select tests.act_as('alice');
select from chat.forward_message(tests.message('by bob'), tests.room('Other'), pg_temp.key(2));
select tests.act_as('bob');
select from chat.edit_message(
  (select id from chat.messages where content = 'by bob' and room_id = tests.room('Team')), 'mended by bob');
select tests.act_as('alice');
select results_eq(
  $$ select content from chat.forward_message(tests.message('mended by bob'), tests.room('Other'), pg_temp.key(2)) $$,
  array['by bob'], 'a forward is repeated though the original has changed');
select tests.act_as('bob');
select from chat.delete_message(tests.message('mended by bob'));
select tests.act_as('alice');
select results_eq(
  $$ select forward.content from chat.messages as original,
       chat.forward_message(original.id, tests.room('Other'), pg_temp.key(2)) as forward
     where original.room_id = tests.room('Team') and original.deleted_at is not null and original.sender_id = tests.user('bob') $$,
  array['by bob'], 'a repeated forward returns the first one although the original was deleted');
select pg_temp.reused('chat.forward_message(tests.message(''zero''), tests.room(''Other''), pg_temp.key(2))',
  'the key of a forward is not that of another message');
select pg_temp.reused('chat.forward_message(-1, tests.room(''Other''), pg_temp.key(2))',
  'the key of a forward is not that of a message that is not there');

-- Groups.
create temporary table made as
select id from chat.create_group_room('Tea', array[tests.user('bob')], description => 'x', client_id => pg_temp.key(3));
select is(
  (chat.create_group_room('Tea', array[tests.user('bob'), tests.user('alice')], false, 'x', null, pg_temp.key(3))).id,
  (select id from made), 'the same group is made once');
select is(current_setting('chat.repeated'), 'true', 'a group that is made again is reported as repeated');
select is(count(*), 1::bigint, 'there is one') from chat.rooms where name = 'Tea' and created_by = tests.user('alice');
select pg_temp.reused(format('chat.create_group_room(%s, client_id => pg_temp.key(3))', arguments),
  'its key does not make one with ' || what)
from (values
  ('''Coffee'', array[tests.user(''bob'')], description => ''x''', 'another name'),
  ('''Tea'', description => ''x''', 'other members'),
  ('''Tea'', array[tests.user(''bob'')], true, ''x''', 'another door'),
  ('''Tea'', array[tests.user(''bob'')], description => ''y''', 'another description')
) as others (arguments, what);
select from chat.update_room((select id from made), 'Coffee');
select is(
  (chat.create_group_room('Tea', array[tests.user('bob')], description => 'x', client_id => pg_temp.key(3))).name, 'Coffee',
  'it is the group of the first time, whatever it is called now');
select chat.delete_room((select id from made));
select throws_ok(
  $$ select chat.create_group_room('Tea', array[tests.user('bob')], description => 'x', client_id => pg_temp.key(3)) $$,
  'PT404', 'room_not_found', 'a group that was deleted does not come back');

-- Posts.
select from chat.create_post('Title', 'Content', pg_temp.key(3));
select is((chat.create_post('Title', 'Content', pg_temp.key(3))).id, (select max(id) from chat.posts), 'the same post is published once');
select pg_temp.reused('chat.create_post(''Title'', ''Other'', pg_temp.key(3))', 'its key does not publish another');
select throws_ok(
  $$ insert into chat.posts (title, content, client_id) values ('Title', 'Other', pg_temp.key(3)) on conflict do nothing $$,
  'PT409', 'client_id_reused', 'by a plain insert neither');
update chat.posts set content = 'Mended' where title = 'Title';
select is((chat.create_post('Title', 'Content', pg_temp.key(3))).content, 'Mended', 'after a change it is that post still');

select tests.act_as_operator();
select throws_ok(
  $$ insert into chat_private.client_keys (owner_id, kind, client_id, digest)
     values (tests.user('alice'), 'pin', gen_random_uuid(), '') $$,
  '23514', 'new row for relation "client_keys" violates check constraint "client_keys_kind_check"',
  'a key is of a message, a room or a post');

select * from finish();
rollback;
