/* All the script that Tilth needs beside htmx and Tabler: chart tips, the palette, the dialog, toasts.
   Positions are set through the CSSOM, never through style attributes, so a strict policy holds. */
const $ = (s, at = document) => at.querySelector(s)

/* chart tips: hover, or focus the chart and use the arrow keys */
const tip = Object.assign(document.createElement('div'), { className: 'graph-tip', hidden: true })
tip.setAttribute('role', 'status')
document.body.append(tip)
function showTip(hit) {
  hit.closest('.graph, .weeks')?.querySelectorAll('.on.hit').forEach(h => h.classList.remove('on'))
  hit.classList.add('on')
  tip.textContent = hit.dataset.tip
  tip.hidden = false
  const at = ($('.cursor', hit) || hit).getBoundingClientRect(), top = hit.getBoundingClientRect().top
  tip.style.left = Math.max(8, Math.min(innerWidth - tip.offsetWidth - 8, at.left + at.width / 2 - tip.offsetWidth / 2)) + 'px'
  tip.style.top = Math.max(8, top - tip.offsetHeight - 6) + 'px'
}
function hideTip(e) { e?.target?.querySelectorAll?.('.hit.on').forEach(h => h.classList.remove('on')); tip.hidden = true }
document.addEventListener('pointerover', e => { const h = e.target.closest?.('.hit'); h ? showTip(h) : tip.hidden || (tip.hidden = true) })
document.addEventListener('focusout', e => e.target.matches?.('.graph') && hideTip(e))
document.addEventListener('keydown', e => {
  const graph = e.target.matches?.('.graph') && e.target
  if (!graph || !['ArrowLeft', 'ArrowRight', 'Escape'].includes(e.key)) return
  e.preventDefault()
  if (e.key === 'Escape') return hideTip(e)
  const hits = [...graph.querySelectorAll('.hit')], now = hits.findIndex(h => h.classList.contains('on'))
  const next = now < 0 ? hits.length - 1 : now + (e.key === 'ArrowRight' ? 1 : -1)
  if (hits[next]) showTip(hits[next])
})

/* palette: Ctrl+K or /, arrows move, Enter opens; the server says what there is to choose */
const palette = $('#palette')
const options = () => [...palette.querySelectorAll('[role=option]')]
function openPalette() { palette.showModal(); $('input', palette).select(); htmx.trigger($('input', palette), 'opened') }
function choose(option) {
  options().forEach(o => o.setAttribute('aria-selected', String(o === option)))
  const input = $('input', palette)
  option ? input.setAttribute('aria-activedescendant', option.id) : input.removeAttribute('aria-activedescendant')
  option?.scrollIntoView({ block: 'nearest' })
}
if (palette) {
  document.addEventListener('click', e => {
    const opener = e.target.closest('[data-palette]')
    if (opener && !e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); openPalette() }
  })
  document.addEventListener('keydown', e => {
    const typing = e.target.closest?.('input, textarea, select')
    if ((e.key === 'k' && (e.ctrlKey || e.metaKey)) || (e.key === '/' && !typing)) { e.preventDefault(); palette.open ? palette.close() : openPalette() }
    if (!palette.open || !['ArrowDown', 'ArrowUp', 'Enter'].includes(e.key)) return
    const all = options(), now = all.findIndex(o => o.getAttribute('aria-selected') === 'true')
    if (!all.length) return
    e.preventDefault()
    if (e.key === 'Enter') return all[Math.max(now, 0)].click()
    choose(all[(now + (e.key === 'ArrowDown' ? 1 : all.length - 1)) % all.length])
  })
  document.addEventListener('htmx:afterSwap', e => e.detail.target.id === 'palette-list' && choose(options()[0]))
}

/* dialogs: what the server puts into #dialog opens; a form in it that was taken closes it */
document.addEventListener('htmx:afterSwap', e => {
  const dialog = e.detail.target
  if (dialog.id !== 'dialog' || dialog.open) return
  dialog.showModal()
  $('[autofocus], input:not([type=hidden]), textarea', dialog)?.focus()
})
document.addEventListener('htmx:afterRequest', e => {
  const dialog = e.detail.elt.closest?.('dialog')
  if (dialog && e.detail.xhr.status < 400 && e.detail.requestConfig.verb !== 'get') dialog.close()
})
document.addEventListener('click', e => {
  const close = e.target.closest('[data-close]')
  if (close?.closest('dialog')) { e.preventDefault(); close.closest('dialog').close() }
  if (e.target.matches('dialog')) e.target.close()
})

