/** The server's settings: what the platform's features need, with sizes for a laptop with two cores. */
export function serverSettings(port: number): string[] {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    // The path of a socket is limited to 107 bytes, which a data folder easily exceeds.
    unix_socket_directories: "",
    max_connections: 100,
    wal_level: "logical",
    max_wal_senders: 10,
    max_replication_slots: 10,
    max_slot_wal_keep_size: "1GB",
    // Larger transactions spill to disk until they commit: the sender never frees this memory.
    logical_decoding_work_mem: "4MB",
    shared_preload_libraries: "pg_stat_statements",
    shared_buffers: "96MB",
    effective_cache_size: "1GB",
    work_mem: "8MB",
    maintenance_work_mem: "64MB",
    max_wal_size: "1GB",
    checkpoint_timeout: "15min",
    wal_compression: "on",
    random_page_cost: 1.1,
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_line_prefix: "%m [%p] ",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
