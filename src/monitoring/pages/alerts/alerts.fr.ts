import { type Texts } from '../texts/texts';

/** La page des alertes ; les paramètres sont des nombres et des noms prêts à être montrés. */
export const alertsFr: Texts['alerts'] = {
  title: 'Alertes',
  verdict: {
    label: 'Verdict',
    open: (count, shown) => (count === 1 ? '1 alerte ouverte' : `${shown} alertes ouvertes`),
    acknowledged: (count, shown) =>
      count === 1 ? '1 alerte est prise en charge' : `${shown} alertes sont prises en charge`,
    none: 'Aucune alerte ouverte',
    openAction:
      "Trouvez la cause, puis prenez en charge avec une note. Une alerte se ferme d'elle-même quand sa cause a disparu.",
    noneAction: 'Ce qui est surveillé est indiqué ci-dessous.',
  },
  done: (title) => `Prise en charge : ${title}`,
  gone: "Cette alerte s'est fermée entre-temps : sa cause a disparu, il n'y a plus rien à prendre en charge.",
  openHeading: 'Ouvertes',
  acknowledgedHeading: 'Prises en charge',
  closedHeading: 'Fermées',
  noneOpen: 'Aucune.',
  noneClosed: "Aucune ne s'est encore fermée.",
  unknown: 'jamais',
  kinds: {
    input_drifted: {
      title: (subject) => `${subject} a dérivé`,
      what: (figure) =>
        `PSI ${figure('psi')}, compte à partir de ${figure('threshold')} ; ${figure('rows')} décisions du ${figure('windowFrom')} au ${figure('windowTo')}.`,
      action:
        'Regardez ses valeurs, et demandez si les demandeurs ou la source des données ont changé avant de continuer à vous fier au modèle.',
    },
    log_unavailable: {
      title: () => "Les décisions ne peuvent pas être enregistrées : aucune n'est prise",
      what: (figure) =>
        `Le journal des prédictions était inutilisable à partir de ${figure('since')}, pendant ${figure('lastedSeconds')} au dernier contrôle ; réponses sans enregistrement : ${figure('unrecorded')} ou plus. ${figure('reason')}.`,
      action:
        "Faites ce que dit la raison ; /health/ready indique si elle vaut encore. Aucun redémarrage n'est nécessaire.",
    },
    error_rate: {
      title: () => 'Des requêtes échouent de notre côté',
      what: (figure) =>
        `${figure('failed')} requêtes sur ${figure('requests')} ont échoué en ${figure('windowMinutes')} : ${figure('rate')}, limite ${figure('threshold')}.`,
      action: "Regardez /health/ready pour la raison, et les erreurs dans le journal de l'application.",
    },
    latency: {
      title: () => 'Les réponses sont lentes',
      what: (figure) =>
        `Une réponse sur vingt a pris ${figure('p95Ms')} ou plus en ${figure('windowMinutes')} (${figure('requests')} requêtes) ; limite ${figure('thresholdMs')}.`,
      action:
        "Regardez le processeur, la mémoire et le délai de la boucle d'événements sur la vue d'ensemble : ajoutez une instance s'ils sont à leur limite, regardez le disque sinon.",
    },
    no_traffic: {
      title: () => "Plus aucune demande n'arrive",
      what: (figure) =>
        `Silence depuis ${figure('silentMinutes')}, limite ${figure('thresholdMinutes')} ; la dernière est arrivée ${figure('lastRecordAt')}.`,
      action:
        "Vérifiez que les appelants atteignent /health/ready de leur côté, et demandez-leur s'ils ont envoyé quelque chose.",
    },
    damaged_log_lines: {
      title: () => 'Lignes endommagées dans le journal des prédictions',
      what: (figure) => `Lignes dont la somme de contrôle est fausse : ${figure('lines')}.`,
      action:
        "Regardez le disque et damaged-lines.ndjson dans le dossier du journal, restaurez les enregistrements d'une sauvegarde, puis prenez en charge : cela met fin à l'alerte.",
    },
    drift_job_overdue: {
      title: () => 'Un rapport de dérive est en retard',
      what: (figure) =>
        `Plus d'une heure de retard (DRIFT_CRON ${figure('cron')}) ; la dernière fenêtre rapportée a fini ${figure('lastWindowEnd')}.`,
      action:
        "Cherchez les erreurs de la tâche de dérive dans le journal de l'application ; npm run drift fait un rapport à la main.",
    },
  },
  severities: { warning: 'Avertissement', critical: 'Critique' },
  since: 'Depuis',
  lastSeen: 'Vue en dernier',
  importance: (share) => `Pèse ${share} dans le modèle.`,
  todo: 'À faire :',
  look: 'Voir ses valeurs',
  acknowledgedBy: 'Prise en charge',
  by: (who) => `par ${who}`,
  note: 'Note : ce que vous savez ou faites',
  send: 'Prendre en charge',
  change: 'Changer la note',
  noteProblems: {
    missing: 'Écrivez ce que vous savez ou faites : 1 à 500 caractères.',
    too_long: 'Écrivez 500 caractères au plus.',
    control_characters: 'Écrivez du texte simple : il contient des caractères de contrôle.',
  },
  closedCaption: "Alertes fermées, la plus récente d'abord",
  what: 'Quoi',
  severity: 'Gravité',
  opened: 'Depuis',
  closed: 'Fermée',
  noteColumn: 'Note',
  closedNote: (shown, all) => `${shown} alertes fermées sur ${all} ; le CSV les a toutes.`,
  csv: 'Toutes les alertes',
  watched: {
    heading: 'Ce qui ouvre une alerte',
    inputDrifted: (moderate, major) =>
      `Une variable en dérive dans le dernier rapport : PSI à partir de ${moderate} (critique à partir de ${major}), et significatif.`,
    unavailable: 'Le journal des prédictions est inutilisable.',
    errorRate: (rate, minutes) => `Plus de ${rate} des requêtes ont échoué de notre côté en ${minutes}.`,
    latency: (latency, minutes) =>
      `Le 95e percentile du temps de réponse a dépassé ${latency} en ${minutes}.`,
    silence: (minutes) => `Aucune demande depuis ${minutes}, après un jour qui en avait.`,
    damaged: 'Des lignes endommagées dans le journal des prédictions.',
    overdue: "Un rapport de dérive en retard de plus d'une heure.",
  },
};
