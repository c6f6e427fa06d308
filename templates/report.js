"use strict";
(() => {
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const unfold = document.getElementById("unfold");
  const boxes = [...form.querySelectorAll("[type=checkbox]")];
  const rows = new Map([...document.querySelectorAll("[data-of]")].map((row) => [row.dataset.of, row]));
  const cards = [...document.querySelectorAll("[data-tones]")].map((card) => ({
    card,
    row: rows.get(card.id),
    tones: card.dataset.tones.split(" "),
    text: card.textContent.toLowerCase(),
  }));

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const unwanted = boxes.filter((box) => !box.checked).map((box) => box.value);
    let count = 0;
    for (const { card, row, tones, text } of cards) {
      const speaks = unwanted.length === 0 || tones.some((tone) => tone && !unwanted.includes(tone));
      const show = speaks && wanted.every((word) => text.includes(word));
      card.hidden = !show;
      if (row) row.hidden = !show;
      if (show) count += 1;
    }
    shown.value = `${count} of ${cards.length}`;
  };

  // Where a link leads may be folded, or filtered out.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const card = target && target.closest("details.card");
    if (!card) return;
    card.hidden = false;
    card.open = true;
    target.scrollIntoView();
  };

  const visible = () => cards.map(({ card }) => card).filter((card) => !card.hidden);
  const isFolded = () => visible().some((card) => !card.open);
  const label = () => {
    unfold.textContent = isFolded() ? "Unfold all" : "Fold all";
  };
  unfold.addEventListener("click", () => {
    const open = isFolded();
    for (const card of visible()) card.open = open;
    label();
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target === document.body) {
      event.preventDefault();
      words.focus();
    }
  });
  addEventListener("hashchange", reveal);
  if (cards.length > 1) form.hidden = false;
  filter();
  label();
  reveal();
})();
