begin;
select plan(30);

select is_empty(
  $$ select tablename, policyname from pg_policies
     where schemaname = 'chat' and cmd in ('SELECT', 'ALL') and qual not like '%require_modest_query()%'
       -- Of one row, also for who may not act.
       and tablename <> 'suspensions' $$,
  'every policy that lets rows be read asks for a modest query');

-- As the local Data API and as PostgREST write them.
select ok(chat_private.is_modest_query(query), format('may run: %s', query))
from (values
  ('select "id", "content" from "chat"."messages" where "room_id" = $1 and "seq" < $2 order by "seq" desc limit $3'),
  ('select * from "chat"."rooms" where "name" ilike $1 limit $2'),
  ('select "id" from "chat"."messages" where "id" in ($1, $2, $3) or ("seq" < $4 and "content" = $5)'),
  ('select "content" as "a~b @@ like (json_agg(json_agg(", "metadata"->>''k~y @@ ''''("'' as "x" from "chat"."messages" limit $1'),
  ('select "id", (select coalesce(json_agg(agg), ''[]'') from (select "id" from "chat"."messages" limit $1) as agg) as "messages", '
    '(select coalesce(json_agg(agg), ''[]'') from (select (select to_json(obj) from (select "id" from "chat"."profiles") as obj) '
    'as "profile" from "chat"."room_members" limit $2) as agg) as "members" from "chat"."rooms" limit $3'),
  ('WITH pgrst_source AS (SELECT "chat"."messages"."id", row_to_json("messages_sender_1".*)::jsonb AS "sender" '
    'FROM "chat"."messages" LEFT JOIN LATERAL ( SELECT "profiles_1"."username" FROM "chat"."profiles" AS "profiles_1" ) '
    'AS "messages_sender_1" ON TRUE WHERE "chat"."messages"."room_id" = $1 LIMIT $2 OFFSET $3) SELECT null::bigint, '
    'coalesce(json_agg(_postgrest_t), ''[]'') AS body FROM ( SELECT * FROM pgrst_source ) _postgrest_t'),
  ('WITH pgrst_source AS (SELECT "chat"."rooms".*, COALESCE( "a"."a", ''[]'') AS "a", COALESCE( "b"."b", ''[]'') AS "b" '
    'FROM "chat"."rooms" LEFT JOIN LATERAL ( SELECT json_agg("a")::jsonb AS "a" FROM (SELECT * FROM "chat"."messages" ) AS "a" ) '
    'AS "a" ON TRUE LEFT JOIN LATERAL ( SELECT json_agg("b")::jsonb AS "b" FROM (SELECT * FROM "chat"."pins" ) AS "b" ) '
    'AS "b" ON TRUE) SELECT coalesce(json_agg(_postgrest_t), ''[]'') AS body FROM ( SELECT * FROM pgrst_source ) _postgrest_t'),
  ('insert into "chat"."messages" ("room_id", "content") values ($1, $2) returning *'),
  ('update "chat"."messages" set "content" = $1 where "id" = $2 returning *'),
  ('select * from "public"."things" where "name" ~ $1'),
  ('select * from "chat"."posts" where "content" ilike $1')
) as texts (query);

select ok(not chat_private.is_modest_query(query), format('is too costly: %s', query))
from (values
  ('select "id" from "chat"."messages" where "content" ~ $1 limit $2'),
  ('select "id" from "chat"."messages" where not "content" ~* $1 limit $2'),
  ('select "id" from "chat"."rooms" where ("id" = $1 or ("name" ~* $2 and "id" > $3))'),
  ('delete from "chat"."rooms" where ("id" = $1 and "name" ~ $2) returning *'),
  ('select "content" as "''", "id" as "''" from "chat"."messages" where "content" ~ $1'),
  ('select "content" as "a""b", "metadata"->>''a''''"'' as "c" from "chat"."messages" where "content" ~ $1'),
  ('SELECT "chat"."messages"."id" FROM "chat"."messages" WHERE  "chat"."messages"."content" ~ $1'),
  ('SELECT "chat"."messages"."id" FROM "chat"."messages" WHERE  "chat"."messages"."content" ~ ANY($1)'),
  ('SELECT * FROM "chat"."messages" WHERE  to_tsvector("chat"."messages"."content") @@ to_tsquery($1)'),
  ('SELECT * FROM "chat"."messages" WHERE  "chat"."messages"."content" ILIKE $1 LIMIT $2'),
  ('SELECT * FROM "chat"."messages" WHERE  NOT "chat"."messages"."content" LIKE ANY($1)'),
  ('select "id" from "chat"."messages" where "content" like any($1)'),
  ('select "id" from "chat"."messages" where "metadata"->>''key'' ilike $1'),
  ('select (select coalesce(json_agg(agg), ''[]'') from (select (select coalesce(json_agg(agg), ''[]'') from '
    '(select 1 from "chat"."messages") as agg) from "chat"."rooms") as agg) from "chat"."profiles"'),
  ('WITH pgrst_source AS (SELECT 1 FROM "chat"."rooms" LEFT JOIN LATERAL ( SELECT json_agg("a")::jsonb AS "a" FROM '
    '(SELECT 1 FROM "chat"."messages" LEFT JOIN LATERAL ( SELECT json_agg("b")::jsonb AS "b" FROM (SELECT * FROM '
    '"chat"."messages" ) AS "b" ) AS "b" ON TRUE ) AS "a" ) AS "a" ON TRUE) '
    'SELECT coalesce(json_agg(_postgrest_t), ''[]'') AS body FROM ( SELECT * FROM pgrst_source ) _postgrest_t'),
  ('select ' || repeat('(select to_json(obj) from (select "id" from "chat"."rooms") as obj), ', 8) || '1 from "chat"."messages"')
) as texts (query);

-- No policy filters what a definer reads for these, nor the message that was edited.
select is_empty(
  $$ select interface.proname from pg_proc as interface
     join pg_language on pg_language.oid = interface.prolang and lanname = 'plpgsql'
     join pg_proc as helper on helper.proname = interface.proname and helper.pronamespace = 'chat_private'::regnamespace
     where interface.pronamespace = 'chat'::regnamespace and helper.prosecdef
       and (interface.proname = 'edit_message' or interface.proretset)
       and interface.prosrc not like '%perform chat_private.require_modest_query()%' $$,
  'a function that returns rows past the policies asks for a modest query');

-- The check applies only to the Data API.
select tests.sign_up('alice');
select tests.act_as('alice');
select from chat.create_group_room('Team');
select from chat.send_message(tests.room('Team'), 'xxxx');
select results_eq(
  $$select content from "chat"."messages" where "content" ~ 'x+'$$, array['xxxx'], 'other connections use what they like'
);
select * from finish();
rollback;
