// Puts one of Tilth's forms where this script stands: in a frame of its own, so that neither page can harm the other.
// <script src="https://tilth.kasbouw.nl/f/KEY.js" data-language="nl" data-theme="light" defer></script>
(() => {
  'use strict';
  const script = document.currentScript;
  if (!script) return;
  const from = new URL(script.src), at = new URL(from.pathname.replace(/\.js$/, '/'), from);
  const read = store => { try { return JSON.parse(window[store].getItem('tilth')) || {}; } catch (e) { return {}; } };
  const place = () => {
    // Only who agreed to be recognised has an id here, and only then is the campaign of this visit remembered.
    const me = read('localStorage'), came = me.id ? read('sessionStorage') : {};
    const told = {
      embedded: 1, page: location.href.slice(0, 1500), referrer: document.referrer.split('?')[0].slice(0, 300), visitor: me.id,
      language: script.dataset.language || document.documentElement.lang, theme: script.dataset.theme,
      source: came.source, medium: came.medium, name: came.name,
    };
    Object.keys(told).forEach(k => { if (told[k]) at.searchParams.set(k, told[k]); });
    const frame = document.createElement('iframe');
    frame.title = script.dataset.title || 'Form';
    Object.assign(frame.style, { width: '100%', border: '0', display: 'block', minHeight: '200px', colorScheme: 'light dark' });
    addEventListener('message', e => {
      if (e.origin == at.origin && e.source == frame.contentWindow && e.data && e.data.tilth > 0) frame.style.height = `${Math.ceil(e.data.tilth)}px`;
    });
    frame.src = at.href;
    script.insertAdjacentElement('afterend', frame);
  };
  document.readyState == 'loading' ? document.addEventListener('DOMContentLoaded', place, { once: true }) : place();
})();
