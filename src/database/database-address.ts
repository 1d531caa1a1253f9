import { type ClientConfig } from 'pg';

/**
 * What may be set otherwise for a server, a database or a user, and what this program relies on: the driver reads
 * dates in this form only, and every statement shall see what was committed before it began.
 */
const SESSION_OPTIONS = '-c datestyle=ISO -c default_transaction_isolation=read\\ committed';

/**
 * Where to connect, and how sessions begin.
 *
 * Options in the address stay, in front of ours. They are taken out of it, as the driver would prefer them to ours.
 *
 * @param url a secret
 */
export function addressOf(url: string): Pick<ClientConfig, 'connectionString' | 'options'> {
  const options = URL.canParse(url) ? new URL(url).searchParams.get('options') : null;
  if (options === null) return { connectionString: url, options: SESSION_OPTIONS };
  const address = new URL(url);
  address.searchParams.delete('options');
  return { connectionString: address.href, options: `${options} ${SESSION_OPTIONS}` };
}
