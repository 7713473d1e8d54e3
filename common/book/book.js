// common/book/book.js -- the key that changes the language, and the search.
// All pages can be read without it.
'use strict';

document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey ||
        /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName))
        return;
    const field = document.querySelector('input[type=search]');
    if (event.key === 'l') {
        // To the same place in the other language.
        const there = new URL(document.getElementById('language').href);
        there.search = location.search;
        there.hash = location.hash;
        location.href = there;
    } else if (event.key === '/' && field) {
        event.preventDefault();
        field.focus();
    }
});

// bookIndex comes with the page of the search: [address, title, text] of every
// section. What has all words is found; those with a word in the title come first.
function find(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    if (!words.length)
        return found;
    for (const [address, title, text] of bookIndex) {
        const head = title.toLowerCase(), body = text.toLowerCase();
        if (!words.every((word) => head.includes(word) || body.includes(word)))
            continue;
        let points = 0;
        for (const word of words) {
            const at = head.indexOf(word);
            if (at >= 0)
                points += 10 + (at === 0 || /\W/.test(head[at - 1]) ? 10 : 0);
            points += Math.min(5, body.split(word).length - 1);
        }
        found.push({ address, title, text, points });
    }
    return found.sort((a, b) => b.points - a.points).slice(0, 50);
}

// Text with the words marked, as nodes: nothing of it is taken for HTML.
function marked(text, words) {
    const node = document.createDocumentFragment();
    const pattern = words.map((word) =>
        word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
    for (const part of text.split(new RegExp(`(${pattern})`, 'i'))) {
        if (words.includes(part.toLowerCase())) {
            const mark = document.createElement('mark');
            mark.textContent = part;
            node.append(mark);
        } else {
            node.append(part);
        }
    }
    return node;
}

function show(query) {
    const results = document.getElementById('results');
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = find(query);
    results.replaceChildren();
    for (const { address, title, text } of found) {
        const item = document.createElement('li');
        const link = document.createElement('a');
        const lines = document.createElement('p');
        const at = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60);
        link.href = address;
        link.append(marked(title, words));
        lines.append(marked((at ? '… ' : '') + text.slice(at, at + 200), words));
        item.append(link, lines);
        results.append(item);
    }
    if (words.length && !found.length)
        results.textContent = results.dataset.none;
}

document.addEventListener('DOMContentLoaded', () => {
    const field = document.getElementById('query');
    if (!field)
        return;
    field.value = new URLSearchParams(location.search).get('q') || '';
    field.addEventListener('input', () => {
        history.replaceState(null, '', '?q=' + encodeURIComponent(field.value));
        show(field.value);
    });
    field.form.addEventListener('submit', (event) => event.preventDefault());
    field.focus();
    show(field.value);
});
