/* A day at the keyboard. A key presses the button that carries it (data-key) in the lead that one is at, so it does what the
   button does and nothing else; with leads ticked it does so to all of them. One switch turns all of it off (kept in this browser). */
const keysOff = () => { try { return localStorage.getItem('keys') === 'off' } catch { return false } } // some browsers keep nothing
const stops = () => [...document.querySelectorAll('.queue > .q, .card-lead, .keyed tbody tr')]
const stop = () => document.activeElement?.closest?.('.q, .card-lead, .keyed tr')
const bar = key => document.querySelector(`#together [data-key="${key}"]`)
const goes = { t: 'today', b: 'board', l: 'leads', d: 'deals', n: 'notices' }
let going = false

function walk(step) {
  const all = stops(), at = all.indexOf(stop())
  if (!all.length) return document.querySelector(`#main [data-key="${step > 0 ? 'j' : 'k'}"]`)?.click()
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))]
  row.tabIndex = -1
  row.focus()
  row.scrollIntoView({ block: 'nearest' })
}
function use(button) {
  if (button.matches('input:not([type=checkbox]), textarea')) return button.focus()
  button.closest('details')?.setAttribute('open', '')
  button.click()
}
function press(key) {
  const row = stop(), some = ticked().some(t => t.checked), many = bar(key)
  if (some && many) return use(many)
  const all = [...(row || document.getElementById('main')).querySelectorAll(`[data-key="${key}"]`)].filter(b => !b.closest('#together'))
  const own = all.find(b => row || !stops().some(s => s.contains(b)))
  if (own) return use(own)
  if (!row && (all.length || many) && stops().length) return walk(1) // with no lead at hand, first say which it would be
  const tick = row?.querySelector('.tickbox')
  if (!tick || !many) return
  tick.click()
  use(many)
}
function help() {
  const dialog = document.getElementById('keys')
  dialog.querySelector('[data-keys-on]').checked = !keysOff()
  dialog.showModal()
}
const typing = e => e.target.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')
document.addEventListener('keydown', e => {
  if (e.key === 'Escape' && typing(e) && !e.target.closest('dialog')) return (stop() || document.getElementById('main')).focus()
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(e) || document.querySelector('dialog[open]')) return
  if (e.key === '?') { e.preventDefault(); return help() }
  if (keysOff()) return
  if (going) {
    going = false
    const to = goes[e.key] && document.querySelector(`.navbar-nav a[data-place="${goes[e.key]}"]`)
    if (to) { e.preventDefault(); to.click() }
    return
  }
  if (e.key === 'Enter' && e.target === stop()) return press('o')
  if (!/^[a-z0-9*]$/.test(e.key)) return
  if (e.key === 'g') going = true
  else if (e.key === 'j') walk(1)
  else if (e.key === 'k') walk(-1)
  else if (e.key === 'u') [...document.querySelectorAll('#toasts .toast form button')].at(-1)?.click()
  else press(e.key)
  e.preventDefault()
})
document.addEventListener('change', e => {
  if (e.target.matches('[data-keys-on]')) localStorage.setItem('keys', e.target.checked ? 'on' : 'off')
})
