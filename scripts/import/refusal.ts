/** What the operator can mend: printed as it is, without "Nothing was imported". */
export class Refusal extends Error {}
