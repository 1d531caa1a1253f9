/** One input's value; null means missing. */
export type InputValue = number | string | null;

/** Input values by name, in manifest order, one for every input. */
export type InputValues = Readonly<Record<string, InputValue>>;

/** A credit application whose every value was checked against the manifest. */
export interface Application {
  /** The client application's own name for its client. */
  readonly clientId?: string;
  readonly inputs: InputValues;
  /** Protected attributes, as far as they were given: recorded, never scored. */
  readonly protected?: InputValues;
}

/** What a `clientId` may look like: printable, safe in URLs, logs and file names, at most 128 characters. */
export const CLIENT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
