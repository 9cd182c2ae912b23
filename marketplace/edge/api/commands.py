"""Commands and configurations over HTTP: tell a device something, and see what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.work import Work
from devices.codecs.command_args import CommandType
from marketplace.edge import entry
from marketplace.edge.api.devices import MANAGE, SEE
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from tracking.commands import queries, service
from tracking.commands.rules import State
from tracking.commands.service import Order
from tracking.fleet import queries as fleet


class NewCommand(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a device is told; `password` is your own, for commands that move something."""

    kind: CommandType
    args: dict[str, Any] = {}
    valid_s: Annotated[int, msgspec.Meta(ge=10, le=604_800)] = 600
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class CommandView(msgspec.Struct, frozen=True, kw_only=True):
    """One command; with `ended_at` its state is the outcome. `late` is what the device said after that."""

    id: UUID
    device_id: str
    kind: CommandType
    args: dict[str, Any]
    state: State
    ordered_by: UUID | None
    ordered_at: datetime
    expires_at: datetime
    tries: int
    sent_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    code: str
    detail: str
    late: str


class CommandsView(msgspec.Struct, frozen=True, kw_only=True):
    """Commands, the newest first."""

    items: list[CommandView]


class NewConfig(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole of what a device shall be configured with."""

    settings: dict[str, Any]


class ConfigView(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a device's configuration."""

    device_id: str
    version: int
    settings: dict[str, Any]
    set_by: UUID | None
    set_at: datetime
    published_at: datetime | None


class ConfigsView(msgspec.Struct, frozen=True, kw_only=True):
    """What a device has by its own word, the newest that it could not use, and what was set, newest first."""

    reported: int
    refused: dict[str, Any] | None
    items: list[ConfigView]


class Commands(Controller):
    """What devices are told."""

    path = "/api/v1"
    tags = ("devices",)

    @post(
        "/devices/{device_id:str}/commands",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="command_device",
        responses=told(CommandView),
    )
    def order(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewCommand],
    ) -> Response[bytes]:
        """Tell a device something. It is said until the device answers, or the command expires."""
        if data.password:
            entry.confirm(door, request, data.password)
        said = Order(
            device_id, data.kind, data.args, timedelta(seconds=data.valid_s), confirmed=bool(data.password)
        )
        return door.once(request, lambda work: view(service.order(work, said), CommandView))

    @get(
        "/devices/{device_id:str}/commands",
        guards=[SEE],
        sync_to_thread=True,
        operation_id="get_device_commands",
    )
    def commands(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> CommandsView:
        """List the last fifty commands to a device."""
        with door.reading(request) as work:
            row = fleet.device(work.session, device_id, work.who)
            found = queries.of_device(work.session, row.id, work.who)
            return CommandsView(items=[view(one, CommandView) for one in found])

    @get("/commands/{command_id:uuid}", guards=[SEE], sync_to_thread=True, operation_id="get_command")
    def command(self, request: Visit, door: NamedDependency[Door], command_id: FromPath[UUID]) -> CommandView:
        """Show what became of a command."""
        with door.reading(request) as work:
            return view(queries.command(work.session, command_id, work.who), CommandView)

    @post(
        "/devices/{device_id:str}/config",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="configure_device",
        responses=told(ConfigView),
    )
    def configure(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewConfig],
    ) -> Response[bytes]:
        """Set what a scale or a gateway shall be configured with, as a new version."""

        def act(work: Work) -> ConfigView:
            return view(service.configure(work, device_id, data.settings), ConfigView)

        return door.once(request, act)

    @get(
        "/devices/{device_id:str}/config",
        guards=[SEE],
        sync_to_thread=True,
        operation_id="get_device_config",
    )
    def configs(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> ConfigsView:
        """Show a device's configurations, and which of them it has."""
        with door.reading(request) as work:
            row = fleet.device(work.session, device_id, work.who)
            return ConfigsView(
                reported=row.config_version,
                refused=row.bad_config,
                items=[view(one, ConfigView) for one in queries.configs(work.session, row.id)],
            )
