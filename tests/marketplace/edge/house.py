"""Who lives in the house of these tests, and how do they knock?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

import httpx
import msgspec
from litestar import Controller, Litestar, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, URLEncodedBody
from litestar.testing import TestClient
from sqlalchemy import Engine, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from compliance.record.database import transaction
from compliance.record.errors import RuleBroken, Several
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.tables import Organisation, Person
from marketplace.accounts import passwords, service
from marketplace.accounts.tables import Account
from marketplace.edge.door import Door
from marketplace.edge.etags import etag_header, require_match
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import go
from marketplace.settings import Settings
from tests.factories.rooms import application

PASSWORD = "correct horse battery"
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@cache
def hashed() -> str:
    """Hash the one password once: it is slow by design."""
    return passwords.hashed(PASSWORD)


@dataclass
class Wall:
    """A clock that the test turns."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Turn the clock on."""
        self.at += timedelta(**by)


class TestsOnly(DeclarativeBase):
    """Tables that the product does not have."""


class Note(TestsOnly):
    """Something to move: the tests' own noun."""

    __tablename__ = "test_note"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(50), unique=True)
    version: Mapped[int] = mapped_column(Integer, default=1)


class NewNote(msgspec.Struct):
    """What a note is made from."""

    text: str
    kg: int = 0


class NoteForm(msgspec.Struct):
    """What the note form sends."""

    text: str = ""


class Notes(Controller):
    """Handlers as the slices write them."""

    path = "/api/v1/test-notes"

    @get("/", guards=[signed_in], sync_to_thread=True)
    def mine(self, request: Visit, door: NamedDependency[Door]) -> list[str]:
        """Say who asks."""
        with door.reading(request) as work:
            return [work.who.name]

    @post("/", guards=[requires(Role.PRODUCER), keyed], sync_to_thread=True)
    def add(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewNote]) -> Response[bytes]:
        """Write a note, once."""

        def act(work: Work) -> dict[str, object]:
            if data.kg < 0:
                raise RuleBroken(
                    "L4.quota_exceeded",
                    "Too much: {kg} kg.",
                    article="Art. 80",
                    field="kg",
                    values={"kg": data.kg},
                )
            if data.kg > 9:
                raise Several(
                    [RuleBroken("L1.no_licence", "No licence."), RuleBroken("M4.not_weighed", "Not weighed.")]
                )
            row = Note(id=work.new_id(), text=data.text, version=1)
            work.session.add(row)
            work.session.flush()
            return {"id": row.id, "text": row.text}

        return door.once(request, act)

    @patch("/", guards=[signed_in], sync_to_thread=True)
    def edit(self, request: Visit, door: NamedDependency[Door]) -> Response[dict[str, int]]:
        """Edit version 3."""
        with door.work(request):
            require_match(request, 3)
        return Response({"version": 4}, headers=etag_header(4))


class NotePages(Controller):
    """A form page as the pages write them."""

    path = "/test-notes"

    @get("/", guards=[signed_in], sync_to_thread=True)
    def show(self, request: Visit, door: NamedDependency[Door]) -> dict[str, list[str]]:
        """Show the form with what was typed before the sign-in ran out."""
        return door.held(request)

    @post("/", guards=[signed_in], sync_to_thread=True)
    def send(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[NoteForm]
    ) -> Response[bytes]:
        """Take the form."""
        return go(request, "/test-notes", "Please sign in.")

    @get("/break", guards=[signed_in], sync_to_thread=True)
    def fail(self) -> None:
        """Fail as only bugs do."""
        raise ZeroDivisionError("a secret of the inside")


@dataclass
class House:
    """An application on its database with people of every role."""

    engine: Engine
    app: Litestar
    wall: Wall
    people: dict[Role, UUID] = field(default_factory=dict)

    def client(self) -> TestClient[Litestar]:
        """Return a browser without cookies."""
        return TestClient(self.app, raise_server_exceptions=False)

    def token(self, role: Role) -> dict[str, str]:
        """Return the header of a program that acts for the person of a role."""
        with transaction(self.engine) as session:
            _, text = service.issue_token(session, self.people[role], "test", self.wall())
        return {"Authorization": f"Bearer {text}"}


def open_house(engine: Engine, settings: Settings | None = None) -> House:
    """Build the application with the tests' handlers and one person of every role, login = role."""
    wall = Wall()
    TestsOnly.metadata.create_all(engine)
    app = application(
        settings or Settings(demo=False), engine, now=lambda: MORNING, wall=wall, more=(Notes, NotePages)
    )
    house = House(engine, app, wall)
    with transaction(engine) as session:
        place = Organisation(
            id=uuid4(),
            uscc="91420100MA4KTEST0X",
            name="测试",
            division_code="420100",
            kinds=[],
            created_at=MORNING,
        )
        session.add(place)
        session.flush()
        for role in Role:
            person = Person(id=uuid4(), organisation_id=place.id, name=f"Test {role}", roles=[role.value])
            session.add(person)
            session.flush()
            session.add(
                Account(
                    person_id=person.id, login=role.value, password_hash=hashed(), failures=0, disabled=False
                )
            )
            house.people[role] = person.id
    return house


def sign_in(
    client: TestClient[Litestar], login: str = "producer", password: str = PASSWORD, to: str = "/"
) -> int:
    """Sign in as a browser does and return the status."""
    return post_form(client, "/sign-in", {"login": login, "password": password, "next": to}).status_code


def post_form(
    client: TestClient[Litestar], path: str, fields: dict[str, str], **headers: str
) -> httpx.Response:
    """Post a form with the token that the browser was given."""
    if "csrftoken" not in client.cookies:
        client.get("/sign-in")
    token = client.cookies["csrftoken"]
    return client.post(path, data=fields | {"_csrf_token": token}, headers=headers, follow_redirects=False)
