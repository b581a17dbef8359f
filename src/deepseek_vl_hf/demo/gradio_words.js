// What Gradio says in English only, to those who hover, to those who listen, and in its messages: said in Chinese while the page
// is Chinese. Where a later Gradio words it differently, it stays English.
(() => {
    const WORDS = {
        "Copy message": "复制",
        "Copied message": "已复制",
        Submit: "发送",
        Stop: "停止",
        Close: "关闭",
        "Upload a file": "上传图片",
        "File upload": "上传图片",
        "Uploaded files": "已添加的图片",
        "File thumbnail": "图片缩略图",
        "Remove file": "移除图片",
        "Click to upload or drop files": "点击上传或拖放文件",
        "Multimedia input field": "提问栏",
        "Scroll down": "滚动到底部",
        "Reset to default value": "恢复默认值",
        "Example icon": "示例图片",
        undo: "撤销",
        logo: "标志",
        "chatbot conversation": "对话",
        "Gradio footer navigation": "页脚",
        Error: "出错了",
        Warning: "注意",
        "Connection errored out.": "连接出错。",
        "Connection to the server was lost. Attempting reconnection...": "与服务器的连接已断开，正在重新连接……",
        "Connection re-established.": "已重新连接。",
    };
    const SENTENCES = [
        [/^number input for (.*)$/s, "$1（数值）"],
        [/^range slider for (.*)$/s, "$1（滑块）"],
        [/^Select example (\d+): (.*)$/s, "示例 $1：$2"],
        [/^user's message: a component of type image$/, "提问的图片"],
        [/^user's message: (.*)$/s, "提问：$1"],
        [/^bot's message: (.*)$/s, "回答：$1"],
        [/^File\(s\) exceed the maximum allowed size of ([\d.]+) Mb: (.*)$/s, "文件超过 $1 MB 的上限：$2"],
        [/^Queue is full\..*$/s, "排队的人太多，请稍后再试。"],
        [/^Invalid file type.*$/s, "只能添加 PNG、JPEG、WEBP、GIF 或 BMP 图片。"],
    ];
    const told = new WeakMap(); // element -> for each place what Gradio wrote there, and what we made of it

    function inChinese(text) {
        const bare = text.trim();
        if (Object.hasOwn(WORDS, bare)) return WORDS[bare];
        const [pattern, words] = SENTENCES.find(([pattern]) => pattern.test(bare)) ?? [];
        return pattern ? bare.replace(pattern, words) : text;
    }

    function translate(element, place, now, write) {
        const known = told.get(element) ?? {};
        if (!now || (known[place]?.chinese === undefined && !chinese())) return;
        const english = known[place]?.chinese === now ? known[place].english : now;
        const wanted = chinese() ? inChinese(english) : english;
        told.set(element, { ...known, [place]: { english, chinese: chinese() ? wanted : undefined } });
        if (wanted !== now) write(wanted);
    }

    const chinese = () => document.documentElement.lang.startsWith("zh");

    function translateAll() {
        due = false;
        for (const element of document.querySelectorAll("[aria-label], [title], [alt]"))
            for (const name of ["aria-label", "title", "alt"])
                translate(element, name, element.getAttribute(name), (text) => element.setAttribute(name, text));
        for (const element of document.querySelectorAll(".toast-title, [data-testid=toast-text]"))
            if (!element.childElementCount)
                translate(element, "text", element.textContent, (text) => (element.textContent = text));
    }

    let due = false;
    const watched = { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label", "title", "alt", "lang"] };
    new MutationObserver(() => {
        if (!due) requestAnimationFrame(translateAll);
        due = true;
    }).observe(document.documentElement, watched);
})();
