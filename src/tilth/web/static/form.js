// A form in a frame tells its height to the page around it; a form that is being sent cannot be sent once more.
(() => {
  'use strict';
  const tell = () => parent.postMessage({ tilth: document.documentElement.getBoundingClientRect().height }, '*');
  if (parent != window) {
    new ResizeObserver(tell).observe(document.documentElement);
    addEventListener('load', tell);
  }
  document.addEventListener('submit', e => {
    const button = e.target.querySelector('button:not([type=button])');
    if (button) setTimeout(() => { button.disabled = true; });
    setTimeout(() => { if (button) button.disabled = false; }, 8000);
  });
  addEventListener('pageshow', () => document.querySelectorAll('button').forEach(b => { b.disabled = false; }));
})();
