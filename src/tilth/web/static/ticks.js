/* Leads that are ticked: what can be done with them shows once there are any. Without this script it always shows. */
const ticked = () => [...document.querySelectorAll('.tickbox[form=together]')]
function showTicked() {
  const form = document.getElementById('together'), all = ticked(), on = all.filter(t => t.checked)
  if (!form) return
  form.classList.toggle('has-some', on.length > 0)
  const every = form.querySelector('[data-ticks]')
  every.checked = on.length > 0 && on.length === all.length
  every.indeterminate = on.length > 0 && on.length < all.length
}
document.addEventListener('change', e => {
  if (e.target.matches('[data-ticks]')) ticked().forEach(t => { t.checked = e.target.checked })
  if (e.target.matches('[data-ticks], .tickbox')) showTicked()
})
document.addEventListener('htmx:afterSettle', showTicked)
showTicked()
