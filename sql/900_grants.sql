-- Postgres lets everyone execute a new function: not here. What clients may call is granted beside each function.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- But policies for every role call these; by name nobody reaches them without the use of the schema.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

-- For a backend of one's own, with the secret key. Functions that are about a signed-in user refuse it by name.
grant select, insert, update, delete on all tables in schema chat to service_role;
grant execute on all functions in schema chat to service_role;
-- What these call as their caller.
do $$
declare
  helper regprocedure;
begin
  for helper in
    select oid from pg_catalog.pg_proc
    where pronamespace = 'chat_private'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute format('grant execute on function %s to service_role', helper);
  end loop;
end;
$$;

-- The project's default grants, which 010_schemas has put aside.
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format(
      'alter default privileges grant %s on %s to %s%s',
      given.privilege, given.objects, given.grantee, case when given.is_grantable then ' with grant option' end
    );
  end loop;
  drop table chat_private.default_grants;
end;
$$;
