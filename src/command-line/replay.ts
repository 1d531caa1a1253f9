import { replay } from './replay-command';
import { runCommand } from './run-command';

void runCommand('replay', replay);
