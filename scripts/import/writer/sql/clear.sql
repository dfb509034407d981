-- Empties what was staged, and drops what a script has made of it.
do $$
declare
  kept record;
begin
  for kept in
    select relname as name, relname like 'unit\_%' as is_of_unit
    from pg_class
    where relnamespace = pg_my_temp_schema() and relkind = 'r' and relname ~ '^(unit|stage)_'
  loop
    execute format(case when kept.is_of_unit then 'drop table %I' else 'truncate %I' end, kept.name);
  end loop;
end;
$$;
