const limit = 10 * 1024 * 1024;

/** Opens a log to write on; one that has grown large begins anew. */
export async function openLog(path: string): Promise<Deno.FsFile> {
  const size = await Deno.stat(path).then(({ size }) => size, () => 0);
  if (size > limit) await Deno.truncate(path);
  return await Deno.open(path, { create: true, append: true, mode: 0o600 });
}
