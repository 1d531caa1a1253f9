import { type DecisionRecord } from '../../logging/prediction-record';
import { type OutgoingMessage } from '../broker/confirmed-publisher';
import { DECISIONS_EXCHANGE } from '../broker/topology';

/**
 * A decision as others are told of it: what was decided, never on which inputs. The message's id is the record's, so
 * that receivers know what they have seen.
 */
export function describeDecisionEvent(record: DecisionRecord): OutgoingMessage {
  const { id, at, clientId, tenant, decision, probability, score, model, policyVersion } = record;
  const event = {
    id,
    at,
    ...(clientId !== undefined && { clientId }),
    ...(tenant !== undefined && { tenant }),
    decision,
    probability,
    score,
    model: { name: model.name, version: model.version },
    policyVersion,
  };
  return {
    exchange: DECISIONS_EXCHANGE,
    routingKey: decision,
    content: Buffer.from(JSON.stringify(event)),
    properties: { messageId: id, type: 'decision', contentType: 'application/json' },
    // Without a subscriber there is nobody to tell.
    mustBeRouted: false,
  };
}
