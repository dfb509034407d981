import type postgres from "postgres";

const day = 24 * 3600 * 1000;

/**
 * Keeps the daily partitions of realtime.messages as the Realtime server does: from yesterday to three days ahead, and
 * none that is older than 72 hours.
 */
export async function keepPartitions(admin: postgres.Sql, now = new Date()): Promise<void> {
  for (let ahead = -1; ahead <= 3; ahead++) await createPartition(admin, new Date(now.getTime() + ahead * day));
  const oldest = partitionName(new Date(now.getTime() - 3 * day));
  const partitions = await admin<{ name: string }[]>`
    select relid::regclass::text as name from pg_partition_tree('realtime.messages') where isleaf`;
  for (const { name } of partitions) {
    if (name < `realtime.${oldest}`) await admin.unsafe(`drop table ${name}`);
  }
}

async function createPartition(admin: postgres.Sql, date: Date): Promise<void> {
  const name = partitionName(date);
  const [known] = await admin`select from pg_class where oid = to_regclass(${`realtime.${name}`})`;
  if (known) return;
  const [from, to] = [isoDay(date), isoDay(new Date(date.getTime() + day))];
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
