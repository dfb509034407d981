/** An error that the operator can fix. Only its message is printed. */
export class Refusal extends Error {}
