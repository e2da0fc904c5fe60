/* Cards are kept on the phone first and sent then; each has an id of its own, so sending twice is harmless.
   One entry of the store for each card: two tabs never write over each other. */
(() => {
  const form = document.querySelector('#card'), list = document.querySelector('#kept'), say = form.dataset
  const NAME = 'tilth-card-', EVENT = 'tilth-event', AGAIN = 20_000
  const member = () => Number(say.member)
  let sending = false, shown = []

  const all = () => Object.keys(localStorage).filter(k => k.startsWith(NAME)).map(k => { try { return JSON.parse(localStorage[k]) } catch { return null } })
    .filter(Boolean).sort((a, b) => a.at < b.at ? -1 : 1)
  const keep = card => localStorage.setItem(NAME + card.id, JSON.stringify(card))
  const drop = card => localStorage.removeItem(NAME + card.id)
  const fresh = () => crypto.randomUUID ? crypto.randomUUID()
    : [8, 4, 4, 4, 12].map(n => Array.from(crypto.getRandomValues(new Uint8Array(n / 2)), b => (b + 256).toString(16).slice(1)).join('')).join('-')
  const called = card => card.fields.name || card.fields.email || card.fields.phone

  function line(text, under, link) {
    const li = document.createElement('li'), div = document.createElement('div'), b = document.createElement('b'), small = document.createElement('small')
    if (link) b.append(Object.assign(document.createElement('a'), { href: link, textContent: text }))
    else b.textContent = text
    small.textContent = under
    div.append(b, small)
    li.append(div)
    return li
  }
  function button(text, does) {
    const b = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm', textContent: text })
    b.addEventListener('click', does)
    return b
  }
  function show() {
    const waiting = all()
    list.querySelector('ul').replaceChildren(...waiting.map(card => {
      const li = line(called(card), card.why || (card.member === member() ? say.waits : say.others))
      if (card.why) li.append(button(say.mend, () => mend(card)))
      return li
    }), ...shown.map(done => line(done.name, done.trouble || say.done, done.person)))
    list.querySelector('.count').textContent = waiting.length
    list.hidden = !waiting.length && !shown.length
  }

  /* a card that was refused goes back into the form; it keeps its id */
  function mend(card) {
    for (const [name, value] of Object.entries(card.fields)) {
      const field = form.elements[name]
      if (field) field.type === 'checkbox' ? field.checked = !!value : field.value = value
    }
    form.elements.id.value = card.id
    drop(card)
    show()
    form.elements.name.focus()
  }

  function typed() {
    const fields = Object.fromEntries([...new FormData(form)].filter(([name, value]) => !['csrfmiddlewaretoken', 'id', 'at'].includes(name) && value.trim()))
    return { id: form.elements.id.value, at: new Date().toISOString(), member: member(), fields }
  }
  function clear() {
    const event = form.elements.event.value
    form.reset()
    form.elements.event.value = event
    form.elements.id.value = fresh()
    form.elements.name.focus()
  }

  async function deliver(card, token) {
    const body = new URLSearchParams({ ...card.fields, id: card.id, at: card.at })
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'error', headers: { Accept: 'application/json', 'X-CSRFToken': token } })
    if (answer.status === 422) return keep({ ...card, why: (await answer.json()).errors.join(' ') })
    if (!answer.ok) throw Error(answer.status)
    shown.unshift(await answer.json())
    drop(card)
  }
  async function send() {
    const waiting = () => all().filter(c => !c.why)
    if (sending || !waiting().length) return show()
    sending = true
    let why = ''
    try {
      const asked = await fetch(form.action, { redirect: 'manual', headers: { Accept: 'application/json' } })
      if (asked.type === 'opaqueredirect') why = say.signIn
      else {
        const { token, member: now } = await asked.json()
        for (const card of waiting().filter(c => c.member === now)) await deliver(card, token)
      }
    } catch { why = say.away }
    sending = false
    document.querySelector('#card-state').textContent = waiting().length ? why : ''
    show()
  }

  form.addEventListener('submit', e => {
    e.preventDefault()
    if (!['name', 'email', 'phone'].some(n => form.elements[n].value.trim())) {
      document.querySelector('#card-state').textContent = say.nobody
      return form.elements.name.focus()
    }
    const card = typed()
    try { keep(card) } catch { // no room, or forbidden here: then the form goes as any other
      form.elements.at.value = card.at
      return form.submit()
    }
    try { localStorage[EVENT] = form.elements.event.value } catch { /* the session remembers it, too */ }
    document.querySelector('#card-state').textContent = ''
    clear()
    send()
  })

  if (!list.previousElementSibling.querySelector('#errors')) form.elements.id.value = fresh() // a page kept on the phone has an id that was used
  form.elements.event.value ||= localStorage[EVENT] || ''
  navigator.serviceWorker?.register(say.worker).catch(() => { /* the page works without, while it stays open */ })
  addEventListener('online', send)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && send())
  setInterval(send, AGAIN)
  send()
})()
