import { parentPort, workerData } from 'node:worker_threads';
import { buildDriftReport, type DriftReportParts } from '../drift/build-drift-report';

parentPort?.postMessage(buildDriftReport(workerData as DriftReportParts));
