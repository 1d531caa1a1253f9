import { drift } from './drift-command';
import { runCommand } from './run-command';

void runCommand('drift', drift);
