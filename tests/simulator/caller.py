"""Calls the platform's API the way an account's program does.

Knows paths and JSON. Must not know the platform's insides beyond its account's secrets.
"""

from __future__ import annotations

import json
from typing import Any

import requests

from bot.simulator.phones import Platform


class Caller:
    """One program's calls; answers are parsed JSON."""

    def __init__(self, platform: Platform, url: str) -> None:
        self.platform, self.url = platform, url + "/cgi-bin/"

    def credentials(self, **more: object) -> dict[str, object]:
        account = self.platform.account
        return {
            "grant_type": "client_credential",
            "appid": account.appid,
            "secret": account.secret,
            **more,
        }

    def post(self, path: str, body: object, token: str | None = None) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        query = {"access_token": token} if token else None
        return requests.post(self.url + path, params=query, data=data, timeout=5).json()

    def get(self, path: str, **query: Any) -> Any:
        return requests.get(self.url + path, params=query, timeout=5).json()

    def call(self, path: str, **body: object) -> Any:
        """A POST with a good token."""
        return self.post(path, body, self.token())

    def token(self) -> str:
        return str(self.post("stable_token", self.credentials())["access_token"])

    def send(self, openid: str, words: str, token: str | None = None) -> Any:
        body = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        return self.post("message/custom/send", body, token or self.token())

    def sends(self, openid: str, kind: str, **inside: object) -> Any:
        """A customer-service message of any kind."""
        return self.call("message/custom/send", touser=openid, msgtype=kind, **{kind: inside})

    def upload(self, kind: str, data: bytes, name: str = "file") -> Any:
        query = {"access_token": self.token(), "type": kind}
        files = {"media": (name, data)}
        return requests.post(self.url + "media/upload", params=query, files=files, timeout=5).json()

    def fetch(self, media_id: str) -> requests.Response:
        """media/get, as it comes."""
        query = {"access_token": self.token(), "media_id": media_id}
        return requests.get(self.url + "media/get", params=query, timeout=5)
