-- The roles of a Supabase project. supabase_admin, the superuser, made the cluster.

create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role authenticator login noinherit;
create role supabase_auth_admin login noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_storage_admin nologin noinherit;
create role supabase_replication_admin login replication;
create role supabase_read_only_user login bypassrls;
create role supabase_etl_admin login replication;
create role dashboard_user nologin createdb createrole replication;
create role pgbouncer login;

-- No superuser, as on the platform: what the platform refuses a migration fails here too.
create role postgres login createdb createrole replication bypassrls password 'postgres';

grant anon, authenticated, service_role to authenticator with inherit false, set true;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
-- supautils allows it there; imports write history with it.
grant set on parameter session_replication_role to postgres;
grant pg_read_all_data to supabase_read_only_user, supabase_etl_admin;

-- Auth and the Data API are one process here, with one connection for both.
grant anon, authenticated, service_role to supabase_auth_admin with inherit false, set true;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;

alter database postgres owner to postgres;
