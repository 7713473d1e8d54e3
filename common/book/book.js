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

// What asks in a Chinese question: no word to find.
const ASKING = /什么是|是什么|为什么|什么|怎么样|怎么|怎样|如何|哪些|哪个|哪里|吗|呢/g;

const inBook = (word) => bookIndex.some(([, title, text]) =>
    title.includes(word) || text.includes(word));

// The words of a question; of Chinese, which has no spaces, every two characters
// that the book has together, and those that are in no such pair.
function wordsOf(query) {
    const words = new Set();
    const asked = query.replace(ASKING, ' ').trim() || query;
    const parts = asked.toLowerCase().replace(/[?!,;:]+(\s|$)/g, ' ')
        .match(/\p{Script=Han}+|[^\s\p{Script=Han}，。、？！：；]+/gu) || [];
    for (const part of parts) {
        const han = /\p{Script=Han}/u.test(part);
        if (!han || inBook(part))
            words.add(part);
        const pair = [...part].map((_, at) =>
            han && at + 2 <= part.length && inBook(part.slice(at, at + 2)));
        pair.forEach((known, at) => {
            if (known)
                words.add(part.slice(at, at + 2));
            else if (han && !pair[at - 1])
                words.add(part[at]);
        });
    }
    return [...words];
}

// How often a text has a word: in a part of another, as read is in README, 0.5 in all.
function times(word, text) {
    const parts = text.split(word);
    const whole = parts.slice(1).filter((after, at) =>
        !(/^\w/.test(word) && /\w$/.test(parts[at])) &&
        !(/\w$/.test(word) && /^(?!s\b)\w/.test(after)));
    return whole.length || (parts.length > 1 ? 0.5 : 0);
}

// bookIndex comes with the page of the search: [address, title, text] of every
// section. What has most of the words is found; those with a word in the title
// come first, a lesson before a section, and a word that few have counts for more.
function find(query) {
    const words = wordsOf(query);
    const found = [];
    const having = words.map(() => 0);
    let most = 1;
    for (const [address, title, text] of bookIndex) {
        const head = title.toLowerCase(), body = text.toLowerCase();
        const points = words.map((word) =>
            Math.min(5, times(word, body)) + 20 * Math.min(1, times(word, head)));
        points.forEach((some, word) => { having[word] += some > 0; });
        const count = points.filter((some) => some > 0).length;
        most = Math.max(most, count);
        found.push({ address, title, text, points, count });
    }
    const weight = having.map((some) => Math.log(1 + bookIndex.length / some));
    const sum = ({ address, points }) => points.reduce((all, some, word) =>
        some > 0 ? all + some * weight[word] : all, 0) *
        (/^common|#/.test(address) ? 1 : 1.2);
    return found.filter(({ count }) => count * 3 >= most * 2)
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
