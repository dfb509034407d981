-- Whoever goes without a word, as a page that is closed or a worker that dies, is announced as offline once they no
-- longer count as online.
create function chat_private.job_end_status()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  enough constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  ended integer;
begin
  loop
    -- Who is seen at this very moment has their row locked, and stays online.
    update chat.user_status as status
    set announced_online = false
    where status.user_id in (
      select gone.user_id from chat.user_status as gone
      where gone.announced_online and gone.last_seen_at <= now() - interval '60 seconds'
      order by gone.last_seen_at
      limit 50
      for update skip locked
    );
    get diagnostics ended = row_count;
    if ended < 50 then
      return false;
    elsif clock_timestamp() > enough then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_end_status is 'Announces that those are offline who were not seen for 60 seconds.';

-- Looked at with every run of the jobs: 10 seconds more would be too late.
insert into chat_private.jobs (name, every) values ('end_status', interval '5 seconds');
