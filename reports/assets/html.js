// What the page can do beyond being read. It stands in the head: the theme is set before anything is painted, the rest when
// the document is there. Nothing here makes content: without it the page says the same.
(function () {
  "use strict";
  var root = document.documentElement, KEY = "n1prof-theme", THEMES = ["auto", "light", "dark"];
  root.classList.add("js");

  function stored() {
    try { return localStorage.getItem(KEY); } catch (e) { return null; }
  }

  function setTheme(theme) {
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    else root.removeAttribute("data-theme");
  }
  setTheme(stored());

  function make(name, text, parent) {
    var element = document.createElement(name);
    element.textContent = text;
    if (name === "button") element.type = "button";
    if (parent) parent.appendChild(element);
    return element;
  }

  function each(selector, action, within) {
    Array.prototype.forEach.call((within || document).querySelectorAll(selector), action);
  }

  function themeButton() {
    var button = document.getElementById("theme");
    function show() { button.textContent = "Theme: " + (root.getAttribute("data-theme") || "auto"); }
    button.hidden = false;
    show();
    button.addEventListener("click", function () {
      var next = THEMES[(THEMES.indexOf(root.getAttribute("data-theme") || "auto") + 1) % THEMES.length];
      setTheme(next);
      try { localStorage.setItem(KEY, next); } catch (e) { /* a file's page may have no storage */ }
      show();
    });
  }

  // Where the clipboard is closed to the page, the text is selected, so that the keyboard's own copy works.
  function copyButtons() {
    each(".mend figure.code", function (figure) {
      var code = figure.querySelector("code"), button = make("button", "Copy", figure);
      button.className = "copy";
      button.setAttribute("aria-label", "Copy: " + figure.querySelector("figcaption").textContent);
      button.addEventListener("click", function () {
        function say(word) {
          button.textContent = word;
          setTimeout(function () { button.textContent = "Copy"; }, 1500);
        }
        function select() {
          getSelection().selectAllChildren(code);
          say(document.execCommand && document.execCommand("copy") ? "Copied" : "Selected");
        }
        if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(function () { say("Copied"); }, select);
        else select();
      });
    });
  }

  function sortable(table) {
    var body = table.tBodies[0], heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    function value(row, column) {
      var cell = row.cells[column], number = cell.getAttribute("data-value");
      return number === null ? cell.textContent.toLowerCase() : Number(number);
    }
    heads.forEach(function (head, column) {
      var button = make("button", head.textContent);
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort");
        var order = now === "descending" ? "ascending" : now === "ascending" ? "descending" : head.getAttribute("data-first");
        var sign = order === "ascending" ? 1 : -1;
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", order);
        Array.prototype.map.call(body.rows, function (row, place) {
          return { row: row, place: place, value: value(row, column) };
        }).sort(function (a, b) {
          return a.value < b.value ? -sign : a.value > b.value ? sign : a.place - b.place;
        }).forEach(function (entry) { body.appendChild(entry.row); });
      });
    });
  }

  function searchable(table) {
    var tools = document.querySelector(".tools"), input = document.getElementById("search"), found = document.getElementById("found");
    var rows = Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      return { row: row, text: row.cells[0].textContent.toLowerCase() };
    });
    tools.hidden = false;
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/), shown = 0;
      rows.forEach(function (entry) {
        entry.row.hidden = !words.every(function (word) { return entry.text.indexOf(word) >= 0; });
        shown += entry.row.hidden ? 0 : 1;
      });
      found.textContent = input.value.trim() ? shown + " of " + rows.length : "";
    });
  }

  // A box takes the whole width: its callers do too, its callees grow with it, all others go.
  function zoomable(graph) {
    var boxes = Array.prototype.map.call(graph.children, function (svg) {
      return { svg: svg, x: parseFloat(svg.getAttribute("x")), width: parseFloat(svg.getAttribute("width")),
               y: Number(svg.getAttribute("y")) };
    });
    var focus = null, slack = 0.002;
    function place(box, x, width) {
      box.svg.setAttribute("x", x + "%");
      box.svg.setAttribute("width", width + "%");
    }
    function zoom(to) {
      focus = to;
      boxes.forEach(function (box) {
        var isInside = !to || (box.x >= to.x - slack && box.x + box.width <= to.x + to.width + slack && box.y >= to.y);
        var isCaller = to && box.y < to.y && box.x <= to.x + slack && box.x + box.width >= to.x + to.width - slack;
        box.svg.style.display = isInside || isCaller ? "" : "none";
        if (!to) place(box, box.x, box.width);
        else if (isCaller) place(box, 0, 100);
        else if (isInside) place(box, (box.x - to.x) / to.width * 100, box.width / to.width * 100);
      });
    }
    graph.setAttribute("role", "group");
    boxes.forEach(function (box, index) {
      box.svg.setAttribute("tabindex", index === 0 ? "0" : "-1");
      box.svg.setAttribute("role", "button");
      var shown = box.svg.querySelector("text").textContent, whole = box.svg.querySelector("title").textContent;
      box.svg.setAttribute("aria-label", whole.startsWith(shown) ? whole : shown + ": " + whole);
      box.svg.addEventListener("click", function () { zoom(focus === box ? null : box); });
    });
    // Arrow keys walk the boxes, Enter zooms, Escape goes back: one stop of the Tab key for the whole graph.
    graph.addEventListener("keydown", function (event) {
      var at = boxes.findIndex(function (box) { return box.svg === document.activeElement; });
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], to = at;
      if (at < 0) return;
      if (event.key === "Enter" || event.key === " ") zoom(focus === boxes[at] ? null : boxes[at]);
      else if (event.key === "Escape") zoom(null);
      else if (step) {
        do to += step; while (boxes[to] && boxes[to].svg.style.display === "none");
        if (!boxes[to]) return;
        boxes[at].svg.setAttribute("tabindex", "-1");
        boxes[to].svg.setAttribute("tabindex", "0");
        boxes[to].svg.focus();
      } else return;
      event.preventDefault();
    });
  }

  function flamePicker() {
    var flames = document.querySelectorAll(".flame");
    if (flames.length < 2) return;
    var picker = document.createElement("div"), buttons = [];
    picker.className = "pick";
    picker.setAttribute("role", "group");
    picker.setAttribute("aria-label", "Width of the boxes");
    function show(index) {
      Array.prototype.forEach.call(flames, function (flame, i) {
        flame.hidden = i !== index;
        buttons[i].setAttribute("aria-pressed", String(i === index));
      });
    }
    Array.prototype.forEach.call(flames, function (flame, i) {
      buttons.push(make("button", flame.getAttribute("data-name"), picker));
      buttons[i].addEventListener("click", function () { show(i); });
    });
    flames[0].parentNode.insertBefore(picker, flames[0]);
    show(0);
  }

  // The drawing's view box is the window on it: [from, from + width) of its units.
  function timelineZoom() {
    var svg = document.getElementById("timeline-plot");
    if (!svg) return;
    var box = svg.getAttribute("viewBox").split(" ").map(Number), whole = box[2], from = 0, width = whole;
    var tools = document.createElement("div");
    tools.className = "pick";
    tools.setAttribute("role", "group");
    tools.setAttribute("aria-label", "Part of the timeline");
    function look(start, size) {
      width = Math.min(whole, Math.max(whole / 200, size));
      from = Math.min(whole - width, Math.max(0, start));
      svg.setAttribute("viewBox", [from, 0, width, box[3]].join(" "));
      each(".ends", function (ends) { ends.style.visibility = width < whole ? "hidden" : ""; }, svg.parentNode);
    }
    [["Closer", function () { look(from + width / 4, width / 2); }],
     ["Wider", function () { look(from - width / 2, width * 2); }],
     ["Earlier", function () { look(from - width / 2, width); }],
     ["Later", function () { look(from + width / 2, width); }],
     ["All", function () { look(0, whole); }]].forEach(function (entry) {
      make("button", entry[0], tools).addEventListener("click", entry[1]);
    });
    var frame = document.querySelector("#timeline .timeline");
    frame.parentNode.insertBefore(tools, frame);
  }

  document.addEventListener("DOMContentLoaded", function () {
    var table = document.getElementById("query-table");
    themeButton();
    copyButtons();
    if (table) {
      sortable(table);
      searchable(table);
    }
    each(".graph", zoomable);
    flamePicker();
    timelineZoom();
  });
})();
