-- How much happens in a day: a small table that a job keeps, so that nobody counts all messages to see it.
create table chat.daily_counts (
  day date primary key,
  messages bigint not null default 0,
  people bigint not null default 0,
  rooms bigint not null default 0,
  reports bigint not null default 0
);
comment on table chat.daily_counts is
  'How many messages, accounts, rooms and reports were made on each day of UTC. What was deleted later stays counted.';

alter table chat.daily_counts enable row level security;
revoke all on chat.daily_counts from anon, authenticated;
grant select on chat.daily_counts to authenticated;
-- No writes: a job counts.

create policy "administrators can read how much happens in a day"
  on chat.daily_counts for select to authenticated
  using ((select chat_private.require_modest_query()) and (select chat_private.is_administrator()));

-- A transaction may commit after another one that took a later number. So numbers are counted up to one that was given before every
-- transaction of now had begun.
create table chat_private.counted (
  subject text primary key check (subject in ('messages', 'people', 'rooms', 'reports')),
  source text not null,
  key text not null,
  counted_to bigint not null default 0,
  known_to bigint not null default 0,
  known_at xid8 not null default '0'
);
comment on table chat_private.counted is 'Up to which number each subject of daily_counts is counted, and up to which all are known.';
comment on column chat_private.counted.known_at is 'The transactions that began before this one may still write numbers up to known_to.';
alter table chat_private.counted enable row level security;
revoke all on chat_private.counted from anon, authenticated;

insert into chat_private.counted (subject, source, key) values
  ('messages', 'chat.messages', 'id'),
  ('people', 'chat.profiles', 'number'),
  ('rooms', 'chat.rooms', 'id'),
  ('reports', 'chat.reports', 'id');

create function chat_private.count_more(subject text, max_rows integer)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  place chat_private.counted;
  looked_at integer;
begin
  select * into place from chat_private.counted as counted where counted.subject = count_more.subject for update;
  if place.counted_to >= place.known_to then
    execute format('select coalesce(max(%I), 0) from %s', place.key, place.source) into place.known_to;
    update chat_private.counted as counted
    set known_to = greatest(place.known_to, place.counted_to), known_at = pg_snapshot_xmax(pg_current_snapshot())
    where counted.subject = place.subject;
    return false;
  elsif pg_snapshot_xmin(pg_current_snapshot()) < place.known_at then
    return false;
  end if;
  execute format(
    $count$
      with page as materialized (
        select %1$I as number, (created_at at time zone 'UTC')::date as day from %2$s
        where %1$I > $1 and %1$I <= $2
        order by %1$I
        limit $3
      ), added as (
        insert into chat.daily_counts as counts (day, %3$I)
        select page.day, count(*) from page group by page.day
        on conflict on constraint daily_counts_pkey do update set %3$I = counts.%3$I + excluded.%3$I
      )
      select count(*), max(page.number) from page
    $count$,
    place.key, place.source, place.subject
  ) into looked_at, place.counted_to using place.counted_to, place.known_to, max_rows;
  -- A short page was the last one.
  update chat_private.counted as counted
  set counted_to = case when looked_at = max_rows then place.counted_to else place.known_to end
  where counted.subject = place.subject;
  return looked_at = max_rows;
end;
$$;
comment on function chat_private.count_more is
  'Counts up to max_rows new rows of a subject of daily_counts. Returns whether more are waiting. What is imported later with lower '
  'numbers is not counted.';

create function chat_private.job_count_days()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  has_more boolean := false;
  subject text;
begin
  for subject in select counted.subject from chat_private.counted as counted loop
    has_more := chat_private.count_more(subject, 10000) or has_more;
  end loop;
  return has_more;
end;
$$;
comment on function chat_private.job_count_days is 'Adds what is new to daily_counts.';

insert into chat_private.jobs (name, every) values ('count_days', interval '20 seconds');
