import { demo } from './demo-command';
import { runCommand } from './run-command';

void runCommand('demo', demo);
