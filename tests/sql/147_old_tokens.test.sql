begin;
select plan(11);

select tests.sign_up('alice', 'bob', 'carol');
update auth.users set raw_app_meta_data = '{"imported_from": "old"}' where email like '%@example.com';
insert into chat_private.imports (name, kind) values ('old', 'messenger'), ('other', 'social');
insert into chat_private.imported_rows (import_id, kind, source_id, target_id)
select imports.id, 'person', ids.id, profiles.number
from (values ('old', 'alice', 7), ('old', 'bob', 8), ('other', 'carol', 8)) as ids (import, name, id)
join chat_private.imports as imports on imports.name = ids.import
join chat.profiles as profiles on profiles.id = tests.user(ids.name);
create function pg_temp.exchange(person bigint, jti text) returns text language sql as $$
  select chat_private.exchange_old_token(person, jti, now() + interval '1 day');
$$;

create temporary table given as select pg_temp.exchange(7, 'a') as token;
select matches((select token from given), '^[a-z2-7]{12}$', 'a token of before is exchanged for one of Auth');
select results_eq(
  $$ select tokens.user_id::text, sessions.aal::text from auth.refresh_tokens as tokens
     join auth.sessions as sessions on sessions.id = tokens.session_id where tokens.token = (select given.token from given) $$,
  $$ values (tests.user('alice')::text, 'aal1') $$, 'the new token is of a session of its person');
select is(pg_temp.exchange(7, 'a'), null, 'a token is exchanged once');
select isnt(pg_temp.exchange(7, 'b'), null, 'each of several tokens is');
select is(pg_temp.exchange(9, 'c'), null, 'the token of an unknown person is refused');
select is(pg_temp.exchange(8, 'd'), null, 'an id that two backends have had is refused');
select is_empty(
  $$ select from chat_private.exchanged_tokens where jti in ('c', 'd') $$, 'a refused token is not noted');

update auth.users set banned_until = now() + interval '1 day' where id = tests.user('alice');
select is(pg_temp.exchange(7, 'e'), null, 'a banned person gets nothing');
update auth.users set banned_until = null, encrypted_password = 'new' where id = tests.user('alice');
select is(pg_temp.exchange(7, 'f'), null, 'a person with a new password gets nothing');
delete from chat_private.exchanged_tokens where jti like 'account:%';
select isnt(pg_temp.exchange(7, 'g'), null, 'other people get their sessions');

select tests.act_as('alice');
select throws_ok('select from chat_private.exchanged_tokens', '42501', null, 'a user cannot read used tokens');

select * from finish();
rollback;
