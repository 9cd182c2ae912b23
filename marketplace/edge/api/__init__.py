"""Which routes make up the REST API? Everything the pages do is here too."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from marketplace.deals.api import Deals
from marketplace.edge.api.alerts import Alerts
from marketplace.edge.api.analyses import Analyses
from marketplace.edge.api.anchors import Anchors, Proofs
from marketplace.edge.api.approvals import Approvals
from marketplace.edge.api.areas import Areas
from marketplace.edge.api.cases import Cases, Complaints
from marketplace.edge.api.catalogue import Catalogue
from marketplace.edge.api.catalogue_imports import CatalogueImports
from marketplace.edge.api.check_papers import RoadCheckPapers
from marketplace.edge.api.collection import ROUTES as COLLECTION
from marketplace.edge.api.commands import Commands
from marketplace.edge.api.construction import Construction
from marketplace.edge.api.containers import Containers
from marketplace.edge.api.deadlines import Deadlines
from marketplace.edge.api.declarations import Declarations
from marketplace.edge.api.device_self import Enrolment, OwnDevice
from marketplace.edge.api.devices import Devices
from marketplace.edge.api.incidents import Incidents, WaitingExceptions
from marketplace.edge.api.kept_acts import KeptActs
from marketplace.edge.api.ledgers import LedgerFiles, Ledgers
from marketplace.edge.api.live import Live
from marketplace.edge.api.manifest_leave import Corrections, Exceptions
from marketplace.edge.api.manifest_ways import ManifestWays
from marketplace.edge.api.manifests import Manifests
from marketplace.edge.api.oversight import Oversight
from marketplace.edge.api.papers import ManifestPapers, WeighingPapers
from marketplace.edge.api.period_papers import PeriodPapers
from marketplace.edge.api.pipelines import Pipelines
from marketplace.edge.api.profiles import ROUTES as PROFILES
from marketplace.edge.api.receipts import Receipts
from marketplace.edge.api.record import Events
from marketplace.edge.api.registry import Organisations, Sites
from marketplace.edge.api.road_checks import RoadChecks
from marketplace.edge.api.rulebook import Rules
from marketplace.edge.api.signing_keys import SigningKeys
from marketplace.edge.api.stock import LoadBatches, Stock
from marketplace.edge.api.storage import Storage
from marketplace.edge.api.telemetry import Telemetry
from marketplace.edge.api.ticket_photos import DevicePhotos, WeighingPhotos
from marketplace.edge.api.tokens import Tokens
from marketplace.edge.api.trips import Trips
from marketplace.edge.api.vehicles import Vehicles
from marketplace.edge.api.verification import Verifications
from marketplace.edge.api.ways import Ways
from marketplace.edge.api.weighings import Scales, Weighings
from marketplace.edge.api.year_tables import YearTables
from marketplace.hand_codes.api import HandCodes
from marketplace.lots.api import Lots
from marketplace.matches.api import Guidance, LotMatches, Matches
from marketplace.needs.api import Needs
from marketplace.parties.document_api import Documents, Scans
from marketplace.parties.entry_api import People, Registrations
from marketplace.parties.exemptions_api import Exemptions
from marketplace.parties.party_api import Parties, Quotas
from marketplace.parties.section_api import PartySections
from marketplace.parties.visits_api import Visits
from marketplace.plans.api import Plans
from marketplace.plans.cleaning_api import Cleanings
from marketplace.settlements.api import Balances, Settlements
from marketplace.solves.api import Solves

ROUTES: tuple[ControllerRouterHandler, ...] = (
    Tokens,
    Catalogue,
    CatalogueImports,
    Rules,
    Registrations,
    Organisations,
    People,
    Parties,
    PartySections,
    Quotas,
    Visits,
    Exemptions,
    Scans,
    Documents,
    Sites,
    Vehicles,
    Enrolment,
    OwnDevice,
    Devices,
    Commands,
    Telemetry,
    Lots,
    LotMatches,
    Matches,
    Guidance,
    Needs,
    Deals,
    Manifests,
    ManifestPapers,
    ManifestWays,
    Exceptions,
    WaitingExceptions,
    Corrections,
    Incidents,
    Receipts,
    Trips,
    SigningKeys,
    KeptActs,
    HandCodes,
    Weighings,
    WeighingPapers,
    WeighingPhotos,
    DevicePhotos,
    Scales,
    Alerts,
    Settlements,
    Balances,
    Solves,
    Plans,
    Cleanings,
    Deadlines,
    Ledgers,
    LedgerFiles,
    Stock,
    Storage,
    LoadBatches,
    YearTables,
    Containers,
    Declarations,
    Approvals,
    Events,
    Oversight,
    RoadChecks,
    Analyses,
    Complaints,
    Cases,
    RoadCheckPapers,
    PeriodPapers,
    Verifications,
    Anchors,
    Proofs,
    Live,
    Ways,
    Areas,
    Pipelines,
    Construction,
    *PROFILES,
    *COLLECTION,
)
