/** The broker did not confirm: the message may or may not have arrived. The message of the error names no address. */
export class BrokerUnavailableError extends Error {
  override readonly name = 'BrokerUnavailableError';
}
