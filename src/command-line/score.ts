import { runCommand } from './run-command';
import { score } from './score-command';

void runCommand('score', score);
