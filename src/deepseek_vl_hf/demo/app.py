"""A model and its processor come in, the page goes out: a chat, a look at what the model sees, and an endpoint for programs.

build           layout and events
launch_options  what `launch` of the page wants besides: looks, words, limits
"""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from ..chat import Chat
from .answering import make_answering
from .api import add_endpoint
from .conversation import Conversation
from .conversation import composer as ready
from .examples import examples_for, is_nano
from .seen import Seen
from .sessions import Sessions
from .settings import MAX_SYSTEM, RANGES, Settings
from .uploads import EXTENSIONS, MAX_BYTES, refuse_addresses
from .words import LANGUAGES, i18n, say


FOLDER = Path(__file__).parent
MAX_WAITING = 32  # questions in the queue; whoever comes later is told so
# One answer at a time: the events that use the model share this.
MODEL = {"concurrency_id": "model", "concurrency_limit": 1, "api_visibility": "private"}
PLAIN = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
# Checks do not wait for answers; they go through the queue all the same, because only there an error reaches the page.
QUICK = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
HOUR = 3600
# An answer is shown as Markdown, and a picture can tell the model what to write: nothing in it may fetch from elsewhere, which
# would tell others of the conversation.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="'
    "img-src 'self' data: blob:; media-src 'self' data: blob:; form-action 'self'\">"
)


def build(model: Any, processor: Any, name: str) -> gr.Blocks:
    """Make the page.

    Args:
        model: In evaluation mode, on the device to use.
        processor: The checkpoint's own.
        name: What the page calls the model.

    Returns:
        To be launched with `launch(**launch_options())`.
    """
    sessions = Sessions(lambda: Chat(model, processor))
    answering = make_answering(model, processor, sessions)
    conversation = Conversation(answering, sessions)
    nano = is_nano(model)
    page = gr.Blocks(
        title=f"{name} · DeepSeek-VL", fill_height=True, analytics_enabled=False, delete_cache=(HOUR, 24 * HOUR)
    )
    with page:
        language, anew = _header(name)
        with gr.Sidebar(position="right", open=False, width=340, elem_id="side"):
            values = _settings()
            _about(nano)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(i18n("tab_chat"), id="chat-tab", elem_id="tab-chat") as chat_tab:
                chat, composer, figures = _chat(examples_for(model))
                gr.Markdown(i18n("notice_nano" if nano else "notice"), elem_id="notice")
            with gr.Tab(i18n("tab_seen"), id="seen-tab", elem_id="tab-seen") as seen_tab:
                _seen(Seen(model, processor), seen_tab, [chat, language])
        _converse(conversation, chat, composer, figures, language, values, anew)
        add_endpoint(answering, **{**MODEL, "api_visibility": "public"})
        page.load(None, None, language, js="() => window.deepseekVl.greet()", api_visibility="private")
        language.change(
            None, language, None, js="(name) => { window.deepseekVl.speak(name); }", api_visibility="private"
        )
        # The page does not translate the name of a tab that is not open.
        language.change(tab_names, language, [chat_tab, seen_tab], **PLAIN)
        page.unload(conversation.leave)
    return page.queue(max_size=MAX_WAITING, default_concurrency_limit=1)


def tab_names(language: str) -> list[gr.Tab]:
    """Names of the tabs in a language."""
    return [gr.Tab(label=say(language, key)) for key in ("tab_chat", "tab_seen")]


def launch_options() -> dict[str, Any]:
    """Keyword arguments for `launch` of the page."""
    return {
        "theme": _theme(),
        "css": _text("style.css"),
        "head": POLICY + "".join(f"<script>{_text(name)}</script>" for name in ("page.js", "gradio_words.js")),
        "i18n": i18n,
        "favicon_path": str(FOLDER / "favicon.svg"),
        "max_file_size": MAX_BYTES,
        "show_error": False,
        "ssr_mode": False,
        "footer_links": ["api", "gradio"],
    }


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _theme() -> gr.themes.Base:
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Noto Sans CJK SC", "sans-serif"]
    blue = gr.themes.Color(
        "#f1f4ff",
        "#e4e9ff",
        "#ccd6ff",
        "#a9b9ff",
        "#7f95ff",
        "#4d6bfe",
        "#3b57e6",
        "#2f46c2",
        "#29399a",
        "#25327a",
        "#171f4c",
    )
    return gr.themes.Base(
        primary_hue=blue, neutral_hue="zinc", radius_size="lg", font=fonts, font_mono=["ui-monospace", "monospace"]
    )


def _header(name: str) -> tuple[gr.Radio, gr.Button]:
    with gr.Row(elem_id="header"):
        gr.HTML(f"<h1>DeepSeek-VL</h1><span>{html.escape(name)}</span>", elem_id="title", padding=False)
        anew = gr.Button(i18n("new_chat"), size="sm", min_width=0, elem_id="new-chat")
        language = gr.Radio(
            [(shown, language) for language, shown in LANGUAGES.items()],
            value="en",
            label=i18n("language"),
            show_label=False,
            container=False,
            elem_id="language",
            min_width=0,
        )
    return language, anew


