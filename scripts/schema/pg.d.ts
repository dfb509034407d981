/** The part of `pg` that pg-delta needs: its package has no types. */
declare module "pg" {
  export class Pool {
    constructor(options: { connectionString: string });
    end(): Promise<void>;
  }
}
