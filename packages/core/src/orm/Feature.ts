/**
 * What a query may ask of an interpreter beyond the ground that all of them share. A node that needs one carries its name;
 * an interpreter that does not know the name refuses the query when it compiles it.
 */
export type Feature =
  /** `returning` of inserts, updates and deletes. */
  | "returning"
  /** Inserts that update or skip the row that is there. */
  | "upsert"
  | "join"
  | "aggregate"
  /** A select inside a filter. */
  | "subquery"
  /** Rows stay locked until the transaction ends. */
  | "lock.update"
  /** Rows that others hold locked are passed over. */
  | "lock.skipLocked"
  /** A limit for each group of rows. */
  | "limit.perGroup"
  /** Text written for one database. */
  | "raw"
  // an interpreter of tomorrow may know more
  | (string & {})
