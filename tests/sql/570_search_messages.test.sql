begin;
select plan(86);

-- alice and bob talk in a group, and alice alone in another; carol is a stranger with a room of her own
select tests.sign_up('alice', 'bob', 'carol');
create function pg_temp.found(
  query text, room bigint default null, before bigint default null, max_rows integer default null
)
returns text[]
language sql
as $$
  select array_agg(content) from chat.search_messages(query, room, before, max_rows);
$$;
select tests.act_as('carol');
select from chat.create_group_room('Elsewhere', is_public => true);
select from chat.send_message(tests.room('Elsewhere'), 'A secret book, 100% sure');
select tests.act_as('alice');
select from chat.create_group_room('Diary');
select from chat.send_message(tests.room('Diary'), 'I was running through the woods');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from unnest(array[
  'Мы купили новые книги', 'She reads books', 'It is 100% done', 'file_name.txt', 'filename.txt', 'C:\temp',
  'и the end',
  'Ёлка', 'gone for good'
]) as text, chat.send_message(tests.room('Team'), text);
select from chat.delete_message(tests.message('gone for good'));
select tests.index_messages();

-- Words in any form, and parts of words.
select is(pg_temp.found(query), array[content], format('%s finds %s', query, content))
from (values
  ('книга', 'Мы купили новые книги'), ('КУПИТЬ', 'Мы купили новые книги'), ('новая книга', 'Мы купили новые книги'),
  ('купи', 'Мы купили новые книги'), ('упил', 'Мы купили новые книги'), ('book', 'She reads books'),
  ('reading', 'She reads books'), ('READ', 'She reads books'), ('eads', 'She reads books'),
  ('run', 'I was running through the woods'),
  ('"she reads"', 'She reads books'), ('reads -newspapers', 'She reads books'), ('  books ', 'She reads books'),
  ('ёл', 'Ёлка'), ('купили новые', 'Мы купили новые книги')
) as searched (query, content);

-- What stands for anything in a pattern stands for itself.
select is(
  pg_temp.found(query), contents,
  format('%s finds %s', query, coalesce(array_to_string(contents, ', '), 'nothing')))
