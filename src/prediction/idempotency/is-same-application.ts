import { type DecisionRecord } from '../../logging/prediction-record';
import { type Application, type InputValues } from '../../scoring/application/application';

/**
 * Whether a record was made for this application: the values as they were checked, so neither white space nor
 * the order of the fields counts. A request has no options beside it that could change the answer.
 */
export function isSameApplication(record: DecisionRecord, application: Application): boolean {
  return (
    record.clientId === application.clientId &&
    areEqual(record.inputs, application.inputs) &&
    areEqual(record.protected ?? {}, application.protected ?? {})
  );
}

function areEqual(left: InputValues, right: InputValues): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
