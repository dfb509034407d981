-- Postgres lets everyone execute a new function: not here. What clients may call is granted beside each function.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- For a backend of one's own, with the secret key. The functions it may not call: they speak for a signed-in caller.
grant select, insert, update, delete on all tables in schema chat to service_role;
