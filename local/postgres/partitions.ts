import type postgres from "postgres";

const DAY_MS = 24 * 3600 * 1000;

/**
 * Maintains the daily partitions of realtime.messages as the Realtime server does: creates them from yesterday to three
 * days ahead and drops those older than 72 hours.
 */
export async function keepPartitions(admin: postgres.Sql, now = new Date()): Promise<void> {
  const partitions = await admin<{ name: string }[]>`
    select relname as name from pg_partition_tree('realtime.messages') join pg_class on pg_class.oid = relid where isleaf`;
  const known = new Set(partitions.map(({ name }) => name));
  for (let ahead = -1; ahead <= 3; ahead++) {
    const date = new Date(now.getTime() + ahead * DAY_MS);
    if (!known.has(partitionName(date))) await createPartition(admin, date);
  }
  const oldest = partitionName(new Date(now.getTime() - 3 * DAY_MS));
  for (const name of known) {
    if (name < oldest) await admin.unsafe(`drop table realtime.${name}`);
  }
}

async function createPartition(admin: postgres.Sql, date: Date): Promise<void> {
  const name = partitionName(date);
  const [from, to] = [isoDay(date), isoDay(new Date(date.getTime() + DAY_MS))];
  await admin.unsafe(`
    create table realtime.${name} partition of realtime.messages for values from ('${from}') to ('${to}');
    alter table realtime.${name} owner to supabase_realtime_admin;`);
}

function partitionName(date: Date): string {
  return `messages_${isoDay(date).replaceAll("-", "_")}`;
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
