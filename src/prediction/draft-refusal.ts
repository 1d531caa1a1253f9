import { type ProblemDocument } from '../common/http/problem';
import { type RequestContext } from '../common/http/request-context';
import { type RecordDraft, type RefusalRecord } from '../logging/prediction-record';
import { roundTime } from './round-time';

/**
 * What is recorded of an application that was refused or failed: status, and which fields were wrong. Never a value,
 * nor the name of an unknown field: that is the sender's text as well.
 *
 * @param now monotonic, milliseconds, as `receivedAt` is
 */
export function draftRefusal(
  { status, title, errors }: ProblemDocument,
  { requestId, caller, tenant, receivedAt }: RequestContext,
  now: number,
): RecordDraft<RefusalRecord> {
  const fields = errors?.map(({ field, code }) => ({ field: code === 'unknown_field' ? '' : field, code }));
  return {
    requestId,
    caller,
    ...(tenant !== undefined && { tenant }),
    status,
    problem: { title, ...(fields && { errors: fields }) },
    totalTimeMs: roundTime(now - receivedAt),
  };
}
