-- Postgres lets everyone execute a new function: not here. What clients may call is granted beside each function.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- But policies for every role call these; by name nobody reaches them without the use of the schema.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

-- For a backend of one's own, with the secret key. The functions it may not call: they speak for a signed-in caller.
grant select, insert, update, delete on all tables in schema chat to service_role;

-- The project's default grants, which 010 has put aside.
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
