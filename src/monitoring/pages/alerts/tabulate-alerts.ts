import { type CsvTable } from '../answer-csv';
import { type AlertsData } from './alerts-data';

/** All alerts for other programs; their figures, which differ by kind, as JSON. */
export function tabulateAlerts({ alerts }: AlertsData): CsvTable {
  return {
    name: 'alerts',
    columns: [
      'id',
      'kind',
      'subject',
      'severity',
      'state',
      'openedAt',
      'lastSeenAt',
      'acknowledgedAt',
      'acknowledgedBy',
      'note',
      'closedAt',
      'figures',
    ],
    rows: alerts.map((alert) => [
      alert.id,
      alert.kind,
      alert.subject,
      alert.severity,
      alert.state,
      alert.openedAt,
      alert.lastSeenAt,
      alert.acknowledgedAt,
      alert.acknowledgedBy,
      alert.note,
      alert.closedAt,
      JSON.stringify(alert.figures),
    ]),
  };
}
