-- The Data API accepts any filter and any embedding in one request. Some take seconds, however few rows they return: a
-- regular expression can backtrack for seconds on one message, and nested lists multiply. Each select policy calls this
-- check once a statement, before a filter of the client sees a row. So it also asks whether the caller may read at all.
-- PostgREST and the local Data API bind all values and quote all names, so the unquoted rest of a statement is its
-- operators and its structure.
create function chat_private.is_modest_query(query text)
returns boolean
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  bare text;
  part text;
  depth integer := 0;
  -- The depth in parentheses of the current list; null outside lists.
  list integer;
begin
  -- Not about this schema: the statement reads a project's own tables, whose policies may read chat.
  if query !~ '\mchat"?\.' then
    return true;
  end if;
  -- search_messages() searches the texts of messages.
  if query ~ '"chat"\."message(s|_edits)"' and query ~* '"(content|forwarded_content|metadata)"\S*( is)?( not)? +i?like ' then
    return false;
  end if;
  bare := regexp_replace(query, '"([^"]|"")*"|''([^'']|'''')*''', '""', 'g');
  -- Regular expressions, and full-text searches without an index.
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
  'Whether the Data API may run a statement on tables of chat: one without regular expressions, full-text searches, '
  'patterns on message texts, more than eight tables, or nested lists.';

create function chat_private.require_modest_query()
returns boolean
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform chat_private.require_access();
  -- PostgREST and the local Data API connect as these roles. Edge Functions run fixed statements.
  if session_user in ('authenticator', 'supabase_auth_admin')
    and not chat_private.is_modest_query(pg_catalog.current_query()) then
    raise sqlstate 'PT400' using message = 'query_too_costly',
      detail = 'One request may not use regular expressions, full-text search, patterns on message texts, more than eight '
        'tables, or nested lists.',
      hint = 'Search with search_messages(), and read nested lists in a second request.';
  end if;
  return true;
end;
$$;
comment on function chat_private.require_modest_query is
  'Raises query_too_costly for a statement that the Data API may not run, and what require_access() raises.';
grant execute on function chat_private.is_modest_query, chat_private.require_modest_query to authenticated;
