/** Something the person at the terminal can mend: told in one sentence, without a stack trace. */
export class Fault extends Error {
  constructor(sentence: string, readonly exitCode = 1, options?: ErrorOptions) {
    super(sentence, options);
  }
}
