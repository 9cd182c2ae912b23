"""How does a program act over HTTP as one of the demonstration's people?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from compliance.record.errors import N_, Conflict
from compliance.record.ids import new_id

TIMEOUT_S = 30.0
OTHERS_TURN = frozenset({403, 404, 409, 422})
"""What the API answers where it is not, or no longer, this person's turn."""


class Client:
    """One signed-in person at the API of an instance."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=TIMEOUT_S, follow_redirects=True)
        answer = self._checked(
            self.http.post("/api/v1/tokens", json={"login": login, "password": password, "name": "demo loop"})
        )
        self.http.headers["Authorization"] = f"Bearer {answer['token']}"

    def get(self, path: str, **query: str) -> Any:
        """Return what a path holds."""
        return self._checked(self.http.get(path, params=query))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Do something once and return what came of it."""
        return self._checked(self._post(path, body))

    def attempt(self, path: str, body: Mapping[str, object] | None = None) -> bool:
        """Try to do something; return False where it is somebody else's turn."""
        answer = self._post(path, body)
        if answer.status_code in OTHERS_TURN:
            return False
        self._checked(answer)
        return True

    def close(self) -> None:
        """End the connection."""
        self.http.close()

    def _post(self, path: str, body: Mapping[str, object] | None) -> httpx.Response:
        return self.http.post(path, json=body, headers={"Idempotency-Key": str(new_id())})

    @staticmethod
    def _checked(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise Conflict(
                N_("{path} answered {status}: {text}"),
                code="api_refused",
                values={
                    "path": answer.request.url.path,
                    "status": answer.status_code,
                    "text": answer.text[:500],
                },
            )
        return answer.json()
