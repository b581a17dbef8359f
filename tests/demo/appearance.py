"""JavaScript that measures a page: what is written on it, and how well that stands out; and which strings are not Chinese."""

import re


def latin(strings: list[str], names: list[str]) -> list[str]:
    """Strings that have Latin words beside names that are the same in every language."""
    names = [*names, "DeepSeek-VL", "nano", "English", "Gradio", "API", "Top-p", "token", "SigLIP", "SAM"]
    left = [
        (text, re.sub("|".join(map(re.escape, sorted(names, key=len, reverse=True))), "", text)) for text in strings
    ]
    return [text for text, rest in left if re.search("[A-Za-z]{2,}", rest)]


_VISIBLE = """
const visible = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 2 && height > 2 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
};
const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(" ").trim();
const drawn = (element) => {
    const { content } = getComputedStyle(element, "::after");
    return /^".*[\\p{L}\\d].*"$/u.test(content) ? content.slice(1, -1) : "";
};
const dialog = document.querySelector("dialog[open]");
const elements = [...(dialog ?? document.body).querySelectorAll("*")].filter((each) => !/^(STYLE|SCRIPT)$/.test(each.tagName) && visible(each));
"""
STRINGS = f"""() => {{ {_VISIBLE}
return elements.flatMap((each) => [own(each), drawn(each), each.placeholder ?? "", each.title ?? "", each.ariaLabel ?? "", each.alt ?? ""]);
}}"""
CONTRASTS = f"""() => {{ {_VISIBLE}
const canvas = Object.assign(document.createElement("canvas"), {{ width: 1, height: 1 }}).getContext("2d", {{ willReadFrequently: true }});
const rgba = (color) => {{
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
}};
const over = ([r, g, b, a], below) => [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
const background = (element) => {{
    if (!element) return [255, 255, 255];
    const color = rgba(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color.slice(0, 3) : over(color, background(element.parentElement));
}};
const opacity = (element) => element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
const luminance = (color) => color.map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (element, pseudo) => {{
    const behind = background(element);
    const [r, g, b, a] = rgba(getComputedStyle(element, pseudo).color);
    const [dark, light] = [luminance(behind), luminance(over([r, g, b, a * opacity(element)], behind))].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
}};
const isOff = (element) => element.closest(":disabled, [aria-disabled=true]");
return elements.filter((each) => !isOff(each)).flatMap((each) => [
    ...(own(each) ? [[own(each), contrast(each)]] : []),
    ...(drawn(each) ? [[drawn(each), contrast(each, "::after")]] : []),
    ...(each.placeholder && !each.value ? [[each.placeholder, contrast(each, "::placeholder")]] : []),
    ...(each.matches("textarea, input:not([type=range], [type=radio])") && each.value ? [[each.value, contrast(each)]] : []),
]);
}}"""
