'use strict';
(() => {
  // All text arrives in the element `data` and reaches the page as text nodes and attribute values only: nothing is parsed as HTML.
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const draw = (tag, attributes, ...children) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const narrow = matchMedia('(max-width: 760px)');

  // A list of which only the rows in view are in the document.
  class Grid {
    constructor(place, columns, label, onOpen) {
      Object.assign(this, { place, columns, onOpen, items: [], current: -1, sort: null });
      this.head = make('div', { class: 'head', role: 'row' });
      columns.forEach((column) => {
        const button = make('button', { type: 'button', tabindex: '-1' }, column.heading);
        button.addEventListener('click', () => this.sortBy(column));
        this.head.append(make('div', { class: `cell ${column.name}`, role: 'columnheader' }, button));
      });
      this.space = make('div', { role: 'rowgroup' });
      this.scroller = make('div', { class: 'scroller', tabindex: '0', role: 'grid', 'aria-label': label }, this.space);
      place.append(this.head, this.scroller);
      this.scroller.addEventListener('scroll', () => this.later());
      this.scroller.addEventListener('keydown', (event) => this.key(event));
      this.space.addEventListener('click', (event) => {
        const row = event.target.closest('.row');
        if (row) { this.go(Number(row.dataset.at)); this.onOpen(this.items[this.current]); }
      });
      narrow.addEventListener('change', () => this.later());
      addEventListener('resize', () => this.later());
    }

    height() {
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      return (narrow.matches ? 5.25 : 2.25) * rem;
    }

    show(items) {
      const kept = this.items[this.current];
      this.items = items;
      if (this.sort) this.order();
      this.current = items.length ? Math.max(0, this.items.indexOf(kept)) : -1;
      this.scroller.setAttribute('aria-rowcount', String(items.length));
      this.scroller.scrollTop = Math.min(this.scroller.scrollTop, items.length * this.height());
      this.render();
    }

    sortBy(column) {
      const turned = this.sort && this.sort.column === column ? -this.sort.way : 1;
      this.sort = { column, way: turned };
      [...this.head.children].forEach((cell, at) => {
        if (this.columns[at] === column) cell.setAttribute('aria-sort', turned > 0 ? 'ascending' : 'descending');
        else cell.removeAttribute('aria-sort');
      });
      this.show(this.items);
    }

    order() {
      const { column, way } = this.sort;
      this.items = [...this.items].sort((a, b) => {
        const [x, y] = [column.key ? column.key(a) : column.text(a), column.key ? column.key(b) : column.text(b)];
        return way * (x < y ? -1 : x > y ? 1 : a.at - b.at);
      });
    }

    later() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.render(); });
    }

    render() {
      const height = this.height();
      this.space.style.height = `${this.items.length * height}px`;
      const first = Math.max(0, Math.floor(this.scroller.scrollTop / height) - 6);
      const last = Math.min(this.items.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / height) + 6);
      const rows = [];
      for (let at = first; at < last; at += 1) {
        const item = this.items[at];
        const row = make('div', {
          class: 'row', role: 'row', id: `${this.place.id}-${at}`, 'data-at': at, 'aria-rowindex': at + 1,
          'aria-selected': String(at === this.current),
        });
        row.style.transform = `translateY(${at * height}px)`;
        for (const column of this.columns) {
          const text = column.text(item);
          const extra = column.kind ? ` ${column.kind(item)}` : '';
          row.append(make('div', { class: `cell ${column.name}${extra}`, role: 'gridcell', title: text }, text));
        }
        rows.push(row);
      }
      this.space.replaceChildren(...rows);
      // The headings stand above the columns, whatever the scroll bar takes.
      this.head.style.marginRight = `${this.scroller.offsetWidth - this.scroller.clientWidth}px`;
      const active = this.current >= first && this.current < last;
      if (active) this.scroller.setAttribute('aria-activedescendant', `${this.place.id}-${this.current}`);
      else this.scroller.removeAttribute('aria-activedescendant');
    }

    go(at) {
      if (!this.items.length) return;
      this.current = Math.min(this.items.length - 1, Math.max(0, at));
      const height = this.height();
      const top = this.current * height;
      const view = this.scroller.clientHeight;
      if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
      else if (top + height > this.scroller.scrollTop + view) this.scroller.scrollTop = top + height - view;
      this.render();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.height()) - 1);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in steps) {
        event.preventDefault();
        this.go(this.current + steps[event.key]);
      } else if ((event.key === 'Enter' || event.key === ' ') && this.current >= 0) {
        event.preventDefault();
        this.onOpen(this.items[this.current]);
      }
    }

    focus() { this.scroller.focus(); }
  }

  // A choice of one of the values that there are, with how often.
  const choice = (select, title, values) => {
    const counts = new Map();
    values.forEach((value) => counts.set(value, (counts.get(value) || 0) + 1));
    select.append(make('option', { value: '' }, `${title}: all`));
    [...counts.keys()].sort().forEach((value) => {
      select.append(make('option', { value: `=${value}` }, `${value || '(none)'} (${counts.get(value)})`));
    });
  };
  const chosen = (select, value) => select.value === '' || select.value === `=${value}`;
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const facts = (place, pairs) => {
    const list = make('dl');
    for (const [name, value] of pairs) {
      const text = Array.isArray(value) ? value.join('\n') : value;
      if (text) list.append(make('dt', {}, name), make('dd', {}, text));
    }
    place.replaceChildren(list);
  };

  // Access.
  const entries = data.entries;
  const peopleOf = (entry) => entry.people.map((number) => data.people[number]);
  const clusterName = (entry) => `${entry.account_name || entry.account_id}/${entry.cluster}`;
  entries.forEach((entry, at) => {
    entry.at = at;
    const people = peopleOf(entry).map((person) => `${person.name} ${person.through}`);
    entry.text = [
      entry.who, entry.role, entry.principal, entry.user, entry.cluster, entry.account_id, entry.account_name, entry.region, entry.state,
      entry.why, entry.mapped_by, entry.kind, ...entry.groups, ...entry.rights.map((right) => `${right.right} ${right.binding} ${right.by}`),
      ...entry.ways, ...entry.unknown, ...people,
    ].join('\n').toLowerCase();
  });
  const search = byId('search');
  const selects = { account: byId('by-account'), cluster: byId('by-cluster'), state: byId('by-state'), right: byId('by-right') };
  choice(selects.account, 'Account', entries.map((entry) => entry.account_name || entry.account_id));
  choice(selects.cluster, 'Cluster', entries.map((entry) => `${clusterName(entry)} ${entry.region}`));
  choice(selects.state, 'State', entries.map((entry) => entry.state));
  choice(selects.right, 'Right', entries.flatMap((entry) => entry.shorts));
  const own = byId('own');
  const columns = [
    { name: 'cluster', heading: 'Cluster', text: clusterName },
    { name: 'who', heading: 'Who', text: (entry) => entry.who },
    { name: 'role', heading: 'Role', text: (entry) => entry.role },
    { name: 'mapped', heading: 'Mapped as', text: (entry) => entry.mapped_as },
    { name: 'rights', heading: 'Rights', text: (entry) => entry.rights_short },
    { name: 'way', heading: 'Way in', text: (entry) => entry.way },
    { name: 'state', heading: 'State', text: (entry) => entry.state, kind: (entry) => entry.state },
  ];
  const detail = byId('detail');
  const grid = new Grid(byId('access-grid'), columns, 'Who is let in', (entry) => select({ kind: 'entry', key: entry.at }));
  const matching = () => {
    const wanted = words(search.value);
    return entries.filter((entry) => (own.checked || !entry.aws_own)
      && chosen(selects.account, entry.account_name || entry.account_id)
      && chosen(selects.cluster, `${clusterName(entry)} ${entry.region}`)
      && chosen(selects.state, entry.state)
      && (selects.right.value === '' || entry.shorts.some((right) => chosen(selects.right, right)))
      && wanted.every((word) => entry.text.includes(word)));
  };
  const filter = () => {
    const found = matching();
    grid.show(found);
    const hidden = own.checked ? 0 : entries.filter((entry) => entry.aws_own).length;
    byId('access-count').textContent = `${found.length} of ${entries.length - hidden} mappings`
      + (hidden ? `; ${hidden} of AWS’s own are not shown` : '');
  };

  // The graph of what is selected: an entry, or all entries of a person, a group, a role or a cluster.
  const MOST = 30;
  const HEADINGS = ['People', 'Groups of the directory', 'Role', 'Cluster', 'Mapped as', 'Rights'];
  const LINES = { alive: 0, unknown: 1, dead: 2 };
  const STATES = ['alive', 'unknown', 'dead'];
  const personKey = (person) => `${person.kind}\n${person.id}`;
  const about = (wanted) => {
    if (wanted.kind === 'entry') return [entries[wanted.key]];
    if (wanted.kind === 'person') return entries.filter((entry) => peopleOf(entry).some((person) => personKey(person) === wanted.key));
    if (wanted.kind === 'role') return entries.filter((entry) => entry.principal === wanted.key);
    return entries.filter((entry) => entry.arn === wanted.key);
  };
  const graphOf = (wanted, shown) => {
    const nodes = new Map();
    const edges = new Map();
    const node = (column, key, text, target) => {
      const id = `${column}\n${key}`;
      if (!nodes.has(id)) nodes.set(id, { id, column, text, target });
      return id;
    };
    const edge = (from, to, state) => {
      const id = `${from}\n\n${to}`;
      const before = edges.get(id);
      if (!before || LINES[state] < LINES[before.state]) edges.set(id, { from, to, state });
    };
    for (const entry of shown) {
      const { state } = entry;
      const role = node(2, entry.principal || entry.role, entry.role, entry.principal && { kind: 'role', key: entry.principal });
      let people = peopleOf(entry);
      if (wanted.kind === 'person') {
        const isGroup = people.some((person) => personKey(person) === wanted.key && person.kind === 'group');
        const through = new Set(people.filter((person) => personKey(person) === wanted.key).map((person) => person.through));
        people = people.filter((person) => personKey(person) === wanted.key
          || (!isGroup && person.kind === 'group' && through.has(person.name))
          || (isGroup && people.some((group) => personKey(group) === wanted.key && group.name === person.through)));
      }
      const groups = new Map();
      for (const person of people.filter((one) => one.kind === 'group')) {
        const id = node(1, personKey(person), person.name, { kind: 'person', key: personKey(person) });
        groups.set(person.name, id);
        edge(id, role, state);
      }
      for (const person of people.filter((one) => one.kind !== 'group')) {
        const off = person.enabled === false;
        const id = node(0, personKey(person), off ? `${person.name} (disabled)` : person.name, { kind: 'person', key: personKey(person) });
        const to = person.through && groups.get(person.through);
        edge(id, to || role, off ? 'dead' : state);
      }
      const cluster = node(3, entry.arn, clusterName(entry), { kind: 'cluster', key: entry.arn });
      edge(role, cluster, state);
      const mapped = (name) => {
        const id = node(4, `${entry.arn}\n${name}`, name);
        edge(cluster, id, state);
        return id;
      };
      if (entry.user) mapped(`user ${entry.user}`);
      entry.groups.forEach((group) => mapped(`group ${group}`));
      for (const right of entry.rights) {
        edge(mapped(right.by), node(5, `${entry.arn}\n${right.right}`, right.short), state);
      }
      if (entry.unknown.length) mapped('? not all could be read');
    }
    return { nodes: [...nodes.values()], edges: [...edges.values()] };
  };
  const cut = (text, most) => {
    const signs = Array.from(text);
    return signs.length > most ? `${signs.slice(0, most - 1).join('')}…` : text;
  };
  const paint = (wanted, shown) => {
    const { nodes, edges } = graphOf(wanted, shown);
    const used = HEADINGS.map((_, column) => nodes.filter((one) => one.column === column));
    const filled = used.map((list, column) => (list.length ? column : -1)).filter((column) => column >= 0);
    const place = byId('graph');
    const [gap, tall, step, top] = [44, 28, 36, 30];
    const room = Math.max(place.clientWidth - 4, 300);
    const wide = Math.max(150, Math.min(260, (room - gap * (filled.length - 1)) / filled.length));
    const at = new Map();
    const svg = draw('svg', { role: 'img', 'aria-label': 'Who comes by which role to which rights' });
    const [lines, boxes] = [draw('g'), draw('g')];
    let deepest = 0;
    filled.forEach((column, number) => {
      const x = 1 + number * (wide + gap);
      boxes.append(draw('text', { class: 'heading', x, y: 16 }, HEADINGS[column]));
      const list = used[column];
      // Where there are too many, those with the selection and the first ones are drawn, and the rest is counted.
      list.slice(0, MOST).forEach((one, row) => at.set(one.id, { x, y: top + row * step, one }));
      if (list.length > MOST) {
        const y = top + MOST * step;
        boxes.append(draw('text', { class: 'heading more', x: x + 8, y: y + 18 }, `… ${list.length - MOST} more: filter the table`));
      }
      deepest = Math.max(deepest, Math.min(list.length, MOST + 1));
    });
    for (const { from, to, state } of edges) {
      const [a, b] = [at.get(from), at.get(to)];
      if (!a || !b) continue;
      const [x1, y1, x2, y2] = [a.x + wide, a.y + tall / 2, b.x, b.y + tall / 2];
      const bend = (x2 - x1) / 2;
      lines.append(draw('path', { class: `edge ${STATES[LINES[state]]}`, d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}` }));
    }
    for (const { x, y, one } of at.values()) {
      const isChosen = one.target && one.target.kind === wanted.kind && one.target.key === wanted.key;
      const attributes = { class: `node${one.target ? '' : ' plain'}${isChosen ? ' chosen' : ''}`, transform: `translate(${x} ${y})` };
      if (one.target) Object.assign(attributes, { tabindex: '0', role: 'button', 'aria-label': `${HEADINGS[one.column]}: ${one.text}` });
      const group = draw('g', attributes,
        draw('title', {}, one.text),
        draw('rect', { class: 'box', width: wide, height: tall, rx: 5 }),
        draw('text', { x: 8, y: 19 }, cut(one.text, Math.floor((wide - 16) / 7.8))));
      if (one.target) {
        group.addEventListener('click', () => select(one.target));
        group.addEventListener('keydown', (event) => {
          if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); select(one.target); }
        });
      }
      boxes.append(group);
    }
    svg.append(lines, boxes);
    svg.setAttribute('width', String(filled.length * wide + (filled.length - 1) * gap + 2));
    svg.setAttribute('height', String(top + deepest * step + 4));
    place.replaceChildren(svg);
  };
  const titleOf = (wanted, shown) => {
    const [first] = shown;
    if (wanted.kind === 'entry') return `${first.role} → ${clusterName(first)}`;
    if (wanted.kind === 'role') return `Role ${first.role}: ${first.principal}`;
    if (wanted.kind === 'cluster') return `Cluster ${clusterName(first)}, ${first.region}`;
    const person = data.people.find((one) => personKey(one) === wanted.key);
    return person.kind === 'group' ? `Group ${person.name}` : person.name;
  };
  let selected = null;
  const select = (wanted) => {
    const shown = about(wanted);
    if (!shown.length) return;
    selected = wanted;
    detail.hidden = false;
    grid.scroller.classList.add('short');
    grid.go(grid.current);
    byId('detail-title').textContent = titleOf(wanted, shown);
    const dead = shown.filter((entry) => entry.state === 'dead').length;
    byId('detail-note').textContent = `${shown.length} ${shown.length === 1 ? 'mapping' : 'mappings'}`
      + (dead ? `, ${dead} of them dead (dotted)` : '') + '; dashed lines: unknown. A box leads on to all of it.';
    if (wanted.kind === 'entry') entryFacts(shown[0]);
    else byId('facts').replaceChildren();
    paint(wanted, shown);
    detail.scrollIntoView({ block: 'nearest' });
  };
  const entryFacts = (entry) => {
    const people = peopleOf(entry).map((person) => {
      const through = person.through ? ` through ${person.through}` : '';
      return `${person.kind} ${person.name}${through}${person.enabled === false ? ' (disabled)' : ''}`;
    });
    facts(byId('facts'), [
      ['State', entry.why ? `${entry.state}: ${entry.why}` : entry.state],
      ['Principal', entry.principal],
      ['Mapped by', entry.mapped_by.replace('_', ' ')],
      ['Kubernetes user', entry.user],
      ['Groups', entry.groups],
      ['Rights', entry.rights.map((right) => (right.binding ? `${right.right} by binding ${right.binding} of ${right.by}` : right.right))],
      ['Ways in', entry.ways],
      ['People', people],
      ['Could not be read', entry.unknown],
      ['Cluster', `${entry.arn}`],
      ['Evidence', entry.evidence.map((number) => data.evidence[number])],
    ]);
  };
  const close = () => {
    selected = null;
    detail.hidden = true;
    grid.scroller.classList.remove('short');
    grid.go(grid.current);
    grid.focus();
  };
  byId('close').addEventListener('click', close);
  addEventListener('resize', () => { if (selected) paint(selected, about(selected)); });

  // Findings.
  const findings = data.findings || [];
  const RANKS = ['critical', 'high', 'medium', 'low', 'info'];
  findings.forEach((finding, at) => {
    finding.at = at;
    finding.text = Object.values(finding).flat().join('\n').toLowerCase();
  });
  const [find, severity, rule] = [byId('find'), byId('by-severity'), byId('by-rule')];
  choice(severity, 'Severity', findings.map((finding) => finding.severity));
  choice(rule, 'Rule', findings.map((finding) => finding.id));
  const findingColumns = [
    {
      name: 'severity', heading: 'Severity', text: (finding) => (finding.suppressed ? `(${finding.severity})` : finding.severity),
      key: (finding) => RANKS.indexOf(finding.severity), kind: (finding) => (RANKS.includes(finding.severity) ? finding.severity : ''),
    },
    { name: 'rule', heading: 'Rule', text: (finding) => finding.id },
    { name: 'title', heading: 'What', text: (finding) => finding.title },
    { name: 'cluster', heading: 'Cluster', text: (finding) => finding.cluster },
    { name: 'resource', heading: 'Resource', text: (finding) => finding.resource },
  ];
  const findingGrid = new Grid(byId('findings-grid'), findingColumns, 'Findings', (finding) => {
    byId('finding').hidden = false;
    findingGrid.scroller.classList.add('short');
    findingGrid.go(findingGrid.current);
    byId('finding-title').textContent = `${finding.id}: ${finding.title}`;
    facts(byId('finding-facts'), [
      ['Severity', finding.severity], ['Suppressed', finding.suppressed], ['Why', finding.why], ['Fix', finding.fix],
      ['Resource', finding.resource], ['Cluster', finding.cluster], ['Tags', finding.tags.join(', ')],
    ]);
    byId('finding').scrollIntoView({ block: 'nearest' });
  });
  const closeFinding = () => {
    byId('finding').hidden = true;
    findingGrid.scroller.classList.remove('short');
    findingGrid.go(findingGrid.current);
    findingGrid.focus();
  };
  byId('close-finding').addEventListener('click', closeFinding);
  const filterFindings = () => {
    const wanted = words(find.value);
    const found = findings.filter((finding) => chosen(severity, finding.severity) && chosen(rule, finding.id)
      && wanted.every((word) => finding.text.includes(word)));
    findingGrid.show(found);
    byId('findings-count').textContent = `${found.length} of ${findings.length} findings`;
  };

  // Tabs.
  const tabs = ['access', 'findings', 'notes'].filter((name) => name === 'access' || (name === 'findings' ? data.findings : data.notes.length));
  let open = 'access';
  const show = (name) => {
    open = name;
    ['access', 'findings', 'notes'].forEach((other) => {
      byId(other).hidden = other !== name;
      const tab = byId(`tab-${other}`);
      tab.hidden = !tabs.includes(other);
      tab.setAttribute('aria-selected', String(other === name));
      tab.setAttribute('tabindex', other === name ? '0' : '-1');
    });
    if (name === 'access') filter();
    if (name === 'findings') filterFindings();
  };
  tabs.forEach((name, at) => {
    const tab = byId(`tab-${name}`);
    tab.addEventListener('click', () => show(name));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(at + step + tabs.length) % tabs.length];
      show(next);
      byId(`tab-${next}`).focus();
    });
  });

  // What all of them share: filters, keys, paper.
  const bind = (form, again, input, list) => {
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', again);
    form.addEventListener('reset', () => setTimeout(again));
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
      event.preventDefault();
      list.go(0);
      list.focus();
    });
  };
  bind(search.form, filter, search, grid);
  bind(find.form, filterFindings, find, findingGrid);
  document.addEventListener('keydown', (event) => {
    const input = { access: search, findings: find }[open];
    const types = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (event.key === '/' && input && !types && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if (event.key === 'Escape') {
      if (types && event.target.value) {
        event.target.value = '';
        (open === 'access' ? filter : filterFindings)();
      } else if (open === 'access' && !detail.hidden) close();
      else if (open === 'findings' && !byId('finding').hidden) closeFinding();
      else if (types) event.target.blur();
    }
  });
  const paper = byId('paper');
  addEventListener('beforeprint', () => {
    if (open === 'notes') {
      paper.replaceChildren(make('ul', {}, ...data.notes.map((note) => make('li', {}, note))));
      return;
    }
    const list = open === 'access' ? grid : findingGrid;
    const head = make('tr', {}, ...list.columns.map((column) => make('th', {}, column.heading)));
    const rows = list.items.map((item) => make('tr', {}, ...list.columns.map((column) => make('td', {}, column.text(item)))));
    paper.replaceChildren(make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)));
  });
  addEventListener('afterprint', () => paper.replaceChildren());

  byId('title').textContent = data.title;
  byId('made').textContent = data.made;
  byId('notes-list').append(...data.notes.map((note) => make('li', {}, note)));
  byId('tab-access').textContent = `Access (${entries.length})`;
  byId('tab-findings').textContent = `Findings (${findings.length})`;
  byId('tab-notes').textContent = `Not checked (${data.notes.length})`;
  show(data.findings ? 'findings' : 'access');
})();
