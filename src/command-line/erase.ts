import { erase } from './erase-command';
import { runCommand } from './run-command';

void runCommand('erase', erase);
