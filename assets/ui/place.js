// One person's board. The case is told, the dot is placed, and only then does the server say where the authors put it.
const find = name => element.querySelector(name), make = (tag, text, name) => Object.assign(document.createElement(tag), {textContent: text, className: name || ''});
const told = genlens.kept['discuss-board'], cases = Object.fromEntries(told.map(each => [each.id, each])), select = find('select');
const plane = genlens.board(find('.gl-place-board'), {place: (intent, impact) => { at = [intent, impact]; show(); }});
let at = null, first = null, twist = null, answered = null, id = '';
for (const [label, wanted] of [['Contested', true], ['Plainer', false]]) {
  const group = Object.assign(document.createElement('optgroup'), {label});
  for (const each of told.filter(each => each.contested === wanted)) group.append(Object.assign(make('option', each.title), {value: each.id}));
  select.append(group);
}
const lines = [[find('#discuss-intent'), 'malicious', 'innocent'], [find('#discuss-impact'), 'harmful', 'helpful']];
lines.forEach(([range], k) => range.addEventListener('input', () => {
  at = at || [0, 0];
  at[k] = Number(range.value);
  show();
}));
function tell() {
  const told = cases[id];
  find('h3').textContent = told.title;
  find('.gl-place-text').textContent = told.text;
  find('.gl-place-note').hidden = !told.note;
  find('.gl-place-note').textContent = told.note ? `${told.note} You may pass.` : '';
  find('.gl-place-twist').hidden = twist === null;
  find('.gl-place-twist').textContent = twist === null ? '' : `And now: ${told.twists[twist]} Where is it now?`;
}
function show() {
  lines.forEach(([range, low, high], k) => {
    range.value = at ? at[k] : 0;
    range.previousElementSibling.textContent = at ? genlens.where(at[k], low, high) : 'not placed yet';
    range.setAttribute('aria-valuetext', range.previousElementSibling.textContent);
  });
  plane.set({mine: at, first, authors: answered, label: at ? `You placed it: ${lines.map(([, low, high], k) => genlens.where(at[k], low, high)).join(', ')}`
    : 'The board; click it, or use the sliders, to place the case'});
  find('.gl-place-go').textContent = twist === null ? 'Place it' : 'Place it again';
}
function begin(next) {
  [id, at, first, twist, answered] = [next, null, null, null, null];
  select.value = id;
  find('.gl-place-answer').replaceChildren();
  tell();
  show();
}
find('.gl-place-go').addEventListener('click', () => {
  if (!at) {
    find('.gl-place-answer').replaceChildren(make('p', 'Place the case first: click the board or move a slider.', 'gl-place-wrong'));
    return;
  }
  props.value = {...props.value, sent: {case: id, intent: at[0], impact: at[1], twist}, answer: null};
  trigger('submit');
});
select.addEventListener('change', () => begin(select.value));
function answer() {
  const said = props.value.answer;
  if (props.value.open && props.value.open !== id) return begin(props.value.open);
  if (!said || said.case !== id || said.twist !== twist) return;
  if (said.wrong) {
    find('.gl-place-answer').replaceChildren(make('p', said.wrong, 'gl-place-wrong'));
    return;
  }
  answered = said.authors;
  const parts = [make('p', said.mine, 'gl-place-mine'), make('p', said.view), make('p', said.ask)];
  for (const [k, text] of cases[id].twists.entries()) if (k !== twist) {
    const button = Object.assign(make('button', `Twist: ${text}`), {type: 'button'});
    button.addEventListener('click', () => {
      [first, at, twist, answered] = [first || at, null, k, null];
      find('.gl-place-answer').replaceChildren();
      tell();
      show();
      lines[0][0].focus();
    });
    parts.push(button);
  }
  parts.push(make('p', said.source, 'gl-place-source'));
  find('.gl-place-answer').replaceChildren(...parts);
  show();
}
begin(props.value.open);
watch('value', answer);
