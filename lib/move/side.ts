/** Login to a database. TLS is always on; `authority` is the PEM text that vouches for the server. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly authority: string;
}

/** Address by which the other database reaches this one, when that is not how the mover does. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One of the two databases of a move, and who comes to it. */
export interface Side {
  /** Name of it in messages, such as `the box` or `the database of users`. */
  readonly title: string;
  /**
   * Makes roles and subscriptions: RDS's master user, or a role with its rights (CREATEROLE, REPLICATION,
   * `pg_create_subscription`, `pg_monitor`, CREATE on the database, member of the owner). No superuser.
   */
  readonly administrator: Login;
  /** Acts as the owner of the tables: reads rows, makes tables, locks them. */
  readonly owner: Login;
  readonly reachedAt?: Address;
}

/** Table, sequence or view by its schema and name, unquoted. */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** The roles of the two databases in a move: where users were, and where they are to be. */
export type Place = 'source' | 'target';

export function otherPlace(place: Place): Place {
  return place === 'source' ? 'target' : 'source';
}
