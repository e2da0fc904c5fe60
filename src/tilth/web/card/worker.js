/* Keeps the card's page and its files, for when there is no connection. HERE is written in front by worker.py.
   The page comes from the network while that answers within 3 seconds: at a fair, slow is as good as gone. */
const PATIENCE = 3000

async function keepPage() {
  const answer = await fetch(HERE.page, { credentials: 'same-origin', redirect: 'error' })
  if (answer.ok) await (await caches.open(HERE.store)).put(HERE.page, answer.clone())
  return answer
}
addEventListener('install', e => {
  skipWaiting()
  e.waitUntil(caches.open(HERE.store).then(c => c.addAll(HERE.files)).then(keepPage))
})
addEventListener('activate', e => {
  const old = names => Promise.all(names.filter(n => n.startsWith('tilth-card-') && n !== HERE.store).map(n => caches.delete(n)))
  e.waitUntil(caches.keys().then(old).then(() => clients.claim()))
})

async function page(request) {
  const kept = () => caches.match(HERE.page, { ignoreVary: true })
  const fresh = fetch(request).then(async answer => {
    if (answer.ok && answer.type === 'basic') await (await caches.open(HERE.store)).put(HERE.page, answer.clone())
    return answer // a way to the sign-in page is answered as it comes, and not kept
  })
  const late = new Promise(done => setTimeout(done, PATIENCE)).then(kept).then(c => c || fresh)
  try { return await Promise.race([fresh, late]) } catch (e) { return (await kept()) || Response.error() }
}
addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin) return
  if (e.request.mode === 'navigate' && url.pathname === HERE.page) e.respondWith(page(e.request))
  else if (HERE.files.includes(url.pathname)) e.respondWith(caches.match(e.request, { ignoreVary: true }).then(c => c || fetch(e.request)))
})