def _settings() -> list[gr.components.Component]:
    """Fields in the order of `Settings`."""
    default = Settings()
    gr.Markdown(i18n("settings"), elem_classes="side-title")
    fields: list[gr.components.Component] = [
        gr.Textbox(
            label=i18n("system"), placeholder=i18n("system_hint"), lines=2, max_length=MAX_SYSTEM, elem_id="system"
        )
    ]
    for name, step in (("max_new_tokens", 1), ("temperature", 0.05), ("top_p", 0.01), ("repetition_penalty", 0.01)):
        info = {} if name == "max_new_tokens" else {"info": i18n(f"{name}_info")}
        least, most = RANGES[name]
        fields.append(
            gr.Slider(least, most, getattr(default, name), step=step, label=i18n(name), elem_id=name, **info)
        )
    # A number field cannot be empty.
    fields.append(gr.Textbox(label=i18n("seed"), placeholder=i18n("seed_hint"), max_length=10, elem_id="seed"))
    return fields


def _about(nano: bool) -> None:
    gr.Markdown(i18n("about"), elem_classes="side-title")
    gr.Markdown(i18n("about_nano" if nano else "about_any"), elem_id="about")
    gr.Markdown(i18n("about_privacy"), elem_classes="quiet")


def _chat(examples: list[dict]) -> tuple[gr.Chatbot, gr.MultimodalTextbox, gr.HTML]:
    chat = gr.Chatbot(
        label=i18n("conversation"),
        show_label=False,
        container=False,
        elem_id="chat",
        height="auto",
        editable="user",
        buttons=["copy"],
        group_consecutive_messages=False,  # else the text of a question with pictures cannot be edited
        allow_tags=False,
        allow_file_downloads=False,
        feedback_options=None,
        placeholder=i18n("welcome"),
        examples=examples,
    )
    composer = gr.MultimodalTextbox(
        label=i18n("composer"),
        show_label=False,
        container=False,
        placeholder=i18n("composer_hint"),
        file_types=EXTENSIONS,
        file_count="multiple",
        sources=["upload"],
        max_lines=8,
        max_plain_text_length=10**6,  # Gradio would turn longer text into a file
        autofocus=True,
        elem_id="composer",
    )
    figures = gr.HTML(elem_id="figures", padding=False)
    return refuse_addresses(chat), refuse_addresses(composer), figures


def _converse(
    conversation: Conversation,
    chat: gr.Chatbot,
    composer: gr.MultimodalTextbox,
    figures: gr.HTML,
    language: gr.Radio,
    values: list[gr.components.Component],
    anew: gr.Button,
) -> None:
    """Wire the chat's events: put the question, answer it, and give the composer its button back however that ended."""
    inputs, shown = [chat, language], [chat, composer]
    asked = [
        composer.submit(conversation.put, [composer, *inputs], shown, **QUICK),
        chat.example_select(conversation.start, inputs, shown, **QUICK),
        chat.retry(conversation.retry, inputs, shown, **QUICK),
        chat.edit(conversation.edit, inputs, shown, **QUICK),
    ]
    answered = [
        event.success(conversation.reply, [*inputs, *values], [*shown, figures], show_progress_on=chat, **MODEL)
        for event in asked  # progress on the composer would lie over its button to stop
    ]
    for event in answered:
        event.then(lambda: ready(busy=False), None, composer, **PLAIN)
    composer.stop(None, None, None, cancels=answered, api_visibility="private")
    chat.undo(conversation.undo, inputs, [*shown, figures], **QUICK)
    anew.click(conversation.clear, None, [*shown, figures], cancels=answered, **PLAIN)


def _seen(seen: Seen, tab: gr.Tab, inputs: list[gr.components.Component]) -> None:
    maps = gr.State([])
    empty = gr.Markdown(i18n("seen_empty"), elem_id="seen-empty")
    with gr.Column(visible=False, elem_id="seen") as body:
        gr.Markdown(i18n("seen_intro"), elem_classes="quiet")
        words = gr.Radio([], label=i18n("seen_words"), elem_id="seen-words")
        with gr.Row(elem_id="seen-pictures"):
            with gr.Column(scale=2, min_width=280):
                gr.Markdown(i18n("seen_heat"), elem_classes="seen-title")
                heat = gr.HTML(elem_id="seen-heat", padding=False)
            with gr.Column(scale=3, min_width=280):
                gr.Markdown(i18n("seen_squares"), elem_classes="seen-title")
                squares = gr.HTML(elem_id="seen-squares", padding=False)
    tab.select(seen.open, inputs, [empty, body, words, maps, heat, squares], **MODEL)
    words.input(seen.choose, [*inputs, maps, words], heat, **QUICK)
