begin;
select plan(69);

-- alice and bob are in Team, alice and dora in Other; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol', 'dora');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.create_group_room('Other', array[tests.user('dora')]);

create function pg_temp.file(number integer)
returns uuid
language sql immutable
as $$
  select ('00000000-0000-0000-0000-' || lpad(number::text, 12, '0'))::uuid;
$$;
create function pg_temp.announce(number integer, room text default 'Team', name text default 'tea.png', bytes bigint default 10)
returns chat.attachments
language sql
as $$
  select chat.begin_upload(tests.room(room), name, 'image/png', bytes, 4, 3, client_id => pg_temp.file(number));
$$;
-- As Storage does it for the acting person, and under the policies.
create function pg_temp.upload(number integer, room text default 'Team', bytes bigint default 10, type text default 'image/png')
returns void
language sql
as $$
  insert into storage.objects (bucket_id, name, metadata)
  values ('chat-files', tests.room(room) || '/' || pg_temp.file(number), jsonb_build_object('size', bytes, 'mimetype', type));
$$;
create function pg_temp.readable(number integer)
returns boolean
language sql
as $$
  select exists (
    select from storage.objects where bucket_id = 'chat-files' and name = tests.room('Team') || '/' || pg_temp.file(number)
  );
$$;
create function pg_temp.files_of(text text)
returns text[]
language sql
as $$
  select array(select file ->> 'name' from jsonb_array_elements(messages.attachments) as file)
  from chat.messages where id = tests.message(text);
$$;

-- Announcing
select is(
  (select (announced.path, announced.message_id is null, announced.bytes, announced.width) from pg_temp.announce(1) as announced)::text,
  format('(%s/%s,t,10,4)', tests.room('Team'), pg_temp.file(1)), 'an announced file has the path of its room and its id');
select is((pg_temp.announce(1)).id, pg_temp.file(1), 'a repeated announcement returns the first one');
select throws_ok($$select pg_temp.announce(1, name => 'coffee.png')$$, 'PT409', 'client_id_reused');
select throws_ok($$select pg_temp.announce(1, room => 'Other')$$, 'PT409', 'client_id_reused');
select isnt(
  (chat.begin_upload(tests.room('Team'), 'a', 'Text/Plain', 1)).mime_type, 'Text/Plain', 'a type is kept in small letters');
select throws_ok(
  format('select chat.begin_upload(%s, %L, %L, %L)', tests.room('Team'), name, type, bytes), state, error,
  format('%s is refused: %s, %s, %s', error, left(name, 10), type, bytes))
from (values
  ('a.png', 'image/png', 26214401, 'PT413', 'file_too_large'),
  ('a.png', 'image/png', 0, 'PT400', 'invalid_attachment'),
  ('a.png', 'image/png', null, 'PT400', 'invalid_attachment'),
  ('a.png', 'png', 1, 'PT400', 'invalid_attachment'),
  ('a.png', 'image/png; charset=x', 1, 'PT400', 'invalid_attachment'),
  ('', 'image/png', 1, 'PT400', 'invalid_attachment'),
  ('../a.png', 'image/png', 1, 'PT400', 'invalid_attachment'),
  (E'a\nb', 'image/png', 1, 'PT400', 'invalid_attachment'),
  (repeat('a', 256), 'image/png', 1, 'PT400', 'invalid_attachment')
) as wrong (name, type, bytes, state, error);
select throws_ok(
  format('select chat.begin_upload(%s, ''a.png'', ''image/png'', 1, %L, %L, %L)', tests.room('Team'), width, height, duration),
  'PT400', 'invalid_attachment', format('%s by %s for %s ms is refused', width, height, duration))
from (values (0, 1, null), (1, 0, null), (100001, 1, null), (1, 100001, null), (1, 1, -1)) as wrong (width, height, duration);
select lives_ok(
  format('select chat.begin_upload(%s, ''a.mp4'', ''video/mp4'', 1, 100000, 100000, 0)', tests.room('Team')),
  'the largest size and the shortest duration are taken');
select lives_ok(
  format('select chat.begin_upload(%s, %L, %L, 26214400)', tests.room('Team'), repeat('ä', 255), 'image/png'),
  'the largest file with the longest name can be announced');
