begin;
select plan(9);

insert into chat_private.imports (name, kind) values ('old', 'messenger');
insert into chat_private.imported_rows select id, 'person', 7, 1 from chat_private.imports where name = 'old';

select throws_ok(
  $$ insert into chat_private.imports (name, kind) values ('old', 'social') $$, '23505', null, 'a name is of one import');
select throws_ok(
  $$ insert into chat_private.imports (name, kind) values ('an old one', 'social') $$, '23514', null, 'a name is one word');
select throws_ok(
  $$ insert into chat_private.imports (name, kind) values ('other', '') $$, '23514', null, 'a kind is not empty');
select throws_ok(
  $$ insert into chat_private.imported_rows select id, 'person', 7, 2 from chat_private.imports $$, '23505', null,
  'a row is imported once');
select throws_ok(
  $$ insert into chat_private.imported_rows select id, 'tea', 7, 2 from chat_private.imports $$, '23514', null,
  'a row is of a known kind');
select throws_ok(
  $$ insert into chat_private.imported_rows values (-1, 'person', 7, 2) $$, '23503', null, 'a row belongs to an import');

select tests.sign_up('alice');
select tests.act_as('alice');
select throws_ok('select from chat_private.imports', '42501', null, 'a user cannot read the imports');
select throws_ok('select from chat_private.imported_rows', '42501', null, 'a user cannot read where rows came from');

select tests.act_as_operator();
delete from chat_private.imports where name = 'old';
select is_empty('select from chat_private.imported_rows', 'the rows go with their import');

select * from finish();
rollback;
