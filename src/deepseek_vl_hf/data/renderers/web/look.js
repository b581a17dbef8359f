// What a page shows: its size, and the box and state of every element and piece of text on it.
async () => {
  await document.fonts.ready;
  const box = (rect) => [rect.left, rect.top, rect.right, rect.bottom];
  const capitals = { uppercase: (text) => text.toUpperCase(), lowercase: (text) => text.toLowerCase() };

  const around = (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return box(range.getBoundingClientRect());
  };

  const elements = [document.body, ...document.body.querySelectorAll("*")].map((one) => ({
    tag: one.tagName.toLowerCase(),
    inside: one.children.length,
    box: box(one.getBoundingClientRect()),
    content: around(one),
    text: (one.tagName === "SELECT" ? one.selectedOptions[0].text : one.innerText || "").trim(),
    value: one.value === undefined ? "" : String(one.value),
    placeholder: one.placeholder || "",
    checked: Boolean(one.checked),
  }));

  const brush = document.createElement("canvas").getContext("2d");
  const width = (text, style) => {
    brush.font = style.font;
    return brush.measureText(text).width;
  };
  const room = (one, style) => one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);

  // A text stands on the line of the one before it if they overlap in height, this one is further right, and nothing that is apart
  // from both, as a column of several lines, ends with the one before it.
  const texts = [], nodes = [];
  const onLine = (node, lines) => {
    const last = texts.at(-1), before = nodes.at(-1);
    if (!last || !lines.length) return false;
    const [left, top, , bottom] = lines[0], [, high, right, low] = last.lines.at(-1);
    if (Math.min(bottom, low) - Math.max(top, high) < 0.5 * Math.min(bottom - top, low - high) || left < right - 2) return false;
    let part = before;
    while (!part.parentNode.contains(node)) part = part.parentNode;
    const boxes = texts.filter((_, index) => part.contains(nodes[index])).flatMap((text) => text.lines);
    const height = Math.max(...boxes.map((line) => line[3])) - Math.min(...boxes.map((line) => line[1]));
    return part.nodeType === Node.TEXT_NODE || height < 1.6 * (low - high);
  };
  const keep = (node, text, lines, fits) => {
    if (!text) return;
    const joins = onLine(node, lines);
    texts.push({ text, lines, fits, joins });
    nodes.push(node);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const parent = node.parentElement, style = getComputedStyle(parent);
      if (parent.closest("option, textarea, style") || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNode(node);
      const lines = [...range.getClientRects()].filter((rect) => rect.width > 0.5).map(box);
      const kept = style.whiteSpace.startsWith("pre");
      const text = kept ? node.data : node.data.replace(/\s+/g, " ");
      let block = parent;
      while (getComputedStyle(block).display === "inline" && block.parentElement) block = block.parentElement;
      const frame = block.getBoundingClientRect();
      const fits = lines.every((line) => line[0] >= frame.left - 1 && line[2] <= frame.right + 1 && line[3] <= frame.bottom + 0.3 * (line[3] - line[1]));
      keep(node, (capitals[style.textTransform] || String)(text), lines, fits);
    } else if (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) && !/^(checkbox|radio)$/.test(node.type)) {
      const style = getComputedStyle(node);
      let text = node.type === "password" ? "" : node.value;
      if (node.tagName === "SELECT") text = node.selectedOptions[0].text;
      text = text || (node.value ? "" : node.placeholder) || "";
      keep(node, text, [box(node.getBoundingClientRect())], width(text, style) <= room(node, style));
    }
  }
  const page = document.documentElement;
  return {
    height: page.scrollHeight,
    scrolls: page.scrollWidth > innerWidth,
    fonts: [...document.fonts].map((face) => face.status),
    elements,
    texts,
  };
};
