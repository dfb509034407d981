-- The release of this schema, which clients and Edge Functions compare with their own.
create function chat.version()
returns text
language sql stable security invoker set search_path = ''
as $$
  select '1.0.0';
$$;
comment on function chat.version is 'The release of Parley that this database has, as in `1.0.0`.';
grant execute on function chat.version to authenticated;