select tests.act_as('bob');
select throws_ok('select pg_temp.announce(1)', 'PT409', 'client_id_reused');
select tests.act_as('carol');
select throws_ok('select pg_temp.announce(2)', 'PT404', 'room_not_found');

-- Uploading
select set_config('storage.allow_delete_query', 'true', true);
select throws_ok('select pg_temp.upload(1)', '42501', null, 'a stranger cannot upload what another has announced');
select tests.act_as('bob');
select throws_ok('select pg_temp.upload(1)', '42501', null, 'another member cannot upload it either');
select tests.act_as('alice');
select throws_ok('select pg_temp.upload(9)', '42501', null, 'what was not announced cannot be uploaded');
select throws_ok(
  $$insert into storage.objects (bucket_id, name) values ('others', tests.room('Team') || '/' || pg_temp.file(1))$$, '42501', null,
  'it is uploaded to no other bucket');
select lives_ok('select pg_temp.upload(1)', 'the person who has announced a file can upload it');
select tests.act_as_operator();
insert into storage.buckets (id, name) values ('others', 'others');
insert into storage.objects (bucket_id, name) values ('others', tests.room('Team') || '/' || pg_temp.file(1));
select tests.act_as('alice');
select is(count(*), 0::bigint, 'its path opens no other bucket') from storage.objects where bucket_id = 'others';
select tests.act_as_operator();
delete from storage.objects where bucket_id = 'others';
select tests.act_as('alice');
select is(pg_temp.readable(1), true, 'its uploader reads a file before it is sent');
select is(tests.changed('update storage.objects set metadata = null'), 0::bigint, 'nobody replaces a file');
select is(tests.changed('delete from storage.objects'), 0::bigint, 'nobody deletes a file');
select tests.act_as('bob');
select is(pg_temp.readable(1), false, 'another member does not read a file before it is sent');
select is((select count(*) from chat.attachments), 0::bigint, 'nobody sees it in the list of files');

-- Sending
select tests.act_as('alice');
select is(
  (chat.send_message(tests.room('Team'), '', client_id => pg_temp.file(100), attachment_ids => array[pg_temp.file(1)])).attachments,
  jsonb_build_array(jsonb_build_object(
    'id', pg_temp.file(1), 'path', tests.room('Team') || '/' || pg_temp.file(1), 'name', 'tea.png', 'mime_type', 'image/png',
    'bytes', 10, 'width', 4, 'height', 3, 'duration_ms', null
  )), 'a message says what its files are, and may have no text');
select is(
  (chat.send_message(tests.room('Team'), '', client_id => pg_temp.file(100), attachment_ids => array[pg_temp.file(1)])).seq,
  1::bigint, 'a repeated send returns the first message');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'x', client_id => pg_temp.file(100), attachment_ids => array[pg_temp.file(1)])$$,
  'PT409', 'client_id_reused');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'again', attachment_ids => array[pg_temp.file(1)])$$,
  'PT404', 'attachment_not_found');
select throws_ok(
  $$select chat.send_message(tests.room('Other'), 'elsewhere', attachment_ids => array[pg_temp.file(1)])$$,
  'PT404', 'attachment_not_found');
select throws_ok($$select chat.send_message(tests.room('Team'), '')$$, '23514', null, 'a message without files has a text');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), '', attachment_ids => '{}')$$, '23514', null, 'an empty list of files is no file');
select from pg_temp.announce(2);
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'early', attachment_ids => array[pg_temp.file(2)])$$,
  'PT409', 'attachment_not_uploaded');
select pg_temp.upload(2, bytes => 11);
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'larger', attachment_ids => array[pg_temp.file(2)])$$,
  'PT409', 'attachment_not_uploaded');
select from pg_temp.announce(3);
select pg_temp.upload(3, type => 'text/html');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'of another type', attachment_ids => array[pg_temp.file(3)])$$,
  'PT409', 'attachment_not_uploaded');
select from generate_series(4, 14) as number, lateral (select from pg_temp.announce(number, name => number || '.png')) as announced;
select pg_temp.upload(number) from generate_series(4, 14) as number;
select throws_ok(
  $$select chat.send_message(
    tests.room('Team'), 'many', attachment_ids => array(select pg_temp.file(number) from generate_series(4, 14) as number))$$,
  'PT400', 'invalid_attachment');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'twice', attachment_ids => array[pg_temp.file(4), pg_temp.file(4)])$$,
  'PT404', 'attachment_not_found');
