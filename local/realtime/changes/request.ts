/** The number of what is asked for: the same for the same. */
export function changeId(change: Record<string, unknown>): number {
  const text = JSON.stringify(Object.entries(change).sort(([a], [b]) => a < b ? -1 : 1));
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 5;
}
