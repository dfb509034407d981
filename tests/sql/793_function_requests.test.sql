begin;
select plan(7);

-- frea is in nobody's way.
select tests.sign_up('frea');
delete from chat_private.function_requests where true;
select set_config('role', 'service_role', true);
select lives_ok(
  $$ select chat_private.count_requests(
    '[{"function_name": "social", "status": "2xx", "up_to": 0.005, "requests": 2, "seconds": 0.5},
      {"function_name": "jobs", "status": "5xx", "up_to": "Infinity", "requests": 1, "seconds": 12}]'
  ) from generate_series(1, 2) $$,
  'a worker of the functions adds what it has counted, and adds again');
select throws_ok($$ select from chat_private.function_requests $$, '42501', null, 'it reads and writes the table in no other way');
select tests.act_as_operator();
select results_eq(
  $$ select function_name, status, up_to, requests, seconds from chat_private.function_requests order by function_name $$,
  $$ values ('jobs', '5xx', 'Infinity'::float8, 2::bigint, 24::float8), ('social', '2xx', 0.005, 4, 1) $$, 'the counts are added up');
select throws_ok(
  $$ select chat_private.count_requests('[{"function_name": "A b", "status": "2xx", "up_to": 1, "requests": 1, "seconds": 1}]') $$,
  '23514', null, 'a function has a plain name');
select throws_ok(
  $$ select chat_private.count_requests('[{"function_name": "a", "status": "600", "up_to": 1, "requests": 1, "seconds": 1}]') $$,
  '23514', null, 'a status is one of five classes');
select throws_ok(
  $$ select chat_private.count_requests('[{"function_name": "a", "status": "2xx", "up_to": 0, "requests": 1, "seconds": 1}]') $$,
  '23514', null, 'a step is longer than nothing');
select tests.act_as('frea');
select throws_ok($$ select chat_private.count_requests('[]') $$, '42501', null, 'people count nothing');

select * from finish();
rollback;
