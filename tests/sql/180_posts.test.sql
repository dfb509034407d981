begin;
select plan(16);

-- alice is an author, bob a reader
select tests.sign_up('alice', 'bob');
insert into chat.posts (author_id, title, content) values (tests.user('alice'), 'Hello', 'World');

select policies_are('chat', 'posts', array[
  'people can read posts', 'people can write posts of their own', 'authors can change their posts',
  'authors can delete their posts'
]);

select tests.act_as(null);
select throws_ok('select from chat.posts', '42501', null, 'anon cannot read posts');
select throws_ok(
  $$ insert into chat.posts (title, content) values ('x', 'x') $$, '42501', null, 'anon cannot write posts');

select tests.act_as('bob');
select results_eq(
  $$ select title from chat.posts where author_id = tests.user('alice') $$, array['Hello'], 'people can read posts');
select is(
  tests.changed($$ update chat.posts set content = 'x' $$), 0::bigint, 'a user cannot change posts of other users');
select is(tests.changed('delete from chat.posts'), 0::bigint, 'a user cannot delete posts of other users');
select throws_ok(
  $$ insert into chat.posts (author_id, title, content) values (tests.user('alice'), 'x', 'x') $$,
  '42501', null, 'a user cannot post as another user');

select tests.act_as('alice');
select results_eq(
  $$ insert into chat.posts (title, content) values (repeat('я', 255), repeat('я', 10000)) returning author_id $$,
  array[tests.user('alice')], 'people can write posts of their own');
select results_eq(
  $$ update chat.posts set content = 'Everyone' where title = 'Hello' and author_id = tests.user('alice')
     returning content $$,
  array['Everyone'], 'authors can change their posts');
select throws_ok(
  $$ update chat.posts set author_id = tests.user('bob') $$, '42501', null, 'an author cannot give a post away');
select results_eq(
  $$ delete from chat.posts where title = 'Hello' and author_id = tests.user('alice') returning title $$,
  array['Hello'], 'authors can delete their posts');

select throws_ok(
  format('insert into chat.posts (title, content) values (%L, %L)', title, content), '23514', null, reason)
from (values
  (' ', 'x', 'a post has a title'), (repeat('a', 256), 'x', 'a title has up to 255 characters'),
  ('x', ' ', 'a post says something'), ('x', repeat('a', 10001), 'a post has up to 10,000 characters')
) as refused (title, content, reason);

select tests.act_as_operator();
delete from auth.users where id = tests.user('alice');
select is_empty($$ select from chat.posts where author_id = tests.user('alice') $$, 'posts go with their author');

select * from finish();
rollback;
