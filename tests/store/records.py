"""Generated flow records, drawn from small sets so that groups, repeats and merges happen often."""

from hypothesis import strategies as st

from ringfence.flows.batch import Record, SightingText

START = 1_772_409_600

_LABELS = [
    "",
    "-",
    '{"labels":["app=web","pod-template-hash=7d9f"]}',
    '["app=web"]',
    '["app=db","controller-revision-hash=db-6d5f"]',
    "not json",
]
_POLICIES = [
    "",
    "[]",
    '["0|__PROFILE__|__PROFILE__.kns.shop|allow|0"]',
    '["0|default|shop/default.deny-all|deny|-1"]',
    '["1|__PROFILE__|__PROFILE__.kns.shop|allow|0","0|security|security.watch|pass|1"]',
    '["0|default|shop/staged:default.try|deny|-1"]',
    '["0|default|np:shop/allow|allow|-2"]',
    "nonsense",
]

sightings = st.one_of(
    st.builds(
        SightingText,
        type=st.just("wep"),
        namespace=st.sampled_from(["shop", "pay", "Bad Name"]),
        name=st.sampled_from(["-", "-", "web-7d9f-x2x9z", "db-0"]),
        name_aggr=st.sampled_from(["web-7d9f-*", "db-*", "job", "-"]),
        owner=st.sampled_from(["", "Deployment/front"]),
        labels=st.sampled_from(_LABELS),
        address=st.sampled_from(["", "10.0.0.1", "10.0.0.2"]),
    ),
    st.builds(
        SightingText,
        type=st.just("net"),
        namespace=st.just("-"),
        name_aggr=st.sampled_from(["pub", "pvt"]),
        address=(st.integers(0, 6) | st.integers(0, 60)).map(lambda number: f"198.51.100.{number}" if number else ""),
    ),
    st.builds(
        SightingText,
        type=st.sampled_from(["ns", "hep", "alien"]),
        namespace=st.sampled_from(["-", "shop"]),
        name_aggr=st.sampled_from(["corp", "node-a"]),
    ),
)
counters = st.one_of(st.none(), st.integers(0, 3))
records = st.builds(
    Record,
    source=sightings,
    dest=sightings,
    protocol=st.sampled_from(["tcp", "UDP", "icmp", "sctp", "89", "no-such"]),
    dest_port=st.sampled_from([None, 0, 53, 443, 2048, 65536]),
    reporter=st.sampled_from(["src", "dst", "fwd"]),
    node=st.sampled_from(["a", "b", "c", "pool/b", ""]),
    start_time=st.one_of(st.just(0), st.sampled_from([START, START + 450, START + 3599, START + 3600, START + 90000])),
    end_time=st.sampled_from([START + 300, START + 600, START + 3900, START + 90300]),
    service_namespace=st.sampled_from(["-", "shop"]),
    service_name=st.sampled_from(["", "db"]),
    service_port=st.sampled_from(["", "http", "80"]),
    domains=st.sampled_from(["", '["www.example.com"]', '["B.example.", "a.example"]', '[" bad"]', "[1]"]),
    action=st.sampled_from(["allow", "deny"]),
    policies=st.sampled_from(_POLICIES),
    stated_outcome=st.sampled_from(["", "", "Allowed", "Denied", "Unknown"]),
    stated_left_out=st.sampled_from(["", "", "", "reply", "control-message"]),
    distinction=st.integers(0, 1),
    connections=counters,
    packets_in=counters,
    packets_out=counters,
    bytes_in=counters,
    bytes_out=counters,
)
