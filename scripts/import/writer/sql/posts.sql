-- The posts of stage_posts.
set local session_replication_role = replica;
set local timezone = 'UTC';

create temporary table unit_posts as
select posts.*, import_run.import_id, profiles.id as author_id,
  case
    when profiles.id is null then 'a post of somebody who is not here'
    when not chat_private.shows(posts.title) or not chat_private.shows(posts.content) then 'a post without a visible text'
    when char_length(posts.title) > 255 then 'a post with a title of more than 255 characters'
    when char_length(posts.content) > 10000 then 'a post of more than 10,000 characters'
  end as reason
from import_run, stage_posts as posts
left join chat_private.imported_rows as authors
  on (authors.kind, authors.source_id) = ('person', posts.author) and authors.import_id = (select import_id from import_run)
left join chat.profiles as profiles on profiles.number = authors.target_id
where not exists (
  select from chat_private.imported_rows as known
  where (known.import_id, known.kind, known.source_id) = (import_run.import_id, 'post', posts.source_id)
);

insert into import_notes select 'post', source_id, reason, true from unit_posts where reason is not null;

with numbered as (
  select unit_posts.*, case
      when source_id >= 1::bigint << 60 or (select true from chat.posts where posts.id = unit_posts.source_id)
        then nextval(pg_get_serial_sequence('chat.posts', 'id'))
      else source_id
    end as id
  from unit_posts
  where reason is null
  order by source_id
), known as (
  insert into chat_private.imported_rows select import_id, 'post', source_id, id from numbered
)
insert into chat.posts (id, author_id, title, content, created_at)
overriding system value
select id, author_id, title, content, coalesce(created_at, now()) from numbered order by id;

insert into import_came
select 'post', count(*), 0
from stage_posts as posts
join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'post', posts.source_id);
