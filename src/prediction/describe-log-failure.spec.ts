import { FaultyFiles } from '../../test/factories/faulty-files';
import { LogFolder } from '../../test/factories/log-folder';
import { aDecision } from '../../test/factories/prediction-record';
import { ProblemException } from '../common/http/problem';
import { type FilePredictionLog } from '../logging/file/file-prediction-log';
import { describeLogFailure } from './describe-log-failure';

let folder: LogFolder;
let files: FaultyFiles;
let log: FilePredictionLog;
beforeEach(async () => {
  folder = await LogFolder.make();
  files = new FaultyFiles();
  log = await folder.open({ openFile: files.open });
});
afterEach(async () => {
  await log.close();
  await folder.remove();
});

/** What the caller of a decision is told that the log has just refused. */
async function told(): Promise<ProblemException> {
  const refusal: unknown = await log.append(aDecision()).catch((error: unknown) => error);
  const problem = describeLogFailure(refusal);
  if (!(problem instanceof ProblemException)) throw new Error('expected a problem for the caller');
  return problem;
}

describe('the caller of a decision that was not recorded', () => {
  it('is told that none was made when the disk is full and the write was cut back', async () => {
    files.next('write', { shortBy: 200 }, { code: 'ENOSPC' });
    const { document, options } = await told();
    expect(document.type).toBe('urn:credit-scoring:problem:log-unavailable');
    expect(document.detail).toBe('No decision was made. Try again later.');
    expect(Number(options.headers?.['Retry-After'])).toBeGreaterThan(0);
  });

  it('is told that none was made when the log took nothing any more', async () => {
    await log.close();
    expect((await told()).document.detail).toBe('No decision was made. Try again later.');
  });

  it('is told that it is not known, and how to ask once, when the write could not be cut back', async () => {
    files.next('write', { shortBy: 1 }, { code: 'EIO' });
    files.next('truncate', { code: 'EIO' });
    const { document, options } = await told();
    expect(document).toMatchObject({
      type: 'urn:credit-scoring:problem:decision-unconfirmed',
      status: 503,
      title: 'It is not known whether a decision was recorded',
    });
    expect(document.detail).not.toMatch(/no decision/i);
    expect(document.detail).toContain('Send it again with the Idempotency-Key it had');
    expect(Number(options.headers?.['Retry-After'])).toBeGreaterThan(0);
  });
});

describe('an error that is not the log being away', () => {
  it('is left as it is', () => {
    const defect = new TypeError('a defect');
    expect(describeLogFailure(defect)).toBe(defect);
  });
});
