import { retention } from './retention-command';
import { runCommand } from './run-command';

void runCommand('retention', retention);