from (values
  ('100%', array['It is 100% done']), ('%', array['It is 100% done']), ('10%d', null),
  ('file_name', array['file_name.txt']),
  ('_', array['file_name.txt']), ('filename', array['filename.txt']), ('C:\t', array['C:\temp']),
  ('\', array['C:\temp']),
  ('\%', null), ('''; drop table chat.messages; --', null), ('"unclosed', null), ('& | ! ( ) <->', null)
) as searched (query, contents);
select is(pg_temp.found('и'), array['и the end', 'Мы купили новые книги'], 'a stop word is found as a part');

-- What people type is text: operators alone are looked for as they stand.
select from unnest(array[
  'it is -5 outside', 'rm -rf /tmp', 'tar -v', 'this OR that', 'say "hi"', 'a - - b', 'note :* star', '!x marks it', 'x alone', '5 apples',
  'find . -not', '50 & 60 | 70', 'a"" -ab'
]) as text, chat.send_message(tests.room('Team'), text);
select is(
  pg_temp.found(query), contents, format('%s finds %s', query, coalesce(array_to_string(contents, ', '), 'nothing')))
from (values
  ('-5', array['it is -5 outside']), ('-rf', array['rm -rf /tmp']), ('-v', array['tar -v']), ('OR', array['this OR that']),
  ('"', array['a"" -ab', 'say "hi"']), ('- -', array['a - - b']), (':*', array['note :* star']), ('!x', array['!x marks it']),
  ('"" -a', array['a"" -ab']), ('-not', array['find . -not']), ('&', array['50 & 60 | 70']), ('| 70', array['50 & 60 | 70']),
  ('-nothing -of -this', null), ('""', array['a"" -ab']), ('or -v', null), ('%%%', null)
) as searched (query, contents);
-- Beside something to look for they are operators.
select is(pg_temp.found('rm -rf'), array['rm -rf /tmp'], 'a text that is there as it was typed is found');
select is(pg_temp.found('tar or apples'), array['5 apples', 'tar -v'], 'two words joined by "or" find messages with either');
select is(pg_temp.found('apples -oranges'), array['5 apples'], 'a minus leaves out messages with that word');
select is(pg_temp.found('apples -5'), null, 'a minus leaves out messages with that number');

-- As people see it.
select from unnest(array['Crème brûlée', 'Мой йогурт', U&'\0441\0438\0306', 'שָׁלוֹם', 'ΛΟΓΟΣ', 'Straße', '你好世界', 'ok 👍']) as text,
  chat.send_message(tests.room('Team'), text);
select is(pg_temp.found(query), array[content], format('%s finds %s', query, content))
from (values
  ('creme', 'Crème brûlée'), ('BRULEE', 'Crème brûlée'), (U&'cre\0300me', 'Crème brûlée'), ('йогурт', 'Мой йогурт'),
  (U&'\0438\0306огурт', 'Мой йогурт'), ('сй', U&'\0441\0438\0306'), ('שלום', 'שָׁלוֹם'), ('λογος', 'ΛΟΓΟΣ'),
  ('strasse', 'Straße'), ('好', '你好世界'), ('你好', '你好世界'), ('👍', 'ok 👍')
) as searched (query, content);
select is(pg_temp.found('мои'), null, 'й is not и');

-- What is not there to be found.
select is(pg_temp.found('gone'), null, 'a deleted message is not found');
select ok(
  not coalesce('' = any (pg_temp.found(query)), false), format('%s finds no tombstone', query))
from unnest(array['-nothing', '-xy', '-x']) as query;
select from chat.edit_message(tests.message('She reads books'), 'She writes letters');
select is(pg_temp.found('book'), null, 'what was edited away is not found');
select is(pg_temp.found('letter'), array['She writes letters'], 'an edited message is found by what it says now');
select is(pg_temp.found('secret'), null, 'the rooms of others are not searched, public ones neither');

-- One room, and pages.
select is(pg_temp.found('txt'), array['filename.txt', 'file_name.txt'], 'the newest come first');
select is(pg_temp.found('txt', max_rows => 1), array['filename.txt'], 'as many messages are found as the call asks for');
select is(pg_temp.found('txt', max_rows => 0), array['filename.txt'], 'at least one message is found');
select is(
  pg_temp.found('txt', before => tests.message('filename.txt')), array['file_name.txt'],
  'before a message come those that are older');
select is(pg_temp.found('ti', before => tests.message('filename.txt')), null, 'also of a short query');
select is(
  pg_temp.found('the', tests.room('Diary')), array['I was running through the woods'],
  'one room may be searched alone');
select is(pg_temp.found('th', tests.room('Diary')), array['I was running through the woods'], 'also for a short query');
select is(pg_temp.found('txt', tests.room('Diary')), null, 'which finds nothing of the others');

-- Errors.
select throws_ok(
  format('select pg_temp.found(%L)', query), 'PT400', 'invalid_query', format('%s: invalid_query', reason))
from (values
  (null, 'no query'), ('', 'an empty query'), (E' \t', 'a blank query'), (repeat('я', 201), 'a query of 201 letters')
) as refused (query, reason);
select lives_ok($$ select pg_temp.found(repeat('я', 200)) $$, 'a query of 200 letters is long enough');
select throws_ok(
  $$ select pg_temp.found('secret', tests.room('Elsewhere')) $$, 'PT403', 'not_a_member',
  'a public room is searched by members');
select tests.act_as('carol');
select throws_ok(
  $$ select pg_temp.found('txt', tests.room('Team')) $$, 'PT404', 'room_not_found', 'a stranger''s room is not found');
select tests.act_as('bob');
select is(pg_temp.found('txt', max_rows => 1), array['filename.txt'], 'a member finds what others have written');
select chat.leave_room(tests.room('Team'));
select is(pg_temp.found('txt'), null, 'a former member no longer finds it');
select tests.act_as(null);
select throws_ok($$ select pg_temp.found('txt') $$, '42501', null, 'anon finds nothing');

select * from finish();
rollback;
