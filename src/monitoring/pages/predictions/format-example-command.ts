import { type Configuration } from '../../../config/configuration';
import { type Bundle } from '../../../scoring/bundle/bundle';

/** What the command has to know of the configuration. */
export interface AskedProcess {
  readonly roles: Configuration['roles'];
  readonly http: Pick<Configuration['http'], 'port'>;
}

/** Where the service listens unless it is told otherwise. */
const USUAL_PORT = 8000;

/**
 * A command that makes a decision as it stands: the examples of the manifest, sent with curl.
 *
 * @param here what this process does, and where: the command asks it, unless it only shows pages
 */
export function formatExampleCommand(bundle: Pick<Bundle, 'inputs'>, { roles, http }: AskedProcess): string {
  const body = Object.fromEntries(bundle.inputs.map((input) => [input.name, input.example]));
  // Within single quotes the shell reads everything as it is, but another single quote.
  const quoted = JSON.stringify(body).replaceAll("'", `'\\''`);
  const port = roles.includes('api') && http.port !== 0 ? http.port : USUAL_PORT;
  return `curl -s http://127.0.0.1:${port}/predict -H 'Content-Type: application/json' -d '${quoted}'`;
}
