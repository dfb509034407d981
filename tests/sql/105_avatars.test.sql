begin;
select plan(15);

select tests.sign_up('alice', 'bob');

select results_eq(
  $$ select public, file_size_limit, allowed_mime_types from storage.buckets where id = 'avatars' $$,
  $$ values (true, 2097152::bigint, array['image/png', 'image/jpeg', 'image/webp', 'image/gif']) $$,
  'the bucket is public and takes small pictures, SVG not among them');

-- The policies open no other bucket: nobody lists, replaces or deletes this.
insert into storage.buckets (id, name) values ('others', 'others');
insert into storage.objects (bucket_id, name) values ('others', tests.user('alice') || '/b.png');

select tests.act_as('alice');
select lives_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', tests.user('alice') || '/a.png') $$,
  'people can upload to their own folder');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', tests.user('bob') || '/a.png') $$,
  '42501', null, 'nobody can upload to the folder of another');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', 'a.png') $$,
  '42501', null, 'nobody can upload outside of a folder');
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('others', tests.user('alice') || '/a.png') $$,
  '42501', null, 'the policies open no other bucket');
select is(count(*), 1::bigint, 'people can list their own avatars') from storage.objects;
select is(tests.changed($$ update storage.objects set version = '2' $$), 1::bigint, 'people can replace their own avatars');
select throws_ok(
  $$ update storage.objects set bucket_id = 'others' $$, '42501', null, 'nobody can move an avatar to another bucket');
select throws_ok(
  $$ update storage.objects set name = tests.user('bob') || '/a.png' $$,
  '42501', null, 'nobody can move an avatar to the folder of another');

select tests.act_as('bob');
select is_empty('select from storage.objects', 'nobody can list the avatars of another');
-- Without a condition and without returning, only the policy of the write itself protects them.
select is(tests.changed($$ update storage.objects set version = '3' $$), 0::bigint, 'nobody can replace those of another');
-- As Storage says at each deletion.
select set_config('storage.allow_delete_query', 'true', true);
select is(tests.changed('delete from storage.objects'), 0::bigint, 'nobody can delete those of another');

select tests.act_as('alice');
select is(tests.changed('delete from storage.objects'), 1::bigint, 'people can delete their own');

select tests.act_as(null);
select throws_ok(
  $$ insert into storage.objects (bucket_id, name) values ('avatars', tests.user('alice') || '/a.png') $$,
  '42501', null, 'anon can upload nothing');
select is_empty('select from storage.objects', 'anon can list nothing');

select * from finish();
rollback;
