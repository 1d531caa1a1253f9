/** What a note may be at most: an explanation, not a report. */
export const LONGEST_NOTE = 500;

/** What was typed, and what is wrong with it; null when it is a note. */
export interface ReadNote {
  readonly note: string;
  readonly problem: 'missing' | 'too_long' | 'control_characters' | null;
}

/** Line breaks and tabs are typed; other control characters only disturb who reads the log. */
const CONTROL_CHARACTERS = /[^\P{Cc}\n\t]/u;

/**
 * Reads the field `note` of a form.
 *
 * @param body `application/x-www-form-urlencoded`
 */
export function readNote(body: Buffer): ReadNote {
  const typed = new URLSearchParams(body.toString('utf8')).get('note') ?? '';
  // Forms send every line break as two characters, which are one to whoever typed it.
  const note = typed.replaceAll('\r\n', '\n').trim();
  if (note === '') return { note, problem: 'missing' };
  if (Array.from(note).length > LONGEST_NOTE) return { note, problem: 'too_long' };
  return { note, problem: CONTROL_CHARACTERS.test(note) ? 'control_characters' : null };
}
