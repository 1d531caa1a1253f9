import { type Texts } from '../texts/texts';

/** La vue d'ensemble ; les paramètres sont des nombres et des noms prêts à être montrés. */
export const overviewFr: Texts['overview'] = {
  title: "Vue d'ensemble",
  verdict: {
    good: 'Tout va bien',
    unknown: "Rien d'anormal jusqu'ici ; tout n'est pas encore connu",
    attention: (topic) => `À regarder : ${topic}`,
    critical: (topic) => `À traiter maintenant : ${topic}`,
    label: 'Verdict',
  },
  topics: {
    records: 'Enregistrements',
    reading: 'Journal',
    traffic: 'Trafic',
    drift: 'Dérive',
    alerts: 'Alertes',
    errors: 'Erreurs',
    latency: 'Latence',
  },
  reading: {
    unavailable: 'Les chiffres ne peuvent pas être lus en ce moment.',
    unavailableAction:
      "Rechargez dans un instant ; si cela dure, cherchez les erreurs dans le journal de l'application.",
    problem: (problem) => `La lecture ou la conservation des chiffres échoue : ${problem}`,
    problemAction: "Les chiffres ci-dessous peuvent être incomplets jusqu'à la réparation.",
    starting: 'La lecture du journal vient de commencer.',
    behind: (share, lag) => `Le journal est en cours de lecture (${share} de sa durée, retard ${lag}).`,
    behindAction: "Les chiffres ci-dessous sont incomplets jusque-là ; il n'y a rien à faire.",
    damaged: (lines) => `${lines} lignes endommagées dans le journal.`,
    damagedAction: 'Regardez damaged-lines.ndjson dans le dossier du journal, et le disque.',
    future: (ahead) => `Le dernier enregistrement est en avance de ${ahead} sur l'horloge de cette machine.`,
    futureAction: (until) =>
      `Vérifiez l'horloge de cette machine, et celle de la base de données s'il y en a une. Jusqu'au ${until}, les nouveaux enregistrements prennent l'heure du dernier : chiffres et alertes des dernières minutes ne les voient pas.`,
    good: (ago) => `Le journal est lu jusqu'au bout ; dernier enregistrement il y a ${ago}.`,
    empty: "Le journal est lu jusqu'au bout ; il est vide.",
  },
  records: {
    away: (since, reason) => `Le journal des prédictions est inutilisable depuis ${since}. ${reason}.`,
    awayAction:
      "Aucune décision n'est prise tant que ce n'est pas réparé ; aucun redémarrage n'est nécessaire.",
    wasAway: (count, shown, since, lasted) =>
      count === 1
        ? `Le journal des prédictions était inutilisable à partir de ${since}, pendant ${lasted}.`
        : `Le journal des prédictions était inutilisable ${shown} fois, la dernière à partir de ${since}, pendant ${lasted}.`,
    wasAwayAction:
      "Le journal de l'application dit pourquoi. Seul le taux d'erreur compte ce qui n'a pas été enregistré, ni les graphiques ni les tableaux.",
    unrecorded: (count, shown) =>
      count === 0
        ? "Les réponses sans enregistrement sont comptées par le processus qui les a données : celui-ci n'en a aucune."
        : count === 1
          ? "1 réponse de ce processus n'a pas été enregistrée."
          : `${shown} réponses de ce processus n'ont pas été enregistrées.`,
  },
  drift: {
    unavailable: 'Les rapports de dérive ne peuvent pas être lus en ce moment.',
    none: (next) => `Pas encore de rapport de dérive ; le prochain est prévu ${next}.`,
    noneAction: "Les rapports se font tout seuls dès qu'il y a des décisions.",
    overdue: 'Un rapport de dérive est en retard.',
    overdueAction: (failure) =>
      failure === null
        ? "Cherchez ses erreurs dans le journal de l'application."
        : `La dernière exécution a échoué : ${failure}`,
    drifted: (count, inputs, names) =>
      `${count} variables sur ${inputs} ne ressemblent plus aux données d'entraînement : ${names}.`,
    more: (count) => `et ${count} de plus`,
    psi: (name, psi) => `${name} (PSI ${psi})`,
    insufficient: (rows, minimum) =>
      `Trop peu de décisions pour juger la dérive : ${rows}, il en faut ${minimum}.`,
    insufficientAction: "Attendez d'autres décisions, ou allongez DRIFT_WINDOW_HOURS.",
    stable: (inputs, rows) =>
      `Les ${inputs} variables ressemblent aux données d'entraînement (${rows} décisions comparées).`,
    action: 'Voyez quelles valeurs ont bougé, et si les demandeurs ou le flux de données ont changé.',
    link: 'Ouvrir le rapport de dérive',
  },
  alerts: {
    open: (count, shown) => (count === 1 ? '1 alerte est ouverte.' : `${shown} alertes sont ouvertes.`),
    openAction: 'Trouvez la cause, puis prenez en charge avec une note.',
    acknowledged: (count, shown) =>
      count === 1 ? '1 alerte est prise en charge.' : `${shown} alertes sont prises en charge.`,
    none: 'Aucune alerte ouverte.',
    link: 'Ouvrir les alertes',
  },
  errors: {
    failed: (failed, share, threshold) =>
      `${failed} requêtes ont échoué de notre côté : ${share}, au-dessus de ${threshold}.`,
    action: "Cherchez les erreurs dans le journal de l'application, regardez le disque et la mémoire.",
    good: (share, threshold) => `${share} des requêtes ont échoué de notre côté (limite ${threshold}).`,
  },
  latency: {
    slow: (p95, threshold) => `Une réponse sur vingt prend ${p95} ou plus ; la limite est ${threshold}.`,
    action: "Comparez avec le trafic, le processeur et le délai de la boucle d'événements ci-dessous.",
    good: (p95, threshold) => `19 réponses sur 20 prennent au plus ${p95} (limite ${threshold}).`,
  },
  traffic: {
    none: 'Aucune requête sur cette durée.',
    noneAction: 'Choisissez une durée plus longue, ou vérifiez que les appelants atteignent le service.',
    never: "Aucune demande n'a encore été décidée.",
    neverAction: 'Envoyez-en une comme ci-dessous ; cette page se remplit toute seule.',
  },
  empty:
    "Il n'y a pas encore de chiffres : aucune demande n'est parvenue au service. Envoyez l'exemple du modèle, cette page le montre en quelques secondes :",
  periods: { hour: 'Heure', day: 'Jour', week: 'Semaine', month: 'Mois', custom: 'Libre' },
  period: 'Durée',
  from: 'De (UTC)',
  to: 'À (UTC)',
  show: 'Montrer',
  shown: 'Montré :',
  until: 'à',
  comparedWith: (length) => `Évolutions par rapport à la durée précédente (${length}).`,
  comparedWithNothing: (length) =>
    `Pas de comparaison : le journal ne contient pas la durée précédente (${length}).`,
  tiles: 'Chiffres clés',
  requests: 'Requêtes',
  requestsChange: (change) => `${change} par heure`,
  throughput: 'Débit',
  throughputNote: (peak) => `maximum d'un pas : ${peak}`,
  perSecond: 'par seconde',
  perMinute: 'par minute',
  perHour: 'par heure',
  errorRate: "Taux d'erreur",
  errorRateNote: (refused) => `refusées à la vérification\u00a0: ${refused}`,
  errorRateUnrecorded: (count, shown) =>
    count === 1 ? 'avec 1 réponse non enregistrée' : `avec ${shown} réponses non enregistrées`,
  pointsChange: (points) => `${points} points`,
  latencyP95: 'Latence p95',
  latencyNote: (p50, p99) => `p50 ${p50} · p99 ${p99}`,
  approvalRate: "Taux d'accord",
  approvalNote: (referred, rejected) => `à étudier ${referred} · refusés ${rejected}`,
  inference: 'Modèle seul, p95',
  time: 'De',
  day: 'Jour (UTC)',
  charts: {
    heading: 'Trafic et décisions',
    rate: 'Débit',
    rateNote: (n, step) => `Requêtes par minute, moyenne de chaque pas de ${step} ; n = ${n}`,
    decisions: 'Décisions',
    decisionsNote: (n) => `Décisions par pas, empilées ; n = ${n}`,
    latency: 'Latence',
    latencyNote: (n, threshold) =>
      `Du premier octet à l'enregistrement, percentiles à 1\u00a0% près ; alerte au-dessus de p95 = ${threshold} ; n = ${n}`,
    statuses: 'Codes de réponse',
    statusesNote: (n) => `Réponses par pas, empilées : décidées, refusées (4xx), échouées (5xx) ; n = ${n}`,
    errors: "Taux d'erreur",
    errorsNote: (n, threshold) =>
      `Part des requêtes échouées de notre côté (5xx) ; alerte au-dessus de ${threshold} ; n = ${n}`,
    probability: 'Probabilité de défaut',
    probabilityNote: (n, m) =>
      `Part des décisions en 20 classes, à côté de la référence ; production n = ${n}, référence n = ${m}`,
    approveBelow: 'accordé sous',
    referBelow: 'refusé dès',
    limit: 'alerte',
    requests: 'Requêtes par minute',
    ok: 'Décidées (200)',
    refused: 'Refusées (4xx)',
    failed: 'Échouées (5xx)',
    production: 'Production',
    reference: 'Référence',
    bin: 'Probabilité',
    shareOfRows: 'Part des lignes',
    count: 'Nombre',
    milliseconds: 'Millisecondes',
    share: 'Part',
    megabytes: 'Mégaoctets',
  },
  process: {
    heading: 'Ce processus, dernière heure',
    cpu: 'Processeur',
    cpuNote: (now) => `Part d'un cœur par minute ; maintenant ${now}`,
    memory: 'Mémoire',
    memoryNote: (now) => `Résidente, maximum de chaque minute ; maintenant ${now}`,
    delay: "Délai de la boucle d'événements",
    delayNote: (now) => `99e percentile, le plus long de chaque minute ; maintenant ${now}`,
    empty: 'Mesuré toutes les 10 secondes depuis le démarrage ; le premier point vient bientôt.',
  },
  tables: {
    heading: 'Détails',
    statuses: 'Codes de réponse',
    status: 'Code',
    meaning: 'Sens',
    requests: 'Requêtes',
    share: 'Part',
    noStatuses: 'Aucune réponse sur cette durée.',
    refusedFields: 'Champs mal remplis par les appelants',
    field: 'Champ',
    wholeBody: 'le corps entier',
    code: 'Raison',
    noRefusedFields: "Aucune demande n'a été refusée pour un champ sur cette durée.",
    models: 'Modèles qui ont décidé',
    model: 'Modèle',
    role: 'Rôle',
    decisions: 'Décisions',
    noModels: 'Aucune décision sur cette durée.',
    noPoints: 'Aucun pas sur cette durée.',
  },
  statusMeanings: {
    200: 'décidée',
    400: 'non valide',
    403: 'droit manquant',
    404: 'adresse ou tâche inconnue',
    405: 'méthode non admise',
    408: 'arrivée trop lente',
    409: 'même clé encore en cours',
    413: 'corps trop grand',
    414: 'adresse trop longue',
    415: 'type de contenu non admis',
    417: 'attente impossible à satisfaire',
    421: 'destinée à un autre hôte',
    422: 'clé employée pour une autre demande',
    431: 'en-têtes trop grands',
    500: 'défaut du service',
    503: 'décision, enregistrement ou file impossible',
  },
};
