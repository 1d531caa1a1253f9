import { type Bundle } from '../../../scoring/bundle/bundle';

/** A command that makes a decision as it stands: the examples of the manifest, sent with curl. */
export function formatExampleCommand(bundle: Pick<Bundle, 'inputs'>): string {
  const body = Object.fromEntries(bundle.inputs.map((input) => [input.name, input.example]));
  // Within single quotes the shell reads everything as it is, but another single quote.
  const quoted = JSON.stringify(body).replaceAll("'", `'\\''`);
  return `curl -s http://127.0.0.1:8000/predict -H 'Content-Type: application/json' -d '${quoted}'`;
}
