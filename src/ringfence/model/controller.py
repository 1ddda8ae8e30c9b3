"""What makes pods: Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs."""

from msgspec import Struct

from ringfence.model.label_selector import LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.pod import Owner, PodSpec


class Schedule(Struct, frozen=True):
    """When a CronJob runs: its cron expression and IANA time zone (None: the controller's own)."""

    cron: str
    time_zone: str | None = None
    suspended: bool = False


class Controller(Struct, frozen=True):
    """An object with a pod template. ``selector`` is None for Jobs and CronJobs; ``replicas`` where it has none."""

    kind: str
    namespace: str
    name: str
    template: PodSpec
    labels: Labels = Labels()
    selector: LabelSelector | None = None
    replicas: int | None = None
    schedule: Schedule | None = None
    owner: Owner | None = None
    created: int | None = None
