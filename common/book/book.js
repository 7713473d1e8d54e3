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

// The words of a question; of Chinese, which has no spaces, every two characters
// as well.
function wordsOf(query) {
    const words = new Set();
    const parts = query.toLowerCase().replace(/[?!,;:]+(\s|$)/g, ' ')
        .match(/\p{Script=Han}+|[^\s\p{Script=Han}，。、？！：；]+/gu) || [];
    for (const part of parts) {
        words.add(part);
        if (/\p{Script=Han}/u.test(part))
            for (let at = 0; at + 2 <= part.length; at++)
                words.add(part.slice(at, at + 2));
    }
    return [...words];
}

// bookIndex comes with the page of the search: [address, title, text] of every
// section. What has most of the words is found; those with a word in the title
// come first, and a word that few sections have counts for more.
function find(query) {
    const words = wordsOf(query);
    const found = [];
    const having = words.map(() => 0);
    let most = 1;
    for (const [address, title, text] of bookIndex) {
        const head = title.toLowerCase(), body = text.toLowerCase();
        const points = words.map((word) => {
            const at = head.indexOf(word);
            return Math.min(5, body.split(word).length - 1) +
                (at < 0 ? 0 : at === 0 || /\W/.test(head[at - 1]) ? 20 : 10);
        });
        points.forEach((some, word) => { having[word] += some > 0; });
        const count = points.filter((some) => some > 0).length;
        most = Math.max(most, count);
        found.push({ address, title, text, points, count });
    }
    const weight = having.map((some) => Math.log(1 + bookIndex.length / some));
    const sum = ({ points }) => points.reduce((all, some, word) =>
        some > 0 ? all + some * weight[word] : all, 0);
    return found.filter(({ count }) => count * 4 >= most * 3)
        .sort((a, b) => sum(b) - sum(a)).slice(0, 50);
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
    const words = wordsOf(query);
    const found = find(query);
    results.replaceChildren();
    for (const { address, title, text } of found) {
        const item = document.createElement('li');
        const link = document.createElement('a');
        const lines = document.createElement('p');
        const body = text.toLowerCase();
        const first = words.find((word) => body.includes(word)) || '';
        const at = Math.max(0, body.indexOf(first) - 60);
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
