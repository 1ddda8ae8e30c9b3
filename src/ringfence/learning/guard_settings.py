"""The thresholds of the guard, each with what it means.

Promises: a value; every number that decides whether an edge is held stands here. Shares are 0 to 1.
"""

from msgspec import Struct


class GuardSettings(Struct, frozen=True):
    """When an edge of the learning period looks like an attack."""

    metadata_addresses: tuple[str, ...] = (
        "169.254.169.254",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "169.254.42.42",
        "fd00:42::42",
    )
    """Addresses or CIDRs of cloud metadata services (AWS and most clouds, AWS and Google by IPv6, Alibaba, Oracle,
    Scaleway by both families): whatever reaches one is held."""
    threat_nets: tuple[str, ...] = ()
    """CIDRs of a threat list (none by default): whatever reaches one is held."""
    threat_labels: tuple[str, ...] = ("threat-feed", "threatfeed")
    """Label keys that make a network set a threat list (2 keys): its edges are held, whichever side it is."""

    scan_targets: int = 10
    """Servers and ports (10) that a client probes in vain within ``scan_hours``; so many or more are a scan."""
    scan_hours: int = 3
    """Hours (3) within which probes belong together; more hours find slower scans and more chance meetings."""
    probe_hours: int = 2
    """Hours (2) of an edge past which it is no probe: who keeps coming back is a client whose server is down."""
    probe_bytes: int = 4096
    """Bytes a probe sends at most (4096), counted by the source; a larger exchange is no probe."""
    scan_aftermath_hours: int = 1
    """Hours (1) after a scan in which a new peer of the scanner is still held as found by the scan."""
    newborn_hours: int = 24
    """A client first seen fewer hours (24) before its scan has only new peers; of them those that recur stay."""
    rotating_addresses: int = 8
    """Addresses (8) from which an edge counts as rotating through them, so that a new address is no new peer."""

    recurring_share: float = 0.5
    """Share of the input's days (0.5) on which an edge must be seen to be a habit of its client."""
    established_share: float = 0.8
    """Share of the input's days (0.8) on which a client's habits must be seen; only an established client's lone calls
    and uploads are held, because a new workload does everything for the first time."""
    episode_hours: int = 12
    """An edge whose whole evidence fits in so many hours (12) is one episode."""
    silent_days: int = 5
    """Days of input (5) without the edge that make its episode lone; with less input nothing is called lone."""
    silent_hours_after: int = 48
    """Hours (48) of the input after an episode in which it must not return: what is younger may be a new habit."""

    lone_call_hours: int = 3
    """Distinct hours (3) that an episode must have to be held as a lone call: a single contact may be a rare job's."""
    lone_calls: int = 4
    """Lone calls (4) of a client near each other, from which even short ones are held: a round through servers."""
    companion_hours: int = 24
    """Hours (24) within which another lone call of the same client begins to count beside this one."""
    monitored_servers: int = 8
    """Servers (8) on which a client must use a port to count as the monitor of that port."""
    sensitive_ports: tuple[int, ...] = (
        *(1433, 1521, 2379, 3306, 5432, 5984, 6379, 7000, 8086, 9042, 9092, 9093, 9200, 9300, 11211, 27017),
    )
    """Ports of databases, caches and brokers (16), where a lone call is after data."""
    admin_ports: tuple[int, ...] = (22, 23, 135, 139, 445, 2375, 2376, 3389, 5900, 5985, 5986, 6443, 10250)
    """Ports by which machines are administered (13): a lone call there is after control."""

    upload_bytes: int = 1_000_000
    """Bytes sent (1,000,000) from which an episode towards a public address is a bulk upload."""
    upload_ratio: float = 10.0
    """How many times more (10) is sent than received in an upload. Received bytes that the source loses behind address
    translation make this easier to meet, never the only thing that is met."""
    upload_factor: float = 3.0
    """How many times more (3) an hour of the upload sends than an hour of any other edge of the client that leaves the
    cluster."""

    beacon_hours: int = 48
    """Hours (48) that a contact must last before its regularity is judged."""
    beacon_gaps: float = 2.0
    """Empty hours (2) that contacts of the same number would leave by chance; below that, regularity proves nothing."""
    beacon_regularity: float = 0.25
    """Share of those empty hours (0.25) that a machine's clock may really leave."""
    beacon_density: float = 0.5
    """Share of the time (0.5) that the contact's records may cover: denser ones would look regular, whoever calls."""
    usual_ports: tuple[int, ...] = (53, 80, 123, 443)
    """Ports (4) on which programs reach the internet every day; any other is unusual for a beacon."""
