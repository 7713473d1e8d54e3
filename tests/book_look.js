// tests/book_look.js -- look at pages as a browser shows them; for tests/book.bats.
//
// Runs in a page of the same server as the book. Each address in `pages` is shown in a
// frame of a telephone and of a desk; what is found goes into the page, a line each.
'use strict';

const look = async (address, width, check) => {
    const frame = document.createElement('iframe');
    frame.style = `width: ${width}px; height: 800px; border: 0`;
    frame.src = address;
    document.body.append(frame);
    await new Promise((done) => frame.addEventListener('load', done));
    const found = await check(frame.contentWindow);
    frame.remove();
    return found.map((line) => `${address} at ${width}: ${line}`);
};

// What is wider than the window, unless it scrolls by itself.
const fits = (window) => {
    const root = window.document.documentElement;
    return root.scrollWidth <= root.clientWidth ? [] :
        [`${root.scrollWidth} pixels wide`];
};

// Sources and what lessons print are there in full width: 80 columns.
const unclipped = (window) => fits(window).concat(
    [...window.document.querySelectorAll('.source pre, .terminals pre')]
        .filter((block) => block.scrollWidth > block.clientWidth &&
            !/.{81}/.test(block.innerText.replace(/^\d+/gm, '')))
        .map((block) => `clipped: ${block.innerText.slice(0, 60)}`));

// What a page of the search has found first, or says instead.
const finds = (window) => {
    if (!window.location.search)
        return [];
    const results = window.document.getElementById('results');
    const first = results.querySelector('a');
    return [`finds ${first ? first.getAttribute('href') : results.innerText}`];
};

// What the rules of accessibility say, by axe-core.
const accessible = async (window) => {
    const script = window.document.createElement('script');
    script.src = '/axe.min.js';
    window.document.head.append(script);
    await new Promise((done) => script.addEventListener('load', done));
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) =>
        `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(' ')}`);
};

window.addEventListener('load', async () => {
    const said = [];
    const mode = new URLSearchParams(location.search).get('check');
    try {
        for (const address of pages)
            if (mode === 'axe') {
                said.push(...await look(address, 1280, accessible));
            } else {
                said.push(...await look(address, 360, fits));
                said.push(...await look(address, 1280, (window) =>
                    unclipped(window).concat(finds(window))));
            }
        said.push(`looked at ${pages.length} pages`);
    } catch (error) {
        said.push(`failed: ${error}`);
    }
    const list = document.createElement('pre');
    list.id = 'said';
    list.textContent = said.join('\n');
    document.body.append(list);
});