/* toasts: made by the server, gone after 10 seconds, longer while somebody is at them */
function fade(toast) {
  if (toast.dataset.seen) return
  toast.dataset.seen = 'yes'
  let left
  const leave = () => { left = setTimeout(() => toast.remove(), 10_000) }, stay = () => clearTimeout(left)
  for (const at of ['pointerenter', 'focusin']) toast.addEventListener(at, stay)
  for (const at of ['pointerleave', 'focusout']) toast.addEventListener(at, leave)
  leave()
}
const fadeAll = () => document.querySelectorAll('#toasts .toast').forEach(fade)
document.addEventListener('htmx:afterSettle', fadeAll)
document.addEventListener('htmx:afterRequest', e => e.detail.elt.closest?.('.toast')?.remove())
fadeAll()
function say(text) {
  const body = Object.assign(document.createElement('div'), { className: 'toast-body', textContent: text })
  const toast = Object.assign(document.createElement('div'), { className: 'toast show bad' })
  toast.append(body); $('#toasts')?.append(toast); fade(toast)
}
const quiet = e => e.target.matches('[data-quiet]') // what asks by itself does not complain, nor leads to the sign-in page
document.addEventListener('htmx:beforeOnLoad', e => quiet(e) && e.detail.xhr.status !== 200 && e.preventDefault())
document.addEventListener('htmx:sendError', e => quiet(e) || say(document.body.dataset.offline))
document.addEventListener('htmx:responseError', () => say(document.body.dataset.broken))

/* what had the focus left: go to the row that took its place, else to the page */
let wasAt = null, wasIn = null // wasIn: the row that one is at, also while a dialog is open
const rows = () => [...document.querySelectorAll('.queue > .q')]
document.addEventListener('focusin', e => { if (!e.target.closest('dialog')) wasIn = e.target.closest('.q') })
document.addEventListener('htmx:beforeSwap', e => {
  const target = e.detail.target, row = target.matches?.('.q') ? target : wasIn
  wasAt = row === target || target.id === 'main' ? { id: row?.id, n: rows().indexOf(row) } : null
})
document.addEventListener('htmx:afterSettle', () => {
  if (!wasAt || document.activeElement !== document.body) return
  const row = document.getElementById(wasAt.id) || rows()[Math.min(wasAt.n, rows().length - 1)]
  const to = (row || wasAt.n >= 0) && $('.btn, a', row || $('main')) || $('main')
  to?.focus({ preventScroll: true })
  wasAt = null
})

/* a form that leaves the page is sent once, however often its button is clicked */
document.addEventListener('submit', e => {
  if (e.defaultPrevented || e.target.method === 'get') return
  if (e.target.dataset.sent) return e.preventDefault()
  e.target.dataset.sent = 'yes'
  setTimeout(() => delete e.target.dataset.sent, 5_000)
})
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(f => delete f.dataset.sent))

document.addEventListener('click', e => e.target.closest('[data-print]') && print())
document.addEventListener('change', e => e.target.form?.matches('[data-send-on-change]') && e.target.form.requestSubmit())

/* writing the agreement: what is typed while a save is under way stays, folded lists stay open, the focus finds its way */
document.documentElement.classList.add('scripted') // what only makes sense without script goes
const writing = '[data-keeps-typed]'
const held = f => f.type === 'checkbox' ? f.checked : f.value
let sent = new Map(), asked = '', late = false
document.addEventListener('htmx:configRequest', e => {
  if (!e.detail.elt.matches(writing)) return
  sent = new Map([...e.detail.elt.elements].filter(f => f.id).map(f => [f.id, held(f)]))
  asked = e.detail.parameters.do || ''
})
document.addEventListener('htmx:oobBeforeSwap', e => {
  const old = e.detail.target
  if (!old.closest(writing)) return
  const fresh = id => e.detail.fragment.querySelector('#' + CSS.escape(id))
  for (const field of old.querySelectorAll('input[id], textarea[id], select[id]')) {
    const twin = fresh(field.id)
    if (!twin || twin.name !== field.name || !sent.has(field.id) || sent.get(field.id) === held(field)) continue
    twin.type === 'checkbox' ? twin.checked = field.checked : twin.value = field.value
    late = true
  }
  for (const open of old.querySelectorAll('details[id][open]')) if (fresh(open.id)) fresh(open.id).open = true
})
document.addEventListener('draft-kept', e => {
  const form = e.target.closest(writing), [what, name] = [asked.split(' ')[0], asked.slice(asked.indexOf(' ') + 1)]
  asked = ''
  if (!form) return
  if (what === 'add') $(`[id^="row-"]:last-child :is(input:not([type=hidden]), select)`, $(`[value="add ${name}"]`, form)?.closest('.sheet'))?.focus()
  else if (what && document.activeElement === document.body) $('#draft-bar .btn-primary')?.focus()
  if (late) htmx.trigger(form, 'change')
  late = false
})
document.addEventListener('input', e => {
  const field = e.target.dataset?.slides && document.getElementById(e.target.dataset.slides)
  if (field) field.value = Math.round(e.target.value)
})
document.addEventListener('click', e => document.querySelectorAll('.pick[open]').forEach(p => p.contains(e.target) || (p.open = false)))
document.addEventListener('keydown', e => {
  const open = e.key === 'Escape' && e.target.closest?.('.pick[open]')
  if (open) { open.open = false; $('summary', open).focus() }
})

/* a slider says what it stands at */
document.addEventListener('input', e => {
  const said = e.target.matches('.slide > [type=range]') && e.target.parentElement.querySelector('output')
  if (said) said.value = Number(e.target.value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })
})
