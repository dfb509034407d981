-- The Data API lets a client put any filter and any embedding into one request. Some cost seconds of the database, however
-- few rows they return: a regular expression may be made to backtrack for seconds on one message, and lists in lists
-- multiply. Each policy for reading asks this once a statement, before a filter of the client's sees a row.
-- Both PostgREST and the local Data API bind all values, and quote all names: what is left of the text of a statement
-- without what is quoted are operators and structure.
create function chat_private.is_modest_query(query text)
returns boolean
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  bare text;
  part text;
  depth integer := 0;
  -- How deep in parentheses the list stands that is being read; null outside of lists.
  list integer;
begin
  -- Not about this schema: a project's own tables, whose policies may read it.
  if query !~ '\mchat"?\.' then
    return true;
  end if;
  -- Texts are found by search_messages().
  if strpos(query, '"chat"."messages"') > 0 and query ~* '"(content|forwarded_content|metadata)"\S*( is)?( not)? +i?like ' then
    return false;
  end if;
  bare := regexp_replace(query, '"([^"]|"")*"|''([^'']|'''')*''', '""', 'g');
  -- Regular expressions, and full text without an index.
  if bare ~ '~|@@' then
    return false;
  end if;
  if regexp_count(bare, '\m(from|join)\s+("")?\w*\.', 1, 'i') > 8 then
    return false;
  end if;
  if regexp_count(bare, '\mjson_agg\(', 1, 'i') > 1 then
    for part in select (regexp_matches(bare, '\mcoalesce\(json_agg\M|\mjson_agg\M|[()]', 'gi'))[1] loop
      if part = '(' then
        depth := depth + 1;
      elsif part = ')' then
        depth := depth - 1;
        if depth < list then
          list := null;
        end if;
      elsif depth > list then
        return false;
      else
        list := depth;
        depth := depth + sign(strpos(part, '('))::integer;
      end if;
    end loop;
  end if;
  return true;
end;
$$;
comment on function chat_private.is_modest_query is
  'Whether the Data API may run a statement that reads tables of chat: without regular expressions, full text, patterns '
  'for the texts of messages, more than eight tables, and lists in lists.';

create function chat_private.require_modest_query()
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  -- As these PostgREST and the local Data API connect; others, such as the functions, run statements of their own.
  if session_user in ('authenticator', 'supabase_auth_admin')
    and not chat_private.is_modest_query(pg_catalog.current_query()) then
    raise sqlstate 'PT400' using message = 'query_too_costly',
      detail = 'Regular expressions, full text, patterns for the texts of messages, more than eight tables and lists '
        'within lists are not read in one request.',
      hint = 'Search with search_messages(), and read what is nested in a second request.';
  end if;
  return true;
end;
$$;
comment on function chat_private.require_modest_query is 'Raises query_too_costly for what the Data API does not read.';
grant execute on function chat_private.is_modest_query, chat_private.require_modest_query to authenticated;
