begin;
select plan(18);

-- alice is in Team and Other. Each file is the only one of a message that says its number.
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_group_room('Other');
create function pg_temp.file(number integer)
returns uuid
language sql immutable
as $$
  select ('00000000-0000-0000-0000-' || lpad(number::text, 12, '0'))::uuid;
$$;
create function pg_temp.send(number integer)
returns void
language plpgsql
as $$
declare
  attachment chat.attachments := chat.begin_upload(
    tests.room('Team'), number || '.txt', 'text/plain', 1, client_id => pg_temp.file(number)
  );
begin
  insert into storage.objects (bucket_id, name, metadata) values ('chat-files', attachment.path, '{"size": 1, "mimetype": "text/plain"}');
  perform chat.send_message(tests.room('Team'), number::text, attachment_ids => array[attachment.id]);
end;
$$;
-- Which files are due, by their numbers.
create function pg_temp.due()
returns text
language sql
as $$
  select string_agg(ltrim(right(path, 12), '0'), ' ' order by path) from chat_private.files_to_remove as files
  where due_at <= now() and not exists (select from chat.attachments where path = files.path);
$$;
create function pg_temp.claimed()
returns text
language sql
as $$
  select string_agg(ltrim(right(path, 12), '0'), ' ' order by path) from chat_private.claim_files(100) as path;
$$;
select pg_temp.send(number) from generate_series(1, 5) as number;

-- What becomes due
select from chat.delete_message(tests.message('1'));
select tests.act_as_operator();
select is(pg_temp.due(), '1', 'the file of a deleted message is due');
select tests.act_as('alice');
select from chat.forward_message(tests.message('2'), tests.room('Other'));
select from chat.delete_message((select min(id) from chat.messages where content = '2'));
select tests.act_as_operator();
select is(pg_temp.due(), '1', 'a file that another message has is not');
select tests.act_as('alice');
select from chat.delete_message(tests.message('2'));
select tests.act_as_operator();
select is(pg_temp.due(), '1 2', 'a file is due once the last message that has it is deleted');
delete from chat.messages where content = '3';
select is(pg_temp.due(), '1 2 3', 'an operator deletes the file with the row of the message');
select tests.act_as('alice');
select from chat.begin_upload(tests.room('Team'), 'given up', 'text/plain', 1, client_id => pg_temp.file(6));
select chat.cancel_upload(pg_temp.file(number)) from unnest(array[4, 6, 7]) as number;
select tests.act_as_operator();
select is(pg_temp.due(), '1 2 3 6', 'a file that was given up is due; one that was sent is not given up');
select tests.act_as('alice');
select from chat.begin_upload(tests.room('Team'), 'of alice', 'text/plain', 1, client_id => pg_temp.file(8));
select tests.act_as('bob');
select chat.cancel_upload(pg_temp.file(8));
select tests.act_as_operator();
select is((select count(*) from chat.attachments where id = pg_temp.file(8)), 1::bigint, 'nobody gives up the file of another');
select is(chat_private.prune_uploads(), false, 'the job has no more to do');
select is((select count(*) from chat.attachments where id = pg_temp.file(8)), 1::bigint, 'a file has a day until it must be sent');
update chat.attachments set created_at = now() - interval '25 hours' where id in (pg_temp.file(8), pg_temp.file(5));
select from chat_private.prune_uploads();
select is(pg_temp.due(), '1 2 3 6 8', 'after a day a file that was not sent is due, one that was sent is not');
delete from chat.rooms where id = tests.room('Team');
select is(pg_temp.due(), '1 2 3 4 5 6 8', 'the files of a room go with it');

-- Who removes them: a function with the secret key
insert into chat.attachments (id, room_id, uploader_id, path, name, mime_type, bytes)
select pg_temp.file(9), tests.room('Other'), tests.user('alice'), path, 'again', 'text/plain', 1
from chat_private.files_to_remove where path like '%1';
select is(pg_temp.claimed(), '2 3 4 5 6 8', 'files that are due are claimed, except one that is needed again');
select is(pg_temp.claimed(), null, 'what one worker has claimed, another does not get');
update chat_private.files_to_remove set due_at = now() where path like '%2';
set local role service_role;
select is(pg_temp.claimed(), '2', 'a worker that does not answer loses its claim');
select from chat_private.files_removed(array(select path from chat_private.files_to_remove));
reset role;
select results_eq(
  'select distinct due_at - now(), is_last from chat_private.files_to_remove', $$values (interval '1 day', true)$$,
  'a removed file is removed once more after a day, as its upload may have been under way');
set local role service_role;
select from chat_private.files_removed(array(select path from chat_private.files_to_remove));
reset role;
select is_empty('select from chat_private.files_to_remove', 'then it is forgotten');

-- An id that comes again
select tests.act_as('alice');
select from chat.begin_upload(tests.room('Other'), 'a', 'text/plain', 1, client_id => pg_temp.file(10));
select chat.cancel_upload(pg_temp.file(10));
select matches(
  (chat.begin_upload(tests.room('Other'), 'a', 'text/plain', 1, client_id => pg_temp.file(10))).path,
  '^' || tests.room('Other') || '/' || pg_temp.file(10) || '-[0-9a-f]{8}$',
  'a file that is announced again has another path than the one that goes');
insert into storage.objects (bucket_id, name, metadata)
select 'chat-files', path, '{"size": 1, "mimetype": "text/plain"}' from chat.begin_upload(
  tests.room('Other'), 'a', 'text/plain', 1, client_id => pg_temp.file(10));
select from chat.send_message(tests.room('Other'), 'ten', pg_temp.file(11), attachment_ids => array[pg_temp.file(10)]);
select from chat.delete_message(tests.message('ten'));
select is(
  (select deleted_at is not null
   from chat.send_message(tests.room('Other'), 'ten', pg_temp.file(11), attachment_ids => array[pg_temp.file(10)])),
  true, 'a repeated send returns the tombstone, although its files are gone');
select throws_ok(
  $$ select chat.send_message(tests.room('Other'), 'ten', pg_temp.file(11), attachment_ids => array[pg_temp.file(12)]) $$,
  'PT409', 'client_id_reused', 'with other files it is another message');

select * from finish();
rollback;
