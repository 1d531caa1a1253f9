import { readNote } from './read-note';

const read = (body: string) => readNote(Buffer.from(body));

describe('readNote', () => {
  it('reads what was typed: blanks around it and double line ends are not meant', () => {
    expect(read('note=+a%0D%0Ab%C3%A9+')).toEqual({ note: 'a\nbé', problem: null });
  });

  it('counts characters as people do', () => {
    expect(read(`note=${encodeURIComponent('😀'.repeat(500))}`).problem).toBeNull();
    expect(read(`note=${'x'.repeat(501)}`).problem).toBe('too_long');
  });

  it.each(['', 'note=', 'note=+%0D%0A', 'other=x'])('finds no note in %j', (body) => {
    expect(read(body)).toEqual({ note: '', problem: 'missing' });
  });

  it.each(['%00', '%1B', '%7F', '%C2%85'])(
    'refuses the control character %s, but takes tabs',
    (character) => {
      expect(read(`note=a${character}b`).problem).toBe('control_characters');
      expect(read('note=a%09b').problem).toBeNull();
    },
  );
});
