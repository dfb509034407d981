-- The schemas and extensions that a new project starts with.

create schema extensions;
create schema auth;
create schema realtime;

create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create extension pg_stat_statements with schema extensions;

grant usage on schema extensions, public to anon, authenticated, service_role, postgres, supabase_auth_admin;
grant all on schema extensions to postgres, dashboard_user;
grant usage on schema auth to anon, authenticated, service_role, postgres, dashboard_user;
grant all on schema auth to supabase_auth_admin;
grant usage on schema realtime to anon, authenticated, service_role, supabase_auth_admin;
grant usage on schema realtime to postgres with grant option;
grant all on schema realtime to supabase_realtime_admin;

-- Objects of new projects are granted to nobody; a migration grants what it means to.
alter default privileges for role supabase_auth_admin in schema auth grant all on tables to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth grant all on sequences to postgres, dashboard_user;

-- Made as postgres, which may therefore add tables to it.
set role postgres;
create publication supabase_realtime;
reset role;
