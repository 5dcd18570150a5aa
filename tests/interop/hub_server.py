"""A hub in small: takes the requests of a push and keeps what was committed."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hub:
    """What a hub was told."""

    address: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    message: str = ""
    tokens: set[str] = field(default_factory=set)


@contextmanager
def hub_server(token: str, *, hangs_up: bool = False) -> Iterator[Hub]:
    """Serve a hub that knows one token, on a free port of this machine; it may hang up on posts."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

        def do_HEAD(self) -> None:
            self.answer(200, {})

        def do_POST(self) -> None:
            if hangs_up:
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            hub.tokens.add(self.headers.get("Authorization", ""))
            if self.headers.get("Authorization") != f"Bearer {token}":
                self.answer(401, {"error": "Invalid username or password."})
            elif self.path == "/api/repos/create":
                hub.made.append(json.loads(body))
                self.answer(200, {"url": f"{hub.address}/datasets/me/data"})
            elif self.path == "/api/validate-yaml":
                self.answer(200, {"errors": [], "warnings": []})
            elif "/preupload/" in self.path:
                paths = [file["path"] for file in json.loads(body)["files"]]
                plain = {"uploadMode": "regular", "shouldIgnore": False}
                self.answer(200, {"files": [{"path": path, **plain} for path in paths]})
            elif "/commit/" in self.path:
                self.commit([json.loads(line) for line in body.splitlines()])
            else:
                self.answer(404, {"error": self.path})

        def commit(self, lines: list[dict[str, Any]]) -> None:
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    hub.message = value["summary"]
                else:
                    hub.files[value["path"]] = base64.b64decode(value["content"])
            url = f"{hub.address}/datasets/me/data/commit/{'0' * 40}"
            self.answer(200, {"commitUrl": url, "commitOid": "0" * 40, "pullRequestUrl": None})

        def answer(self, status: int, document: dict[str, Any]) -> None:
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
