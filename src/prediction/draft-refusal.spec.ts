import { describeProblem } from '../common/http/problem';
import { draftRefusal } from './draft-refusal';

const context = { requestId: 'request', caller: 'desk', tenant: 'bank', receivedAt: 1_000 };

describe('the record of a refusal', () => {
  it('holds status and fields, and no name that the sender made up', () => {
    const problem = describeProblem('invalid-application', 'It was not scored.', [
      { field: 'creditLimit', code: 'out_of_range', message: 'creditLimit must be positive' },
      { field: 'invented by the sender', code: 'unknown_field', message: 'is not known' },
    ]);
    expect(draftRefusal(problem, context, 1_002.5)).toEqual({
      requestId: 'request',
      caller: 'desk',
      tenant: 'bank',
      status: 400,
      problem: {
        title: 'The application is not valid',
        errors: [
          { field: 'creditLimit', code: 'out_of_range' },
          { field: '', code: 'unknown_field' },
        ],
      },
      totalTimeMs: 2.5,
    });
  });

  it('names neither fields nor a tenant where there are none', () => {
    const { tenant: _none, ...withoutTenant } = context;
    const draft = draftRefusal(describeProblem('job-failed', 'It failed.'), withoutTenant, 1_000);
    expect(draft).not.toHaveProperty('tenant');
    expect(draft.problem).toEqual({ title: 'The application could not be decided' });
  });
});
