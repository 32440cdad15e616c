// The policy builder's questions and its task table: plain inputs, made once, shown as they matter.
(function (g) {
  // An element with attributes and children; text is always set as text.
  g.h = g.h || function (tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === false || value === null || value === undefined) continue;
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.flat(9).filter(child => child !== null && child !== undefined && child !== false));
    return made;
  };
  const h = g.h;

  g.policySources = function (sources, asOf) {
    if (!sources.length) return null;
    return h('p', {class: 'pb-sources'}, 'Sources, ' + asOf + ': ', sources.map((source, n) => [
      n ? '; ' : '', source.url ? h('a', {href: source.url, target: '_blank', rel: 'noopener noreferrer'}, source.title) : source.title,
      ` (${source.confidence} confidence)`]));
  };

  // The places of laws, standards and guides that ask for it, with the day they apply from.
  g.policyReferences = function (references) {
    if (!references.length) return null;
    return h('div', {class: 'pb-refs'}, h('p', {}, 'Where frameworks ask for it'), h('ul', {}, references.map(one => h('li', {},
      h('b', {}, one.title), one.applies ? h('span', {}, ` applies from ${one.applies};`) : null, ` ${one.gloss}`))));
  };

  // told(question, value, typing): an answer changed. switched(section, on): a section was switched.
  g.policyForm = function (book, told, switched) {
    const inputs = {}, boxes = {}, cards = {}, rows = {};
    const id = name => 'pb-q-' + name;

    function choices(question, kind) {
      return h('div', {class: 'pb-pills'}, Object.entries(question.options).map(([value, label]) => {
        const input = h('input', {type: kind, name: id(question.id), value, onchange: () => told(question.id, read(question), false)});
        (inputs[question.id] = inputs[question.id] || []).push(input);
        return h('label', {}, input, h('span', {}, label));
      }));
    }

    function read(question) {
      const held = inputs[question.id];
      if (question.type === 'multi') return held.filter(input => input.checked).map(input => input.value);
      if (question.type === 'single') return (held.find(input => input.checked) || {}).value || '';
      if (question.type === 'number') return held.value === '' ? '' : Number(held.value);
      return held.value;
    }

    function field(question) {
      const needed = question.required ? h('span', {class: 'pb-needed'}, ' needed') : null;
      const help = question.help ? h('small', {}, question.help) : null;
      if (question.type === 'single' || question.type === 'multi') {
        return h('fieldset', {class: 'pb-field', id: id(question.id)}, h('legend', {}, question.prompt, needed), help,
          choices(question, question.type === 'single' ? 'radio' : 'checkbox'));
      }
      const common = {id: id(question.id), placeholder: question.placeholder || false, autocomplete: 'off',
        oninput: () => told(question.id, read(question), true), dir: 'auto'};
      inputs[question.id] = question.type === 'longtext' ? h('textarea', {...common, rows: 3, maxlength: 5000})
        : h('input', {...common, type: {date: 'date', number: 'number'}[question.type] || 'text',
          min: question.type === 'number' ? 1 : false, maxlength: question.type === 'text' ? 400 : false});
      return h('div', {class: 'pb-field'}, h('label', {for: id(question.id)}, question.prompt, needed), help, inputs[question.id]);
    }

    // One row per task: a fieldset with a radio for each rule, so that Tab goes from row to row and arrows choose.
    function table() {
      let kind = '';
      const head = h('div', {class: 'pb-head', 'aria-hidden': 'true'}, h('span', {}, 'Task'),
        Object.values(book.task_values).map(label => h('span', {}, label)));
      return h('div', {class: 'pb-table', id: id('tasks')}, head, book.tasks.map(task => {
        const title = task.kind === kind ? null : h('h4', {'data-kind': task.kind}, book.kinds[task.kind]);
        kind = task.kind;
        inputs['tasks.' + task.id] = [];
        rows[task.id] = h('fieldset', {class: 'pb-task', 'data-task': task.id}, h('legend', {}, task.title),
          h('div', {class: 'pb-cells'}, Object.entries(book.task_values).map(([value, label]) => {
            const input = h('input', {type: 'radio', name: 'pb-task-' + task.id, value, 'aria-label': label,
              onchange: () => told('tasks.' + task.id, value, false)});
            inputs['tasks.' + task.id].push(input);
            return h('label', {'data-value': value}, input, h('span', {}, book.short[value]));
          })));
        return [title, rows[task.id]];
      }));
    }

    function card(section) {
      const toggle = h('input', {type: 'checkbox', onchange: event => switched(section.id, event.target.checked)});
      const state = h('span', {class: 'pb-state'});
      const about = h('details', {class: 'pb-about'}, h('summary', {}, 'What belongs here'),
        h('p', {}, section.purpose), h('p', {}, h('b', {}, 'Good: '), section.good_example),
        h('p', {}, h('b', {}, 'Poor: '), section.bad_example),
        h('ul', {}, section.pitfalls.map(line => h('li', {}, line))), g.policyReferences(section.references), g.policySources(section.sources, book.as_of));
      const body = h('div', {class: 'pb-body'}, about, section.questions.map(name => {
        const question = book.questions[name];
        boxes[name] = question.type === 'matrix' ? table() : field(question);
        return boxes[name];
      }));
      const wide = section.id === 'uses' || section.id === 'purpose' && innerWidth > 640;
      const fold = h('details', {class: 'pb-section', open: wide}, h('summary', {}, h('span', {class: 'pb-name'}, section.title), state), body);
      const part = h('label', {class: 'pb-switch'}, toggle, h('span', {}, `Include “${section.title}”`));
      cards[section.id] = {all: h('div', {class: 'pb-card'}, fold, part), fold, part, toggle, state};
      return cards[section.id].all;
    }

    const first = ['purpose', 'uses', 'header'];   // from the third to the first; the rest keeps its order
    const element = h('div', {class: 'pb-form'}, [...book.sections].sort((a, b) => first.indexOf(b.id) - first.indexOf(a.id)).map(card));

    return {
      element,
      // Put a whole draft into the fields.
      fill(draft) {
        for (const question of Object.values(book.questions)) {
          const value = draft.answers[question.id], held = inputs[question.id];
          if (question.type === 'matrix') {
            for (const task of book.tasks) for (const input of inputs['tasks.' + task.id]) input.checked = ((value || {})[task.id] || '') === input.value;
          } else if (!held) {
            continue;   // the audience is asked above the form
          } else if (Array.isArray(held)) {
            for (const input of held) input.checked = Array.isArray(value) ? value.includes(input.value) : input.value === (value || '');
          } else held.value = value === undefined ? '' : value;
        }
      },
      // Show what matters: asked (questions), on (sections), level {section: level}, rows (tasks), open ([{question, section}]).
      show(shown) {
        const asked = new Set(shown.asked), on = new Set(shown.on), here = new Set(shown.rows);
        for (const [name, box] of Object.entries(boxes)) box.hidden = !asked.has(name);
        for (const [name, row] of Object.entries(rows)) row.hidden = !here.has(name);
        for (const title of element.querySelectorAll('.pb-table h4')) {
          title.hidden = !book.tasks.some(task => task.kind === title.dataset.kind && here.has(task.id));
        }
        for (const [name, part] of Object.entries(cards)) {
          const level = shown.levels[name], missing = shown.open.filter(row => row.section === name).length;
          part.all.hidden = level === 'omit';
          part.fold.hidden = !on.has(name);
          part.part.hidden = level === 'required';
          part.toggle.checked = on.has(name);
          part.state.textContent = missing ? `${missing} open` : '';
        }
      },
      // Open a question's section and go to it.
      go(name, section) {
        const part = cards[section || (book.questions[name] || {}).section];
        if (!part) return;
        part.fold.open = true;
        const box = boxes[name] || part.fold;
        const target = name && name !== 'tasks' && box.querySelector('input, textarea') || part.fold.querySelector('summary');
        target.focus();
        box.scrollIntoView({block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
      },
    };
  };
})(window.genlens = window.genlens || {});
