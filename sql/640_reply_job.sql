-- Replies of workers that are gone end, and everybody who waits is notified.
create function chat_private.job_end_replies()
returns boolean
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.end_lapsed_replies(null, 200) = 200;
$$;

insert into chat_private.jobs (name, every) values ('end_replies', interval '10 seconds');
