import { audit } from './audit-command';
import { runCommand } from './run-command';

void runCommand('audit', audit);
