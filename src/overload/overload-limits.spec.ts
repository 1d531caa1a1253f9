import { limitsOf, weighRequest } from './overload-limits';

describe('weighRequest', () => {
  it.each([
    { headers: {}, weight: 1, why: 'there is no body' },
    { headers: { 'content-length': '0' }, weight: 1, why: 'no request is for nothing' },
    { headers: { 'content-length': '480' }, weight: 1, why: 'an application' },
    {
      headers: { 'content-length': '102400', 'content-type': 'application/json' },
      weight: 200,
      why: '512 bytes of JSON an application',
    },
    {
      headers: { 'content-length': '20000', 'content-type': 'Text/CSV; charset=utf-8' },
      weight: 200,
      why: '100 bytes of CSV an application',
    },
    { headers: { 'transfer-encoding': 'chunked' }, weight: 128, why: 'its length is not told' },
  ])('is $weight: $why', ({ headers, weight }) => {
    expect(weighRequest(headers)).toBe(weight);
  });
});

describe('limitsOf', () => {
  it('never refuses what is vital', () => {
    expect(limitsOf('vital')).toBeUndefined();
  });

  it('refuses what can wait at half of what a decision may meet', () => {
    const decision = limitsOf('decision');
    const deferrable = limitsOf('deferrable');
    expect(deferrable).toEqual({
      weightWithoutDelayLimit: (decision?.weightWithoutDelayLimit ?? NaN) / 2,
      turnMs: (decision?.turnMs ?? NaN) / 2,
      blockedMs: (decision?.blockedMs ?? NaN) / 2,
      weight: (decision?.weight ?? NaN) / 2,
      waitingRecords: (decision?.waitingRecords ?? NaN) / 2,
      waitingInBatches: Infinity,
    });
  });

  it('takes batches until two of the largest wait for their turn', () => {
    expect(limitsOf('batch')).toEqual({ ...limitsOf('decision'), waitingInBatches: 2000 });
  });
});
