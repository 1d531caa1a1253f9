import { ServiceMetrics } from './service-metrics';

/** Lines of what only monitoring knows, sorted. */
async function monitoringLines(metrics: ServiceMetrics): Promise<string[]> {
  const text = await metrics.format();
  return text
    .split('\n')
    .filter((line) => /^credit_scoring_(drift|log|open)/.test(line))
    .sort();
}

describe('what monitoring knows', () => {
  it('is left out until it is told: an instance that does not monitor has no drift of 0', async () => {
    expect(await monitoringLines(new ServiceMetrics())).toEqual([]);
  });

  it('is shown as it was told', async () => {
    const metrics = new ServiceMetrics();
    metrics.setDrift(
      [
        { name: 'creditLimit', psi: 0.31, adjustedPValue: 0.0002, verdict: 'drifted' },
        { name: 'billAmount1', psi: 0.01, adjustedPValue: 0.7, verdict: 'stable' },
        { name: 'billAmount2', verdict: 'insufficient_data' },
      ],
      5_000,
      1_790_000_000,
    );
    metrics.setJobSuccess(1_790_000_100);
    metrics.setLogLag(1.5);
    metrics.setDamagedLines(2);
    metrics.setOpenAlerts({ warning: 1, critical: 0 });
    expect(await monitoringLines(metrics)).toEqual([
      'credit_scoring_drift_adjusted_p_value{input="billAmount1"} 0.7',
      'credit_scoring_drift_adjusted_p_value{input="creditLimit"} 0.0002',
      'credit_scoring_drift_job_last_success_timestamp_seconds 1790000100',
      'credit_scoring_drift_job_window_end_timestamp_seconds 1790000000',
      'credit_scoring_drift_psi{input="billAmount1"} 0.01',
      'credit_scoring_drift_psi{input="creditLimit"} 0.31',
      'credit_scoring_drift_rows 5000',
      'credit_scoring_drift_verdict{input="billAmount1"} 0',
      'credit_scoring_drift_verdict{input="billAmount2"} -1',
      'credit_scoring_drift_verdict{input="creditLimit"} 1',
      'credit_scoring_log_damaged_lines 2',
      'credit_scoring_log_lag_seconds 1.5',
      'credit_scoring_open_alerts{severity="critical"} 0',
      'credit_scoring_open_alerts{severity="warning"} 1',
    ]);
  });

  it('forgets inputs and severities that are no longer there', async () => {
    const metrics = new ServiceMetrics();
    metrics.setDrift([{ name: 'gone', psi: 0.3, adjustedPValue: 0.01, verdict: 'drifted' }], 300, 1);
    metrics.setDrift([{ name: 'here', psi: 0, adjustedPValue: 1, verdict: 'stable' }], 300, 2);
    metrics.setOpenAlerts({ gone: 1 });
    metrics.setOpenAlerts({ critical: 1 });
    const text = await metrics.format();
    expect(text).toContain('input="here"');
    expect(text).not.toContain('gone');
  });
});
