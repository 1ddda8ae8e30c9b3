"""What application namespaces are like: a shop, a message bus, a batch yard and plain services.

Promises: each function draws one namespace, complete in itself: its workloads and the edges that stay inside or leave
the cluster. Edges between namespaces are `crossings`'; platform traffic is `platform_namespaces`'.
"""

from random import Random
from typing import Final

from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import NetworkSet, Workload
from ringfence_lab.outside import partners, private_database, software_service
from ringfence_lab.part import Part, busy, call, workload
from ringfence_lab.rhythm import Constant, Rhythm, Scheduled, Sporadic

PASSIVE_PORTS: Final = (40_000, 40_999)

_ALWAYS: Final = Constant(1.0)
_SERVICE_NAMES: Final = (
    *("accounts", "audit", "bookmarks", "coupons", "delivery", "events", "feed", "geo", "history", "images"),
    *("inbox", "labels", "mailer", "notes", "offers", "profile", "quotas", "ratings", "reviews", "rules"),
    *("sessions", "stock", "tags", "tax", "themes", "tokens", "uploads", "votes", "wallet", "wishlist"),
)


def shop(namespace: str, *, index: int, extras: int, random: Random) -> Part:
    """Draw a shop: front, interface, orders and payments over a replicated database and a cache; gRPC on 50051."""
    web = workload(namespace, "web", random=random, replicas=3, role="frontend")
    api = workload(namespace, "api", random=random, replicas=3)
    cart = workload(namespace, "cart", random=random)
    orders = workload(namespace, "orders", random=random)
    pricing = workload(namespace, "pricing", random=random)
    payments = workload(namespace, "payments", random=random)
    worker = workload(namespace, "worker", random=random, replicas=1)
    database = workload(namespace, "db", random=random, kind="StatefulSet", replicas=3, role="database")
    cache = workload(namespace, "cache", random=random, kind="StatefulSet", role="cache")
    gateways = NetworkSet(namespace, "payment-gateways", (("role", "gateways"),), (f"198.18.200.{1 + index % 200}",))
    edges = (
        call(web, api, 8080, rhythm=Constant(1.0, diurnal=True)),
        call(api, cart, 8080, rhythm=busy(random)),
        call(api, orders, 8080, rhythm=busy(random)),
        call(api, pricing, 50051, rhythm=busy(random)),
        call(cart, cache, 6379, rhythm=_ALWAYS),
        call(orders, database, 5432, rhythm=_ALWAYS, traffic="bulk"),
        call(orders, payments, 8443, rhythm=busy(random)),
        call(api, database, 5432, rhythm=Sporadic(1.5)),
        call(worker, database, 5432, rhythm=Scheduled("hourly", 15), traffic="bulk"),
        call(worker, private_database(index), 1521, rhythm=Scheduled("nightly", 2 * 60 + 30, 3), traffic="bulk"),
        call(database, database, 5432, rhythm=_ALWAYS, traffic="bulk", direct=True),
        call(payments, software_service(index), 443, rhythm=Constant(0.7, diurnal=True)),
        call(orders, gateways, 443, rhythm=Sporadic(8.0)),
    )
    part = Part((web, api, cart, orders, pricing, payments, worker, database, cache), edges)
    return part + _extras(namespace, behind=api, database=database, count=extras, random=random)


def messaging(namespace: str, *, index: int, extras: int, random: Random) -> Part:
    """Draw a message bus: brokers that replicate among themselves, a coordinator, a gateway that speaks SCTP."""
    kafka = workload(namespace, "kafka", random=random, kind="StatefulSet", replicas=3, role="broker")
    keeper = workload(namespace, "zookeeper", random=random, kind="StatefulSet", replicas=3, role="coordinator")
    registry = workload(namespace, "schema-registry", random=random)
    connect = workload(namespace, "connect", random=random)
    consumer = workload(namespace, "consumer", random=random, replicas=3)
    gateway = workload(namespace, "sms-gateway", random=random)
    centre = workload(namespace, "sms-centre", random=random)
    edges = (
        call(kafka, kafka, 9093, rhythm=_ALWAYS, traffic="bulk", direct=True),
        call(keeper, keeper, 2888, rhythm=_ALWAYS, direct=True),
        call(keeper, keeper, 3888, rhythm=Sporadic(0.8), direct=True),
        call(kafka, keeper, 2181, rhythm=_ALWAYS),
        call(consumer, kafka, 9092, rhythm=_ALWAYS, traffic="bulk"),
        call(connect, kafka, 9092, rhythm=_ALWAYS, traffic="bulk"),
        call(registry, kafka, 9092, rhythm=Constant(0.3)),
        call(consumer, registry, 8081, rhythm=busy(random)),
        call(connect, private_database(index), 1414, rhythm=Constant(0.7), traffic="bulk"),
        call(gateway, kafka, 9092, rhythm=busy(random), traffic="bulk"),
        call(gateway, centre, None, protocol="SCTP", rhythm=busy(random)),
        call(centre, software_service(index), 443, rhythm=busy(random)),
    )
    part = Part((kafka, keeper, registry, connect, consumer, gateway, centre), edges)
    return part + _extras(namespace, behind=registry, database=None, count=extras, random=random)


