/** Injection token of what is called when the log can never be written again by this process. */
export const ON_FATAL_LOG_ERROR = Symbol('OnFatalLogError');

/** Called once; the process must end, because only a fresh one knows what the disk really holds. */
export type OnFatalLogError = (error: Error) => void;
