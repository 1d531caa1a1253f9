/** What the environment decided, checked and frozen. Durations and sizes carry their unit in the name. */
export interface Configuration {
  readonly http: {
    /** 0 lets the operating system choose. */
    readonly port: number;
    readonly host: string;
  };
  readonly model: {
    /** Folder of bundles, `<name>/<version>/`. */
    readonly folder: string;
    /** `name` (its newest version), `name/version`, or undefined: the only name in the folder. */
    readonly selection: string | undefined;
  };
  readonly log: {
    /** Folder of the prediction log. */
    readonly folder: string;
    /** `always`: each answer waits until the disk itself confirms. */
    readonly fsync: 'never' | 'always';
  };
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}

/** Injection token of the `Configuration`. */
export const CONFIGURATION = Symbol('Configuration');
