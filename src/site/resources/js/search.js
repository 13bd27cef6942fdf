'use strict';
// Looks through the sections of search-index.js: each word that is typed has to begin a word of the section. If no section has all, those that
// have most of them are shown.
(function () {
  var LIMIT = 12;

  function words(text) {
    return text.toLowerCase().match(/[\p{L}\p{N}.+-]+/gu) || [];
  }

  function escaped(word) {
    return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }

  function score(section, wanted) {
    var total = 0;
    var has = 0;
    for (const word of wanted) {
      var start = new RegExp('(^|[^\\p{L}\\p{N}])' + escaped(word), 'giu');
      var inHeading = (section[2].match(start) || []).length;
      var inPage = (section[1].match(start) || []).length;
      var inText = (section[3].match(start) || []).length;
      if (inHeading + inPage + inText === 0) { continue; }
      has += 1;
      total += 20 * Math.min(inHeading, 1) + 4 * Math.min(inPage, 1) + Math.min(inText, 5) + 40 * inText / (section[3].length + 200);
    }
    return {total: total, has: has};
  }

  function excerpt(text, wanted) {
    var places = wanted
      .map(function (word) { return text.search(new RegExp('(^|[^\\p{L}\\p{N}])' + escaped(word), 'iu')); })
      .filter(function (place) { return place >= 0; });
    var at = places.length > 0 ? places[0] : 0;
    var from = Math.max(0, at - 40);
    return (from > 0 ? '… ' : '') + text.slice(from, from + 130) + (from + 130 < text.length ? ' …' : '');
  }

  function find(query) {
    var wanted = words(query);
    if (wanted.length === 0) { return {all: true, hits: []}; }
    var scored = lacoSections.map(function (section) { return {section: section, score: score(section, wanted)}; });
    var most = Math.max.apply(null, scored.map(function (found) { return found.score.has; }));
    return {
      all: most === wanted.length,
      hits: scored
        .filter(function (found) { return most > 0 && found.score.has === most; })
        .sort(function (a, b) { return b.score.total - a.score.total; })
        .slice(0, LIMIT)
        .map(function (found) { return {section: found.section, excerpt: excerpt(found.section[3], wanted)}; })
    };
  }

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }

  function show(list, query) {
    list.replaceChildren();
    var found = find(query);
    if (query.trim() !== '' && !found.all) {
      list.append(element('li', 'none', found.hits.length === 0 ? 'nothing has any of these words' : 'nothing has all of these words; these have some:'));
    }
    found.hits.forEach(function (hit) {
      var link = element('a');
      link.href = hit.section[0];
      link.append(
        element('strong', '', hit.section[2]),
        element('span', 'page', hit.section[1] === hit.section[2] ? '' : hit.section[1]),
        element('span', 'excerpt', hit.excerpt));
      var item = element('li');
      item.append(link);
      list.append(item);
    });
    list.hidden = query.trim() === '';
  }

  document.addEventListener('DOMContentLoaded', function () {
    var side = document.querySelector('#leftColumn');
    if (!side || typeof lacoSections === 'undefined') { return; }
    var box = element('div', 'site-search');
    var input = element('input');
    input.type = 'search';
    input.id = 'site-search';
    input.placeholder = 'Search';
    input.setAttribute('aria-label', 'Search these pages');
    var list = element('ol');
    list.hidden = true;
    box.append(input, list);
    side.prepend(box);
    input.addEventListener('input', function () { show(list, input.value); });
    document.addEventListener('keydown', function (event) {
      if (event.key === 'Escape') { list.hidden = true; }
      if (event.key === '/' && document.activeElement !== input) {
        event.preventDefault();
        input.focus();
      }
    });
    document.addEventListener('click', function (event) {
      if (!box.contains(event.target)) { list.hidden = true; }
    });
    var asked = new URLSearchParams(location.search).get('q');
    if (asked) {
      input.value = asked;
      show(list, asked);
    }
  });
})();
