begin;
select plan(35);

-- Among a hundred others
select tests.sign_up('José', 'boris', 'abo', 'Анна');
select tests.act_as_operator();
update chat.profiles set first_name = 'Żółty', last_name = 'Müller' where id = tests.user('boris');
insert into auth.users (id, aud, role, email, raw_user_meta_data)
select md5('many' || n)::uuid, 'authenticated', 'authenticated', n || '@many.example', jsonb_build_object('username', 'many-' || n)
from generate_series(1, 100) as n;
create function pg_temp.found(query text, max_rows integer default 20)
returns text[]
language sql
as $$
  select coalesce(array_agg(username), '{}') from chat.search_people(query, max_rows);
$$;

select tests.act_as('abo');
select is(pg_temp.found(query), array[username], format('%s finds %s', query, username))
from (values
  ('jose', 'José'), ('JOSÉ', 'José'), (U&'jose\0301', 'José'), ('анна', 'Анна'), ('zolty', 'boris'), ('muller', 'boris'),
  ('ty mu', 'boris'), ('ris', 'boris'), ('many-100', 'many-100'), ('нн', 'Анна')
) as searched (query, username);
select is(pg_temp.found('bo'), array['boris', 'abo'], 'those whose username begins with it come first');
select is(pg_temp.found('m'), array['boris'] || (pg_temp.found('many-', 1000))[1:19], 'any word of a name may begin with it');
select is(pg_temp.found('bo', 1), array['boris'], 'of many, those whose username begins with it are meant');
select is(pg_temp.found('o'), array['José', 'abo', 'boris'], 'one letter finds, too');
select is(cardinality(pg_temp.found('many', 1000)), 100, 'all are found');
select is(cardinality(pg_temp.found('n')), 20, 'as many people are found as the call asks for');
select is(pg_temp.found('qz'), '{}', 'a search that matches nobody finds nobody');
select is(pg_temp.found('%'), '{}', 'what stands for anything elsewhere stands for itself');

-- Those the caller talks to come first.
create function pg_temp.many(variadic numbers integer[])
returns uuid[]
language sql
as $$
  select array_agg(md5('many' || n)::uuid) from unnest(numbers) as n;
$$;
select lives_ok($$ select chat.create_direct_room((pg_temp.many(70))[1]) $$);
select lives_ok($$ select chat.create_group_room('Small', pg_temp.many(60, 80)) $$);
select lives_ok($$ select chat.create_direct_room((pg_temp.many(90))[1]) $$);
select lives_ok($$ select chat.create_group_room('Large', array(select md5('many' || n)::uuid from generate_series(1, 50) as n)) $$);
select tests.act_as_operator();
update chat.rooms set created_at = created_at - interval '1 hour'
where id in (select room_id from chat.room_members where user_id = (pg_temp.many(70))[1]);
select tests.act_as('abo');
select is(
  pg_temp.found('any', 6), array['many-90', 'many-70', 'many-60', 'many-80', 'many-1', 'many-2'],
  'people of direct rooms come first, the latest before others, then those of small groups');
select is(pg_temp.found('ANY-8', 2), array['many-80', 'many-8'], 'people the caller knows are found only if they match');
select tests.act_as_operator();
update chat.profiles set first_name = 'Known', last_name = 'Person' where id = (pg_temp.many(80))[1];
select tests.act_as('abo');
select results_eq(
  $$ select person_id from chat_private.people_known('own pers') $$, 'select (pg_temp.many(80))[1]',
  'they are found by any part of their name');

select tests.act_as('Анна');
select is(pg_temp.found('many', 2), array['many-1', 'many-10'], 'others do not come first for it');
select tests.act_as('abo');
select throws_ok(
  format('select pg_temp.found(%L)', query), 'PT400', 'invalid_query', format('%s: invalid_query', reason))
from (values (null, 'no query'), (' ', 'a blank query'), (U&'\200b', 'an invisible query'), (repeat('a', 201), 'a long query'))
  as refused (query, reason);

-- Pages in order of number, by username alone or by names as well.
select results_eq(
  $$ select username from chat_private.people_found('many-1', false, 0, 3) $$, array['many-1', 'many-10', 'many-11'],
  'the first come first');
select results_eq(
  $$ select username from chat_private.people_found(
       'many-1', false, (select number from chat.profiles where username = 'many-11'), 2) $$,
  array['many-12', 'many-13'], 'the page after a person continues with the next ones');
select is_empty($$ select from chat_private.people_found('zolty', false, 0, 10) $$, 'a name is no username');
select isnt_empty($$ select from chat_private.people_found('zolty', true, 0, 10) $$, 'a name is found where names are searched');
select tests.act_as(null);
select throws_ok($$ select pg_temp.found('a') $$, '42501', null, 'anon cannot search');

select * from finish();
rollback;
