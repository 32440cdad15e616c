// The checklist's rules and pieces of screen. The rules are policy/checklist.py's, told by the server where they are data.
window.genlens = window.genlens || {};
(function (g) {
  const ck = g.ck = g.ck || {};

  // A text is only ever a text node: nothing that was typed, opened or sent is read as markup.
  ck.h = function (tag, props = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else if (name === 'value' || name === 'checked' || name === 'open' || name === 'hidden') made[name] = value;
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
    return made;
  };
  const h = ck.h;

  // -- rules ---------------------------------------------------------------------------------------------------------
  ck.rules = function (book) {
    const meet = (a, b) => a.some(one => b.includes(one));
    const answer = (sheet, item) => sheet.answers[item.id] || {value: '', note: ''};
    const due = (sheet, item) => meet(item.tags, sheet.tags) && meet(item.roles, sheet.roles);
    function state({value, note}) {
      if (!(value in book.settled)) return value || 'open';
      return note.trim() ? book.settled[value] : book.missing[value];
    }
    const settled = sheet => item => ['shown', 'aside'].includes(state(answer(sheet, item)));
    function standing(sheet) {
      const all = book.items.filter(item => due(sheet, item)), done = settled(sheet), gates = all.filter(item => item.gate);
      const weights = ['must', 'should', 'could'];
      const gaps = all.filter(item => !done(item)).map((item, at) => ({item, at}))
        .sort((a, b) => b.item.gate - a.item.gate || weights.indexOf(a.item.weight) - weights.indexOf(b.item.weight) || a.at - b.at)
        .map(({item}) => item);
      return {due: all, gaps, gates, open: gates.filter(item => !done(item)), left: book.items.filter(item => item.gate && !due(sheet, item))};
    }
    function verdict({gates, open}) {
      if (!gates.length) return 'No gate applies to this profile.';
      const ids = open.map(item => item.id).join(', '), many = `${gates.length} gate${gates.length > 1 ? 's' : ''}`;
      if (!open.length) return gates.length > 1 ? `Every gate is passed (${many}).` : `The gate that applies is passed (${gates[0].id}).`;
      return `Not ready: ${open.length} of ${many} ${open.length === 1 ? 'is' : 'are'} open (${ids}).`;
    }
    return {answer, due, state, standing, verdict};
  };

  // -- pieces --------------------------------------------------------------------------------------------------------
  ck.sources = function (sources, lead = 'Sources') {
    if (!sources.length) return null;
    return h('p', {class: 'ck-sources'}, `${lead}: `, sources.flatMap((source, at) => [at ? '; ' : '',
      source.url ? h('a', {href: source.url, target: '_blank', rel: 'noopener noreferrer'}, source.title) : source.title,
      ` (${source.confidence} confidence)`, source.note ? `, ${source.note.replace(/\.$/, '')}` : '']), '.');
  };

  ck.reference = function (book, id) {
    const ref = book.references[id], framework = book.frameworks.find(one => one.id === ref.framework);
    return [h('b', {}, `${framework.short} ${ref.ref}`), ref.applies ? h('span', {class: 'ck-date'}, `applies from ${ref.applies}`) : '', ` ${ref.gloss}`];
  };

  ck.cited = function (book, id) {
    const ref = book.references[id];
    return `${book.frameworks.find(one => one.id === ref.framework).short} ${ref.ref}${ref.applies ? ` (applies from ${ref.applies})` : ''}`;
  };

  ck.measures = function (book, item) {
    return h('ul', {class: 'ck-measures'}, item.measures.map(([id, strength]) => {
      const measure = book.mitigations[id];
      return h('li', {}, h('p', {class: 'ck-measure'}, h('b', {}, measure.title), h('span', {class: `ck-strength ck-${strength}`}, `${strength} help`),
        h('span', {class: 'ck-date'}, measure.maturity)), h('p', {}, measure.what),
      h('details', {}, h('summary', {}, `Where it ends (${measure.limits.length + 1})`),
        h('ul', {class: 'ck-limits'}, [...measure.limits, `Fails when: ${measure.fails}`].map(limit => h('li', {}, limit))),
        ck.sources(measure.sources)));
    }));
  };

  ck.help = function (book, item) {
    return h('div', {class: 'ck-help'}, h('p', {}, h('b', {}, 'Why. '), item.why), ck.sources(item.sources),
      h('p', {}, h('b', {}, 'Risks. '), item.risks.join('; '), '.'), h('h5', {}, 'What helps'), ck.measures(book, item),
      h('h5', {}, 'Where frameworks ask for it'), h('ul', {class: 'ck-refs'}, item.references.map(id => h('li', {}, ck.reference(book, id)))),
      item.lecture.length ? h('p', {class: 'ck-sources'}, `${book.lecture}: ${item.lecture.join('; ')}.`) : '');
  };

  const SHORT = {yes: 'Yes', partly: 'Partly', no: 'No', na: 'Does not apply', unsure: 'Not known yet'};
  const ASK = {yes: 'Evidence', partly: 'Evidence so far', no: 'Note', na: 'Reason', unsure: 'Note', '': 'Evidence'};

  // One item: the statement, five answers, a field, and what helps. told(value, note) is called at each change.
  ck.item = function (book, item, given, stateOf, own, told, dropOwn) {
    let {value, note} = given;
    const kind = item.gate ? 'gate' : item.weight, named = `${item.id} ${item.title}`;
    const said = h('p', {class: 'ck-state', id: `ck-${item.id}-state`});
    const label = h('label', {for: `ck-${item.id}-note`});
    const area = h('textarea', {id: `ck-${item.id}-note`, rows: 2, dir: 'auto', value: note, 'aria-describedby': `ck-${item.id}-wanted`,
      oninput: () => { note = area.value; grow(); show(); told(value, note); }});
    const grow = () => { area.style.height = 'auto'; area.style.height = `${Math.max(60, area.scrollHeight + 2)}px`; };
    const field = h('div', {class: 'ck-note'}, label, h('span', {class: 'ck-wanted', id: `ck-${item.id}-wanted`}), area);
    const pills = Object.keys(book.answers).map(one => h('label', {}, h('input', {type: 'radio', name: `ck-${item.id}`, value: one, checked: one === value,
      onchange: () => { value = one; show(); told(value, note); }}), h('span', {}, SHORT[one])));
    const none = h('button', {type: 'button', class: 'ck-link', onclick: () => { clear(); pills[0].querySelector('input').focus(); }}, 'Take the answer back');
    function clear() { value = ''; for (const pill of pills) pill.querySelector('input').checked = false; show(); told(value, note); }
    function show() {
      const state = stateOf({value, note}), rest = ['shown', 'aside'].includes(state) ? 'done' : ['evidence missing', 'reason missing', 'partly'].includes(state) ? 'half' : 'gap';
      card.dataset.state = rest;
      said.textContent = {'shown': 'Shown, with evidence.', 'aside': 'Set aside, with its reason.', 'evidence missing': 'A yes needs its evidence: where can others see it?',
        'reason missing': 'Say why it does not apply.', 'open': '', 'partly': 'Partly: what is still to do?', 'no': 'No: see what helps below.', 'unsure': 'Not known yet: who could find out?'}[state];
      label.textContent = ASK[value];
      field.querySelector('.ck-wanted').textContent = value === 'na' ? 'Why it does not apply here.' : item.evidence;
      field.hidden = !value && !note;
      none.hidden = !value;
      if (!field.hidden) requestAnimationFrame(grow);
    }
    const help = h('details', {class: 'ck-more', ontoggle: () => { if (help.open && help.children.length < 2) help.append(ck.help(book, item)); }},
      h('summary', {}, 'Why, what helps, who asks for it', h('span', {class: 'ck-hide'}, `: ${named}`)));
    const card = h('article', {class: 'ck-item', id: `ck-${item.id}`, 'aria-label': named, tabindex: '-1'},
      h('fieldset', {}, h('legend', {}, h('span', {class: 'ck-id'}, item.id), ` ${item.title} `, h('span', {class: `ck-kind ck-${kind}`}, kind)),
        h('p', {class: 'ck-statement'}, item.statement), h('div', {class: 'ck-pills'}, pills, none)), said, field,
      own ? ck.own(book, own, named, dropOwn) : '', help);
    show();
    return card;
  };

  // Words that a person wrote into the file by hand.
  ck.own = function (book, text, where, drop) {
    const box = h('div', {class: 'ck-own'}, h('p', {}, h('b', {}, 'Your own words in the file. '), book.words.own), h('pre', {dir: 'auto'}, text),
      h('button', {type: 'button', class: 'ck-link', 'aria-label': `Remove your own words at ${where}`, onclick: () => { drop(); box.remove(); }}, 'Remove them'));
    return box;
  };
})(window.genlens);
