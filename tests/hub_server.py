"""A stand-in for the Hub on the loopback: requests of the real clients come in, answers and made-up faults go out.

It serves model, dataset and space repositories to `huggingface_hub`, transformers, peft and datasets. Not here: Xet,
pull requests, gated repositories, organisations, `.gitignore` and paging. The clients read their environment at
import, so they run in another process:

    with HubServer() as server:
        server.faults.append(Fault("status", r"/commit/", 503, method="POST"))
        subprocess.run([sys.executable, "client.py"], env=server.environment(tmp_path, OWNER))
        server.files("owner/model")

By hand: `python tests/hub_server.py --port 8765`.
"""

import argparse
import os
import re
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from hub_repositories import Commit, HubError, Repository
from hub_routes import OWNER, Reply, Request, answer, refusal


@dataclass
class Fault:
    """Something that goes wrong with the next `times` requests that it fits (None: with all).

    A request meets one rule of each action at most, the first that fits: cut_request, then delay, then status, then
    names, then tamper, then cut_response. The last two spare refusals, redirects and answers to HEAD.

    Args:
        action: What goes wrong, and with it what `value` is.
            status: of a refusal; the request has no effect.
            cut_request: bytes of a longer body that are read before the connection closes; no effect either.
            cut_response: bytes of a longer answer that are sent before the connection closes; the request has taken
                effect by then.
            delay: seconds between the reading of the request and what it does, which it does even if nobody waits for
                the answer any more.
            tamper: place of the byte in the answer's body that is changed, -1 for the last.
            names: file names to their bytes, which a listing (`/tree/`, `/revision/`) shows beside the true ones.
        path: Regular expression, searched in the path of the request with its query. Content in LFS goes to
            `/lfs/SHA256`, and comes from `/lfs/SHA256/NAME` after a redirect from `/resolve/`.
        method: Regular expression for the whole method.
        retry_after: Seconds in the header `Retry-After` of a refusal.
        fired: How often it has happened.
    """

    action: Literal["status", "cut_request", "cut_response", "delay", "tamper", "names"]
    path: str
    value: Any
    method: str = ".*"
    times: int | None = 1
    retry_after: int | None = None
    fired: int = 0

    def fits(self, action: str, request: Request, size: int) -> bool:
        if self.action != action or (self.times is not None and self.fired >= self.times):
            return False
        if action.startswith("cut") and size <= self.value:
            return False
        return bool(re.fullmatch(self.method, request.method) and re.search(self.path, request.path))


class HubServer:
    """The server. `faults` is read at every request; `log` has (method, path, status), status 0 for a cut request."""

    def __init__(self, port: int = 0):
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.blobs: dict[str, bytes] = {}  # sha256 to content: what was uploaded through LFS
        self.shown: dict[str, bytes] = {}  # made-up files
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str, int]] = []
        self.lock = threading.RLock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._http.daemon_threads, self._http.hub = True, self
        port = self._http.server_address[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self.storage = f"http://localhost:{port}/lfs"  # another host, as on the Hub: clients send it no token

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._http.shutdown()
        self._http.server_close()

    def settings(self, home: Path | str, token: str | None = None) -> dict[str, str]:
        """The variables that send a client here."""
        settings = {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        return settings | ({"HF_TOKEN": token} if token else {})

    def environment(self, home: Path | str, token: str | None = None) -> dict[str, str]:
        """The whole environment of a client: `settings`, and this process's without what it says about the Hub."""
        foreign = ("HF_", "HUGGING_FACE_", "TRANSFORMERS_OFFLINE")
        return {key: os.environ[key] for key in os.environ if not key.startswith(foreign)} | self.settings(home, token)

    def add(
        self,
        repo_id: str,
        files: dict[str, bytes],
        repo_type: str = "model",
        private: bool = False,
        sdk: str | None = None,
    ) -> Commit:
        """Make a repository that holds `files`, without a client; a Space has an `sdk`."""
        repository = self.repositories[f"{repo_type}s", repo_id] = Repository(f"{repo_type}s", repo_id, private, sdk)
        return repository.commit("main", "files", self.files(repo_id, repo_type=repo_type) | files)

    def files(self, repo_id: str, revision: str = "main", repo_type: str = "model") -> dict[str, bytes]:
        return dict(self.repositories[f"{repo_type}s", repo_id].resolve(revision).files)

    def commits(self, repo_id: str, revision: str = "main", repo_type: str = "model") -> list[Commit]:
        """The latest first; the last is the Hub's own, with `.gitattributes`."""
        return self.repositories[f"{repo_type}s", repo_id].history(revision)

    def fault(self, action: str, request: Request, size: int = 0) -> Fault | None:
        """The first rule that this request falls under, counted."""
        with self.lock:
            for fault in self.faults:
                if fault.fits(action, request, size):
                    fault.fired += 1
                    return fault
        return None

    def made_up(self, request: Request) -> dict[str, bytes]:
        """The names that a listing shows beside the true ones; from then on they can be downloaded as well."""
        fault = self.fault("names", request)
        self.shown |= fault.value if fault else {}
        return fault.value if fault else {}

    def reply(self, request: Request) -> Reply:
        if fault := self.fault("status", request):
            after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return refusal(HubError(fault.value, "a fault made up by the test", headers=after))
        with self.lock:
            return answer(self, request)


class _Handler(BaseHTTPRequestHandler):
    """HTTP itself: bodies, ranges, connections that break."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        hub, request = self.server.hub, Request(self.command, self.path, self.headers)
        length = int(self.headers.get("Content-Length") or 0)
        if fault := hub.fault("cut_request", request, length):
            self.rfile.read(fault.value)
            self.close_connection = True
            hub.log.append((self.command, self.path, 0))
            return
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "")
        request.body = self._chunks() if chunked else self.rfile.read(length)
        if fault := hub.fault("delay", request):
            time.sleep(fault.value)
        self._send(hub, request, self._part(hub.reply(request)))

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _part(self, reply: Reply) -> Reply:
        """The range that the client asked for, if it did."""
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not wanted or reply.status != 200 or "ETag" not in reply.headers:
            return reply
        total, (first, last) = len(reply.content), wanted.groups()
        start = int(first) if first else max(total - int(last), 0)
        stop = min(int(last) + 1, total) if first and last else total
        if start >= stop:
            return Reply(b"", {"Content-Range": f"bytes */{total}"}, 416)
        headers = {**reply.headers, "Content-Range": f"bytes {start}-{stop - 1}/{total}"}
        return Reply(reply.content[start:stop], headers, 206)

    def _send(self, hub: HubServer, request: Request, reply: Reply) -> None:
        content = bytearray() if self.command == "HEAD" else bytearray(reply.content)
        if content and reply.status < 300 and (fault := hub.fault("tamper", request)):
            content[fault.value] ^= 0xFF
        if content and reply.status < 300 and (fault := hub.fault("cut_response", request, len(content))):
            del content[fault.value :]
            self.close_connection = True
        hub.log.append((self.command, self.path, reply.status))
        self.send_response(reply.status)
        for key, value in {**reply.headers, "Content-Length": str(len(reply.content))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve an empty Hub on this machine until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8765)
    home = Path(tempfile.gettempdir()) / "hub_home"
    parser.add_argument("--home", default=home, help=f"the clients' HF_HOME (default: {home})")
    options = parser.parse_args()
    with HubServer(options.port) as server:
        try:
            for key, value in server.settings(options.home, OWNER).items():
                sys.stdout.write(f"export {key}={value}\n")
            sys.stdout.flush()
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stderr.write("closed\n")


if __name__ == "__main__":
    main()
