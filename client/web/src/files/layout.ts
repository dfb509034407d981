/** The size of a picture or video in a message, in pixels. */
const MAX_WIDTH = 400;
const MAX_HEIGHT = 420;
const MIN_WIDTH = 150;
const MIN_HEIGHT = 90;

/** How many stand side by side in each row, by their number. */
const ROWS: Record<number, readonly number[]> = {
  2: [2],
  3: [1, 2],
  4: [2, 2],
  5: [2, 3],
  6: [3, 3],
  7: [2, 2, 3],
  8: [2, 3, 3],
  9: [3, 3, 3],
  10: [2, 2, 3, 3],
};

export interface Layout {
  width: number;
  /** For each one: how many of 6 columns it takes, and its height for a width of 1. */
  tiles: readonly { span: number; ratio: number }[];
}

const within = (low: number, value: number, high: number) => Math.min(Math.max(low, value), high);

/** Arranges the pictures and videos of a message, before any of them has loaded. */
export function arrange(items: readonly { width: number | null; height: number | null }[]): Layout {
  const [first] = items;
  if (items.length === 1 && first?.width && first.height) {
    const fitting = Math.min(first.width, MAX_WIDTH, MAX_HEIGHT * first.width / first.height);
    const width = Math.max(MIN_WIDTH, Math.round(fitting));
    const height = within(MIN_HEIGHT, width * first.height / first.width, MAX_HEIGHT);
    return { width, tiles: [{ span: 6, ratio: height / width }] };
  }
  const tiles = (ROWS[items.length] ?? items.map(() => 1)).flatMap((count) =>
    Array.from({ length: count }, () => ({ span: 6 / count, ratio: count === 1 ? 0.625 : 1 }))
  );
  return { width: MAX_WIDTH, tiles };
}
