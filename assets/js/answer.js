// An answer in numbers: tiles, lists and tables in which every number is a button that opens its sources beside it.
// Its JSON holds plain text only; a number is {text, record}, see sources.js.
(function (g) {
  g.answer = function (element, props, watch, act) {
    let open = '', list = [], records = [];

    function number(cell, key) {
      if (cell === null || cell === undefined) return '';
      if (typeof cell === 'string') return cell;
      if (cell.record === undefined) return g.make('span', {class: cell.state ? `state-${cell.state}` : null}, cell.text, cell.under ? g.make('small', {class: 'gl-under'}, cell.under) : null);
      const button = g.make('button', {type: 'button', class: `gl-number${cell.state ? ` state-${cell.state}` : ''}`, 'data-key': key,
                                       'aria-expanded': String(open === key), title: 'Where this number comes from'}, cell.text,
                            cell.unit ? g.make('small', {}, ` ${cell.unit}`) : null);
      button.record = typeof cell.record === 'number' ? records[cell.record] : cell.record;
      return button;
    }

    // A running text: a string, or a list of strings and numbers.
    function inline(text, key) {
      return Array.isArray(text) ? text.map((part, n) => number(part, `${key}-${n}`)) : [text || ''];
    }

    function show() {
      const data = props.value ? JSON.parse(props.value) : null, had = element.contains(document.activeElement)
        ? document.activeElement.dataset.key : null;
      const body = element.querySelector('.gl-answer');
      list = data ? data.sources : [];
      records = data && data.records || [];
      body.replaceChildren(...(data ? [...parts(data)] : []));
      if (open) toggle(body.querySelector(`[data-key="${CSS.escape(open)}"]`), true);
      if (had) body.querySelector(`[data-key="${CSS.escape(had)}"]`)?.focus({preventScroll: true});
    }

    function* parts(data) {
      if (data.guess) {
        yield host(g.make('div', {}, g.make('p', {class: 'gl-guess'},
          data.guess.said ? g.make('span', {}, 'Your guess: ', g.make('b', {}, data.guess.said)) : null,
          g.make('span', {}, 'The figures say: ', number(data.guess.showed, 'guess')), g.make('span', {}, data.guess.note || ''))));
      }
      if (data.words) yield host(g.make('div', {}, g.make('p', {class: data.state ? `gl-words state-${data.state}` : 'gl-words'}, ...inline(data.words, 'words'))));
      if (data.tiles) yield host(g.make('dl', {class: 'gl-tiles'}, ...data.tiles.map(tile)));
      if (data.chips) yield g.make('p', {class: 'gl-chips'}, g.make('span', {class: 'gl-chips-name'}, data.chips.name),
        ...data.chips.items.map(chip => g.make('span', {class: chip.on ? 'chip on' : 'chip'}, chip.text)));
      for (const [k, part] of (data.sections || []).entries()) yield section(part, k);
      if (data.act) {
        const button = g.make('button', {type: 'button', class: 'gl-act', 'data-key': 'act'}, data.act);
        button.addEventListener('click', act);
        yield g.make('p', {class: 'gl-acts'}, button, g.make('span', {role: 'status'}, data.acted || ''));
      }
    }

    function tile(item, k) {
      return g.make('div', {}, g.make('dt', {}, item.what),
        g.make('dd', {}, number({text: item.value, unit: item.unit, record: item.record}, `tile-${k}`), g.make('span', {}, ...inline(item.range, `range-${k}`)), g.make('em', {}, item.mark || '')));
    }

    function section(part, k) {
      const body = part.rows ? [table(part, k)] : part.buttons ? [buttons(part)] : [g.make('ul', {class: 'gl-list'}, ...part.items.map((item, n) =>
        g.make('li', {}, number(item.number, `item-${k}-${n}`), g.make('span', {}, ...inline(item.text, `text-${k}-${n}`)),
                   item.note ? g.make('em', {}, ...inline(item.note, `note-${k}-${n}`)) : null)))];
      const inside = [part.note ? g.make('p', {class: 'gl-note'}, ...inline(part.note, `about-${k}`)) : null, ...body].filter(Boolean);
      if (!part.fold) return host(g.make('section', {class: 'gl-section'}, g.make('h3', {}, part.title), ...inside));
      return host(g.make('details', {class: 'gl-section', open: part.fold === 'open'}, g.make('summary', {}, part.title), ...inside));
    }

    function buttons(part) {  // each fills the form named `form`
      return g.make('p', {class: 'gl-sets'}, ...part.buttons.map(({text, values}) => {
        const button = g.make('button', {type: 'button'}, text);
        button.addEventListener('click', () => window.dispatchEvent(new CustomEvent('genlens-put', {detail: {form: part.form, values}})));
        return button;
      }));
    }

    // stack: where there is little room each row becomes a block, its cells under their columns' names, the one called lead on a line
    // of its own; the roles keep it a table for who hears it.
    function table(part, k) {
      const is = role => part.stack ? {role} : {};
      const rows = part.rows.map((row, r) => g.make('tr', {class: row.state ? `row-${row.state}` : null, ...is('row')},
        ...row.cells.map((cell, n) => n ? g.make('td', {class: (part.left || []).includes(n) ? 'left' : n === part.lead ? 'lead' : null, 'data-name': part.stack ? part.columns[n] : null, ...is('cell')}, number(cell, `cell-${k}-${r}-${n}`))
                                        : g.make('th', {scope: 'row', ...is('rowheader')}, number(cell, `cell-${k}-${r}-${n}`)))));
      return g.make('div', {class: part.stack ? 'gl-table stack' : 'gl-table', tabindex: 0, role: 'region', 'aria-label': part.title},
        g.make('table', is('table'), g.make('thead', is('rowgroup'), g.make('tr', is('row'), ...part.columns.map((name, n) => g.make('th', {scope: 'col', class: (part.left || []).includes(n) ? 'left' : null, ...is('columnheader')}, name)))),
               g.make('tbody', is('rowgroup'), ...rows)));
    }

    function host(node) {  // the card of the numbers inside stands right below them
      const card = g.make('div', {class: 'src-card', role: 'status', hidden: true});
      if (node.matches('dl')) return g.make('div', {class: 'src-host'}, node, card);
      node.classList.add('src-host');
      node.append(card);
      return node;
    }

    function toggle(button, on) {
      for (const card of element.querySelectorAll('.src-card')) g.card(card, null);
      for (const one of element.querySelectorAll('.gl-number')) one.setAttribute('aria-expanded', String(on && one === button));
      open = on && button ? button.dataset.key : '';
      if (!open) return;
      const home = button.closest('.src-host');
      if (home) g.card(home.querySelector('.src-card'), button.record, list);
      else open = '';
    }

    element.addEventListener('click', event => {
      const button = event.target.closest('.gl-number');
      if (button) toggle(button, open !== button.dataset.key);
    });
    element.addEventListener('keydown', event => {
      if (event.key !== 'Escape' || !open) return;
      const button = element.querySelector(`[data-key="${CSS.escape(open)}"]`);
      toggle(button, false);
      button?.focus();
    });
    show();
    watch('value', show);
  };
})(window.genlens);
