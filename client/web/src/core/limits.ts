/** Maximum lengths in characters; a test compares them with the database's constraints. */
export const LIMITS = {
  message: 10_000,
  question: 100_000,
  roomName: 255,
  roomDescription: 2_000,
  lockedReason: 500,
  conversationTitle: 255,
  username: 150,
  personName: 150,
  bio: 2_000,
};

/** How many files a message has, and how many bytes each; the same test. */
export const FILE_LIMITS = { count: 10, bytes: 25 * 1024 * 1024 };

/** Returns by how many characters a text exceeds the limit, counted as in the database: per code point. */
export function excess(text: string, limit: number | undefined): number {
  if (limit === undefined || text.length <= limit) return 0;
  return Math.max(0, [...text.trim()].length - limit);
}
