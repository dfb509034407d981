-- As on the platform, postgres changes settings of the Data API by alter role authenticator. A setting that would be ignored
-- is refused, except for plans, which nobody misses.
grant authenticator to postgres with admin true, inherit false, set false;
grant set on parameter pgrst.db_aggregates_enabled, pgrst.db_plan_enabled, pgrst.db_tx_end to postgres;
