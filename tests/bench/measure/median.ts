/** The middle of some numbers; undefined if there are none. */
export function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length > 0
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : undefined;
}
