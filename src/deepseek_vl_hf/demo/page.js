// What the page does by itself: changes its language, enlarges a picture that is clicked, keeps the next question in the
// composer while an answer is being written, and lets a file be chosen again.
window.deepseekVl = (() => {
    // Gradio has no call to change the language of a running page. Its modules share one store of the locale, which can
    // be set; importing the module again under its own address gives that same store. Where a later Gradio has none, its
    // words keep the browser's language.
    async function localeStore() {
        const addresses = performance.getEntriesByType("resource").map((entry) => entry.name);
        for (const address of addresses.filter((name) => /\/assets\/runtime-[^/]*\.js$/.test(name))) {
            for (const store of Object.values(await import(address))) {
                if (typeof store?.set !== "function" || typeof store?.subscribe !== "function") continue;
                let value;
                store.subscribe((now) => (value = now))();
                if (typeof value === "string") return store;
            }
        }
        return null;
    }

    // In a frame of another site, a browser may forbid to remember anything.
    function remembered(name) {
        try {
            if (name) localStorage.setItem("deepseek-vl-language", name);
            return localStorage.getItem("deepseek-vl-language");
        } catch {
            return null;
        }
    }

    function language() {
        const asked = new URLSearchParams(location.search).get("lang") ?? remembered() ?? navigator.language;
        return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
    }

    const isChinese = () => document.documentElement.lang.startsWith("zh");

    async function speak(name) {
        remembered(name);
        const address = new URL(location);
        if (address.searchParams.has("lang")) {
            address.searchParams.set("lang", name);
            history.replaceState(history.state, "", address);
        }
        const side = document.querySelector("#side .toggle-button"); // Gradio names it in English only
        side?.setAttribute("aria-label", name === "zh" ? "设置" : "Settings");
        side?.setAttribute("title", name === "zh" ? "设置" : "Settings");
        (await localeStore())?.set(name === "zh" ? "zh-CN" : "en");
    }

    function enlarge(picture) {
        const dialog = document.createElement("dialog");
        dialog.className = "enlarged";
        dialog.setAttribute("aria-label", picture.alt || (isChinese() ? "图片" : "Picture"));
        const copy = new Image();
        copy.src = picture.src;
        copy.alt = picture.alt;
        const close = document.createElement("button");
        close.textContent = "×";
        close.setAttribute("aria-label", isChinese() ? "关闭" : "Close");
        dialog.append(copy, close);
        dialog.addEventListener("click", () => dialog.close());
        dialog.addEventListener("close", () => dialog.remove());
        (document.querySelector(".gradio-container") ?? document.body).append(dialog);
        dialog.showModal();
    }

    document.addEventListener(
        "keydown",
        (event) => {
            if (event.key !== "Enter" || event.shiftKey || !event.target.closest?.("#composer")) return;
            if (event.target.tagName !== "TEXTAREA" || !document.querySelector("#composer .stop-button")) return;
            event.preventDefault();
            event.stopPropagation();
        },
        true,
    );

    // A browser tells of no change when the same file is chosen again, as after it was taken out.
    document.addEventListener("change", ({ target }) => {
        if (target.matches?.("#composer input[type=file]")) setTimeout(() => (target.value = ""));
    });

    const pictures = "#chat .image-container > button, .pictures button";
    document.addEventListener("focusin", ({ target }) => {
        if (target.matches?.(pictures)) target.setAttribute("aria-label", isChinese() ? "放大图片" : "Enlarge the picture");
    });
    document.addEventListener(
        "click",
        (event) => {
            const button = event.target.closest?.(pictures);
            const picture = button?.querySelector("img");
            if (!picture) return;
            event.preventDefault();
            event.stopPropagation();
            enlarge(picture);
        },
        true,
    );

    function greet() {
        speak(language());
        return language();
    }

    return { greet, speak };
})();
