-- How often the functions were called, and how long they took. A function has many workers that live for minutes, and none of them
-- knows what the others do: each adds here what it has counted every few seconds, outside of the transactions of its requests.
-- Not logged: when the database crashes the counts begin at zero again, as a monitor expects of counters. A few hundred rows at most.
create unlogged table chat_private.function_requests (
  function_name text check (function_name ~ '^[a-z-]{1,50}$'),
  -- The class of the status.
  status text check (status ~ '^[1-5]xx$'),
  -- They took at most so many seconds, and more than the next lower step.
  up_to double precision check (up_to > 0),
  requests bigint not null,
  seconds double precision not null,
  primary key (function_name, status, up_to)
);
comment on table chat_private.function_requests is 'How many requests the functions have answered, by status and duration.';
comment on column chat_private.function_requests.seconds is 'How long these requests took together.';
alter table chat_private.function_requests enable row level security;
revoke all on chat_private.function_requests from anon, authenticated;

-- Definer: a backend with the secret key may not write the table in another way.
create function chat_private.count_requests(counted jsonb)
returns void
language sql volatile security definer set search_path = ''
as $$
  insert into chat_private.function_requests as counts (function_name, status, up_to, requests, seconds)
  select added.function_name, added.status, added.up_to, added.requests, added.seconds
  from jsonb_to_recordset(counted) as added (
    function_name text, status text, up_to double precision, requests bigint, seconds double precision
  )
  -- In one order: workers add at the same time.
  order by added.function_name, added.status, added.up_to
  on conflict on constraint function_requests_pkey do update
  set requests = counts.requests + excluded.requests, seconds = counts.seconds + excluded.seconds;
$$;
comment on function chat_private.count_requests is
  'Adds the requests that a worker of the functions has counted: an array of {function_name, status, up_to, requests, seconds}.';
grant execute on function chat_private.count_requests to service_role;