def batch(namespace: str, *, index: int, extras: int, random: Random) -> Part:
    """Draw a batch yard: cron jobs by the hour, the night and the week, a result store, and a passive FTP drop."""
    results = workload(namespace, "results", random=random, kind="StatefulSet", role="database")
    scheduler = workload(namespace, "scheduler", random=random, replicas=1)
    viewer = workload(namespace, "viewer", random=random, role="frontend")
    drop = workload(namespace, "ftp-drop", random=random, replicas=1)
    sync = workload(namespace, "ftp-sync", random=random, replicas=1)
    rollup, report, audit, backup = (
        workload(namespace, name, random=random, kind="CronJob", replicas=1, role="job")
        for name in ("hourly-rollup", "nightly-report", "weekly-audit", "nightly-backup")
    )
    hourly = Scheduled("hourly", 5 * random.randrange(12))
    report_time = Scheduled("nightly", 60 + 5 * random.randrange(36), 2)
    audit_time = Scheduled("weekly", 24 * 60 * random.randrange(7) + 3 * 60, 2)
    backup_time = Scheduled("nightly", 4 * 60 + 5 * random.randrange(12), 3)
    passive = Edge("ephemeral", sync, drop, "TCP", None, Constant(0.5), "bulk", passive=PASSIVE_PORTS)
    edges = (
        call(rollup, results, 5432, rhythm=hourly, traffic="bulk"),
        call(report, results, 5432, rhythm=report_time, traffic="bulk"),
        call(report, software_service(index), 443, rhythm=report_time),
        call(audit, results, 5432, rhythm=audit_time, traffic="bulk"),
        call(audit, partners(), 8443, rhythm=audit_time),
        call(backup, results, 5432, rhythm=backup_time, traffic="bulk"),
        call(backup, private_database(index), 2049, rhythm=backup_time, traffic="bulk"),
        call(viewer, results, 5432, rhythm=busy(random)),
        call(scheduler, results, 5432, rhythm=Constant(0.3)),
        call(sync, drop, 21, rhythm=Constant(0.5)),
        passive,
    )
    part = Part((results, scheduler, viewer, drop, sync, rollup, report, audit, backup), edges)
    return part + _extras(namespace, behind=viewer, database=results, count=extras, random=random)


def services(namespace: str, *, index: int, extras: int, random: Random) -> Part:
    """Draw plain services behind a gateway, over a database of their own, some of which call the world outside."""
    gateway = workload(namespace, "gateway", random=random, replicas=3, role="frontend")
    worker = workload(namespace, "worker", random=random)
    database = workload(namespace, "db", random=random, kind="StatefulSet", replicas=2, role="database")
    cache = workload(namespace, "cache", random=random, kind="StatefulSet", role="cache")
    outside = software_service(index) if random.getrandbits(1) else private_database(index)
    edges = (
        call(gateway, cache, 6379, rhythm=_ALWAYS),
        call(worker, database, 5432, rhythm=_ALWAYS, traffic="bulk"),
        call(worker, outside, 443 if outside.scope == "public" else 1433, rhythm=busy(random)),
        call(database, database, 5432, rhythm=_ALWAYS, traffic="bulk", direct=True),
    )
    part = Part((gateway, worker, database, cache), edges)
    return part + _extras(namespace, behind=gateway, database=database, count=extras + 4, random=random)


def _extras(namespace: str, *, behind: Workload, database: Workload | None, count: int, random: Random) -> Part:
    """Draw more services: each is called by an earlier one, and most of them use the namespace's database."""
    names = random.sample(_SERVICE_NAMES, min(count, len(_SERVICE_NAMES)))
    made: list[Workload] = []
    edges: list[Edge] = []
    for name in names:
        service = workload(namespace, name, random=random, replicas=random.choice((1, 2, 2, 3)))
        port = random.choice((8080, 8080, 8443, 50051))
        callers = random.sample([behind, *made], min(len(made) + 1, random.choice((1, 1, 2))))
        edges += [call(caller, service, port, rhythm=_service_rhythm(random)) for caller in callers]
        if database is not None and random.random() < 0.6:  # noqa: PLR2004 - most, not all
            edges.append(call(service, database, 5432, rhythm=_service_rhythm(random), traffic="bulk"))
        made.append(service)
    return Part(tuple(made), tuple(edges))


def _service_rhythm(random: Random) -> Rhythm:
    draw = random.randrange(20)
    match draw:
        case 0:
            return Sporadic(random.choice((0.15, 0.4, 1.0, 3.0)))
        case 1:
            return Scheduled("hourly", 5 * random.randrange(12))
        case 2:
            return Scheduled("nightly", 5 * random.randrange(72), 2)
        case 3 if random.getrandbits(1):
            return Scheduled("weekly", 5 * random.randrange(7 * 288))
        case _:
            return busy(random)
