import { userInfo } from 'node:os';
import { type AuditContext } from '../common/audit';

/** Who works at the command line, for the audit trail: the user of the system, who may have no name. */
export function readUserContext(): AuditContext {
  return { caller: readUserName(), from: 'command line' };
}

function readUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
