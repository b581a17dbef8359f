"""The demo's page, launched once for a module and opened in Chromium by whoever visits."""

import os
import shutil

import pytest


@pytest.fixture(scope="module")
def nano_parts():
    """The nano and its processor."""
    from deepseek_vl_hf import nano
    from deepseek_vl_hf.loading import load

    return load(nano.FOLDER)


@pytest.fixture(scope="module")
def chromium():
    """A browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip("needs Chromium: install it, or set CHROMIUM to its path")
    from browser import FLAGS

    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The page of the nano, with its model, its sessions and its pace at hand."""
    pytest.importorskip("gradio")
    from browser import App

    from deepseek_vl_hf import demo, nano
    from deepseek_vl_hf.demo import app as layout
    from deepseek_vl_hf.demo.sessions import Sessions
    from deepseek_vl_hf.loading import load

    model, processor = load(nano.FOLDER)
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        patch.setattr(layout, "Sessions", lambda make: made.append(Sessions(make)) or made[-1])
        blocks = demo.build(model, processor, "nano")
        _, address, _ = blocks.launch(prevent_thread_lock=True, quiet=True, **demo.launch_options())
        running = App(address, model, processor, blocks, made[0])
        hook = model.register_forward_pre_hook(running.pace)
        yield running
        hook.remove()
        blocks.close()


@pytest.fixture
def visit(app, chromium):
    """Opens the page in a browser of its own; at the end no visitor may have seen an error that the test did not read."""
    from browser import Visitor

    visitors = []

    def open_page(language="en", theme="light", width=1280, height=860, **context):
        own = chromium.new_context(viewport={"width": width, "height": height}, locale="en-US", **context)
        visitors.append(Visitor(own.new_page()))
        return visitors[-1].open(app.address, language, theme)

    yield open_page
    app.pace.hurry()
    for visitor in visitors:
        visitor.page.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []
