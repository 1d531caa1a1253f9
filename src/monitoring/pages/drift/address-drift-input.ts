/**
 * Where one input of a report is shown.
 *
 * @param reportId the latest when null
 */
export function addressDriftInput(name: string, reportId: string | null): string {
  const address = `/monitoring/drift/${encodeURIComponent(name)}`;
  return reportId === null ? address : `${address}?report=${encodeURIComponent(reportId)}`;
}
