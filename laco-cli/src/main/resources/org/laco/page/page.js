'use strict';
(function () {
  var tip = document.getElementById('tip');
  function show(text, x, y) {
    tip.textContent = text;
    tip.style.display = 'block';
    tip.style.left = Math.max(4, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8)) + 'px';
    tip.style.top = Math.max(4, Math.min(y + 14, window.innerHeight - tip.offsetHeight - 8)) + 'px';
  }
  function hide() { tip.style.display = 'none'; }
  // The browser shows an element's title late and without a keyboard: what is in it is shown at once instead.
  document.querySelectorAll('svg title').forEach(function (title) {
    var shape = title.parentNode;
    var text = title.textContent;
    shape.setAttribute('aria-label', text);
    title.remove();
    shape.addEventListener('pointermove', function (event) { show(text, event.clientX, event.clientY); });
    shape.addEventListener('pointerleave', hide);
    shape.addEventListener('focus', function () {
      var box = shape.getBoundingClientRect();
      show(text, box.right, box.bottom);
    });
    shape.addEventListener('blur', hide);
  });
  document.querySelectorAll('button[data-toggle]').forEach(function (button) {
    button.addEventListener('click', function () {
      var shown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(shown));
      document.querySelectorAll('[data-curve]').forEach(function (curve) {
        if (curve.getAttribute('data-curve') === button.getAttribute('data-toggle')) {
          curve.classList.toggle('off', !shown);
        }
      });
    });
  });
})();
