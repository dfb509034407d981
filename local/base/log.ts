/** Tells the person at the terminal what the stack does. */
export function log(sentence: string): void {
  console.error(sentence);
}
