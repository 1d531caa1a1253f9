// What every page does when scripts run. Loaded in the head, so that nothing flashes while the page arrives.
'use strict';
(() => {
  const root = document.documentElement;
  root.classList.add('script');

  const OPTIONS = {
    second: {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    },
    minute: {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    },
  };

  /** Times in the reader's zone; UTC stays in the title. A day of the UTC calendar stays as it is. */
  function localiseTimes() {
    const locale = root.lang === 'fr' ? 'fr-FR' : 'en-GB';
    for (const time of document.querySelectorAll('time[data-precision]')) {
      const options = OPTIONS[time.dataset.precision];
      if (options) time.textContent = new Date(time.dateTime).toLocaleString(locale, options);
    }
  }

  /** Charts stand for their tables: closed until asked for. */
  function closeFigures() {
    for (const figures of document.querySelectorAll('details.figures')) figures.open = false;
    root.classList.add('ready');
  }

  /** Reloads only while somebody looks, and not under the hand of who reads a table or fills a form. */
  function refresh() {
    const control = document.querySelector('[data-refresh]');
    const box = control?.querySelector('input');
    if (!box) return;
    box.addEventListener('change', () => location.assign(box.dataset.toggle));
    if (!box.checked) return;
    setInterval(
      () => {
        const typed = [...document.querySelectorAll('textarea')].some(
          (field) => field.value !== field.defaultValue,
        );
        const busy =
          typed || document.querySelector('details[open]') || document.activeElement?.closest('form');
        if (document.visibilityState === 'visible' && !busy) location.reload();
      },
      Number(control.dataset.refresh) * 1000,
    );
  }

  /** Width of the shadow in which other sections vanish beside the alerts, pixels. */
  const FADE = 10;

  /** Where the menu is wider than the window: the page one is on, left of the alerts, which always stay in sight. */
  function showSection() {
    const menu = document.querySelector('.sections ul');
    const current = menu?.querySelector('[aria-current]');
    if (!current) return;
    const end = current.offsetLeft + current.offsetWidth;
    menu.scrollLeft = end - menu.lastElementChild.offsetLeft + FADE;
  }

  document.addEventListener('DOMContentLoaded', () => {
    showSection();
    localiseTimes();
    closeFigures();
    refresh();
  });
})();
