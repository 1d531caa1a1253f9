import { type Texts } from '../texts/texts';

/** La connexion. */
export const loginFr: Texts['login'] = {
  title: 'Connexion',
  titleKnown: 'Connecté',
  key: 'Clé',
  hint: 'Une clé avec la portée monitor, telle que npm run keys -- create la crée.',
  send: 'Se connecter',
  refused:
    "Cette clé n'est pas valable. Vérifiez qu'elle est entière, n'a pas expiré et n'a pas été révoquée.",
  notAllowed: "Cette clé est valable, mais n'a pas la portée monitor que demandent les pages.",
  stale: 'Le formulaire est resté ouvert trop longtemps, ou les cookies sont refusés. Réessayez.',
  wait: (seconds) =>
    seconds === 1
      ? "Trop d'essais infructueux. Attendez 1 seconde."
      : `Trop d'essais infructueux. Attendez ${seconds} secondes.`,
  known: 'Vous êtes connecté avec la clé',
  goOn: 'Vers les pages',
  logOut: 'Se déconnecter',
  shared: 'La connexion prend fin après huit heures, ou quand la clé est révoquée.',
};
