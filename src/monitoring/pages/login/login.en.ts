/** Words of the log-in. */
export const loginEn = {
  title: 'Log in',
  titleKnown: 'Logged in',
  key: 'Key',
  hint: 'A key with the scope monitor, as npm run keys -- create makes it.',
  send: 'Log in',
  refused: 'This key is not valid. Check that it was copied whole, has not expired and was not revoked.',
  notAllowed: 'This key is valid, but does not have the scope monitor that the pages need.',
  stale: 'The form was open for too long, or cookies are refused. Try again.',
  wait: (seconds: number): string =>
    seconds === 1
      ? 'Too many failed attempts. Wait 1 second.'
      : `Too many failed attempts. Wait ${seconds} seconds.`,
  known: 'You are logged in with the key',
  goOn: 'To the pages',
  logOut: 'Log out',
  shared: 'The log-in ends after eight hours, or when the key is revoked.',
};
