// Sorting by a column, and cards that open where a link points to. The page says the same without it.
"use strict";
(function () {
  function value(row, column) {
    var cell = row.cells[column], key = cell.getAttribute("data-key");
    return key === null ? cell.textContent.trim() : Number(key);
  }
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }
  function sort(table, column, head) {
    var falling = head.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (x, y) {
      var order = compare(value(x, column), value(y, column));
      return falling ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  }
  document.querySelectorAll("table.rows").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) return;
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, column, head); });
    });
  });

  var cards = document.querySelectorAll("details.card");
  function all(open) { cards.forEach(function (card) { card.open = open; }); }
  function reveal() {
    var at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var card = at && at.closest("details");
    if (card && !card.open) {
      card.open = true;
      at.scrollIntoView();
    }
  }
  if (cards.length > 1) {
    var bar = document.createElement("p");
    bar.className = "bar";
    [["Open all findings", true], ["Close all findings", false]].forEach(function (it) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = it[0];
      button.addEventListener("click", function () { all(it[1]); });
      bar.appendChild(button);
    });
    cards[0].parentNode.insertBefore(bar, cards[0]);
  }
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", function () { all(true); });
  reveal();
})();
