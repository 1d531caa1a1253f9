import { migrate } from './migrate-command';
import { runCommand } from './run-command';

void runCommand('migrate', migrate);
