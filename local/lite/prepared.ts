import type postgres from "postgres";

/** What every request asks in the same words: who calls, and what their transaction begins with. */
const repeated = /^select (set_config\(|\* from "auth"\."(users|sessions)" where "id" = \$1$)/;

/** Prepares the statements that every request repeats, as PostgREST does: each then takes one way there and back, not two. */
export function prepareRepeated(driver: postgres.Sql): void {
  const reserve = driver.reserve.bind(driver);
  driver.reserve = async () => {
    const connection = await reserve();
    const { unsafe } = connection;
    connection.unsafe = (text, parameters, options) =>
      unsafe(text, parameters, repeated.test(text) ? { ...options, prepare: true } : options);
    return connection;
  };
}
