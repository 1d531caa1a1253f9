import { keys } from './keys-command';
import { runCommand } from './run-command';

void runCommand('keys', keys);
