import { badCounts } from '../../test/fixtures/statistics/count-arbitraries';
import { checkCounts } from './check-counts';
import { computeJensenShannonDistance } from './compute-jensen-shannon-distance';
import { computePsi } from './compute-psi';
import { StatisticsError } from './statistics-error';
import { testChiSquare } from './test-chi-square';

describe.each([checkCounts, testChiSquare, computePsi, computeJensenShannonDistance])('%p', (statistic) => {
  it.each(badCounts)('refuses $bad', ({ bad, message }) => {
    expect(() => statistic(bad, [3, 4])).toThrow(new StatisticsError(`referenceCounts${message}`));
    expect(() => statistic([3, 4], bad)).toThrow(new StatisticsError(`productionCounts${message}`));
  });

  it('refuses counts of other bins', () => {
    expect(() => statistic([1, 2, 3], [1, 2])).toThrow(
      new StatisticsError('referenceCounts has 3 bins and productionCounts 2; expected the same bins'),
    );
  });

  it('refuses counts of no bins, and holes', () => {
    expect(() => statistic([], [])).toThrow(StatisticsError);
    expect(() => statistic(new Array<number>(2), [1, 2])).toThrow(StatisticsError);
  });
});

describe('checkCounts', () => {
  it('adds the rows up', () => {
    expect(checkCounts([1, 0, 2], [0, 5, 0])).toEqual({ referenceRows: 3, productionRows: 5 });
  });
});
