// What is missing, and the map of frameworks by stage.
(function (g) {
  const ck = g.ck, h = ck.h;

  // Every gap, gates first, with what helps. go(id) leads to the item.
  ck.missing = function (book, rules, sheet, go) {
    const now = rules.standing(sheet);
    if (!now.gaps.length) return h('p', {class: 'ck-quiet'}, book.words['nothing missing']);
    return h('div', {}, h('p', {class: 'ck-quiet'}, book.words.missing), h('ol', {class: 'ck-gaps'}, now.gaps.map(item => {
      const kind = item.gate ? 'gate' : item.weight, state = rules.state(rules.answer(sheet, item));
      const fold = h('details', {ontoggle: () => { if (fold.open && fold.children.length < 2) fold.append(ck.help(book, item)); }},
        h('summary', {}, 'Why, every limit and source', h('span', {class: 'ck-hide'}, `: ${item.id} ${item.title}`)));
      const helps = item.measures.map(([id, strength]) => {
        const measure = book.mitigations[id];
        return h('li', {}, h('b', {}, measure.title), h('span', {class: `ck-strength ck-${strength}`}, `${strength} help`), h('span', {class: 'ck-date'}, measure.maturity),
          h('span', {class: 'ck-ends'}, `Limit: ${measure.limits[0]}`));
      });
      return h('li', {class: 'ck-gap'}, h('h4', {}, h('span', {class: 'ck-id'}, item.id), ` ${item.title} `, h('span', {class: `ck-kind ck-${kind}`}, kind),
        h('span', {class: 'ck-date'}, book.states[state])), h('p', {}, h('b', {}, 'Wanted: '), item.evidence), h('ul', {class: 'ck-helps'}, helps),
      h('p', {class: 'ck-small'}, 'Asked for by ', item.references.map(id => ck.cited(book, id)).join('; '), '.'), fold,
      h('button', {type: 'button', class: 'ck-link', onclick: () => go(item.id)}, `Answer ${item.id}`));
    })));
  };

  // Frameworks down, stages across; a cell opens its references below. On a phone one stage is chosen from a list.
  ck.map = function (book) {
    const cells = {};
    for (const stage of book.stages) for (const row of book.map[stage.id]) {
      const key = `${book.references[row.id].framework} ${stage.id}`;
      (cells[key] = cells[key] || []).push(row);
    }
    const shown = h('div', {class: 'ck-shown', 'aria-live': 'polite', tabindex: '-1'});
    const buttons = [];
    function open(framework, stage, button) {
      for (const one of buttons) one.setAttribute('aria-pressed', one === button);
      const rows = stage ? cells[`${framework.id} ${stage.id}`] : [];
      shown.replaceChildren(h('h4', {}, stage ? `${framework.short} at: ${stage.title}` : framework.title),
        h('p', {class: 'ck-date-line'}, `${framework.kind[0].toUpperCase()}${framework.kind.slice(1)}; ${framework.where}. ${framework.status} (${framework.confidence} confidence)`),
        stage ? h('ul', {class: 'ck-refs'}, rows.map(row => h('li', {}, ck.reference(book, row.id), row.why ? h('span', {class: 'ck-why'}, ` Here: ${row.why}.`) : ''))) : '',
        h('h5', {}, 'Dates'), h('ul', {class: 'ck-dates'}, framework.dates.map(one => h('li', {}, h('b', {}, one.date), ` ${one.what}`,
          one.confidence === 'high' ? '' : h('span', {class: 'ck-date'}, `${one.confidence} confidence`)))), ck.sources(framework.sources));
    }
    const head = h('tr', {}, h('th', {scope: 'col'}, 'Framework'), book.stages.map(stage => h('th', {scope: 'col', 'data-stage': stage.id, title: stage.title}, `${stage.id[0].toUpperCase()}${stage.id.slice(1)}`)));
    const rows = book.frameworks.map(framework => {
      const name = h('button', {type: 'button', class: 'ck-link', 'aria-pressed': 'false', onclick: () => open(framework, null, name)}, framework.short);
      buttons.push(name);
      return h('tr', {}, h('th', {scope: 'row'}, name, h('small', {}, framework.kind)), book.stages.map(stage => {
        const found = cells[`${framework.id} ${stage.id}`];
        if (!found) return h('td', {'data-stage': stage.id}, h('span', {class: 'ck-hide'}, 'none'));
        const button = h('button', {type: 'button', class: 'ck-cell', 'aria-pressed': 'false', style: `--many: ${Math.min(1, 0.16 + found.length / 16)}`,
          'aria-label': `${framework.short}, ${stage.title}: ${found.length} reference${found.length > 1 ? 's' : ''}`,
          onclick: () => open(framework, stage, button)}, String(found.length));
        buttons.push(button);
        return h('td', {'data-stage': stage.id}, button);
      }));
    });
    const table = h('table', {class: 'ck-map', 'data-stage': book.stages[0].id}, h('caption', {class: 'ck-hide'}, 'Frameworks by stage'), h('thead', {}, head), h('tbody', {}, rows));
    const select = h('select', {id: 'ck-map-stage', onchange: () => { choose(select.value); }},
      book.stages.map(stage => h('option', {value: stage.id}, stage.title)));
    function choose(id) {
      for (const cell of table.querySelectorAll('[data-stage]')) cell.classList.toggle('ck-chosen', cell.dataset.stage === id);
    }
    choose(book.stages[0].id);
    open(book.frameworks.find(one => one.id === 'eu-aia') || book.frameworks[0], null, null);
    return h('div', {}, h('p', {class: 'ck-quiet'}, `${book.words.map} ${book.map_note}`), h('p', {class: 'ck-asof'}, book.as_of),
      h('p', {class: 'ck-map-pick'}, h('label', {for: 'ck-map-stage'}, 'Stage'), select), h('div', {class: 'ck-map-both'}, table, shown));
  };
})(window.genlens);
