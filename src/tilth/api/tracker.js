// Tilth's tracker. Until tilth.consent(true) nothing is sent, nothing is stored and nobody has an id.
// No cookie, ever. ES2017, sent as it stands here. Source: docs/algorithms/tracker.md
(() => {
  'use strict';
  const script = document.currentScript, early = window.tilth;
  if (!script || (early && early.consent)) return; // twice on a page counts once
  const key = script.dataset.key, to = new URL('/v1/batch', script.src).href;
  const MARKS = /^(utm_\w+|gclid|gbraid|wbraid|msclkid|li_fat_id)$/i;
  const FILES = /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv|zip|7z|epub|mp[34]|mov|webm|dmg|exe|msi|apk)$/i;
  const SECRET = /pass(word|wd)|secret|token|credit|card|iban|ssn|bsn/i;
  const ROOM = 2e4; // characters in one delivery: a browser takes 64 KB from a page that is left

  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), n => (n + 256).toString(16).slice(1)).join('');
  const read = store => { try { return JSON.parse(window[store].getItem('tilth')); } catch (e) { return null; } };
  const write = (store, value) => {
    try { value ? window[store].setItem('tilth', JSON.stringify(value)) : window[store].removeItem('tilth'); } catch (e) { /* a browser may forbid it */ }
  };
  const refused = () => !!navigator.globalPrivacyControl || [navigator.doNotTrack, window.doNotTrack].some(x => x == '1' || x == 'yes');

  let me = null; // {id, user}: only with consent
  let who = null; // what identify was told, until there is consent
  let came = null; // the campaign of this visit
  let link = ''; // of a mail, that led here
  let seen = '', from = '';
  let queue = [], busy = false, timer = 0, wait = 1000;

  // An address without what may be personal: of its query only the marks of campaigns are kept.
  const clean = address => {
    let url;
    try { url = new URL(address); } catch (e) { return ''; }
    const all = url.searchParams, kept = new URLSearchParams();
    all.forEach((value, name) => { if (MARKS.test(name) || name == 'ref' && /^\w+-\w{12}$/.test(value)) kept.append(name, value); });
    url.search = kept;
    url.hash = /^#[!/]/.test(url.hash) ? url.hash.split('?')[0] : '';
    url.username = url.password = '';
    return url.href;
  };

  // It leaves the address bar, and so whatever is copied from there.
  const arrive = () => {
    const rest = location.search.replace(/([?&])tilth=([^&]*)&?/, (all, mark, said) => { link = said; return mark; });
    if (link) history.replaceState(history.state, '', location.origin + location.pathname + rest.replace(/[?&]$/, '') + location.hash);
  };

  const campaign = () => {
    const out = {};
    new URLSearchParams(location.search).forEach((value, name) => {
      if (value && MARKS.test(name)) out[name.toLowerCase().replace('utm_campaign', 'name').replace('utm_', '')] = value.slice(0, 200);
    });
    return Object.keys(out).length ? out : null;
  };

  const add = (type, more) => {
    if (!me) return false;
    const url = clean(location.href);
    const page = { url, path: location.pathname, title: document.title.slice(0, 300), referrer: from, search: new URL(url).search };
    try {
      queue.push(JSON.stringify(Object.assign({
        type, messageId: random(), timestamp: new Date(), anonymousId: me.id, userId: me.user,
        context: { page, campaign: came || undefined, link: link || undefined, userAgent: navigator.userAgent, locale: navigator.language, library: { name: 'tilth-tracker', version: '1' } },
      }, type == 'page' ? { properties: page } : more)));
    } catch (e) { return false; } // what is no JSON is no reason to break the site
    if (queue.length > 19 && wait == 1000) send();
    else if (!busy && queue.length == 1) timer = setTimeout(send, wait);
    return true;
  };

  const next = () => {
    let n = 0;
    for (let size = 0; n < queue.length && (!n || size + queue[n].length < ROOM); n++) size += queue[n].length;
    return queue.splice(0, n);
  };
  const body = batch => `{"writeKey":${JSON.stringify(key)},"sentAt":"${new Date().toISOString()}","batch":[${batch}]}`;
  const post = said => fetch(to, { method: 'POST', body: said, credentials: 'omit', keepalive: said.length < ROOM + 500 });

  const send = () => {
    clearTimeout(timer);
    if (busy || !queue.length) return;
    const batch = next();
    busy = true;
    post(body(batch)).then(r => r.status == 429 || r.status >= 500, () => true).then(again => {
      busy = false;
      wait = again ? Math.min(wait * 2, 6e4) : 1000;
      if (again && me) queue = batch.concat(queue); // the message ids stay: nothing counts twice
      if (queue.length) timer = setTimeout(send, wait);
    });
  };
  const leave = () => {
    clearTimeout(timer);
    while (queue.length) {
      const batch = next(), said = body(batch);
      if (!(navigator.sendBeacon && navigator.sendBeacon(to, said))) post(said).catch(() => { // only hidden, perhaps
        if (!me) return;
        queue = batch.concat(queue);
        timer = setTimeout(send, wait);
      });
    }
  };

  const turn = () => {
    const here = clean(location.href);
    if (here == seen) return;
    from = seen || clean(document.referrer);
    seen = here;
    came = campaign() || came;
    if (me) view();
  };
  const view = () => {
    write('sessionStorage', came);
    add('page');
  };
  const later = () => setTimeout(turn, 50); // single-page sites set their title after the address
  const forget = () => {
    me = who = null;
    queue = [];
    write('localStorage');
    write('sessionStorage');
  };

  const tilth = window.tilth = {
    consent(yes, said) { // said: {text, purpose}, what the visitor read, and for what
      const told = Object.assign({ purpose: 'tracking', page: clean(location.href) }, said);
      const tell = () => add('track', { event: yes ? 'Consent Given' : 'Consent Withdrawn', properties: told });
      if (told.purpose != 'tracking') tell();
      else if (!yes || refused()) {
        queue = [];
        if (!yes && tell()) leave(); // the last that is heard of this visitor
        forget();
      } else if (!me) {
        write('localStorage', me = { id: random() });
        tell();
        if (who) tilth.identify(who[0], who[1]);
        if (seen) view();
      }
      return !!me;
    },
    identify(user, traits) {
      if (user && typeof user == 'object') { traits = user; user = ''; }
      who = [user, traits];
      if (!me) return false;
      if (user) {
        if (me.user && me.user != user) { me.id = random(); link = ''; } // two people at one device
        me.user = String(user);
        write('localStorage', me);
      }
      return add('identify', { traits });
    },
    track: (event, properties) => add('track', { event, properties }),
    reset() { // after signing out
      who = null;
      link = '';
      if (me) write('localStorage', me = { id: random() });
    },
    push: call => tilth[call[0]](...call.slice(1)),
  };

  const clicked = e => {
    const on = e.composedPath()[0];
    if (!on.closest || (e.type == 'auxclick' && e.button != 1)) return;
    const button = on.closest('[data-tilth-consent]'), link = on.closest('a[href]');
    if (button) tilth.consent(button.dataset.tilthConsent == 'true', { text: button.dataset.tilthText });
    else if (link && /^https?:$/.test(link.protocol)) {
      const href = clean(link.href);
      let file = link.pathname.split('/').pop();
      try { file = decodeURIComponent(file); } catch (e) { /* as it stands */ }
      if (link.hasAttribute('download') || FILES.test(link.pathname)) tilth.track('File Downloaded', { file: link.download || file, href });
      else if (link.host != location.host) tilth.track('Outbound Clicked', { href, text: link.textContent.trim().slice(0, 100) });
    }
  };
  const submitted = e => {
    const form = e.target, name = form.getAttribute('data-tilth-form'), said = {};
    if (name === null) return;
    form.querySelectorAll('input,select,textarea').forEach(f => {
      const skip = !f.name || f.disabled || /^(hidden|password|file|submit|button|reset|image)$/.test(f.type) || (/^(radio|checkbox)$/.test(f.type) && !f.checked)
        || SECRET.test(f.name) || /^cc-|password/.test(f.autocomplete) || f.closest('[data-tilth-skip]');
      if (!skip && f.value) said[f.name] = (said[f.name] ? said[f.name] + ', ' : '') + f.value.slice(0, 1000);
    });
    tilth.track('Form Submitted', Object.assign(said, { form: name || form.id || location.pathname }));
  };

  const start = () => {
    ['pushState', 'replaceState'].forEach(name => {
      const real = history[name];
      history[name] = function () { later(); return real.apply(this, arguments); };
    });
    addEventListener('popstate', later);
    addEventListener('hashchange', later);
    addEventListener('pageshow', e => { if (e.persisted) { seen = ''; turn(); } });
    addEventListener('storage', e => { // another tab agreed or withdrew
      if (e.key && e.key != 'tilth' || e.storageArea != localStorage) return;
      me = read('localStorage');
      if (!me) forget();
    });
    ['click', 'auxclick'].forEach(name => document.addEventListener(name, clicked, true));
    document.addEventListener('submit', submitted, true);
    document.addEventListener('visibilitychange', () => { if (document.visibilityState == 'hidden') leave(); });
    addEventListener('pagehide', leave);
    turn();
  };
  arrive();
  if (refused()) forget();
  else if ((me = read('localStorage'))) came = read('sessionStorage');
  const ready = () => document.prerendering ? document.addEventListener('prerenderingchange', start, { once: true }) : start();
  document.readyState == 'loading' ? document.addEventListener('DOMContentLoaded', ready, { once: true }) : ready();
  if (Array.isArray(early)) early.forEach(tilth.push);
})();
