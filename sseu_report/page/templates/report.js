'use strict';
// The view in the address: `#anchor?key=value&...`; every link to a view is such an address.
const view = (() => {
  const split = () => {
    const [anchor, query] = location.hash.slice(1).split(/\?(.*)/s);
    return { anchor: decodeURIComponent(anchor), params: new URLSearchParams(query || '') };
  };
  const listeners = [];
  const goTo = () => {
    const { anchor, params } = split();
    for (const listener of listeners) listener(params, anchor);
    const target = document.getElementById(anchor);
    if (target === null) return;
    for (let node = target; node !== null; node = node.parentElement) if (node.localName === 'details') node.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', goTo);
  // Plots and spectrograms that are decoded later move what a link leads to.
  addEventListener('load', () => { const target = document.getElementById(split().anchor); if (target !== null) target.scrollIntoView(); });
  return {
    goTo,
    anchor: () => split().anchor,
    // Calls `listener(params, anchor)` whenever a reader follows a link, and once at the start.
    onChange: (listener) => { listeners.push(listener); },
    // Values that are empty or undefined leave the address; `anchor` replaces the one there.
    write: (values, anchor) => {
      const now = split();
      for (const [name, value] of Object.entries(values)) if (value) now.params.set(name, value); else now.params.delete(name);
      const query = now.params.toString();
      history.replaceState(null, '', `#${encodeURIComponent(anchor === undefined ? now.anchor : anchor)}${query ? `?${query}` : ''}`);
    },
  };
})();

// Tables: a click on a header sorts the rows of each group.
(() => {
  const number = /^\(?[<>]?\s*([-−+]?[\d,]+(?:\.\d+)?)/;
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const text = cell.textContent.trim();
    const found = cell.localName === 'td' && number.exec(text);
    if (found) return Number(found[1].replace('−', '-').replaceAll(',', ''));
    return text === '-' || text === '' ? null : text;
  };
  const compare = (one, other) => typeof one === 'number' && typeof other === 'number'
    ? one - other : String(one).localeCompare(String(other), 'en', { numeric: true });
  const sort = (table, column, descending) => {
    for (const body of table.tBodies) {
      const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
      rows.sort(([one], [other]) => one === null || other === null
        ? (one === null) - (other === null) : (descending ? -1 : 1) * compare(one, other));
      body.append(...rows.map(([, row]) => row));
    }
    const heads = table.tHead.rows[0].cells;
    for (const head of heads) head.setAttribute('aria-sort', head === heads[column] ? (descending ? 'descending' : 'ascending') : 'none');
    table.dispatchEvent(new Event('sorted'));
  };
  for (const table of document.querySelectorAll('table.sortable')) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement('button');
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute('aria-sort', 'none');
      const best = head.classList.contains('number') || head.dataset.better ? head.dataset.better === 'lower' || /WER|CER|#|rank/i.test(head.textContent) : true;
      button.addEventListener('click', () => {
        const before = head.getAttribute('aria-sort');
        const descending = before === 'none' ? !best : before === 'ascending';
        sort(table, column, descending);
        view.write({ [`sort-${table.id}`]: `${column}${descending ? 'd' : 'a'}` });
      });
    });
  }
  view.onChange((params) => {
    for (const [name, value] of params) {
      const table = name.startsWith('sort-') ? document.getElementById(name.slice(5)) : null;
      const column = parseInt(value, 10);
      if (table && table.matches('table.sortable') && table.tHead.rows[0].cells[column]) sort(table, column, value.endsWith('d'));
    }
  });

  // The summary shows its first rows; a button opens the rest.
  const summary = document.getElementById('summary');
  const most = summary === null ? Infinity : Number(summary.dataset.rows);
  if (summary !== null && summary.tBodies.length && summary.querySelectorAll('tbody tr').length > most) {
    let open = false;
    const button = document.createElement('button');
    button.className = 'more';
    const show = () => {
      const rows = [...summary.querySelectorAll('tbody tr')];
      rows.forEach((row, place) => { row.hidden = !open && place >= most; });
      button.textContent = open ? `Show the first ${most} only` : `Show ${rows.length - most} more`;
      button.setAttribute('aria-expanded', String(open));
    };
    button.addEventListener('click', () => { open = !open; show(); });
    summary.addEventListener('sorted', show);
    summary.parentElement.after(button);
    show();
  }
})();