select from chat.send_message(tests.room('Team'), 'two', attachment_ids => array[pg_temp.file(5), pg_temp.file(4)]);
select is(pg_temp.files_of('two'), array['5.png', '4.png'], 'files stand in the order in which they were named');
select is(
  array(select id from chat.attachments where message_id = tests.message('two') order by id), array[pg_temp.file(4), pg_temp.file(5)],
  'they belong to the message');

-- Reading
select tests.act_as('bob');
select is(pg_temp.readable(1), true, 'a member reads a file that was sent');
select is(pg_temp.readable(6), false, 'a member does not read a file that was not');
select throws_ok(
  $$select chat.send_message(tests.room('Team'), 'theirs', attachment_ids => array[pg_temp.file(6)])$$,
  'PT404', 'attachment_not_found');
select tests.act_as('carol');
select is(pg_temp.readable(1), false, 'a stranger does not read a file');
select tests.act_as(null);
select throws_ok('select from chat.attachments', '42501', null, 'anon reads no files');
select is(pg_temp.readable(1), false, 'anon reads no object');
select tests.act_as('bob');
select chat.leave_room(tests.room('Team'));
select is(pg_temp.readable(1), false, 'who has left does not read a file any more');
select tests.act_as_operator();
insert into storage.objects (bucket_id, name) values ('avatars', 'loose');
create policy "the project's own, which opens every bucket" on storage.objects for all to public using (true) with check (true);
select tests.act_as('bob');
select is(pg_temp.readable(1), false, 'a policy of the project does not open files to who has left');
select throws_ok('select pg_temp.upload(12)', '42501', null, 'it does not let anybody upload files of others');
select is(tests.changed('update storage.objects set metadata = null'), 1::bigint, 'it does not let anybody replace them');
select throws_ok(
  $$ update storage.objects set bucket_id = 'chat-files' $$, '42501', null, 'it does not let anybody move others among them');
select is(tests.changed('delete from storage.objects'), 1::bigint, 'it does not let anybody delete them');
select tests.act_as_operator();
drop policy "the project's own, which opens every bucket" on storage.objects;

-- Forwarding and deletion
select tests.act_as('alice');
select from chat.forward_message(tests.message('two'), tests.room('Other'));
select tests.act_as('dora');
select is(pg_temp.readable(4), true, 'members of the room that a file was forwarded to read it');
select is(pg_temp.readable(1), false, 'they read no other file of the first room');
select tests.act_as('alice');
select from chat.delete_message((select min(id) from chat.messages where content = 'two'));
select is((select attachments from chat.messages where seq = 2 and room_id = tests.room('Team')), '[]', 'a deleted message has no files');
select tests.act_as('dora');
select is(pg_temp.readable(5), true, 'a forwarded file stays when the original is deleted');
select tests.act_as_operator();
select is(array(select chat_private.claim_files(100) intersect select path from chat.attachments), '{}', 'its object is not removed');

-- How much
insert into chat.attachments (id, room_id, uploader_id, path, name, mime_type, bytes)
select file, tests.room('Other'), tests.user('dora'), tests.room('Other') || '/' || file, 'a', 'image/png', 1
from generate_series(201, 300) as number, pg_temp.file(number) as file;
select tests.act_as('dora');
select throws_ok(
  $$select pg_temp.announce(400, 'Other')$$, 'PT429', 'too_many_uploads', 'a person prepares up to 100 files');
select tests.act_as_operator();
delete from chat.attachments where id between pg_temp.file(242) and pg_temp.file(300);
update chat.attachments set bytes = chat_private.file_bytes() where id between pg_temp.file(201) and pg_temp.file(241);
select tests.act_as('dora');
select throws_ok(
  $$select pg_temp.announce(400, 'Other')$$, 'PT429', 'too_many_uploads', 'a person uploads up to 1 GB a day');
select tests.act_as_operator();
update chat.attachments set path = 'of the original' where id between pg_temp.file(201) and pg_temp.file(241);
select tests.act_as('dora');
select lives_ok($$select pg_temp.announce(400, 'Other')$$, 'a forwarded file is not uploaded again');
select tests.act_as_operator();

select throws_ok(
  $$update chat.messages set attachments = '{}' where id = tests.message('two')$$, '23514', null,
  'the files of a message are always a list');

select * from finish();
rollback;
