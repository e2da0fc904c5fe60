/* The board: dropping a card on a column presses the button of that verb on the card. What there is no button for is not
   done, and the column says why. Dragging is a shortcut: each card has the same buttons under "Move". */
let dragged = null
const column = e => e.target.closest?.('.board-col')
const button = (card, col) => card && col && card.querySelector(`[data-to="${col.dataset.state}"]`)
const mark = card => document.querySelectorAll('.board-col').forEach(col => {
  col.classList.toggle('can', Boolean(button(card, col)))
  col.classList.toggle('cannot', Boolean(card && !button(card, col) && !col.contains(card)))
  col.classList.remove('over')
})
document.addEventListener('dragstart', e => {
  dragged = e.target.closest?.('.card-lead') || null
  if (!dragged) return
  e.dataTransfer.effectAllowed = 'move'
  e.dataTransfer.setData('text/plain', dragged.id)
  mark(dragged)
})
document.addEventListener('dragover', e => {
  const col = dragged && column(e)
  if (!col) return
  e.preventDefault()
  document.querySelectorAll('.board-col.over').forEach(c => c === col || c.classList.remove('over'))
  col.classList.add('over')
})
document.addEventListener('drop', e => {
  const col = dragged && column(e), card = dragged
  if (!col) return
  e.preventDefault()
  const verb = button(card, col)
  if (verb) verb.click()
  else if (!col.contains(card)) say(col.dataset.cannot)
})
document.addEventListener('dragend', () => { dragged = null; mark(null) })
